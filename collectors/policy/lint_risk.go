package policy

import (
	"fmt"
	"strings"

	"rollcall/internal/access"
	"rollcall/internal/csvfile"
	"rollcall/internal/phrase"
)

// wildcardsThatAllowAdmin finds the lines that give administrators' rights
// without saying that they do.
func wildcardsThatAllowAdmin(l *linter) {
	const mend = "Name what is meant, or write privileged as the risk, with who approved it."
	for n, r := range l.live {
		if r.Risk == access.RiskPrivileged || !access.Wild(r.Entitlement) {
			continue
		}
		if l.everyAdminRole(r) {
			l.wide(r, mend, "It allows every admin role of Okta, and its risk is %s.", r.Risk)
		} else if names, count := l.privileged(n); count > 0 {
			l.wide(r, mend, "It allows %s of an administrator (%s), and its risk is %s.", phrase.Counted(count, "right"), names, r.Risk)
		}
	}
}

func (l *linter) wide(r access.Rule, mend, says string, args ...any) {
	l.add(access.Wide, r.Line, "entitlement", r.Entitlement, fmt.Sprintf(says, args...), "It allows them all the same.", mend)
}

// everyAdminRole reports whether a line means all admin roles, whatever there
// is in the system.
func (l *linter) everyAdminRole(r access.Rule) bool {
	if !all(r.Entitlement) || !access.Glob(r.Kind, string(access.OktaAdminRole)) {
		return false
	}
	for _, s := range l.f.Systems {
		if s.Type == typeOkta && access.Glob(r.System, string(s.Name)) {
			return true
		}
	}
	return false
}

// privileged names some of the rights that a rule covers and their system calls
// an administrator's, and counts them.
func (l *linter) privileged(rule int) (names string, count int) {
	var some []string
	for _, n := range l.covers[rule] {
		if e := l.rights[n].is; e.Privileged {
			if count++; count <= 3 {
				some = append(some, fmt.Sprintf("%s %s", e.Kind, csvfile.Shown(e.Name)))
			}
		}
	}
	if count > len(some) {
		some = append(some, "...")
	}
	return strings.Join(some, ", "), count
}

func risksBelowFact(l *linter) {
	for n, r := range l.live {
		if r.Risk == access.RiskPrivileged || access.Wild(r.Entitlement) {
			continue
		}
		if names, count := l.privileged(n); count > 0 {
			l.note(r.Line, "risk", string(r.Risk), "Write privileged, with who approved it.", "Its system calls it an administrator's right: %s.", names)
		}
	}
}

func privilegedUnapproved(l *linter) {
	for _, r := range l.live {
		if r.Risk != access.RiskPrivileged {
			continue
		}
		if r.Owner == "" {
			l.note(r.Line, "owner", "", "Write who answers for it.", "Privileged access without an owner.")
		}
		if r.ApprovedBy == "" {
			l.note(r.Line, "approved_by", "", "Write who approved it.", "Privileged access that nobody is named as having approved.")
		}
		if r.ApprovedOn.IsZero() {
			l.note(r.Line, "approved_on", "", "Write the day on which it was approved.", "Privileged access without the day of its approval.")
		}
	}
}

func meaningsMissing(l *linter) {
	for _, r := range l.live {
		if r.Meaning == "" && r.Risk != access.RiskStandard {
			l.note(r.Line, "meaning", "", "Write in plain words what it lets a person do.", "Reviewers are asked about %s access and cannot read what it means.", r.Risk)
		}
	}
}

// contradictingRisks finds lines that give one right another risk than an
// earlier line does.
func contradictingRisks(l *linter) {
	first := make([]int, len(l.rights)) // 1 + the first rule that covers the right
	for n, r := range l.live {
		against, example := 0, ""
		for _, i := range l.covers[n] {
			if first[i] == 0 {
				first[i] = n + 1
			} else if against == 0 && l.p.RoleMap.Rules[first[i]-1].Risk != r.Risk {
				against, example = first[i], l.rights[i].is.Name
			}
		}
		if against == 0 {
			against, example = l.sameRight(n, r), r.Entitlement
		}
		if against > 0 {
			earlier := l.p.RoleMap.Rules[against-1]
			l.note(r.Line, "risk", string(r.Risk), "Give it the same risk in both lines.", "Row %d says that %q is %s.", earlier.Row, csvfile.Shown(example), earlier.Risk)
		}
	}
}

// sameRight is 1 + the first line before n with the same rights and another
// risk, or 0.
func (l *linter) sameRight(n int, r access.Rule) int {
	for m, earlier := range l.live {
		if m >= n {
			break
		}
		if earlier.Risk != r.Risk && same(earlier.Right(), r.Right()) {
			return m + 1
		}
	}
	return 0
}
