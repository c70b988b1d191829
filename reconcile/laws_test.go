package reconcile

import (
	"reflect"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"rollcall/internal/access"
)

// Laws about what follows, or does not, when one thing of a world is changed.

// adds says which actions a second plan has that the first one has not, running
// or held.
func adds(before, after access.Plan) (more []string) {
	had := planned(before)
	for _, a := range slices.Concat(after.Actions, heldActions(after)) {
		if _, has := slices.BinarySearch(had, a.ID); !has {
			more = append(more, renderAction(a))
		}
	}
	return more
}

// orderOfPolicyIsIrrelevant: what a finding cites depends on which line is first,
// and of two answers of one day the later one counts; what is planned depends on
// neither.
func orderOfPolicyIsIrrelevant(t *testing.T, r random, w World, d Decision) {
	p := &w.Policy
	p.RoleMap.Rules = permuted(p.RoleMap.Rules, r.Perm(len(p.RoleMap.Rules)))
	p.Exceptions = permuted(p.Exceptions, r.Perm(len(p.Exceptions)))
	p.SoD = permuted(p.SoD, r.Perm(len(p.SoD)))
	p.Links = permuted(p.Links, r.Perm(len(p.Links)))
	p.NonHuman = permuted(p.NonHuman, r.Perm(len(p.NonHuman)))
	if !sameDay(p.Answers) {
		p.Answers = permuted(p.Answers, r.Perm(len(p.Answers)))
	}
	if again := Decide(w).Plan.Actions; !reflect.DeepEqual(d.Plan.Actions, again) {
		t.Errorf("another order of the lines plans something else:\n%s", gocmp.Diff(d.Plan.Actions, again))
	}
}

// sameDay reports whether two answers about one person are of one day.
func sameDay(answers []access.Answer) bool {
	for n, a := range answers {
		if slices.ContainsFunc(answers[:n], func(b access.Answer) bool { return a.Person == b.Person && a.ConfirmedOn.At.Equal(b.ConfirmedOn.At) }) {
			return true
		}
	}
	return false
}

// brokenScopeAddsNothing: a scope that was cut off lets nothing run that rests on
// it, and its gap is no reason to do anything anywhere.
func brokenScopeAddsNothing(t *testing.T, r random, w World, d Decision) {
	s := r.IntN(len(w.Systems))
	n := r.IntN(len(w.Systems[s].Reads))
	w.Systems = slices.Clone(w.Systems)
	w.Systems[s] = r.cutOff(w.Systems[s], n)
	plan, scope := Decide(w).Plan, w.Systems[s].Reads[n].Name()
	if more := adds(d.Plan, plan); more != nil {
		t.Errorf("with %s cut off there is more to do: %q", scope, more)
	}
	for _, a := range plan.Actions {
		if slices.Contains(a.Rests, scope) {
			t.Errorf("%s was cut off, and yet: %s", scope, renderAction(a))
		}
	}
}

// cutOff is what a collector saw whose scope n ended early: some of what its
// accounts hold, and of who holds its rights, is not there.
func (r random) cutOff(o access.Observation, n int) access.Observation {
	o.Reads = slices.Clone(o.Reads)
	o.Reads[n].Complete, o.Reads[n].Gap = false, "cut off"
	o.Grants = slices.DeleteFunc(slices.Clone(o.Grants), func(g access.Grant) bool {
		return r.chance(50) && (o.Entitlements[g.Entitlement].Read == n || o.Accounts[g.Account].Read == n)
	})
	return o
}

// listNeverReadRunsNothing: without a list in force there are no leavers of it.
func listNeverReadRunsNothing(t *testing.T, r random, w World, d Decision) {
	w.Rosters = slices.Clone(w.Rosters)
	n := r.IntN(len(w.Rosters))
	s := &w.Rosters[n]
	s.Rows, s.Vanished, s.Verdict.InForce = nil, nil, access.AcceptedRoster{}
	for _, a := range Decide(w).Plan.Actions {
		if a.Person.Source == s.Verdict.Source {
			t.Errorf("%s was never read, and yet: %s", s.Verdict.Source, renderAction(a))
		}
	}
}

// protectingStopsOnlyThat: an account of the plan is put on the protected list.
func protectingStopsOnlyThat(t *testing.T, r random, w World, d Decision) {
	if len(d.Plan.Actions) == 0 {
		return
	}
	a := pick(r, d.Plan.Actions...)
	w.Settings.Protected = append(slices.Clone(w.Settings.Protected), string(a.Account.System)+":"+string(a.Account.ID))
	plan := Decide(w).Plan
	before := d.Plan // but its removes, which are not even planned of what is protected
	before.Actions = slices.DeleteFunc(slices.Clone(before.Actions), func(b access.Action) bool {
		return b.Stage == access.Remove && b.Account.System == a.Account.System && b.Account.ID == a.Account.ID
	})
	before.Held = slices.DeleteFunc(slices.Clone(before.Held), func(h access.Held) bool {
		return h.Action.Stage == access.Remove && h.Action.Account.System == a.Account.System && h.Action.Account.ID == a.Account.ID
	})
	if diff := gocmp.Diff(planned(before), planned(plan)); diff != "" {
		t.Errorf("protecting %s plans something else:\n%s", a.Account, diff)
	}
	for _, b := range plan.Actions {
		if b.Account.System == a.Account.System && b.Account.ID == a.Account.ID {
			t.Errorf("%s is protected and runs", renderAction(b))
		}
	}
}

