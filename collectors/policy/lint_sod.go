package policy

import (
	"rollcall/internal/access"
	"rollcall/internal/csvfile"
)

// pairsGivenByPolicy finds pairs that the role map itself hands out: by one
// line, or by two lines of one role that require a side each.
func pairsGivenByPolicy(l *linter) {
	for _, s := range l.p.SoD {
		if n, ok := l.givenByOne(s); ok {
			l.note(s.Line, "rule", s.Rule, "Narrow that line, or delete this one.", "%s row %d alone allows both sides.", l.p.RoleMap.Rules[n].File, l.p.RoleMap.Rules[n].Row)
			continue
		}
		if a, b, ok := l.requiredByOne(s); ok {
			l.note(s.Line, "rule", s.Rule, "Split the role, or delete this line.", "The role %q requires both sides (%s rows %d and %d).",
				csvfile.Shown(a.Role), a.File, min(a.Row, b.Row), max(a.Row, b.Row))
		}
	}
}

// givenByOne finds a line that covers two different rights, one of each side.
func (l *linter) givenByOne(s access.SoD) (int, bool) {
	left, right := l.covered(s.Left), l.covered(s.Right)
	for n, r := range l.live {
		if within(s.Left, r.Right()) && within(s.Right, r.Right()) {
			return n, true
		}
		a, b := common(l.covers[n], left), common(l.covers[n], right)
		if len(a) > 0 && len(b) > 0 && (len(a) > 1 || len(b) > 1 || a[0] != b[0]) {
			return n, true
		}
	}
	return 0, false
}

// common gives what is in both lists, which ascend.
func common(a, b []int32) []int32 {
	var both []int32
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0] < b[0]:
			a = a[1:]
		case a[0] > b[0]:
			b = b[1:]
		default:
			both = append(both, a[0])
			a, b = a[1:], b[1:]
		}
	}
	return both
}

// requiredByOne finds two required lines of one role and for some of the same
// people that each lie within a side.
func (l *linter) requiredByOne(s access.SoD) (left, right access.Rule, ok bool) {
	for _, a := range l.live {
		if a.Requirement != access.Required || !within(a.Right(), s.Left) {
			continue
		}
		for _, b := range l.live {
			if b.Requirement == access.Required && b.Role == a.Role && within(b.Right(), s.Right) && !same(a.Right(), b.Right()) && l.share(a, b) {
				return a, b, true
			}
		}
	}
	return access.Rule{}, access.Rule{}, false
}

func pairsOfNothing(l *linter) {
	for _, s := range l.p.SoD {
		for _, side := range []struct {
			column  string
			pattern access.Right
		}{{"left_entitlement", s.Left}, {"right_entitlement", s.Right}} {
			if l.known(side.pattern.System) && l.possible(side.pattern) && len(l.covered(side.pattern)) == 0 {
				l.note(s.Line, side.column, side.pattern.Entitlement, "Correct the name, or delete the line."+l.elsewhere(side.pattern),
					"The last night found nothing that this side names, so nobody can be in conflict.")
			}
		}
	}
}

func pairsThatOverlap(l *linter) {
	for _, s := range l.p.SoD {
		if both := common(l.covered(s.Left), l.covered(s.Right)); len(both) > 0 {
			e := l.rights[both[0]].is
			l.note(s.Line, "rule", s.Rule, "Narrow one side.", "Both sides mean %s %q; a right is no conflict with itself.", e.Kind, csvfile.Shown(e.Name))
		}
	}
}
