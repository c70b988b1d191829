//go:build unix

package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"rollcall/internal/sandbox/fakeokta"
)

// under does something with a umask, which is the whole process's.
func under(mask int, do func()) {
	before := syscall.Umask(mask)
	defer syscall.Umask(before)
	do()
}

// forAll are files that every user of the machine may read: they name nobody.
func forAll(name string) bool {
	return strings.HasSuffix(name, "public.pem") || name == "figures.prom" || name == ".gitignore"
}

// open names what others may read or change below a folder, and what rollcall itself
// could not read again.
func (w *townsfolk) open(before map[string]bool) (wrong []string, seen int) {
	w.t.Helper()
	w.each(w.dir, func(path string, d fs.DirEntry) error {
		rel, err := filepath.Rel(w.dir, path)
		if err != nil || rel == "." || before[rel] {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		seen++
		mode := info.Mode().Perm()
		switch {
		case d.IsDir() && (mode&^0o750 != 0 || mode&0o700 != 0o700),
			!d.IsDir() && !forAll(d.Name()) && (mode&^0o640 != 0 || mode&0o600 != 0o600),
			forAll(d.Name()) && mode&^0o644 != 0,
			strings.HasSuffix(rel, ".pem") && !forAll(d.Name()) && mode != 0o600:
			wrong = append(wrong, rel+" "+mode.String())
		}
		return nil
	})
	return wrong, seen
}

// written are the files that a test wrote itself.
func (w *townsfolk) written() map[string]bool {
	all := map[string]bool{}
	w.each(w.dir, func(path string, _ fs.DirEntry) error {
		rel, err := filepath.Rel(w.dir, path)
		all[rel] = true
		return err
	})
	return all
}

func TestNothingThatIsWrittenIsForEverybodyWhateverTheUmask(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	w.answering()
	w.staffed()
	w.rewrites("rollcall.yaml", "reports: {dir: reports}", "reports: {dir: reports}\nmetrics: {file: figures.prom}\nsiem: {file: siem.jsonl}\nmanual: enforce")
	before := w.written()
	under(0o077, w.watched)
	w.leave("leo")
	under(0, func() {
		w.want(w.night("nightly"), exitDone)
		for _, args := range [][]string{
			{"plan", "--out", filepath.Join(w.dir, "plan.json")}, {"review", "open", "--campaign", "2041-q1"}, {"review", "remind"}, {"review", "close", "--unanswered"},
			{"revoke", "--person", "E02", "--reason", "laptop stolen"}, {"runbook"}, {"rolemap", "suggest", "--out", filepath.Join(w.dir, "suggested.csv")},
			{"audit", "ask", "--question", "leavers", "--out", filepath.Join(w.dir, "leavers.csv"), "--format", "csv"},
			{"audit", "export", "--from", "2041-03-04", "--to", "2041-03-05", "--out", filepath.Join(w.dir, "pack")},
			{"audit", "rotate-key", "--make", "--new-key-file", filepath.Join(w.dir, "next.pem"), "--by", "Ann", "--reason", "yearly"},
		} {
			w.want(play(t.Context(), w.clock, nil, append(args, "--config", filepath.Join(w.dir, "rollcall.yaml"))...), exitDone)
		}
		w.want(play(t.Context(), w.clock, nil, "init", "--dir", filepath.Join(w.dir, "begun")), exitDone)
		w.want(play(t.Context(), w.clock, nil, "approve", "--new-key", "--config", filepath.Join(w.dir, "begun", "rollcall.yaml")), exitDone)
	})
	wrong, seen := w.open(before)
	if len(wrong) > 0 || seen < 100 {
		t.Errorf("of %d: %s", seen, strings.Join(wrong, "\n"))
	}
}

func TestWhatOthersMayChangeOrReadIsToldAndKeepsNoLeaverIn(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	w.staffed()
	w.watched()
	open := func(name string, mode fs.FileMode) { w.must(os.Chmod(filepath.Join(w.dir, name), mode)) }
	if r := w.now("check"); strings.Contains(r.stdout, "Every user of this machine") {
		t.Errorf("nothing is open: %s", r)
	}
	open("archive", 0o777)
	open("roster.csv", 0o666)
	open("signing.pem", 0o644)
	open(".", 0o777)
	w.want(w.now("check"), exitDone, "may change it. Whoever does so decides whose access ends.", "may write into this folder. Whoever puts another file", "may write into this folder. Whoever deletes from it",
		"may read this secret (archive.signing_key)", "chmod 600 "+filepath.Join(w.dir, "signing.pem"), "chmod o-w "+filepath.Join(w.dir, "roster.csv"))
	open(".", 0o777|fs.ModeSticky)
	if r := w.now("check"); strings.Contains(flat(r.stdout), "Whoever puts another file") {
		t.Errorf("in a folder with the sticky bit nobody else's file can be replaced: %s", r)
	}
	w.clock.pass(time.Hour)
	w.leave("leo")
	w.want(w.night("nightly"), exitDone, "Every user of this machine may write into this folder", "chmod o-w "+filepath.Join(w.dir, "archive"))
	w.blocked("leo")
}
