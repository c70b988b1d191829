package main

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// What a new organisation starts from must not have ended, whenever it starts;
// the role map among it is the example that stands in the root of the module.
func TestWhatInitWritesPassesTheStrictLintOnAnyDay(t *testing.T) {
	for _, day := range []time.Time{
		time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC), time.Date(2028, 2, 29, 23, 30, 0, 0, time.UTC), time.Date(2041, 12, 31, 0, 30, 0, 0, time.UTC),
	} {
		dir := begunOn(t, day)
		if code, out := lintIn(t, dir, day, "--strict"); code != 0 {
			t.Errorf("%s: exit code %d\n%s", day.Format(time.DateOnly), code, out)
		}
	}
}

// The proof that the lint above looks: a year later the samples have ended.
func TestTheSamplesEnd(t *testing.T) {
	dir := begunOn(t, sampleDay)
	code, out := lintIn(t, dir, sampleDay.AddDate(1, 0, 0), "--json")
	var told checkup
	if err := json.Unmarshal([]byte(out), &told); err != nil || code != 0 {
		t.Fatalf("exit code %d, %v\n%s", code, err, out)
	}
	ended := map[string]bool{}
	for _, p := range told.Problems {
		ended[p.File+" "+p.Column] = true
	}
	for _, want := range []string{"rolemap.csv expires_on", "exceptions.csv expires_on", "nonhuman.csv review_by"} {
		if !ended[want] {
			t.Errorf("nothing is told of %s", want)
		}
	}
}

// The example is linted as it stands, on the day on which it was true.
func TestTheExampleRoleMapPassesTheStrictLint(t *testing.T) {
	dir := begunOn(t, sampleDay)
	example, err := os.ReadFile("../../rolemap.csv")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "rolemap.csv"), example, 0o644); err != nil {
		t.Fatal(err)
	}
	if code, out := lintIn(t, dir, sampleDay, "--strict"); code != 0 {
		t.Errorf("exit code %d\n%s", code, out)
	}
}

// begunOn is the folder of an organisation that starts on a day.
func begunOn(t *testing.T, day time.Time) (dir string) {
	t.Helper()
	dir = t.TempDir()
	files, err := startFiles(day, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := writeNew(dir, files); err != nil {
		t.Fatal(err)
	}
	return dir
}

// lintIn runs the command in a folder on a day.
func lintIn(t *testing.T, dir string, day time.Time, flags ...string) (code int, out string) {
	t.Helper()
	var stdout bytes.Buffer
	args := append([]string{"rollcall", "rolemap", "lint", "--config", filepath.Join(dir, "rollcall.yaml")}, flags...)
	e := &environ{args: args, getenv: func(string) string { return "" }, stdout: &stdout, stderr: io.Discard, now: func() time.Time { return day }}
	err := newApp(e).RunContext(t.Context(), args)
	if err != nil {
		stdout.WriteString(err.Error())
	}
	return exitCode(err), stdout.String()
}
