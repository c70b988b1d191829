package reconcile

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"rollcall/internal/access"
)

// moving gives a world people who changed their job, and removals that were
// announced. It draws from numbers of its own, so that a seed's world stays what it
// was.
func moving(seed uint64, w World) World {
	r := random{rand.New(rand.NewPCG(seed, 9))}
	w.Settings.Removal.Movers, w.Settings.Removal.Enforce, w.Settings.Mode = r.chance(90), r.chance(90), access.Enforce
	w.Settings.MoverDays = pick(r, 1, 7, 30)
	for n := range w.Rosters {
		if r.chance(85) {
			w.Rosters[n].Verdict.Refusal = nil
		}
		for _, i := range w.Rosters[n].Rows {
			if r.chance(70) {
				w.Memory.Moves[i.Key()] = []access.Move{{Title: pick(r, "Engineer", "Clerk", "Cook"), Department: pick(r, "Sales", "Legal"), Until: midnight.AddDate(0, 0, -pick(r, 2, 8, 31, 60))}}
			}
		}
	}
	rule := func(row int, title, system, kind, entitlement string) access.Rule {
		return access.Rule{Line: access.Line{File: "rolemap.csv", Row: row}, Title: title, System: system, Kind: kind, Entitlement: entitlement}
	}
	w.Policy.RoleMap.Rules = append(w.Policy.RoleMap.Rules, rule(50, "Cook", "*", "", "*"), rule(51, "Clerk", "okta", "app", pick(r, "app", "other")),
		rule(52, "Engineer", pick(r, "sso", "aws"), "", pick(r, "PS", "other")))
	if r.chance(60) {
		r.calm(&w)
	}
	if r.chance(75) {
		allRead(&w)
	}
	for n := range w.Systems {
		o := &w.Systems[n]
		for a := range o.Accounts {
			switch acc := &o.Accounts[a]; {
			case acc.Kind == access.IAMUser && r.chance(60):
				kind := pick(r, access.IAMGroup, access.IAMPolicy, access.IAMInlinePolicy)
				grants{o}.add(uint32(a), r.right(o, access.Entitlement{Scope: acc.Scope, Kind: kind, ID: fmt.Sprint("I", a), Denies: r.chance(20), Editable: true, Read: acc.Read}), 0)
			case acc.Kind == access.OktaUser && r.chance(30):
				grants{o}.add(uint32(a), uint32(slices.IndexFunc(o.Entitlements, func(e access.Entitlement) bool { return e.ID == "app" })), 0)
			}
		}
	}
	return r.announced(w)
}

// calm makes a world in which most people plainly work here and are known by their
// ids, so that something can be taken from them.
func (r random) calm(w *World) {
	w.Settings.Protected, w.Policy.Links, w.Policy.Answers, w.Policy.RoleMap.Rules = nil, nil, nil, w.Policy.RoleMap.Rules[max(0, len(w.Policy.RoleMap.Rules)-4):]
	w.Memory.Blocked = map[access.AccountKey]access.BlockRecord{}
	people := &w.Rosters[slices.IndexFunc(w.Rosters, func(s SourceRoster) bool { return s.Verdict.Source == "employees" })]
	people.Rows = nil
	for n := range 9 {
		i := access.Identity{Source: "employees", EmployeeID: access.EmployeeID(fmt.Sprint(n)), Name: fmt.Sprint("P", n), Title: pick(r, "Engineer", "Clerk"), Department: "Ops", Status: access.StatusActive, Row: n + 2}
		people.Rows = append(people.Rows, i)
		w.Memory.Moves[i.Key()] = []access.Move{{Title: pick(r, "Cook", "Cook", "Clerk"), Department: pick(r, "Sales", "Legal"), Until: midnight.AddDate(0, 0, -pick(r, 2, 8, 31, 60))}}
	}
	for n := range w.Systems {
		w.Memory.Accounts[w.Systems[n].System] = 100
		for a := range w.Systems[n].Accounts {
			acc := &w.Systems[n].Accounts[a]
			acc.HRID, acc.Email, acc.Login = access.EmployeeID(fmt.Sprint("employees/", a)), "", fmt.Sprint("x", a)
		}
	}
}

