package reconcile

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	diff "github.com/google/go-cmp/cmp"

	"rollcall/internal/access"
)

// TestRandomRestorations blocks people of random worlds, lets HR take some of it
// back, and restores.
func TestRandomRestorations(t *testing.T) {
	restored, refused := 0, 0
	for seed := range seeds(1000) {
		one, other := playRestore(t, seed)
		restored, refused = restored+one, refused+other
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
	if uint64(restored) < seeds(50) || uint64(refused) < seeds(90) {
		t.Errorf("%d restored, %d refused: the worlds are too quiet", restored, refused)
	}
}

func FuzzRestore(f *testing.F) {
	f.Add(uint64(1))
	f.Fuzz(func(t *testing.T, seed uint64) { playRestore(t, seed) })
}

func playRestore(t *testing.T, seed uint64) (restored, refused int) {
	r := newRandom(seed)
	w := r.world()
	night := Decide(w)
	asked := Asked{Run: "night", Reason: "HR's mistake"}
	for _, a := range night.Plan.Actions {
		asked.Done = append(asked.Done, Done{Outcome: access.Outcome{Action: a, Result: access.Done, VerifiedAt: w.Now, Before: beforeOf(a)}})
	}
	blocked := w
	blocked.Memory = Remember(w, night, outcomesOf(asked), "night")
	blocked.Systems = slices.Clone(w.Systems)
	for n := range blocked.Systems {
		blocked.Systems[n] = applied(blocked.Systems[n], night.Plan.Actions)
	}
	nobodyIsRestored(t, blocked, asked)
	corrected := r.corrected(blocked)
	d, x := Restore(corrected, asked)
	onlyWhoWorksHere(t, corrected, d, x)
	everythingOnce(t, asked, x)
	orderOfAWorldIsIrrelevant(t, r, corrected, asked, x)
	restoredIsDone(t, corrected, asked, x, d)
	return len(x.Plan.Actions), len(x.Plan.Held)
}

func beforeOf(a access.Action) json.RawMessage {
	switch {
	case isCredential(a.Verb):
		return json.RawMessage(`{"status":"Active"}`)
	case a.Verb == access.OktaSuspend:
		return json.RawMessage(`{"status":"ACTIVE"}`)
	}
	return nil
}

func outcomesOf(a Asked) (out []access.Outcome) {
	for _, d := range a.Done {
		out = append(out, d.Outcome)
	}
	return out
}

// corrected is the world after HR's next list: of some leavers it says now that
// they work here.
func (r random) corrected(w World) World {
	w.Rosters = slices.Clone(w.Rosters)
	for n := range w.Rosters {
		rows := slices.Clone(w.Rosters[n].Rows)
		for i := range rows {
			if rows[i].Status == access.StatusLeft && r.chance(70) {
				rows[i].Status, rows[i].EndDate, rows[i].LastWorkingDay, rows[i].Problem = access.StatusActive, access.Day{}, access.Day{}, ""
				rows[i].StartDate = access.Day{At: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)}
			}
		}
		w.Rosters[n].Rows = rows
		w.Rosters[n].Verdict.Accepted = w.Rosters[n].Verdict.Refusal == nil
	}
	return w
}

// nobodyIsRestored: while the world says that they have left, nobody is given
// anything back.
func nobodyIsRestored(t *testing.T, w World, asked Asked) {
	t.Helper()
	if _, x := Restore(w, asked); len(x.Plan.Actions) > 0 {
		t.Errorf("given back to a leaver: %+v", x.Plan.Actions[0])
	}
}

// onlyWhoWorksHere: what is given back goes to somebody who works here, by a list
// that was accepted, on an account that is theirs, and the same world blocks none
// of it.
func onlyWhoWorksHere(t *testing.T, w World, d Decision, x Restoration) {
	t.Helper()
	blocks := map[access.AccountKey]bool{}
	night := Decide(w)
	for _, a := range slices.Concat(night.Plan.Actions, heldActions(night.Plan)) {
		blocks[a.Account] = true
	}
	standing := map[access.PersonKey]access.Standing{}
	for _, p := range d.People {
		standing[p.Key()] = p.Standing
	}
	matched := map[access.AccountKey]access.PersonKey{}
	for s := range d.Systems {
		for a, acc := range d.Systems[s].Accounts {
			matched[acc.Key()] = d.Systems[s].Matches[a].Person
		}
	}
	for _, a := range x.Plan.Actions {
		p := matched[a.Account]
		if s := standing[p]; s != access.StandingActive && s != access.StandingScheduled {
			t.Errorf("%s to %s, who is %s", a.Verb, p, s)
		}
		if blocks[a.Account] {
			t.Errorf("%s of %s, which tonight would block", a.Verb, a.Account)
		}
		for _, l := range w.Rosters {
			if l.Verdict.Source == p.Source && !l.Verdict.Accepted {
				t.Errorf("%s to %s by a refused list", a.Verb, p)
			}
		}
		if read := readOf(w, a.Account); !read.Complete {
			t.Errorf("%s rests on %s, which was not read to its end", a.Verb, read.Name())
		}
	}
}

// everythingOnce: each thing that the run did has one fate, and the plan has what
// is to be restored and what is refused.
func everythingOnce(t *testing.T, asked Asked, x Restoration) {
	t.Helper()
	if len(x.Undoings) != len(asked.Done) {
		t.Errorf("%d of %d things have a fate", len(x.Undoings), len(asked.Done))
	}
	count := map[Fate]int{}
	seen := map[string]bool{}
	for _, u := range x.Undoings {
		count[u.Fate]++
		if seen[u.Action.Undoes.ActionID] || u.Why == "" || (u.Guard != "") != (u.Fate == NotRestored) {
			t.Errorf("twice, or without a reason: %+v", u)
		}
		seen[u.Action.Undoes.ActionID] = true
	}
	if len(x.Plan.Actions) != count[ToRestore] || len(x.Plan.Held) != count[NotRestored] || len(x.Plan.Trips) != count[NotRestored] {
		t.Errorf("the plan has %d, %d and %d; the fates are %v", len(x.Plan.Actions), len(x.Plan.Held), len(x.Plan.Trips), count)
	}
}

