package policy

import (
	"cmp"
	"slices"
	"strings"

	"rollcall/internal/access"
)

const (
	typeOkta = "okta"
	typeAWS  = "aws"
)

// kindsOf are the kinds of entitlement that a type of system has.
var kindsOf = map[string][]string{typeOkta: kinds[:4], typeAWS: kinds[4:]}

// named is one place of the policy that names rights.
type named struct {
	line            access.Line
	kindAt, scopeAt string // the columns
	means           string // what follows from its matching nothing
	pattern         access.Right
}

// patterns gives every place that names rights, in the order of the files.
func (l *linter) patterns() []named {
	var out []named
	for _, r := range l.p.RoleMap.Rules {
		out = append(out, named{line: r.Line, kindAt: "kind", scopeAt: "scope", means: ruleSheet.held, pattern: r.Right()})
	}
	for _, x := range l.p.Exceptions {
		out = append(out, named{line: x.Line, kindAt: "kind", scopeAt: "scope", means: "This line allows nothing.", pattern: exceptionPattern(x)})
	}
	for _, s := range l.p.SoD {
		out = append(out, named{line: s.Line, kindAt: "left_kind", scopeAt: "left_scope", means: sodSheet.held, pattern: s.Left},
			named{line: s.Line, kindAt: "right_kind", scopeAt: "right_scope", means: sodSheet.held, pattern: s.Right})
	}
	return out
}

// typesOf gives the types of the systems that a pattern means; none when one of
// them is not known.
func (l *linter) typesOf(system string) []string {
	var types []string
	for _, s := range l.f.Systems {
		if access.Glob(system, string(s.Name)) {
			if kindsOf[s.Type] == nil {
				return nil
			}
			types = append(types, s.Type)
		}
	}
	return types
}

// kindPossible reports whether some system that is meant can have a kind that
// is meant.
func (l *linter) kindPossible(p access.Right) bool {
	types := l.typesOf(p.System)
	return types == nil || slices.ContainsFunc(types, func(t string) bool {
		return slices.ContainsFunc(kindsOf[t], func(k string) bool { return access.Glob(p.Kind, k) })
	})
}

// scopePossible reports whether some system that is meant has scopes, if one is
// asked for. Rights of Okta have none.
func (l *linter) scopePossible(p access.Right) bool {
	types := l.typesOf(p.System)
	return types == nil || access.Glob(p.Scope, "") || slices.Contains(types, typeAWS)
}

func (l *linter) possible(p access.Right) bool { return l.kindPossible(p) && l.scopePossible(p) }

func impossibleKinds(l *linter) {
	for _, n := range l.patterns() {
		if l.kindPossible(n.pattern) {
			continue
		}
		var have []string
		for _, t := range l.typesOf(n.pattern.System) {
			have = append(have, kindsOf[t]...)
		}
		slices.Sort(have)
		l.add(access.Hold, n.line, n.kindAt, n.pattern.Kind, "No such kind of right is in "+cmp.Or(n.pattern.System, "any system")+".", n.means,
			"Use one of "+strings.Join(slices.Compact(have), ", ")+".")
	}
}

func impossibleScopes(l *linter) {
	for _, n := range l.patterns() {
		if l.kindPossible(n.pattern) && !l.scopePossible(n.pattern) {
			l.add(access.Hold, n.line, n.scopeAt, n.pattern.Scope, "Rights of "+cmp.Or(n.pattern.System, "any system")+" have no scope.", n.means,
				"Leave the cell empty. Scopes are for accounts of AWS.")
		}
	}
}

// contactsMissing finds systems for which nobody could be called.
func contactsMissing(l *linter) {
	if l.f.ContactsFile == "" {
		return
	}
	for _, s := range l.f.Systems {
		var missing []string
		for _, need := range []string{"owner", "security", "hr"} {
			if !slices.ContainsFunc(l.p.Contacts, func(c access.Contact) bool {
				return c.Responsibility == need && (c.System == "" || c.System == string(s.Name))
			}) {
				missing = append(missing, need)
			}
		}
		if len(missing) > 0 {
			l.add(access.Note, access.Line{File: l.f.ContactsFile}, "", "", "Nobody is named for "+string(s.Name)+": "+strings.Join(missing, ", ")+".",
				"Notices cannot say whom to call.", "Add a line for each.")
		}
	}
}
