package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"rollcall/internal/access"
	"rollcall/reconcile"
)

// ErrWho says that an order does not name one person.
var ErrWho = errors.New("it is not clear who is meant")

// Revoke is Nightly for one person, named by an employee id or source/id: they lose
// all access now, whatever HR's lists say. Where the mode only observes, it is a
// plan. The caller holds the lock, unless it is a plan.
func (j *Job) Revoke(ctx context.Context, who string) (Result, error) {
	m, err := j.remembered()
	if err != nil {
		return Result{}, err
	}
	in, err := j.inputs(m)
	if err != nil {
		return Result{}, err
	}
	order := *j.Order
	j.Order = nil
	w := j.lists(&access.Night{}, m, in)
	if order.Person, err = one(reconcile.Meant(w, who)); err != nil {
		return Result{}, fmt.Errorf("%w: %q %w", ErrWho, who, err)
	}
	if file, rows := reconcile.Several(w, order.Person); len(rows) > 0 {
		return Result{}, fmt.Errorf("%w: %q %w", ErrWho, who, several(file, rows))
	}
	j.Order = &order
	if err := j.recallOnce(); err != nil {
		return Result{}, err
	}
	if j.Recall != nil { // refused before anything is attempted
		if err := j.recall(&w, &access.Night{}); err != nil {
			return Result{}, err
		}
	}
	if j.Settings.Mode != access.Enforce {
		return j.Plan(ctx)
	}
	return j.Nightly(ctx)
}

// one is the one person who was asked for, or who may be meant.
func one(found, alike []access.Identity) (access.PersonKey, error) {
	keys := map[access.PersonKey]bool{}
	for _, i := range found {
		keys[i.Key()] = true
	}
	switch {
	case len(keys) == 1:
		return found[0].Key(), nil
	case len(keys) > 1:
		return access.PersonKey{}, fmt.Errorf("is the ID of %d people, so that nothing was done: name one as list/ID:%s", len(keys), candidates(found))
	case len(alike) > 0:
		return access.PersonKey{}, fmt.Errorf("is the ID of nobody in the HR lists, so that nothing was done. Perhaps one of these is meant:%s", candidates(alike))
	}
	return access.PersonKey{}, errors.New("is the ID of nobody in the HR lists, so that nothing was done: zeros at its beginning count")
}

// several says of which rows an id is that are of different people, and what to do: an order
// ends all access of one person.
func several(file string, rows []access.Identity) error {
	var b strings.Builder
	for _, i := range rows[:min(mostCandidates, len(rows))] {
		says := slices.DeleteFunc([]string{i.Name, i.Email, i.Title, i.Department}, func(s string) bool { return s == "" })
		fmt.Fprintf(&b, "\n  row %d of %s  %s", i.Row, file, strings.Join(says, ", "))
	}
	if more := len(rows) - mostCandidates; more > 0 {
		fmt.Fprintf(&b, "\n  and %d more", more)
	}
	return fmt.Errorf("is the ID of different people, all of whom would lose all access, so that nothing was done:%s\n"+
		"If it cannot wait, block the one who is meant in the console of each system now. HR gives each of these people an ID of their own, or the same name in each row if they are one; then run this again with that ID", &b)
}

// mostCandidates is how many people are named who may be meant.
const mostCandidates = 10

func candidates(all []access.Identity) string {
	var b strings.Builder
	told := map[access.PersonKey]bool{}
	for _, i := range all {
		if told[i.Key()] {
			continue
		}
		if told[i.Key()] = true; len(told) > mostCandidates {
			return b.String() + "\n  and more"
		}
		fmt.Fprintf(&b, "\n  %s  %s, %s, %s", i.Key(), i.Name, i.Title, i.Department)
	}
	return b.String()
}
