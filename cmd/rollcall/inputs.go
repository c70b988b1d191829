package main

import (
	"cmp"
	"time"

	"rollcall/collectors/roster"
	"rollcall/internal/access"
	"rollcall/internal/config"
	"rollcall/internal/csvfile"
	"rollcall/jobs"
)

// inputs reads the files of tonight. A roster that cannot be used is a fact for
// the roster guard, not an error: the last accepted one stays in force. A
// register that cannot be used refuses the run: without the list of protected
// accounts nothing should be decided. Another file of policy is left out, which
// the night says.
func (w wiring) inputs(access.Memory) (jobs.Inputs, error) {
	in := jobs.Inputs{Digests: []access.Input{{Name: "config", File: w.cfg.File, SHA256: w.cfg.SHA256}}}
	// It names where secrets lie and holds none, so that it can be kept.
	b, err := readFrom(w.cfg.File, config.MaxBytes)
	if err != nil || access.Digest(b) != w.cfg.SHA256 {
		return in, refuse("%s was changed while this run began, so nothing was attempted: run it again", w.cfg.File)
	}
	in.Raw = append(in.Raw, b)
	for _, r := range w.cfg.Rosters {
		w.roster(&in, r)
	}
	everywhere := map[access.EmployeeID]bool{}
	for _, f := range in.Rosters {
		for _, row := range f.Roster.Rows {
			everywhere[row.EmployeeID] = true
		}
	}
	for n := range in.Rosters {
		in.Rosters[n].Problems = roster.WithoutManagers(in.Rosters[n].Problems, func(id access.EmployeeID) bool { return everywhere[id] })
	}
	p, files := readPolicy(w.cfg)
	if bad := refusing(files); len(bad) > 0 {
		return in, refuse("a policy file cannot be used, so nothing was attempted:\n%s", csvfile.Message(bad, 20))
	}
	in.Policy = p
	in.Approvals = w.e.approvalFiles(w.cfg, nil)
	for _, f := range files {
		in.Problems = append(in.Problems, f.problems...)
		if f.raw != nil {
			in.Digests = append(in.Digests, access.Input{Name: f.what, File: f.file, SHA256: access.Digest(f.raw)})
			in.Raw = append(in.Raw, f.raw)
		}
	}
	return in, nil
}

// roster reads one HR list; what is wrong with it is in its problems.
func (w wiring) roster(in *jobs.Inputs, r config.Roster) {
	f := jobs.RosterFile{Guard: rosterGuard(w.cfg, r)}
	b, err := readInput(w.cfg.Path(r.File))
	if err != nil {
		f.Roster = access.Roster{Source: r.Name, File: r.File}
		f.Problems = []access.Problem{{Severity: access.Stop, File: r.File, Says: "The file could not be opened: " + reason(err) + ".",
			Meanwhile: "The last accepted list stays in force; nobody new loses access.", Mend: "Put the newest export at " + r.File + "."}}
	} else {
		src := rosterSource(r, w.run.StartedAt)
		f.Roster, f.Problems = roster.Read(src, b)
		w.bad[r.Name] = roster.Bad(src, b, f.Problems)
	}
	f.Received = roster.Count(f.Roster, f.Problems).Received
	// The digest is of the normal form, which the archive keeps; only of a file
	// that has none is it that of the original.
	in.Digests = append(in.Digests, access.Input{Name: "roster:" + string(r.Name), File: r.File, SHA256: cmp.Or(f.Roster.SHA256, f.Roster.Original)})
	if encoded, err := roster.Encode(f.Roster.Rows); err == nil && len(f.Roster.Rows) > 0 && !roster.Stopped(f.Problems) {
		in.Raw = append(in.Raw, encoded)
	}
	if encoded, err := roster.Encode(f.Roster.Working); err == nil && len(f.Roster.Working) > 0 { // it keeps people from being cut off, so that it is a ground of the run
		in.Digests = append(in.Digests, access.Input{Name: workingInput(r.Name), File: r.File, SHA256: access.Digest(encoded)})
		in.Raw = append(in.Raw, encoded)
	}
	in.Rosters = append(in.Rosters, f)
}

// workingInput is the input that says whom a list that could not be used shows working.
func workingInput(list access.Source) string { return "working:" + string(list) }

// rosterSource is how a list of the configuration is read, by every command: an approval
// binds the rows, which another reading makes other rows.
func rosterSource(one config.Roster, today time.Time) roster.Source {
	return roster.Source{Name: one.Name, File: one.File, Columns: one.Columns, Statuses: one.Statuses, TimeZones: one.TimeZones, Dates: one.Dates, Today: today}
}
