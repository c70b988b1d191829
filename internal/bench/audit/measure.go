package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"rollcall/internal/bench/figures"
	"rollcall/reports/audit"
)

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

// ages asks about nights that both archives have, with the days after them that the
// question reads: the files and the answer are the same, and so the time should be.
// They take turns, so that both have the same machine.
func (a *asked) ages(ctx context.Context, t *told, q audit.Question) error {
	about := given(q, max(0, a.wanted.young-1-q.Later))
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
	if young.files != old.files {
		return fmt.Errorf("%s reads %d files of the young archive and %d of the old one: that is not the same work", q.Name, young.files, old.files)
	}
	ratio := old.time.Seconds() / young.time.Seconds()
	t.age = math.Max(t.age, ratio)
	t.Figure("audit."+q.Name+".age", ratio, "ratio", ageTarget)
	t.Say("   about the first nights: %.2f s (%.2f) over %d nights, %.2f s (%.2f) over %d\n",
		young.time.Seconds(), young.cpu.Seconds(), a.wanted.young, old.time.Seconds(), old.cpu.Seconds(), a.Nights)
	return nil
}
