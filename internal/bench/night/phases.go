package main

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"time"
)

// phase is a part of the night.
type phase struct {
	name      string
	time, cpu time.Duration
}

// written are the files that came into a folder since then, and when the first and
// the last of them were finished.
type written struct {
	bytes       int64
	files       int
	first, last time.Time
}

func since(began time.Time, dir string, which func(path string) bool) (w written, err error) {
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !which(path) {
			return err
		}
		info, err := d.Info()
		if err != nil || info.ModTime().Before(began) {
			return err
		}
		w.bytes, w.files = w.bytes+info.Size(), w.files+1
		if at := info.ModTime(); w.first.IsZero() || at.Before(w.first) {
			w.first = at
		}
		if at := info.ModTime(); at.After(w.last) {
			w.last = at
		}
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		return w, nil
	}
	return w, err
}

// traces are the files that a night left, by which its parts can be told apart.
type traces struct{ archived, reported, books, facts, journal, commit written }

func (w *world) traces(began time.Time) (t traces, err error) {
	archive, reports := filepath.Join(w.dir, "archive"), filepath.Join(w.dir, "reports")
	for _, look := range []struct {
		into  *written
		dir   string
		which func(path string) bool
	}{
		{&t.archived, archive, func(string) bool { return true }},
		{&t.reported, reports, func(string) bool { return true }},
		{&t.books, reports, func(path string) bool {
			return strings.HasSuffix(path, ".xlsx") && strings.Contains(path, "worksheets")
		}},
		{&t.facts, archive, func(path string) bool { return strings.Contains(filepath.ToSlash(path), "/grants/") }},
		{&t.journal, filepath.Join(archive, "journal"), func(string) bool { return true }},
		{&t.commit, filepath.Join(archive, "manifests"), func(string) bool { return true }},
	} {
		if *look.into, err = since(began, look.dir, look.which); err != nil {
			return t, err
		}
	}
	return t, nil
}

// divide finds out from what is seen outside when each part of the night began.
func (w *world) divide(p *played, seen []sample, began, ended time.Time) error {
	t, err := w.traces(began)
	if err != nil {
		return err
	}
	p.archived, p.reported, p.books, p.decided = t.archived.bytes, t.reported.bytes, t.books.files, t.facts.last
	var first, collected, last, writes time.Time
	for _, a := range p.asked {
		if first.IsZero() || a.First.Before(first) {
			first = a.First
		}
		for _, call := range a.Calls {
			if call.Came.Before(p.decided) && call.Replied.After(collected) {
				collected = call.Replied
			}
		}
		if a.Last.After(last) {
			last = a.Last
		}
	}
	for _, s := range seen {
		if s.writes {
			writes = s.at
			break
		}
	}
	if writes.IsZero() || t.commit.last.IsZero() || first.IsZero() {
		return fmt.Errorf("the night left no archive, or asked nobody")
	}
	ends := []end{{"lists", first}, {"collect", collected}, {"decide", writes}, {"facts", t.facts.last}}
	if t.journal.files > 0 {
		ends = append(ends, end{"block", t.journal.last}, end{"logs", last})
	}
	at := began
	for _, b := range append(ends, end{"worksheets", t.books.last}, end{"commit", t.commit.last}, end{"tell", ended}) {
		if b.at.Before(at) { // there was none of it
			b.at = at
		}
		p.phases = append(p.phases, phase{b.name, b.at.Sub(at), cpuAt(seen, b.at) - cpuAt(seen, at)})
		at = b.at
	}
	if t.journal.files > 0 {
		p.block, err = w.recorded(p, began)
	}
	return err
}

// end is when a part of the night was over.
type end struct {
	name string
	at   time.Time
}