func orderOfAWorldIsIrrelevant(t *testing.T, r random, w World, asked Asked, x Restoration) {
	t.Helper()
	if _, again := Restore(r.shuffled(w), asked); renderRestoration(again) != renderRestoration(x) {
		t.Errorf("in another order (-first +second):\n%s", diff.Diff(renderRestoration(x), renderRestoration(again)))
	}
}

// restoredIsDone gives back in the model what the plan says: then nothing is left
// to restore, policy allows all of it, no pair is new, and no block of what was
// restored is remembered.
func restoredIsDone(t *testing.T, w World, asked Asked, x Restoration, before Decision) {
	t.Helper()
	var outcomes []access.Outcome
	next := w
	next.Systems = slices.Clone(w.Systems)
	for _, a := range x.Plan.Actions {
		outcomes = append(outcomes, access.Outcome{Action: a, Result: access.Done, VerifiedAt: w.Now})
		for n := range next.Systems {
			next.Systems[n] = givenBackIn(next.Systems[n], a)
		}
	}
	next.Memory = RememberRestore(w.Memory, outcomes, "restore")
	guardsCountAsBefore(t, w.Memory, next.Memory)
	knowing := asked
	knowing.Done = slices.Clone(asked.Done)
	for n := range knowing.Done {
		for _, a := range x.Plan.Actions {
			if a.Undoes.ActionID == knowing.Done[n].Action.ID {
				knowing.Done[n].Restored = "restore"
			}
		}
	}
	for name, what := range map[string]Asked{"knowing what was restored": knowing, "by looking": asked} {
		d, again := Restore(next, what)
		for _, a := range again.Plan.Actions {
			if name == "knowing what was restored" || !isCredential(a.Undoes.Verb) { // a credential is not always listed
				t.Errorf("%s, it is restored again: %s of %s", name, a.Verb, a.Account)
			}
		}
		for _, f := range d.Findings {
			if f.Kind == access.SoDConflict && !slices.ContainsFunc(before.Findings, func(was access.Finding) bool { return was.Kind == f.Kind && was.Person == f.Person }) {
				t.Errorf("a new conflict: %s", f.Reason)
			}
		}
		for _, a := range x.Plan.Actions {
			if a.Verb != access.SSOCreateAssignment && a.Verb != access.SSOCreateMembership {
				continue
			}
			for s := range d.Systems {
				o := &d.Systems[s]
				for n, g := range o.Grants {
					e := o.Entitlements[g.Entitlement]
					if o.Accounts[g.Account].Key() == a.Account && g.Direct() && e.Kind == a.EntitlementKind && e.ID == a.EntitlementID && e.Scope == a.GrantScope && !o.Verdicts[n].Expected() {
						t.Errorf("policy does not expect %s of %s", e.ID, a.Account)
					}
				}
			}
		}
	}
	for _, a := range x.Plan.Actions {
		if b, is := next.Memory.Blocked[a.Account]; is && slices.Contains(b.Verbs, a.Undoes.Verb) && len(b.Taken) == 0 {
			t.Errorf("%s was restored and is remembered as blocked by %v", a.Account, b.Verbs)
		}
	}
}

// guardsCountAsBefore: a restore gives the guards of blocks no room.
func guardsCountAsBefore(t *testing.T, before, after access.Memory) {
	t.Helper()
	ever := time.Time{}.Add(-time.Second) // blocks of the model were sent at no time
	for _, s := range []access.System{"", "okta", "aws", "sso"} {
		if was, is := blockedSince(before, s, "all systems", ever), blockedSince(after, s, "all systems", ever); is != was {
			t.Errorf("the guard counted %d blocks in %q, and after the restore %d", was, s, is)
		}
	}
}

// givenBackIn is what a collector would see after an action of a restore.
func givenBackIn(o access.Observation, act access.Action) access.Observation {
	if act.Account.System != o.System {
		return o
	}
	o.Accounts, o.Entitlements, o.Grants = slices.Clone(o.Accounts), slices.Clone(o.Entitlements), slices.Clone(o.Grants)
	a := slices.IndexFunc(o.Accounts, func(a access.Account) bool { return a.Key() == act.Account })
	switch act.Verb {
	case access.OktaUnsuspend:
		o.Accounts[a].VendorStatus, o.Accounts[a].Status = "ACTIVE", access.AccountActive
	case access.IAMUndeny:
		o.Accounts[a].VendorStatus, o.Accounts[a].Status = "", access.AccountActive
	case access.SSOCreateAssignment, access.SSOCreateMembership:
		e := slices.IndexFunc(o.Entitlements, func(e access.Entitlement) bool {
			return e.Kind == act.EntitlementKind && e.ID == act.EntitlementID && e.Scope == act.GrantScope
		})
		o.Grants = append(o.Grants, access.Grant{Account: uint32(a), Entitlement: uint32(e)})
		for _, g := range o.Grants {
			carried := access.Grant{Account: uint32(a), Entitlement: g.Entitlement, Carrier: g.Carrier}
			if int(g.Carrier)-1 == e && !slices.Contains(o.Grants, carried) {
				o.Grants = append(o.Grants, carried)
			}
		}
	}
	return o
}