// announced announces the removal of some of the rights that somebody holds.
func (r random) announced(w World) World {
	e := Identify(w).e
	w.Memory.Residues = map[string]access.Residue{}
	for s := range e.systems {
		o := &e.systems[s]
		for n, g := range o.Grants {
			if p := e.person(s, int(g.Account)); p == nil || !g.Direct() || !r.chance(80) {
				continue
			}
			f := e.aboutGrant(s, int(g.Account), n, access.MoverResidue)
			finding, _ := findingID(&f)
			w.Memory.Residues[finding] = access.Residue{FindingID: finding, Person: f.Person, Account: f.Account, Kind: f.EntitlementKind, Scope: f.GrantScope, ID: f.EntitlementID,
				AnnouncedAt: midnight.AddDate(0, 0, -pick(r, 0, 2, 8, 31, 60)), RemovingAt: pick(r, time.Time{}, time.Time{}, midnight.AddDate(0, 0, -2))}
		}
	}
	return w
}

// moverLaws are what holds where access of former jobs is taken.
var moverLaws = slices.Concat(everywhere, []law{
	{"what a former job gave is taken only when all of it is so", residuesAreDue},
	{"nothing that is expected goes with it", expectedStays},
	{"without remove.movers nothing is taken from who works here, and all else is the same", moversOffTakesNothing},
	{"an exception never adds what is taken", exceptionAddsNoResidue},
	{"what was taken is not taken again", takenIsDone},
})

func TestRandomWorldsOfMovers(t *testing.T) {
	verbs := map[access.Verb]int{}
	for seed := range seeds(worlds) {
		w := moving(seed, removing(seed, newRandom(seed).world()))
		d := Decide(w)
		obey(t, moverLaws, seed, nil, w, d)
		for _, a := range d.Plan.Actions {
			if a.Mover {
				verbs[a.Verb]++
			}
		}
	}
	for _, v := range []access.Verb{access.OktaLeaveGroup, access.OktaUnassignApp, access.IAMLeaveGroup, access.IAMDetachPolicy, access.IAMDeletePolicy, access.SSODeleteAssignment, access.SSODeleteMembership} {
		if uint64(verbs[v]) < seeds(10) {
			t.Errorf("%s ran %d times: the worlds prove nothing about it", v, verbs[v])
		}
	}
}

func moversOf(p access.Plan) (out []access.Action) {
	for _, a := range slices.Concat(p.Actions, heldActions(p)) {
		if a.Mover {
			out = append(out, a)
		}
	}
	return out
}

// residuesAreDue asks the slow evaluator what the right is, and the world for the
// rest.
func residuesAreDue(t *testing.T, _ random, w World, d Decision) {
	accounts := accountsOf(w)
	refused := slices.ContainsFunc(w.Rosters, func(s SourceRoster) bool { return s.Verdict.Refusal != nil })
	for _, act := range moversOf(d.Plan) {
		o := oracle{w: w, d: d, said: map[string]bool{}}
		p, _ := o.person(act.Person)
		for _, s := range d.Systems {
			for n, g := range s.Grants {
				if ent := s.Entitlements[g.Entitlement]; s.Accounts[g.Account].Key() == act.Account && g.Direct() && ent.Kind == act.EntitlementKind && ent.ID == act.EntitlementID && ent.Scope == act.GrantScope {
					o.grant(s, n, p)
				}
			}
		}
		o2 := oracle{said: map[string]bool{}}
		o2.say(access.MoverResidue, act.Person, act.Account, act.GrantScope, act.EntitlementKind, act.EntitlementID)
		if diff := gocmp.Diff(o2.said, o.said); diff != "" {
			t.Errorf("%s is about what the oracle calls (-residue +found):\n%s", renderAction(act), diff)
		}
		moves := w.Memory.Moves[act.Person]
		told := w.Memory.Residues[act.FindingID].AnnouncedAt
		_, blocked := w.Memory.Blocked[act.Account]
		notice := time.Duration(w.Settings.MoverDays) * 24 * time.Hour
		switch {
		case p.Standing != access.StandingActive:
			t.Errorf("%s is %s: %s", p.Key(), p.Standing, renderAction(act))
		case refused, !w.Settings.Removal.Enforce, !w.Settings.Removal.Movers, blocked, accounts[act.Account].Status != access.AccountActive:
			t.Errorf("refused %t, %+v, blocked %t, %s: %s", refused, w.Settings.Removal, blocked, accounts[act.Account].Status, renderAction(act))
		case told.IsZero() || w.Now.Sub(told) < notice || len(moves) == 0 || w.Now.Sub(moves[len(moves)-1].Until) < notice:
			t.Errorf("moved %v, announced %s: %s", moves, told, renderAction(act))
		case act.Stage != access.Remove || !act.Verb.Separate():
			t.Errorf("it does more than take one right: %s", renderAction(act))
		}
	}
}

