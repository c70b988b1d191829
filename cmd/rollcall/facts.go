package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"rollcall/collectors/policy"
	"rollcall/collectors/roster"
	"rollcall/internal/access"
	"rollcall/internal/config"
)

// lists are HR's lists as far as they could be used: the facts about people.
type lists struct {
	read, unread []access.Source
	people       []access.Identity
}

func (l *lists) add(list access.Roster, name access.Source, problems []access.Problem) {
	if policy.Stopped(problems) {
		l.unread = append(l.unread, name)
		return
	}
	l.read = append(l.read, name)
	l.people = append(l.people, list.Rows...)
}

// readLists reads HR's lists for what they say of people; what is wrong with
// them is told by check.
func (e *environ) readLists(cfg config.Config) lists {
	var l lists
	for _, one := range cfg.Rosters {
		b, err := readInput(cfg.Path(one.File))
		if err != nil {
			l.unread = append(l.unread, one.Name)
			continue
		}
		list, problems := roster.Read(rosterSource(one, e.now()), b)
		l.add(list, one.Name, problems)
	}
	return l
}

// facts are what the lines of policy are held against: HR's lists as they are,
// and what the last night saw.
func (e *environ) facts(ctx context.Context, cfg config.Config, p access.Policy, l lists) policy.Facts {
	now := e.now().In(cfg.Company.Location())
	f := policy.Facts{
		Today:            time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, time.UTC),
		ExceptionMaxDays: cfg.Policy.ExceptionMaxDays, Lists: l.read, Unread: l.unread, People: l.people,
	}
	seen, why := e.lastSeen(ctx, cfg, p)
	for _, s := range cfg.Systems {
		one := policy.SystemFacts{Name: s.Name, Type: s.Type, Unread: why}
		if why == "" {
			one.Unread = "the last night did not read it"
		}
		for _, o := range seen {
			if o.System == s.Name {
				one.Unread, one.Entitlements, one.Accounts = gapOf(o), o.Entitlements, o.Accounts
			}
		}
		f.Systems = append(f.Systems, one)
	}
	return f
}

// lastSeen is what the last night saw, or why that is not known.
func (e *environ) lastSeen(ctx context.Context, cfg config.Config, p access.Policy) (seen []access.Observation, why string) {
	registered := map[string]bool{}
	for _, h := range p.NonHuman {
		registered[access.Fold(h.Account)] = true
	}
	keep, err := e.past(ctx, cfg)
	var run access.RunID
	if err == nil {
		run, seen, err = keep.LastSeen(func(a access.Account) bool {
			return registered[access.Fold(string(a.ID))] || registered[access.Fold(a.Login)]
		})
	}
	switch {
	case errors.Is(err, fs.ErrNotExist) || err == nil && run == "":
		return nil, "no night has run yet"
	case err != nil:
		return nil, fmt.Sprintf("the last night cannot be read (%s)", err)
	}
	return seen, ""
}

// gapOf says why a system is not wholly known, or nothing.
func gapOf(o access.Observation) string {
	for _, r := range o.Reads {
		if !r.Complete {
			return fmt.Sprintf("the last night did not read %s to its end", r.Name())
		}
	}
	if len(o.Reads) == 0 {
		return "the last night did not read it"
	}
	return ""
}
