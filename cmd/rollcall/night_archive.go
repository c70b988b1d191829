package main

import (
	"slices"

	"rollcall/collectors/roster"
	"rollcall/internal/access"
	"rollcall/internal/config"
	"rollcall/reconcile"
	"rollcall/reports/archive"
)

// known makes a run go by what the last run saw of the systems, and read none. One
// that the configuration has no longer is left out, as in a night.
func (n *night) known() {
	n.job.Recall = func() (reconcile.LastRun, error) {
		last, err := n.archive.LastRun()
		last.Systems = slices.DeleteFunc(last.Systems, func(o access.Observation) bool {
			return !slices.ContainsFunc(n.cfg.Systems, func(s config.System) bool { return s.Name == o.System })
		})
		for _, s := range n.cfg.Systems {
			if !slices.ContainsFunc(last.Systems, func(o access.Observation) bool { return o.System == s.Name }) {
				last.Systems = append(last.Systems, neverRead(s.Name))
			}
		}
		return last, err
	}
}

// neverRead is a system that the configuration has and the last run did not read: its
// accounts are not known, which is not to be taken for there being none.
func neverRead(s access.System) access.Observation {
	return access.Observation{System: s, Reads: []access.Read{{System: s, Kind: "accounts", Lists: true, Recalled: true, ClaimedTotal: -1,
		Gap: "no run has read it: it is new in the configuration"}}}
}

// nightArchive is the archive as a job wants it.
type nightArchive struct {
	*archive.Archive
	snapshot *archive.Snapshot
	waiting  func(what string) (done func()) // nil: nobody waits
}

// busy tells whoever waits that the archive is at work.
func (a *nightArchive) busy(what string) (done func()) {
	if a.waiting == nil {
		return func() {}
	}
	return a.waiting(what)
}

// Memory is what the last committed run left, with the rosters' rows.
func (a *nightArchive) Memory() (access.Memory, error) { return a.Archive.Memory(roster.Decode) }

// Facts begins the record of the run and writes all that comes before effects.
func (a *nightArchive) Facts(n *access.Night) error {
	defer a.busy("writing what was read")()
	s, err := a.Begin(n.Run)
	if err != nil {
		return err
	}
	a.snapshot = s
	return s.Facts(n)
}

// Finish writes the rest and commits.
func (a *nightArchive) Finish(n *access.Night, next access.Memory) (string, error) {
	defer a.busy("writing the record")()
	for i, w := range n.Worksheets {
		a.snapshot.Issued(i, w.SHA256)
	}
	if err := a.snapshot.Finish(n, next); err != nil {
		return "", err
	}
	_, head, _, err := a.Head()
	return head, err
}
