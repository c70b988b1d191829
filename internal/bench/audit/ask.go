package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"

	"rollcall/reports/audit"
)

const (
	dateTarget   = 2.0  // seconds, of a question about a date or a person
	periodTarget = 20.0 // and about 90 days
	ageTarget    = 1.3  // the time over the old archive by that over the young one
	days         = 90   // of a period
)

// asked measures questions over two archives: the old one, and the young one, which
// is the first part of its chain.
type asked struct {
	wanted
	old, young string
	key        string
	rows       int64 // of grants
	bytes      int64
	questions  []audit.Question
}

// took is what one process took, and what it answered.
type took struct {
	time    time.Duration
	cpu     time.Duration // of all processors
	peakKiB int64
	sha256  string
	rows    int
	files   int
}

// ask asks as a user does.
func (a *asked) ask(ctx context.Context, archive string, q audit.Question, given []string) (took, error) {
	args := append([]string{"audit", "ask", "--archive", archive, "--key", a.key, "--format", "json", "--question", q.Name}, given...)
	process := exec.CommandContext(ctx, a.binary, args...)
	var says strings.Builder
	process.Stderr = &says
	began := time.Now()
	out, err := process.Output()
	t := took{time: time.Since(began)}
	if err != nil {
		return t, fmt.Errorf("rollcall %s: %w: %s", strings.Join(args, " "), err, says.String())
	}
	var answer struct {
		SHA256 string `json:"sha256"`
		Rows   int    `json:"row_count"`
		Files  int    `json:"files"`
	}
	if err := json.Unmarshal(out, &answer); err != nil {
		return t, fmt.Errorf("read the answer of %s: %w", q.Name, err)
	}
	t.sha256, t.rows, t.files = answer.SHA256, answer.Rows, answer.Files
	t.cpu = process.ProcessState.UserTime() + process.ProcessState.SystemTime()
	if use, is := process.ProcessState.SysUsage().(*syscall.Rusage); is {
		t.peakKiB = use.Maxrss
	}
	return t, nil
}

// warm is the fastest of some tries.
func (a *asked) warm(ctx context.Context, archive string, q audit.Question, given []string) (best took, err error) {
	for n := range a.tries {
		t, err := a.ask(ctx, archive, q, given)
		if err != nil {
			return t, err
		}
		if n == 0 || t.time < best.time {
			best = t
		}
	}
	return best, nil
}

var periodic = regexp.MustCompile(`(?m)^-- period: `)

// given are the parameters of a question about the night so many days after the
// first one, and about the days before it.
func given(q audit.Question, day int) (args []string) {
	on := func(day int) string { return firstNight.AddDate(0, 0, day).Format(time.DateOnly) }
	for _, p := range q.Parameters {
		switch p.Name {
		case "date":
			args = append(args, "--date", on(day))
		case "from":
			args = append(args, "--from", on(max(0, day-days+1)), "--to", on(day))
		case "to":
			if !strings.Contains(strings.Join(args, " "), "--to") {
				args = append(args, "--to", on(day))
			}
		}
	}
	return args
}

func target(q audit.Question) float64 {
	if periodic.MatchString(q.SQL) {
		return periodTarget
	}
	return dateTarget
}

func takes(q audit.Question, name string) bool {
	return slices.ContainsFunc(q.Parameters, func(p audit.Parameter) bool { return p.Name == name })
}
