//go:build cgo

package main

import (
	"archive/zip"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rollcall/reports/archive"
)

// Whoever holds any artefact can say which rollcall made it.
func TestVersionAndCommitAreInEveryArtefact(t *testing.T) {
	version, commit = "v9.8.7", "0123456789abcdef0123456789abcdef01234567"
	t.Cleanup(func() { version, commit = "", "" })
	const says = "v9.8.7, commit 0123456789abcdef0123456789abcdef01234567"
	d := openDemo(t)
	d.clock.set(d.state.night(0))
	config, day := d.path("rollcall.yaml"), d.state.night(0).Format(time.DateOnly)
	if code, out := d.command(t, "version"); code != exitDone || !strings.HasPrefix(out, "rollcall "+says) {
		t.Errorf("version says %q", out)
	}
	for _, command := range [][]string{{"nightly", "--config", config}, {"review", "open", "--config", config}, {"audit", "export", "--config", config, "--from", day, "--to", day, "--out", d.path("pack")}} {
		if code, out := d.command(t, command...); code != exitDone {
			t.Fatalf("%v: exit code %d\n%s", command, code, out)
		}
	}
	for _, pattern := range []string{"reports/*/summary.txt", "reports/*/summary.md", "reports/*/summary.json", "reports/*/worksheets/*.xlsx", "reviews/*/*/*.xlsx", "reviews/*/*/*.html", "pack/*.html"} {
		found, err := filepath.Glob(d.path(pattern))
		if err != nil || len(found) == 0 {
			t.Errorf("there is no %s (%v)", pattern, err)
			continue
		}
		if text := strings.Join(strings.Fields(strings.ReplaceAll(textOf(t, found[0]), `\`, "")), " "); !strings.Contains(text, says) {
			t.Errorf("%s does not say which rollcall made it", found[0])
		}
	}
	store, err := archive.Open(d.path("archive"), nil)
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(d.path("keys", "rollcall-public.pem"))
	if err != nil {
		t.Fatal(err)
	}
	key, err := archive.ParsePublicKey(b)
	if err != nil {
		t.Fatal(err)
	}
	runs, err := archive.Committed(store.Store(), key)
	if err != nil || len(runs) < 2 {
		t.Fatalf("%d runs, %v", len(runs), err)
	}
	for _, run := range runs {
		err := archive.EachRow(store.Store(), run, "runs", func(r archive.RunRow) {
			if !strings.HasPrefix(r.ToolVersion, says) {
				t.Errorf("run %s says %q", run.RunID, r.ToolVersion)
			}
		})
		if err != nil {
			t.Error(err)
		}
	}
}

// textOf is the text of a file; of a workbook, that of its parts.
func textOf(t *testing.T, file string) string {
	t.Helper()
	if filepath.Ext(file) != ".xlsx" {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	z, err := zip.OpenReader(file)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	var all strings.Builder
	for _, part := range z.File {
		r, err := part.Open()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(&all, r); err != nil {
			t.Fatal(err)
		}
	}
	return all.String()
}
