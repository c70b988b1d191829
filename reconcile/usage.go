package reconcile

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/phrase"
)

const oneDay = 24 * time.Hour

// What Settings mean where they leave the days out.
const (
	UsualDormantDays = 45
	UsualKeyDays     = 90
	UsualMoverDays   = 30
)

// findUsage asks about an account that works and that nobody uses, about its
// access keys of long ago, and about a console that a password alone opens.
func (e *evaluation) findUsage(s, a int) {
	acc := &e.systems[s].Accounts[a]
	if acc.Status != access.AccountActive {
		return
	}
	e.findDormant(s, a)
	e.findStaleKeys(s, a)
	if acc.MFA == access.MFANo && (acc.Kind == access.IAMRoot || e.hasConsole(s, a)) {
		severity := "medium"
		if acc.Privileged || acc.Kind == access.IAMRoot {
			severity = "high"
		}
		e.addAccount(s, a, access.NoMFA, severity, access.ToReport, "", "a password alone opens %s in %s: switch a second factor on", acc.Login, acc.System)
	}
}

// findDormant asks about an account that was not used for long. Where the system
// does not tell of use, nothing is said.
func (e *evaluation) findDormant(s, a int) {
	acc := &e.systems[s].Accounts[a]
	if !acc.UsageKnown {
		return
	}
	days := cmp.Or(e.w.Settings.DormantDays, UsualDormantDays)
	last, says := acc.LastUsedAt, "was last used on "
	if last.IsZero() {
		last, says = acc.CreatedAt, "was never used since it was made on "
	}
	if last.IsZero() || e.w.Now.Sub(last) <= time.Duration(days)*oneDay {
		return
	}
	severity := "low"
	if acc.Privileged {
		severity = "medium"
	}
	e.addAccount(s, a, access.DormantAccess, severity, access.ToReview, "", "%s in %s %s%s, more than %d days ago: is it still needed?",
		acc.Login, acc.System, says, phrase.Day(last), days)
}

// hasConsole reports whether the account can open a console by itself.
func (e *evaluation) hasConsole(s, a int) bool {
	o := &e.systems[s]
	return slices.ContainsFunc(e.grantsOf[s].of(a), func(n uint32) bool { return o.Entitlements[o.Grants[n].Entitlement].Kind == access.ConsoleLogin })
}

// findOldKeys finds the access keys of long ago. A system without any has an
// empty list.
func (e *evaluation) findOldKeys() {
	for s := range e.systems {
		o := &e.systems[s]
		old, some := make([]bool, len(o.Entitlements)), false
		for n := range o.Entitlements {
			ent := &o.Entitlements[n]
			old[n] = ent.Kind == access.AccessKey && ent.Credential && !ent.CreatedAt.IsZero() && e.w.Now.Sub(ent.CreatedAt) > time.Duration(e.keyDays())*oneDay
			some = some || old[n]
		}
		if !some {
			old = nil
		}
		e.oldKeys = append(e.oldKeys, old)
	}
}

func (e *evaluation) keyDays() int { return cmp.Or(e.w.Settings.KeyDays, UsualKeyDays) }

// findStaleKeys asks for new access keys.
func (e *evaluation) findStaleKeys(s, a int) {
	o := &e.systems[s]
	if e.oldKeys[s] == nil {
		return
	}
	for _, n := range e.grantsOf[s].of(a) {
		ent := &o.Entitlements[o.Grants[n].Entitlement]
		if !e.oldKeys[s][o.Grants[n].Entitlement] {
			continue
		}
		used := "when it was last used is not known"
		if last := o.Grants[n].LastUsedAt(); !last.IsZero() {
			used = "it was last used on " + phrase.Day(last)
		}
		e.addGrant(s, a, int(n), access.StaleKey, "medium", access.ToReview, "", fmt.Sprintf("%s of %s in %s is of %s, more than %d days old; %s: make a new one, then delete this",
			ent.Name, o.Accounts[a].Login, o.System, phrase.Day(ent.CreatedAt), e.keyDays(), used))
	}
}

// findGlass calls security when a break-glass account was used since the last
// night: by the fact of its last use, or by its system's own log, which has also what
// nobody signed in for, and may have it late. The first night that sees an account
// asks about the last day only.
func (e *evaluation) findGlass(s, a int, reg access.NonHuman) {
	acc := e.systems[s].Accounts[a]
	if reg.Kind != access.KindBreakGlass {
		return
	}
	u, more := e.newUses(acc)
	if u.At.IsZero() {
		return
	}
	how := howUsed(u)
	switch {
	case more == 1:
		how += ", and once more since the last night"
	case more > 1:
		how += fmt.Sprintf(", and %d more times since the last night", more)
	}
	e.addAccount(s, a, access.BreakGlassUsed, "critical", access.ToUrgent, cite(reg.File, reg.Row), "the break-glass account %s in %s was used on %s%s: who used it, and why? Call security if nobody can say",
		acc.Login, acc.System, phrase.Minute(u.At), how)
}

// newUses is the last use of an account that no earlier night told, and how many more
// the log has.
func (e *evaluation) newUses(acc access.Account) (last access.Use, more int) {
	since, known := e.w.Memory.GlassUsed[acc.Key()]
	if !known {
		since = e.w.Now.Add(-oneDay)
	}
	told := e.w.Memory.Watched[acc.Key()].Seen
	for _, u := range e.uses[acc.Key()] {
		if slices.Contains(told, u.ID) {
			continue
		}
		if more++; u.At.After(last.At) {
			last = u.Use()
		}
	}
	if acc.LastUsedAt.After(since) && acc.LastUsedAt.Truncate(time.Minute).After(last.At) {
		return access.Use{At: acc.LastUsedAt}, more
	}
	return last, max(0, more-1)
}

// glassUsed remembers when break-glass accounts were last used; one that was not
// read tonight keeps what is known.
func glassUsed(w World, d Decision) map[access.AccountKey]time.Time {
	out := map[access.AccountKey]time.Time{}
	for k, at := range w.Memory.GlassUsed {
		out[k] = at
	}
	for s := range d.Systems {
		o := &d.Systems[s]
		for a, m := range o.Matches {
			if acc := o.Accounts[a]; m.How == access.MatchedNonHuman && w.Policy.NonHuman[m.NonHuman].Kind == access.KindBreakGlass {
				if was, known := out[acc.Key()]; !known || acc.LastUsedAt.After(was) {
					out[acc.Key()] = acc.LastUsedAt
				}
			}
		}
	}
	return out
}
