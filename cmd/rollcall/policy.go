package main

import (
	"fmt"
	"slices"

	"rollcall/collectors/policy"
	"rollcall/internal/access"
	"rollcall/internal/config"
)

// policyFile is one file of policy as it was read: what it is, and what is wrong
// with it.
type policyFile struct {
	what     string // rolemap, exceptions, ...
	file     string
	raw      []byte // nil: it could not be opened
	lines    int
	problems []access.Problem
	unusable bool
	refuses  bool // and then the night is not attempted
}

// What follows from a file of policy that cannot be used. The registers decide
// whose account it is and which are never touched: without them nothing may be
// decided. The role map and the exceptions decide no departure, and a mistake in
// them must not keep a leaver in.
const (
	refuses   = "Nothing is attempted on any night until it is mended."
	unjudged  = "No grant is judged and no worksheet row is flagged by it; it keeps no departed person in."
	unpaired  = "Rights that no person may hold together are not looked for; it keeps no departed person in."
	standsIn  = "Nobody answers worksheets in anybody's place; it keeps no departed person in."
	callsNone = "Notices cannot say whom to call, and worksheets for owners have no name; it keeps no departed person in."
)

// policyFiles are the files of policy: how each is read, and what follows when
// it cannot be used.
var policyFiles = []struct {
	what, without string
	path          func(config.Policy) string
	read          func(to *access.Policy, name string, b []byte, known []access.System) (lines int, problems []access.Problem)
	drop          func(to *access.Policy) // nil: the night is refused
}{
	{"rolemap", unjudged, func(p config.Policy) string { return p.RoleMap },
		func(to *access.Policy, name string, b []byte, known []access.System) (int, []access.Problem) {
			m, problems := policy.ReadRoleMap(name, b, known...)
			to.RoleMap = m
			return len(m.Rules), problems
		}, func(to *access.Policy) { to.RoleMap, to.RoleMapUnread = access.RoleMap{}, true }},
	{"exceptions", unjudged, func(p config.Policy) string { return p.Exceptions },
		func(to *access.Policy, name string, b []byte, known []access.System) (int, []access.Problem) {
			return kept(&to.Exceptions)(policy.ReadExceptions(name, b, known...))
		}, func(to *access.Policy) { to.Exceptions, to.ExceptionsUnread = nil, true }},
	{"sod", unpaired, func(p config.Policy) string { return p.SoD },
		func(to *access.Policy, name string, b []byte, known []access.System) (int, []access.Problem) {
			return kept(&to.SoD)(policy.ReadSoD(name, b, known...))
		}, func(to *access.Policy) { to.SoD = nil }},
	{"nonhuman", refuses, func(p config.Policy) string { return p.NonHuman },
		func(to *access.Policy, name string, b []byte, known []access.System) (int, []access.Problem) {
			return kept(&to.NonHuman)(policy.ReadNonHuman(name, b, known...))
		}, nil},
	{"links", refuses, func(p config.Policy) string { return p.Links },
		func(to *access.Policy, name string, b []byte, known []access.System) (int, []access.Problem) {
			return kept(&to.Links)(policy.ReadLinks(name, b, known...))
		}, nil},
	{"answers", refuses, func(p config.Policy) string { return p.Answers },
		func(to *access.Policy, name string, b []byte, _ []access.System) (int, []access.Problem) {
			return kept(&to.Answers)(policy.ReadAnswers(name, b))
		}, nil},
	{"contacts", callsNone, func(p config.Policy) string { return p.Contacts },
		func(to *access.Policy, name string, b []byte, known []access.System) (int, []access.Problem) {
			return kept(&to.Contacts)(policy.ReadContacts(name, b, known...))
		}, func(to *access.Policy) { to.Contacts = nil }},
	{"delegates", standsIn, func(p config.Policy) string { return p.Delegates },
		func(to *access.Policy, name string, b []byte, _ []access.System) (int, []access.Problem) {
			return kept(&to.Delegates)(policy.ReadDelegates(name, b))
		}, func(to *access.Policy) { to.Delegates = nil }},
}

// kept keeps the lines that were read and counts them.
func kept[T any](dst *[]T) func([]T, []access.Problem) (int, []access.Problem) {
	return func(lines []T, problems []access.Problem) (int, []access.Problem) {
		*dst = lines
		return len(lines), problems
	}
}

// readPolicy reads every file of policy that the configuration names. Of one that
// cannot be used nothing counts, not even the lines that could be read.
func readPolicy(cfg config.Config) (access.Policy, []policyFile) {
	return readPolicyFrom(cfg, func(_, name string) ([]byte, error) { return readInput(cfg.Path(name)) })
}

// readPolicyFrom is readPolicy with files from elsewhere, by what each is and its name.
func readPolicyFrom(cfg config.Config, open func(what, name string) ([]byte, error)) (access.Policy, []policyFile) {
	var p access.Policy
	var files []policyFile
	for _, f := range policyFiles {
		name := f.path(cfg.Policy)
		if name == "" {
			continue
		}
		one := policyFile{what: f.what, file: name}
		b, err := open(f.what, name)
		if err != nil {
			one.problems = []access.Problem{{Severity: access.Stop, File: name, Says: "It cannot be read: " + reason(err) + ".",
				Mend: fmt.Sprintf("Put it there, or correct policy.%s in %s.", f.what, cfg.File)}}
		} else {
			one.raw = b
			one.lines, one.problems = f.read(&p, name, b, systemNames(cfg))
		}
		if f.what == "rolemap" || f.what == "exceptions" {
			p.LeftOut = append(p.LeftOut, leftOut(one.problems)...)
		}
		if one.unusable = policy.Stopped(one.problems); one.unusable {
			consequence(one.problems, f.without)
			if one.refuses = f.drop == nil; !one.refuses {
				f.drop(&p)
			}
		}
		files = append(files, one)
	}
	return p, files
}

// leftOut are the lines that have no effect.
func leftOut(problems []access.Problem) (lines []access.Line) {
	for _, p := range problems {
		if line := (access.Line{File: p.File, Row: p.Row}); p.Severity == access.Hold && !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	return lines
}

// consequence says in each STOP what follows from it.
func consequence(problems []access.Problem, says string) {
	for n := range problems {
		if problems[n].Severity == access.Stop {
			problems[n].Meanwhile = says
		}
	}
}

// refusing tells the problems that keep a night from being attempted.
func refusing(files []policyFile) []access.Problem {
	var out []access.Problem
	for _, f := range files {
		if f.refuses {
			out = append(out, f.problems...)
		}
	}
	return out
}

func systemNames(cfg config.Config) []access.System {
	var names []access.System
	for _, s := range cfg.Systems {
		names = append(names, s.Name)
	}
	return names
}
