package main

import (
	"cmp"
	"errors"
	"io/fs"
	"os"

	"rollcall/collectors/policy"
	"rollcall/collectors/roster"
	"rollcall/internal/access"
	"rollcall/internal/config"
	"rollcall/jobs"
	"rollcall/reconcile"
)

// inputs reads the files of tonight. A roster that cannot be used is a fact for
// the roster guard, not an error: the last accepted one stays in force. A policy
// file that cannot be used refuses the run: without the register of protected
// accounts, or with half a role map, nothing should be decided.
func (w wiring) inputs(access.Memory) (jobs.Inputs, error) {
	in := jobs.Inputs{Digests: []access.Input{{Name: "config", File: w.cfg.File, SHA256: w.cfg.SHA256}}}
	// It names where secrets lie and holds none, so that it can be kept.
	b, err := os.ReadFile(w.cfg.File)
	if err != nil || digest(b) != w.cfg.SHA256 {
		return in, refuse("%s was changed while this run began, so nothing was attempted: run it again", w.cfg.File)
	}
	in.Raw = append(in.Raw, b)
	for _, r := range w.cfg.Rosters {
		w.roster(&in, r)
	}
	p := policyReader{cfg: w.cfg, in: &in, known: systemNames(w.cfg)}
	p.readAll()
	if policy.Stopped(decisive(w.cfg, in.Problems)) {
		return in, refuse("a policy file cannot be used, so nothing was attempted:\n%s", roster.Message(in.Problems, 20))
	}
	return in, nil
}

// decisive leaves out what is wrong in contacts.csv: it decides whom to call, and
// must not keep a leaver in. The problem is told with the night's others.
func decisive(cfg config.Config, problems []access.Problem) []access.Problem {
	var out []access.Problem
	for _, p := range problems {
		if p.File != cfg.Policy.Contacts {
			out = append(out, p)
		}
	}
	return out
}

// roster reads one HR list; what is wrong with it is in its problems.
func (w wiring) roster(in *jobs.Inputs, r config.Roster) {
	f := jobs.RosterFile{Guard: reconcile.RosterGuard{ShrinkPercent: w.cfg.Guards.Roster.ShrinkPercent, GoneMin: w.cfg.Guards.Roster.GoneMin, GonePercent: w.cfg.Guards.Roster.GonePercent, Canaries: r.Canaries}}
	b, err := os.ReadFile(w.cfg.Path(r.File))
	if err != nil {
		f.Roster = access.Roster{Source: r.Name, File: r.File}
		f.Problems = []access.Problem{{Severity: access.Stop, File: r.File, Says: "The file could not be opened: " + cause(err) + ".",
			Meanwhile: "The last accepted list stays in force; nobody new loses access.", Mend: "Put the newest export at " + r.File + "."}}
	} else {
		f.Roster, f.Problems = roster.Read(roster.Source{Name: r.Name, File: r.File, Columns: r.Columns, Statuses: r.Statuses, Today: w.run.StartedAt}, b)
	}
	f.Received = roster.Count(f.Roster, f.Problems).Received
	// The digest is of the normal form, which the archive keeps; only of a file
	// that has none is it that of the original.
	in.Digests = append(in.Digests, access.Input{Name: "roster:" + string(r.Name), File: r.File, SHA256: cmp.Or(f.Roster.SHA256, f.Roster.Original)})
	if encoded, err := roster.Encode(f.Roster.Rows); err == nil && len(f.Roster.Rows) > 0 && !roster.Stopped(f.Problems) {
		in.Raw = append(in.Raw, encoded)
	}
	in.Rosters = append(in.Rosters, f)
}

// cause is the system's own word for what went wrong, without the path.
func cause(err error) string {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err.Error()
	}
	return err.Error()
}

// policyReader reads the policy files into the inputs, each with its digest.
type policyReader struct {
	cfg   config.Config
	in    *jobs.Inputs
	known []access.System
}

func (p policyReader) readAll() {
	f, to := p.cfg.Policy, &p.in.Policy
	p.file("rolemap", f.RoleMap, func(name string, b []byte) (problems []access.Problem) {
		to.RoleMap, problems = policy.ReadRoleMap(name, b, p.known...)
		return problems
	})
	p.file("exceptions", f.Exceptions, func(name string, b []byte) (problems []access.Problem) {
		to.Exceptions, problems = policy.ReadExceptions(name, b, p.known...)
		return problems
	})
	p.file("nonhuman", f.NonHuman, func(name string, b []byte) (problems []access.Problem) {
		to.NonHuman, problems = policy.ReadNonHuman(name, b, p.known...)
		return problems
	})
	p.file("links", f.Links, func(name string, b []byte) (problems []access.Problem) {
		to.Links, problems = policy.ReadLinks(name, b, p.known...)
		return problems
	})
	p.file("answers", f.Answers, func(name string, b []byte) (problems []access.Problem) {
		to.Answers, problems = policy.ReadAnswers(name, b)
		return problems
	})
	p.file("contacts", f.Contacts, func(name string, b []byte) (problems []access.Problem) {
		to.Contacts, problems = policy.ReadContacts(name, b, p.known...)
		return problems
	})
}

// file reads one policy file, if the configuration names it.
func (p policyReader) file(what, file string, read func(name string, b []byte) []access.Problem) {
	if file == "" {
		return
	}
	b, err := os.ReadFile(p.cfg.Path(file))
	if err != nil {
		p.in.Problems = append(p.in.Problems, access.Problem{Severity: access.Stop, File: file, Says: "The file could not be opened: " + cause(err) + ".",
			Meanwhile: "The run was refused; nothing was changed.", Mend: "Put the file there, or take policy." + what + " out of " + p.cfg.File + "."})
		return
	}
	p.in.Problems = append(p.in.Problems, read(file, b)...)
	p.in.Digests = append(p.in.Digests, access.Input{Name: what, File: file, SHA256: digest(b)})
	p.in.Raw = append(p.in.Raw, b)
}
