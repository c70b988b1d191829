package archive

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"rollcall/internal/access"
)

// PastRun is one committed run, of which what it recorded can be read back. Every
// byte is checked against the run's manifest first.
type PastRun struct {
	archive *Archive
	head    head
}

// ID is the run's id.
func (p PastRun) ID() access.RunID { return p.head.RunID }

// Nights gives the last n committed runs that looked at systems, oldest first, and how
// many of them there are in all. A run of a campaign did not look. Each manifest is
// checked against the digest in the one after it.
func (a *Archive) Nights(n int) (runs []PastRun, all int, err error) {
	return a.NightsOf(n, nil)
}

// NightsOf is Nights for those whose trigger (the command that ran it) is wanted;
// nil: all are.
func (a *Archive) NightsOf(n int, wanted func(trigger string) bool) (runs []PastRun, all int, err error) {
	h, err := a.head()
	if err == nil {
		all, err = a.nights(h)
	}
	if err != nil {
		return nil, 0, fmt.Errorf("list past nights: %w", err)
	}
	for h.Sequence > 0 {
		one := PastRun{a, h}
		take := h.looked()
		if take && wanted != nil {
			trigger, err := one.trigger()
			if err != nil {
				return nil, 0, fmt.Errorf("list past nights: %w", err)
			}
			take = wanted(trigger)
		}
		if take {
			runs = append(runs, one)
		}
		if len(runs) >= n {
			break
		}
		if h, err = a.before(h); err != nil {
			return nil, 0, fmt.Errorf("list past nights: %w", err)
		}
	}
	slices.Reverse(runs)
	return runs, all, nil
}

// nights counts the runs that looked: all but those of campaigns and of upkeep.
func (a *Archive) nights(h head) (int, error) {
	s, err := a.state(h)
	if err != nil {
		return 0, err
	}
	n := h.Sequence - len(s.Upkeep)
	for _, c := range s.Campaigns {
		n -= len(c.Runs)
	}
	return n, nil
}

// lastNight is the newest run that looked at systems; the zero head where none did.
func (a *Archive) lastNight() (head, error) {
	h, err := a.head()
	if err != nil {
		return h, err
	}
	return a.nightUpTo(h)
}

// nightUpTo is the newest run that looked at systems, up to the run of a head.
func (a *Archive) nightUpTo(h head) (head, error) {
	var err error
	for err == nil && h.Sequence > 0 && !h.looked() {
		h, err = a.before(h)
	}
	return h, err
}

// before is the manifest before another, checked against the digest in that one; the
// zero head before the first.
func (a *Archive) before(h head) (head, error) {
	if h.Sequence == 1 {
		return head{}, nil
	}
	before, err := a.load(h.Sequence - 1)
	if err == nil && before.sum != h.Previous {
		err = altered(manifestName(before.Sequence), h.Previous, before.sum)
	}
	return before, err
}

// Night reads back what a role map is held against: when the run began, the
// people with where they stood, what was read with whose each account was, and
// the exceptions. Memory has the state that the run left. What was decided of
// grants, and what the run did, is not read.
func (p PastRun) Night() (access.Night, access.Memory, error) {
	n := access.Night{}
	r := recall{PastRun: p, systems: map[string]*recalled{}}
	s, err := p.archive.state(p.head)
	if err == nil {
		err = inTurn([]func() error{
			func() (err error) { n.Run, n.Policy, err = p.run(); return err },
			func() (err error) { n.People, err = r.people(); return err },
			r.reads, r.entitlements, r.accounts, r.grants,
			func() (err error) { n.Policy.Exceptions, err = r.exceptions(); return err },
		})
	}
	if err != nil {
		return n, access.Memory{}, fmt.Errorf("read back run %s: %w", p.head.RunID, err)
	}
	n.Systems = r.all()
	return n, s.memory(), nil
}

// trigger is the command that ran it.
func (p PastRun) trigger() (trigger string, err error) {
	type row struct {
		Trigger string `parquet:"trigger"`
	}
	err = eachRow(p.archive, p.head, "runs", func(r row) { trigger = r.Trigger })
	return trigger, err
}

// run is the run's head, and which files of policy it could not use.
func (p PastRun) run() (run access.Run, unread access.Policy, err error) {
	type row struct {
		StartedAt    time.Time `parquet:"started_at,optional,timestamp(millisecond)"`
		PolicyUnread string    `parquet:"policy_unread"`
	}
	run.ID = p.head.RunID
	err = eachRow(p.archive, p.head, "runs", func(r row) {
		run.StartedAt = r.StartedAt
		files := strings.Fields(r.PolicyUnread)
		unread.RoleMapUnread, unread.ExceptionsUnread = slices.Contains(files, "rolemap"), slices.Contains(files, "exceptions")
	})
	return run, unread, err
}