// superAdminIsLeft: who can give everybody their access back must not be the last
// to lose it. Whose roles were not read is nobody who stays.
func superAdminIsLeft(t *testing.T, _ random, w World, d Decision) {
	for n, o := range w.Systems {
		if before, after := superAdminsOf(o), superAdminsOf(applied(w.Systems[n], d.Plan.Actions)); before > 0 && after == 0 {
			t.Errorf("%s has no super admin any more", o.System)
		}
	}
}

// superAdminsOf counts the people's accounts that work and of which it was read
// that they are super admins.
func superAdminsOf(o access.Observation) int {
	who := map[uint32]bool{}
	for _, g := range o.Grants {
		e, a := o.Entitlements[g.Entitlement], o.Accounts[g.Account]
		if e.Kind == access.OktaAdminRole && e.ID == "SUPER_ADMIN" && a.Status == access.AccountActive && a.Kind != access.OktaClient {
			who[g.Account] = true
		}
	}
	return len(who)
}

// runsWithinLimits counts anew what runs: first blocks per system and in all, in
// a night and in a week, and what cannot be undone. Nothing runs where no earlier
// night tells how many there are.
func runsWithinLimits(t *testing.T, _ random, w World, d Decision) {
	l := w.Settings.Limits.defaults()
	first := map[access.System]map[access.AccountKey]bool{"": {}}
	forEver, before := 0, 0
	for _, b := range w.Memory.Blocked {
		for _, f := range b.Final {
			again := slices.ContainsFunc(d.Plan.Actions, func(a access.Action) bool {
				return a.Account == b.Account && a.Verb == f.Verb && a.EntitlementID == f.ID
			})
			if w.Now.Sub(f.At) < 12*time.Hour && !again {
				before++
			}
		}
	}
	for _, a := range d.Plan.Actions {
		if !a.Undoable && a.Stage == access.Block {
			forEver++
		}
		if _, has := w.Memory.Accounts[a.Account.System]; !has && w.Settings.Mode == access.Enforce {
			t.Errorf("%s runs without a baseline", renderAction(a))
		}
		for _, s := range []access.System{a.Account.System, ""} {
			if first[s] == nil {
				first[s] = map[access.AccountKey]bool{}
			}
			if !w.Memory.Blocked[a.Account].Verified && a.Stage == access.Block {
				first[s][a.Account] = true
			}
		}
	}
	if forEver > 0 && forEver+before > l.Irreversible {
		t.Errorf("%d actions that cannot be undone run, after %d of this night; %d may", forEver, before, l.Irreversible)
	}
	at := map[access.AccountKey]time.Time{}
	for k, b := range w.Memory.Blocked {
		at[k] = b.At
	}
	for s, accounts := range first {
		withinRamp(t, w, s, "blocked", len(accounts), at, ramp{l.NightMin, l.NightPercent, l.WeekMin, l.WeekPercent})
	}
}

// ramp is how many accounts may be touched for the first time in a night and in a week:
// so many, or so many in a hundred.
type ramp struct{ nightMin, nightPercent, weekMin, weekPercent int }

// withinRamp counts anew, for one system or for all: tonight's accounts, beside those of
// which at says when they were touched first.
func withinRamp(t *testing.T, w World, s access.System, done string, tonight int, at map[access.AccountKey]time.Time, may ramp) {
	night, week, all := tonight, tonight, 0
	for k, first := range at {
		if s != "" && k.System != s {
			continue
		}
		if w.Now.Sub(first) < 12*time.Hour {
			night++
		}
		if w.Now.Sub(first) < 7*24*time.Hour {
			week++
		}
	}
	for name, n := range w.Memory.Accounts {
		if s == "" || name == s {
			all += n
		}
	}
	if tonight > 0 && (night > max(may.nightMin, all*may.nightPercent/100) || week > max(may.weekMin, all*may.weekPercent/100)) {
		t.Errorf("%q: %d of tonight and %d of the week would be %s: more than may", s, night, week, done)
	}
}

// removesWithinLimits counts anew of how many accounts something is removed for the
// first time, in a night and in a week.
func removesWithinLimits(t *testing.T, _ random, w World, d Decision) {
	l := w.Settings.Limits.defaults()
	at := map[access.AccountKey]time.Time{}
	for k, end := range w.Memory.Endings {
		at[k] = end.RemovingAt
	}
	for _, s := range []access.System{"", "okta", "aws", "sso"} {
		first := map[access.AccountKey]bool{}
		for _, a := range d.Plan.Actions {
			if a.Stage == access.Remove && (s == "" || a.Account.System == s) && at[a.Account].IsZero() {
				first[a.Account] = true
			}
		}
		withinRamp(t, w, s, "removed", len(first), at, ramp{l.RemoveNightMin, l.RemoveNightPercent, l.RemoveWeekMin, l.RemoveWeekPercent})
	}
}
