package main

import (
	"cmp"
	"fmt"
	"io/fs"

	"rollcall/collectors/roster"
	"rollcall/internal/access"
	"rollcall/internal/config"
	"rollcall/jobs"
	"rollcall/reports/archive"
)

// recalledInputs are the files of a run, as wiring.inputs read them then.
func recalledInputs(cfg config.Config, b *archive.Basis) (jobs.Inputs, error) {
	in := jobs.Inputs{Digests: b.Inputs}
	for _, r := range cfg.Rosters {
		list, received, problems, err := b.Roster(r.Name, roster.Decode)
		if err == nil {
			list.Working, err = recalledWorking(b, r.Name)
		}
		if err != nil {
			return in, err
		}
		in.Rosters = append(in.Rosters, jobs.RosterFile{Roster: list, Problems: problems, Received: received, Guard: rosterGuard(cfg, r)})
	}
	var broken error
	p, files := readPolicyFrom(cfg, func(what, name string) ([]byte, error) {
		raw, err := b.Input(what)
		if broken = cmp.Or(broken, err); raw == nil && err == nil {
			err = fmt.Errorf("open %s: %w", name, fs.ErrNotExist) // nor could the run
		}
		return raw, err
	})
	if broken != nil {
		return in, broken
	}
	for _, f := range files {
		in.Problems = append(in.Problems, f.problems...)
	}
	in.Policy = p
	for _, a := range b.Approvals {
		in.Approvals = append(in.Approvals, jobs.ApprovalFile{GivenApproval: a})
	}
	return in, nil
}

// recalledWorking are those whom a list that the run could not use showed working.
func recalledWorking(b *archive.Basis, list access.Source) ([]access.Identity, error) {
	raw, err := b.Input(workingInput(list))
	if raw == nil || err != nil {
		return nil, err
	}
	return roster.Decode(raw)
}
