//go:build cgo

package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestAWholeQuarterAnswersEachLineOfTheGuide runs every command of docs/auditors.md as it
// stands there: in the company's folder, and, with where things are, in one that has
// nothing but a copy of the archive and the key.
func TestAWholeQuarterAnswersEachLineOfTheGuide(t *testing.T) {
	commands := guideCommands(t)
	q := auditedQuarter(t)
	copied := t.TempDir()
	if err := os.Rename(q.root, filepath.Join(copied, "archive")); err != nil {
		t.Fatal(err)
	}
	key, err := os.ReadFile(q.key)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{filepath.Join(copied, "rollcall-public.pem"), filepath.Join(q.dir, "rollcall-public.pem")} {
		if err := os.WriteFile(file, key, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(copied) // what is written to a file is written here, and there again
	for _, command := range commands {
		if command[1] == "audit" && !strings.Contains(strings.Join(command, " "), "--archive") && command[len(command)-1] != "--list" {
			command = append(command, "--archive", "archive", "--key", "rollcall-public.pem")
		}
		if r := typed(t, command...); r.code != endOf(command) || r.stdout+r.stderr == "" {
			t.Errorf("%s: %s", strings.Join(command, " "), r)
		}
	}
	if err := os.Rename(filepath.Join(copied, "archive"), q.root); err != nil {
		t.Fatal(err)
	}
	t.Chdir(q.dir)
	for _, command := range commands {
		if name := questionOf(command); name == "" || name == "nights" { // all 20 are asked here by another test
			if r := typed(t, command...); r.code != endOf(command) {
				t.Errorf("%s: %s", strings.Join(command, " "), r)
			}
		}
	}
}

// endOf is how a command ends on the quarter, in which one night did not take place.
func endOf(command []string) int {
	if command[2] == "verify" {
		return exitIncomplete
	}
	return exitDone
}

// TestAWholeQuarterGivesTheGuidesSamples looks for each row of the guide's samples in the
// answers that were checked by hand.
func TestAWholeQuarterGivesTheGuidesSamples(t *testing.T) {
	b, err := os.ReadFile(auditorsGuide)
	if err != nil {
		t.Fatal(err)
	}
	samples := regexp.MustCompile(`(?s)<!-- from: ([a-z-]+) -->\n(.*?)\n\n`).FindAllStringSubmatch(string(b), -1)
	if len(samples) != 6 {
		t.Errorf("the guide has %d samples", len(samples))
	}
	for _, sample := range samples {
		text, err := os.ReadFile(filepath.Join("testdata", "answers", sample[1]+".csv"))
		if err != nil {
			t.Fatal(err)
		}
		a := parsedAnswer(t, sample[1], string(text))
		lines := strings.Split(sample[2], "\n")
		head := cells(lines[0])
		for _, line := range lines[2:] {
			var pairs []string
			for n, cell := range cells(line) {
				pairs = append(pairs, head[n], cell)
			}
			if len(a.like(pairs...)) == 0 {
				t.Errorf("%s: the sample's row is in no answer: %s", sample[1], line)
			}
		}
	}
}

// cells are the cells of a row of a table in Markdown.
func cells(line string) (all []string) {
	for cell := range strings.SplitSeq(strings.Trim(line, "|"), "|") {
		all = append(all, strings.TrimSpace(cell))
	}
	return all
}
