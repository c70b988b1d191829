package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"rollcall/internal/bench/figures/figurestest"
	"rollcall/reports/archive"
)

// small is an archive that takes seconds.
var small = size{Nights: 46, People: 200}

func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == "build" { // figures.Apart starts this program
		os.Exit(start(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

func TestTheBenchTellsEachQuestionOverBothArchives(t *testing.T) {
	dir := t.TempDir()
	program := filepath.Join(dir, "rollcall")
	if out, err := exec.Command("go", "build", "-o", program, "rollcall/cmd/rollcall").CombinedOutput(); err != nil {
		t.Fatalf("build rollcall: %v\n%s", err, out)
	}
	var out, story bytes.Buffer
	if code := start([]string{"-nights", "46", "-people", "200", "-young", "44", "-tries", "1", "-only", "leavers", "-dir", dir, "-rollcall", program}, nil, &out, &story); code != 0 {
		t.Fatalf("exit %d\n%s", code, story.String())
	}
	told := figurestest.Read(t, out.String())
	for _, name := range []string{"Audit/nights", "Audit/grants", "Audit/leavers/cold", "Audit/leavers/person", "Audit/leavers-active/age", "Audit/worst_period", "Audit/worst_age", "Audit/memory"} {
		if _, is := told[name]; !is {
			t.Errorf("%s is not told", name)
		}
	}
}

func TestTheArchiveIsWholeAndAsSaid(t *testing.T) {
	dir := t.TempDir()
	if err := write(t.Context(), dir, small, t.Logf); err != nil {
		t.Fatal(err)
	}
	public := signer().Public().(ed25519.PublicKey)
	report, err := archive.Verify(filepath.Join(dir, "archive"), archive.Checks{Keys: []ed25519.PublicKey{public}})
	if err != nil || !report.OK() {
		t.Fatalf("the archive does not verify: %v %v", err, report.Faults)
	}
	runs, err := archive.Committed(archive.NewFolder(filepath.Join(dir, "archive")), public)
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]int64{}
	for _, r := range runs {
		for _, f := range r.Tables {
			rows[f.Table] += *f.Rows
		}
	}
	nights := int64(small.Nights)
	if each := rows["grants"] / nights; each < 17*200 || each > 20*200 {
		t.Errorf("a night has %d rows of grants: of 200 people it should have about 18 each", each)
	}
	if each := rows["identities"] / nights; each < 200 || each > 210 {
		t.Errorf("a night has %d people, and 200 work there", each)
	}
	for _, table := range archive.TableNames() {
		if rows[table] == 0 && table != "events" && table != "approvals" && table != "notices" {
			t.Errorf("no run has a row of %s", table)
		}
	}
}

func TestStoppedAndResumedIsTheSameArchive(t *testing.T) {
	whole, parts := t.TempDir(), t.TempDir()
	if err := write(t.Context(), whole, small, t.Logf); err != nil {
		t.Fatal(err)
	}
	for _, nights := range []int{3, 31, 35, 46} {
		if err := write(t.Context(), parts, size{nights, small.People}, t.Logf); err != nil {
			t.Fatal(err)
		}
		if nights == 3 { // as if it had died before the last night was committed
			if err := os.Remove(filepath.Join(parts, "archive", "manifests", "0000000003.json")); err != nil {
				t.Fatal(err)
			}
		}
	}
	if a, b := head(t, whole), head(t, parts); a != b {
		t.Errorf("the ends of the chains differ: %s, and %s when it was stopped", a, b)
	}
}

func head(t *testing.T, dir string) string {
	t.Helper()
	a, err := archive.Open(filepath.Join(dir, "archive"), nil)
	if err != nil {
		t.Fatal(err)
	}
	sequence, sum, run, err := a.Head()
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal([]any{sequence, sum, run})
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestAStopLeavesAnArchiveThatGoesOn(t *testing.T) {
	dir := t.TempDir()
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := write(ctx, dir, small, t.Logf); err == nil {
		t.Fatal("a stop is not told")
	}
	if err := write(t.Context(), dir, size{2, small.People}, t.Logf); err != nil {
		t.Fatal(err)
	}
}
