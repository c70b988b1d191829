package main

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"time"

	"rollcall/internal/access"
	"rollcall/reports/archive"
)

// night plays the nth night and judges it.
func (y *year) night(n int, settings string, evil []misfortune, e end) {
	y.t.Helper()
	y.at(n, time.Hour)
	registers, unusable := y.registers(y.written, false)
	w := y.run(settings, y.written, evil, e)
	w.unusable = unusable
	y.story = append(y.story, fmt.Sprintf("NIGHT of %s, %s: exit code %d, %v", y.clock.Now().Format(time.DateTime), e, w.code, w.err))
	y.story = append(append(y.story, registers...), y.tale(w, evil)...)
	y.lately = y.fates(w)
	for _, problem := range append(y.problems(w), y.ofTheYear(w, false)...) {
		y.t.Errorf("night of %s: %s", y.clock.Now().Format(time.DateOnly), problem)
	}
	if evil == nil && e == (end{}) {
		y.calm(w)
	}
	y.closes(w)
	y.sum.count(w)
}

// sweep plays a sweep a few minutes after HR's files changed. It does not know what
// was made, or let in, since the night, so that only what it did is judged.
func (y *year) sweep() {
	y.t.Helper()
	y.clock.pass(5 * time.Minute)
	cfg := y.settings("rollcall.yaml")
	w := witness{judged: y.staff.judge(y.written, y.clock.Now()), before: y.scene()}
	y.witnessed(&w, nil, func(ctx context.Context, cancel context.CancelFunc) (*access.Night, []access.Observation, error) {
		e := y.environ(end{}, cancel, true)
		e.args[1] = "sweep"
		n, err := e.wire(ctx, cfg, "sweep", cfg.Mode)
		if err != nil {
			return nil, nil, err
		}
		n.known()
		n.job.Report = nil
		result, err := n.job.Sweep(ctx)
		if err != nil {
			return result.Night, nil, unattempted(err)
		}
		return result.Night, nil, ended(result.Night)
	})
	y.sweeps++
	y.say("sweep", "exit code %d, recorded: %t, %v", w.code, w.committed, w.err)
	y.story = append(y.story, y.tale(w, nil)...)
	for _, problem := range slices.Concat(y.touched(w), y.rash(w), w.untrue(), y.ofTheYear(w, true)) {
		y.t.Errorf("sweep of %s: %s", y.clock.Now().Format(time.DateTime), problem)
	}
	y.closes(w)
}

// closes remembers what a run left.
func (y *year) closes(w witness) {
	if w.committed {
		y.staff.force = w.judged.force
		y.runs++
	}
	y.remember(w)
}

// approve answers for what the guards held last night, or for nothing: somebody is
// on leave, or HR has yet to confirm it.
func (y *year) approve(p float64) {
	y.t.Helper()
	last := y.seen.plan
	if last == nil || !slices.ContainsFunc(last.Trips, func(g access.GuardError) bool { return len(g.Stakes) > 0 }) || !y.chance(p) {
		return
	}
	file := filepath.Join(y.dir, "plan.json")
	if err := writePlan(file, *last); err != nil {
		y.t.Fatal(err)
	}
	asked := map[string]bool{}
	for _, g := range slices.Concat(last.Trips, last.Behind) {
		if len(g.Stakes) == 0 || asked[g.Guard] {
			continue
		}
		asked[g.Guard] = true
		r := y.command("approve", "--plan", file, "--guard", g.Guard, "--by", "Ann", "--reason", "HR confirmed it")
		y.want(r, exitDone, "until")
		y.say("approval", "%s, of what %s held", g.Guard, last.RunID)
	}
}

// command plays another command of the program.
func (y *year) command(args ...string) ran {
	commandLine.Lock()
	defer commandLine.Unlock()
	var stdout, stderr bytes.Buffer
	e := y.environ(end{}, nil, false)
	e.args, e.stdout, e.stderr, e.log = append([]string{"rollcall"}, append(args, "--config", filepath.Join(y.dir, "rollcall.yaml"))...), &stdout, &stderr, slog.New(slog.NewTextHandler(&stderr, nil))
	err := newApp(e).RunContext(y.t.Context(), e.args)
	if err != nil {
		fmt.Fprintf(&stderr, "rollcall: %v\n", err)
	}
	return ran{exitCode(err), stdout.String(), stderr.String()}
}

// accounted holds the archive against the runs that were seen to be committed: each
// has its manifest, and there is none besides.
func (y *year) accounted() {
	y.t.Helper()
	a, err := archive.Open(filepath.Join(y.dir, "archive"), nil)
	if err != nil {
		y.t.Fatal(err)
	}
	sequence, _, _, err := a.Head()
	manifests, globbed := filepath.Glob(filepath.Join(y.dir, "archive", "manifests", "*.json"))
	if err != nil || globbed != nil || sequence != y.runs || len(manifests) != y.runs {
		y.t.Errorf("%d runs were committed; the archive has %d manifests and ends with the %d.: %v", y.runs, len(manifests), sequence, err)
	}
	died := 0
	for _, code := range y.seen.codes {
		if code == exitAborted {
			died++
		}
	}
	if len(y.seen.codes)-died != y.runs-y.seen.swept {
		y.t.Errorf("%d nights, of which %d died, and %d of the %d runs are nights", len(y.seen.codes), died, y.runs-y.seen.swept, y.runs)
	}
	if _, err := os.Stat(filepath.Join(y.dir, "archive", "lock")); err != nil {
		y.t.Error(err)
	}
}