// bereft takes rights from accounts, with what they carry.
func bereft(o access.Observation, actions []access.Action) access.Observation {
	o.Grants = slices.Clone(o.Grants)
	for _, act := range actions {
		is := func(g access.Grant, ent uint32) bool {
			e := o.Entitlements[ent]
			return o.Accounts[g.Account].Key() == act.Account && e.Kind == act.EntitlementKind && e.ID == act.EntitlementID && e.Scope == act.GrantScope
		}
		o.Grants = slices.DeleteFunc(o.Grants, func(g access.Grant) bool {
			return g.Direct() && is(g, g.Entitlement) || !g.Direct() && is(g, g.Carrier-1)
		})
	}
	return o
}

// expectedStays: every right that policy lets somebody have is held by some path
// after all of it is taken, held back or not.
func expectedStays(t *testing.T, _ random, w World, d Decision) {
	taken := moversOf(d.Plan)
	for _, o := range d.Systems {
		after := bereft(o.Observation, taken)
		for n, g := range o.Grants {
			if o.Verdicts[n].Expected() && !slices.ContainsFunc(after.Grants, func(x access.Grant) bool { return x.Account == g.Account && x.Entitlement == g.Entitlement }) {
				t.Errorf("%s loses %s, which policy lets them have", o.Accounts[g.Account].Key(), o.Entitlements[g.Entitlement].ID)
			}
		}
	}
}

func moversOffTakesNothing(t *testing.T, _ random, w World, d Decision) {
	w.Settings.Removal.Movers = false
	off := Decide(w)
	if n := len(moversOf(off.Plan)); n > 0 || len(off.Residues) > 0 {
		t.Errorf("%d actions, %d announced", n, len(off.Residues))
	}
	on := planned(d.Plan)
	for _, a := range moversOf(d.Plan) {
		on = slices.DeleteFunc(on, func(id string) bool { return id == a.ID })
	}
	if !slices.Equal(planned(off.Plan), on) {
		t.Errorf("other actions differ (-off +on):\n%s", gocmp.Diff(planned(off.Plan), on))
	}
}

func exceptionAddsNoResidue(t *testing.T, r random, w World, d Decision) {
	w.Policy.Exceptions = append(slices.Clone(w.Policy.Exceptions), r.exception(9))
	before := planned(d.Plan)
	for _, id := range planned(Decide(w).Plan) {
		if !slices.Contains(before, id) {
			t.Errorf("an exception adds %s", id)
		}
	}
}

// takenIsDone: after the plan nothing more of it is planned but what a guard held,
// and what is given again is announced again before it is taken.
func takenIsDone(t *testing.T, _ random, w World, d Decision) {
	next := w
	next.Systems = slices.Clone(w.Systems)
	done := slices.DeleteFunc(slices.Clone(d.Plan.Actions), func(a access.Action) bool { return !a.Mover })
	for n := range next.Systems {
		next.Systems[n] = bereft(next.Systems[n], done)
	}
	var outcomes []access.Outcome
	for _, a := range done {
		outcomes = append(outcomes, access.Outcome{Action: a, Result: access.Done, PlannedAt: w.Now, SentAt: w.Now, VerifiedAt: w.Now})
	}
	next.Memory = Remember(w, d, outcomes, "run")
	held := map[string]bool{}
	for _, h := range d.Plan.Held {
		held[h.Action.ID] = true
	}
	for _, a := range moversOf(Decide(next).Plan) {
		if !held[a.ID] {
			t.Errorf("planned again after it was done: %s", renderAction(a))
		}
	}
	next.Systems = w.Systems
	for _, a := range moversOf(Decide(next).Plan) {
		if slices.ContainsFunc(done, func(b access.Action) bool { return a.ID == b.ID }) {
			t.Errorf("given again, and taken without a notice: %s", renderAction(a))
		}
	}
}
