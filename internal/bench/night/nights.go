package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/bench/counted"
	"rollcall/internal/bench/figures"
)

// nights are played one after the other. The first has nothing to compare with; before
// the second some people have left; the third blocks them; the fourth finds it done.
var nights = []struct {
	name    string
	mode    access.Mode
	leavers bool // HR's list has them
}{
	{"first", access.Observe, false},
	{"second", access.Observe, true},
	{"blocking", access.Enforce, true},
	{"after", access.Enforce, true},
}

// blocking is the night that has to block.
const blocking = 2

// overHTTP plays as many of the nights as are wanted.
func overHTTP(ctx context.Context, r *figures.Report, want wanted, dir string, stderr io.Writer) error {
	w := &world{size: want.size, dir: dir, program: want.program, profile: want.profile, stderr: stderr}
	defer w.close()
	if err := w.open(ctx, want); err != nil {
		return err
	}
	at, err := w.judge()
	if err != nil {
		return err
	}
	open := at
	r.Say("%d people in %d Oktas, %d AWS accounts\n", want.People, want.Orgs, want.Accounts)
	for n := range want.nights {
		if err := w.prepare(n); err != nil {
			return err
		}
		p, err := w.play(ctx, n+1)
		if err != nil {
			return err
		}
		before := at
		if at, err = w.judge(); err != nil {
			return err
		}
		if err := w.check(n, p, open, before, at); err != nil {
			return fmt.Errorf("the %s night: %w", nights[n].name, err)
		}
		tell(r, "night."+nights[n].name, w, p)
		if n == blocking {
			tellBlock(r, "night."+nights[n].name, w, p, open, at)
		}
	}
	return ctx.Err()
}

// open builds the program, starts the systems and writes what the first night reads.
func (w *world) open(ctx context.Context, want wanted) error {
	if w.program == "" {
		w.program = filepath.Join(w.dir, "rollcall")
		if err := build(ctx, w.program, want.profile != "", w.stderr); err != nil {
			return err
		}
	}
	names, targets := w.targets()
	for i, t := range targets {
		box, err := counted.Open(t, w.stderr)
		if err != nil {
			return err
		}
		w.names, w.boxes, w.addresses = append(w.names, names[i]), append(w.boxes, box), append(w.addresses, box.URL)
	}
	return folder(w.dir, w.size, w.addresses)
}

func (w *world) close() {
	for _, box := range w.boxes {
		box.Close()
	}
}

// prepare writes what has changed before a night.
func (w *world) prepare(n int) error {
	files := map[string][]byte{"rollcall.yaml": settings(w.size, w.addresses, nights[n].mode)}
	if n > 0 && nights[n].leavers && !nights[n-1].leavers {
		files["employees.csv"] = people(w.size, time.Now().AddDate(0, 0, -3))
	}
	return write(w.dir, files)
}
