//go:build cgo

package main

import (
	"bytes"
	"encoding/csv"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/internal/goldentest"
)

const auditorsGuide = "../../docs/auditors.md"

// guideCommands are the commands of docs/auditors.md, in their order: of the table, and
// of the lines that stand by themselves.
func guideCommands(t *testing.T) [][]string {
	t.Helper()
	b, err := os.ReadFile(auditorsGuide)
	if err != nil {
		t.Fatal(err)
	}
	var all [][]string
	for _, found := range regexp.MustCompile("(?m)^    (rollcall .*)$|^\\|.*`(rollcall [^`]*)` *\\|").FindAllStringSubmatch(string(b), -1) {
		all = append(all, shellWords(found[1]+found[2]))
	}
	return all
}

// shellWords are the words of a command line as a shell takes them, with double quotes.
func shellWords(line string) (all []string) {
	for _, found := range regexp.MustCompile(`"([^"]*)"|(\S+)`).FindAllStringSubmatch(line, -1) {
		all = append(all, found[1]+found[2])
	}
	return all
}

// questionOf is which question a command asks for all of its answer, or "".
func questionOf(command []string) string {
	if n := slices.Index(command, "--question"); n >= 0 && !slices.Contains(command, "--sample") && !slices.Contains(command, "--out") {
		return command[n+1]
	}
	return ""
}

// typed runs a command as somebody types it in this folder.
func typed(t *testing.T, command ...string) ran {
	t.Helper()
	var stdout, stderr bytes.Buffer
	e := &environ{args: command, getenv: func(string) string { return "" }, stdin: strings.NewReader(""), stdout: &stdout, stderr: &stderr,
		now: time.Now, log: slog.New(slog.NewTextHandler(io.Discard, nil))}
	err := newApp(e).RunContext(t.Context(), command)
	return ran{exitCode(err), stdout.String(), stderr.String()}
}

// answer is what a question found: its rows by the names of the columns.
type answer struct {
	t       *testing.T
	name    string
	columns []string
	rows    []map[string]string
}

// answerTo asks in this folder.
func answerTo(t *testing.T, command ...string) (answer, string) {
	t.Helper()
	r := typed(t, append(slices.Clone(command), "--format", "csv")...)
	if r.code != exitDone {
		t.Fatalf("%v: %s", command, r)
	}
	return parsedAnswer(t, questionOf(command), r.stdout), r.stdout
}

// parsedAnswer reads an answer's CSV.
func parsedAnswer(t *testing.T, name, text string) answer {
	t.Helper()
	lines, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	a := answer{t: t, name: name, columns: lines[0]}
	for _, l := range lines[1:] {
		row := map[string]string{}
		for n, column := range lines[0] {
			row[column] = l[n]
		}
		a.rows = append(a.rows, row)
	}
	return a
}

// like are the rows that have these values: "column", "value", "column", "value", ...
func (a answer) like(pairs ...string) (found []map[string]string) {
	a.t.Helper()
	for n := 0; n < len(pairs); n += 2 {
		if !slices.Contains(a.columns, pairs[n]) {
			a.t.Fatalf("%s has no column %s", a.name, pairs[n])
		}
	}
	for _, row := range a.rows {
		fits := true
		for n := 0; n < len(pairs); n += 2 {
			fits = fits && row[pairs[n]] == pairs[n+1]
		}
		if fits {
			found = append(found, row)
		}
	}
	return found
}

// has checks how many rows have these values.
func (a answer) has(n int, pairs ...string) {
	a.t.Helper()
	if got := len(a.like(pairs...)); got != n {
		var near []map[string]string
		if len(pairs) > 1 {
			near = a.like(pairs[:2]...)
		}
		a.t.Errorf("%s has %d rows with %q, want %d; with the first of these: %v", a.name, got, pairs, n, near[:min(len(near), 5)])
	}
}

// each are the values of a column, each once, sorted.
func (a answer) each(column string, pairs ...string) (values []string) {
	for _, row := range a.like(pairs...) {
		values = append(values, row[column])
	}
	slices.Sort(values)
	return slices.Compact(values)
}

// What differs between two plays of the same quarter and says nothing about it.
var (
	runSuffix = regexp.MustCompile(`(\d{8}T\d{6}Z)-[0-9a-f]{6}`)
	digests   = regexp.MustCompile(`\b[0-9a-f]{64}\b`)
	seconds   = regexp.MustCompile(`(\d{4}-\d\d-\d\dT\d\d:\d\d):\d\d(\.\d+)?Z`) // which of two reads at a time waited
)

func sameEachTime(text string) string {
	text = strings.NewReplacer(whoami(), "job@machine", strings.TrimPrefix(thisProgram().String(), "rollcall "), "(this version)").Replace(text)
	text = seconds.ReplaceAllString(text, "${1}Z")
	return digests.ReplaceAllString(runSuffix.ReplaceAllString(text, "$1"), "(digest)")
}

// TestAWholeQuarterAnswersAsWasCheckedByHand holds the answer to each of the guide's
// questions against the one that was checked by hand (testdata/answers/README.md says
// why it is right), and against what quarter_facts_test.go knows from the story.
func TestAWholeQuarterAnswersAsWasCheckedByHand(t *testing.T) {
	golden, err := filepath.Abs("testdata/answers")
	if err != nil {
		t.Fatal(err)
	}
	commands := guideCommands(t)
	q := auditedQuarter(t)
	t.Chdir(q.dir)
	asked := 0
	for _, command := range commands {
		name := questionOf(command)
		if name == "" {
			continue
		}
		asked++
		t.Run(name, func(t *testing.T) {
			a, text := answerTo(t, command...)
			file, got := filepath.Join(golden, name+".csv"), sameEachTime(text)
			if goldentest.Update() {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if want := string(goldentest.Read(t, file)); got != want {
				t.Errorf("%s is not what was checked by hand:\n%s", strings.Join(command, " "), differing(want, got))
			}
			if facts[name] == nil {
				t.Fatalf("nothing is known of %s", name)
			}
			facts[name](q, a)
		})
	}
	if asked != 20 {
		t.Errorf("the guide asks %d questions", asked)
	}
}

// differing are the lines that only one of two texts has.
func differing(want, got string) string {
	var b strings.Builder
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for _, l := range w {
		if !slices.Contains(g, l) {
			b.WriteString("- " + l + "\n")
		}
	}
	for _, l := range g {
		if !slices.Contains(w, l) {
			b.WriteString("+ " + l + "\n")
		}
	}
	return b.String()
}
