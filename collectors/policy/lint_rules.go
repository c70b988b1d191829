package policy

import (
	"fmt"
	"strings"

	"rollcall/internal/access"
	"rollcall/internal/csvfile"
)

// alike reports whether two lines are about the same people and rights.
func alike(a, b access.Rule) bool {
	return samePeople(a, b) && same(a.Right(), b.Right()) && a.Requirement == b.Requirement
}

func samePeople(a, b access.Rule) bool { return peopleWithin(a, b) && peopleWithin(b, a) }

func peopleWithin(inner, outer access.Rule) bool {
	return globWithin(inner.Title, outer.Title) && globWithin(inner.Department, outer.Department) && globWithin(inner.WorkerType, outer.WorkerType)
}

// outlasts reports whether a line counts at least as long as another.
func outlasts(a, b access.Rule) bool {
	return a.ExpiresOn.IsZero() || !b.ExpiresOn.IsZero() && !a.ExpiresOn.At.Before(b.ExpiresOn.At)
}

// replaces reports whether without the later line nothing would be different:
// the earlier one is about all of its people and rights, for as long, and asks
// for as much. A required line asks for one right of its pattern, so only an
// equal pattern asks for the same.
func replaces(earlier, later access.Rule) bool {
	if !peopleWithin(later, earlier) || !within(later.Right(), earlier.Right()) || !outlasts(earlier, later) {
		return false
	}
	return later.Requirement == access.Allowed ||
		earlier.Requirement == access.Required && same(earlier.Right(), later.Right())
}

// replaced gives each live line that an earlier one replaces, with the first
// such line.
func (l *linter) replaced(yield func(earlier, later access.Rule) bool) {
	for n, later := range l.live {
		for m, earlier := range l.live {
			if m >= n {
				break
			}
			if replaces(earlier, later) {
				if !yield(earlier, later) {
					return
				}
				break
			}
		}
	}
}

func sameLines(l *linter) {
	for earlier, later := range l.replaced {
		if alike(earlier, later) {
			l.note(later.Line, "", "", "Delete one of them.", "Row %d says the same.", earlier.Row)
		}
	}
}

func unreachableRules(l *linter) {
	for earlier, later := range l.replaced {
		if !alike(earlier, later) {
			l.note(later.Line, "", "", fmt.Sprintf("Delete it, or narrow row %d if that was not meant to allow so much.", earlier.Row),
				"Row %d already says all that this line says: it is never needed.", earlier.Row)
		}
	}
}

func overlappingRequired(l *linter) {
	for n, later := range l.live {
		for m, earlier := range l.live {
			if m >= n {
				break
			}
			if later.Requirement != access.Required || earlier.Requirement != access.Required || replaces(earlier, later) {
				continue
			}
			a, b := earlier.Right(), later.Right()
			if (within(a, b) || within(b, a)) && l.share(earlier, later) {
				l.note(later.Line, "requirement", string(later.Requirement), "Keep the line that means more people, or write allowed in one of them.",
					"Row %d requires it of some of the same people: who lacks it is told of twice.", earlier.Row)
				break
			}
		}
	}
}

// share reports whether two lines are about some of the same people: one is
// about all of the other's, or somebody is there whom both mean.
func (l *linter) share(a, b access.Rule) bool {
	if peopleWithin(a, b) || peopleWithin(b, a) {
		return true
	}
	for _, p := range l.profiles {
		if a.Fits(p.Profile) && b.Fits(p.Profile) {
			return true
		}
	}
	return false
}

func rulesForNobody(l *linter) {
	if len(l.f.Lists) == 0 || len(l.f.Unread) > 0 {
		return
	}
	for _, r := range l.live {
		if l.heads(r) == 0 {
			l.note(r.Line, "", "", "Correct the title, department or worker type, or delete the line.",
				"Nobody in HR's lists has %s.", whom(r))
		}
	}
}

// heads counts the people whom a rule is about.
func (l *linter) heads(r access.Rule) int {
	n := 0
	for _, p := range l.profiles {
		if r.Fits(p.Profile) {
			n += p.heads
		}
	}
	return n
}

// whom says which people a rule is about.
func whom(r access.Rule) string {
	var parts []string
	for _, one := range [][2]string{{"title", r.Title}, {"department", r.Department}, {"worker type", r.WorkerType}} {
		if one[1] != "" {
			parts = append(parts, fmt.Sprintf("%s %q", one[0], csvfile.Shown(one[1])))
		}
	}
	if parts == nil {
		return "a place in them: they are empty"
	}
	return strings.Join(parts, " and ")
}

func rulesForNothing(l *linter) {
	for n, r := range l.live {
		if len(l.covers[n]) == 0 && l.known(r.System) && l.possible(r.Right()) {
			l.note(r.Line, "entitlement", r.Entitlement, "Correct the name, or delete the line."+l.elsewhere(r.Right()),
				"The last night found nothing that this line names.")
		}
	}
}

// elsewhere says what has the same name and is something else.
func (l *linter) elsewhere(p access.Right) string {
	name := strings.ToLower(p.Entitlement)
	for n := range l.rights {
		if l.rights[n].folded.Name == name {
			e := l.rights[n].is
			place := string(e.System)
			if e.Scope != "" {
				place += " " + e.Scope
			}
			return fmt.Sprintf(" There is one of the same name: %s %q in %s.", e.Kind, csvfile.Shown(e.Name), place)
		}
	}
	return ""
}

func expiredRules(l *linter) {
	for _, r := range l.p.RoleMap.Rules {
		switch {
		case l.over(r.ExpiresOn):
			l.add(access.Note, r.Line, "expires_on", r.ExpiresOn.String(), "The line has ended.", "It grants nothing any more.", "Delete it, or approve it anew with a later day.")
		case l.soon(r.ExpiresOn):
			l.note(r.Line, "expires_on", r.ExpiresOn.String(), "Approve it anew with a later day, or let it end.", "The line ends within %d days.", soonDays)
		}
	}
}
