package main

import (
	"context"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"

	"rollcall/internal/bench/figures"
	"rollcall/reports/archive"
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

// prepare checks that the archive has what it should, makes the young one of it, and
// builds the program.
func prepare(ctx context.Context, w wanted, stderr io.Writer) (*asked, error) {
	a := &asked{wanted: w, old: filepath.Join(w.Dir, "archive"), young: filepath.Join(w.Dir, fmt.Sprintf("young-%d", w.young)), key: filepath.Join(w.Dir, "public.pem")}
	public := signer().Public().(ed25519.PublicKey)
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(a.key, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), 0o600); err != nil {
		return nil, err
	}
	runs, err := archive.Committed(archive.NewFolder(a.old), public)
	if err != nil {
		return nil, err
	}
	if err := a.count(runs); err != nil {
		return nil, err
	}
	if err := a.cutOff(runs); err != nil {
		return nil, err
	}
	if a.binary == "" {
		a.binary = filepath.Join(w.Dir, "rollcall")
		build := exec.CommandContext(ctx, "go", "build", "-o", a.binary, "rollcall/cmd/rollcall")
		build.Stderr = stderr
		if err := build.Run(); err != nil {
			return nil, fmt.Errorf("build rollcall: %w", err)
		}
	}
	a.questions, err = audit.Questions()
	return a, err
}

func (a *asked) count(runs []archive.CommittedRun) error {
	nights := 0
	for _, r := range runs {
		if r.Has("reads") {
			nights++
		}
		for _, f := range r.Tables {
			a.bytes += f.Size
			if f.Table == "grants" {
				a.rows += *f.Rows
			}
		}
	}
	if nights != a.Nights {
		return fmt.Errorf("the archive in %s has %d nights and should have %d: name another folder with -dir", a.Dir, nights, a.Nights)
	}
	return nil
}

// cutOff makes the young archive: the first manifests of the old one with the files
// that they list, as hard links.
func (a *asked) cutOff(runs []archive.CommittedRun) error {
	if _, err := os.Stat(a.young); err == nil {
		return nil
	}
	draft := a.young + ".draft"
	if err := os.RemoveAll(draft); err != nil {
		return err
	}
	for nights, n := 0, 0; n < len(runs) && nights < a.wanted.young; n++ {
		if runs[n].Has("reads") {
			nights++
		}
		names, err := filepath.Glob(filepath.Join(a.old, "manifests", fmt.Sprintf("%010d.*", runs[n].Sequence)))
		if err != nil {
			return err
		}
		for _, name := range names {
			if err := link(name, filepath.Join(draft, "manifests", filepath.Base(name))); err != nil {
				return err
			}
		}
		for _, f := range runs[n].Tables {
			if err := link(filepath.Join(a.old, filepath.FromSlash(f.Path)), filepath.Join(draft, filepath.FromSlash(f.Path))); err != nil {
				return err
			}
		}
	}
	return os.Rename(draft, a.young)
}

func link(from, to string) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o750); err != nil {
		return err
	}
	if err := os.Link(from, to); !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
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

// told gathers what was measured of all questions.
type told struct {
	*figures.Report
	worst   map[float64]time.Duration // by target
	age     float64
	peakKiB int64
}

func (t *told) figure(name string, one took, limit float64) {
	t.worst[limit], t.peakKiB = max(t.worst[limit], one.time), max(t.peakKiB, one.peakKiB)
	t.Figure("audit."+name, one.time.Seconds(), "s", limit)
}

// measure asks each question about the newest nights, and about nights that both
// archives have.
func (a *asked) measure(ctx context.Context, r *figures.Report) error {
	r.Say("%d rows of grants, %d MiB of tables\n", a.rows, a.bytes>>20)
	r.Figure("audit.nights", float64(a.Nights), "nights", figures.NoTarget)
	r.Figure("audit.grants", float64(a.rows), "rows", figures.NoTarget)
	r.Figure("audit.size", float64(a.bytes>>20), "MiB", figures.NoTarget)
	t := &told{Report: r, worst: map[float64]time.Duration{}}
	for _, q := range a.questions {
		if !strings.Contains(q.Name, a.only) {
			continue
		}
		if err := errors.Join(a.newest(ctx, t, q), a.ages(ctx, t, q)); err != nil {
			return err
		}
	}
	r.Figure("audit.worst_date", t.worst[dateTarget].Seconds(), "s", dateTarget)
	r.Figure("audit.worst_period", t.worst[periodTarget].Seconds(), "s", periodTarget)
	r.Figure("audit.worst_age", t.age, "ratio", ageTarget)
	r.Figure("audit.memory", float64(t.peakKiB)/1024, "MiB", figures.NoTarget)
	return nil
}

// newest asks about the newest nights: from the disk first, then again, then of one
// person.
func (a *asked) newest(ctx context.Context, t *told, q audit.Question) error {
	about, limit := given(q, a.Nights-1), target(q)
	if err := forget(a.old); err != nil {
		return err
	}
	cold, err := a.ask(ctx, a.old, q, about)
	if err != nil {
		return err
	}
	warm, err := a.warm(ctx, a.old, q, about)
	if err != nil {
		return err
	}
	t.figure(q.Name+".cold", cold, limit)
	t.figure(q.Name+".warm", warm, limit)
	t.Figure("audit."+q.Name+".cpu", warm.cpu.Seconds(), "s", figures.NoTarget)
	t.Say("%2d %-15s cold %.2f s, warm %.2f s (%.2f s of processors), %d MiB of memory, %d rows from %d files\n",
		q.Number, q.Name, cold.time.Seconds(), warm.time.Seconds(), warm.cpu.Seconds(), max(cold.peakKiB, warm.peakKiB)>>10, warm.rows, warm.files)
	if !takes(q, "person") {
		return nil
	}
	one, err := a.warm(ctx, a.old, q, append(about, "--person", string(person{number: a.People / 2}.id())))
	if err != nil {
		return err
	}
	t.figure(q.Name+".person", one, dateTarget)
	t.Say("   of one person %.2f s (%.2f s of processors), %d MiB, %d rows\n", one.time.Seconds(), one.cpu.Seconds(), one.peakKiB>>10, one.rows)
	return nil
}

// ages asks about nights that both archives have: the answer is the same, and so the
// time should be. They take turns, so that both have the same machine.
func (a *asked) ages(ctx context.Context, t *told, q audit.Question) error {
	about := given(q, a.wanted.young-1)
	best := map[string]took{}
	for range a.tries {
		for _, from := range []string{a.young, a.old} {
			one, err := a.ask(ctx, from, q, about)
			if err != nil {
				return err
			}
			if before, has := best[from]; !has || one.time < before.time {
				best[from] = one
			}
		}
	}
	young, old := best[a.young], best[a.old]
	if young.sha256 != old.sha256 {
		return fmt.Errorf("%s has %d rows (%s) over the young archive and %d (%s) over the old one: that is not the same question", q.Name, young.rows, young.sha256, old.rows, old.sha256)
	}
	ratio := old.time.Seconds() / young.time.Seconds()
	t.age = math.Max(t.age, ratio)
	t.Figure("audit."+q.Name+".age", ratio, "ratio", ageTarget)
	t.Say("   about the first nights: %.2f s (%.2f) over %d nights, %.2f s (%.2f) over %d\n",
		young.time.Seconds(), young.cpu.Seconds(), a.wanted.young, old.time.Seconds(), old.cpu.Seconds(), a.Nights)
	return nil
}
