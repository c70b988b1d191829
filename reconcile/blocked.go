package reconcile

import (
	"fmt"
	"slices"
	"strings"

	"rollcall/internal/access"
	"rollcall/internal/phrase"
)

// findBlocked finds an account that rollcall blocked, or of which it removed
// something after somebody else had blocked it, and whose person has not left, or
// not beyond doubt: somebody must look tonight.
func (e *evaluation) findBlocked(s, a int, p *access.Person) {
	if len(e.w.Memory.Blocked)+len(e.w.Memory.Endings) == 0 {
		return
	}
	acc := &e.systems[s].Accounts[a]
	b, ok := e.w.Memory.Blocked[acc.Key()]
	did := "blocked"
	if removing := e.w.Memory.Endings[acc.Key()].RemovingAt; (!ok || !b.Verified) && !removing.IsZero() {
		b, ok, did = access.BlockRecord{At: removing, Verified: true}, true, "removed what was left of"
	}
	if !ok || !b.Verified || !stillBlocked(&e.systems[s], a, e.grantsOf[s].of(a), b) {
		return
	}
	doubt := p.Why
	switch p.Standing {
	case access.StandingActive, access.StandingScheduled:
		doubt = "works here"
	case access.StandingHeld:
	default:
		return
	}
	if b.Order != nil {
		e.addAccount(s, a, access.BlockedActive, "critical", access.ToUrgent, p.Cites,
			"%s %s by the HR list, but %s in %s was blocked by hand on %s%s, ordered by %s. Nothing undoes it: HR and whoever ordered it are to say how it ends",
			p.Name, doubt, acc.Login, acc.System, phrase.Day(b.At), takenWords(b.Taken), b.Order)
		return
	}
	e.addAccount(s, a, access.BlockedActive, "critical", access.ToUrgent, p.Cites,
		"%s %s, but rollcall %s %s in %s on %s%s: restore it if that is right%s; nothing more is removed%s", p.Name, doubt, did, acc.Login, acc.System, phrase.Day(b.At), takenWords(b.Taken), command(b), e.cancelled(acc.Key(), p.Standing))
}

// cancelled says what becomes of a removal when a person is back, or may be: then its
// clock stands.
func (e *evaluation) cancelled(k access.AccountKey, s access.Standing) string {
	end, known := e.w.Memory.Endings[k]
	fate := "waits until it is known whether they left"
	if isBack(s) {
		fate = "is cancelled"
	}
	switch {
	case known && !end.RemovingAt.IsZero():
		return fmt.Sprintf("; its removal began on %s and %s, and what it took does not come back by itself", phrase.Day(end.RemovingAt), fate)
	case known && !end.BlockedAt.IsZero() && !graceFrom(end).IsZero() && e.w.Settings.Removal.Enforce:
		return fmt.Sprintf("; its removal, due on %s, %s", phrase.Day(graceFrom(end).AddDate(0, 0, e.w.Settings.Removal.AfterDays)), fate)
	}
	return ""
}

// command is the one that restores what a block took.
func command(b access.BlockRecord) string {
	if b.Run == "" {
		return ""
	}
	return fmt.Sprintf(" (rollcall restore --run %s --person %s)", b.Run, b.Person)
}

// takenWords names what a block took away.
func takenWords(taken []access.Taken) string {
	if len(taken) == 0 {
		return ""
	}
	var names []string
	for _, t := range taken {
		name := strings.ReplaceAll(string(t.Kind), "_", " ") + " " + t.Name
		if t.Scope != "" {
			name += " in " + t.Scope
		}
		names = append(names, name)
	}
	return " and took " + strings.Join(names, ", ")
}

// stillBlocked reports whether an account that rollcall blocked still is. In
// Identity Center nobody can be disabled: a block there lasts until all that it
// took is held again by some path, or until somebody gave the user something of
// its own since. What groups still carry, and what a block that did only part
// left there, is no proof of that.
func stillBlocked(o *access.Judged, a int, grants []uint32, b access.BlockRecord) bool {
	acc := o.Accounts[a]
	if acc.Kind != access.IdentityCenter {
		return acc.Status != access.AccountActive
	}
	again := 0
	for _, t := range b.Taken {
		if slices.ContainsFunc(grants, func(n uint32) bool {
			ent := o.Entitlements[o.Grants[n].Entitlement]
			return ent.Kind == t.Kind && ent.Scope == t.Scope && ent.ID == t.ID
		}) {
			again++
		}
	}
	ofItsOwn := slices.ContainsFunc(grants, func(n uint32) bool {
		return takeable(o, a, o.Grants[n]) && uint32(o.FirstSeen(int(n))) > days(b.At)
	})
	return !ofItsOwn && (again == 0 || again < len(b.Taken))
}

// takeable reports whether a block takes this grant of an Identity Center user:
// a direct assignment, or a membership in a group of its own directory.
func takeable(o *access.Judged, a int, g access.Grant) bool {
	ent := o.Entitlements[g.Entitlement]
	switch {
	case !g.Direct():
		return false
	case ent.Kind == access.PermissionSet:
		return true
	}
	return ent.Kind == access.SSOGroup && o.Accounts[a].Upstream == "" && ent.Editable
}
