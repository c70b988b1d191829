package reconcile

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"rollcall/internal/access"
)

func TestAMapComparedWithItselfChangesNothingAndTheOtherWayRoundIsTheOpposite(t *testing.T) {
	some := 0
	for seed := range uint64(300) {
		r := newRandom(seed)
		w := r.world()
		older, newer := w.Policy.RoleMap, r.policy().RoleMap
		if d := CompareMaps(w, older, older); len(d.Allowed)+len(d.Unexpected)+len(d.Appear)+len(d.Vanish) > 0 {
			t.Fatalf("seed %d: the same map differs from itself: %+v", seed, d)
		}
		there, back := CompareMaps(w, older, newer), CompareMaps(w, newer, older)
		if len(there.Allowed) != len(back.Unexpected) || len(there.Unexpected) != len(back.Allowed) || len(there.Appear) != len(back.Vanish) || len(there.Vanish) != len(back.Appear) {
			t.Fatalf("seed %d: there %+v\nback %+v", seed, there, back)
		}
		some += len(there.Allowed) + len(there.Unexpected)
	}
	if some < 50 {
		t.Errorf("%d changes in all worlds: the test proves little", some)
	}
}

// slowly is CompareMaps by two whole evaluations.
func slowly(w World, older, newer access.RoleMap) (appear, vanish []access.Finding, changes int) {
	was, will := w, w
	was.Policy.RoleMap, was.Policy.RoleMapUnread = older, false
	will.Policy.RoleMap, will.Policy.RoleMapUnread = newer, false
	a, b := Decide(was), Decide(will)
	for s := range a.Systems {
		for n, g := range a.Systems[s].Grants {
			if g.Direct() && a.Systems[s].Verdicts[n].Expected() != b.Systems[s].Verdicts[n].Expected() {
				changes++
			}
		}
	}
	return missingFrom(b.Findings, a.Findings), missingFrom(a.Findings, b.Findings), changes
}

func TestWhatDoesNotRestOnTheMapIsTheSameByBothSoThatItNeedNotBeConcluded(t *testing.T) {
	some := 0
	for seed := range seeds(1500) {
		r := newRandom(seed)
		w, newer := r.world(), r.policy().RoleMap
		w.Policy.ExceptionsUnread = r.chance(10)
		d := CompareMaps(w, w.Policy.RoleMap, newer)
		appear, vanish, changes := slowly(w, w.Policy.RoleMap, newer)
		if diff := cmp.Diff([][]access.Finding{appear, vanish}, [][]access.Finding{d.Appear, d.Vanish}); diff != "" || changes != len(d.Allowed)+len(d.Unexpected) {
			t.Fatalf("seed %d: %d changes, and %+v (-slow +got):\n%s", seed, changes, d, diff)
		}
		some += len(appear) + len(vanish)
	}
	if uint64(some) < seeds(500) {
		t.Errorf("%d findings in all worlds: the test proves little", some)
	}
}

func TestOnARecordedNightAMapDoesWhatItWouldHaveDoneThatNight(t *testing.T) {
	for seed := range seeds(1500) {
		r := newRandom(seed)
		w, newer := r.world(), r.policy().RoleMap
		w.Policy.ExceptionsUnread = r.chance(10)
		d := Decide(w)
		n := access.Night{Run: access.Run{StartedAt: w.Now}, People: d.People, Systems: d.Systems}
		n.Policy.Exceptions, n.Policy.ExceptionsUnread = w.Policy.Exceptions, w.Policy.ExceptionsUnread
		want := CompareMaps(w, w.Policy.RoleMap, newer)
		got := CompareMapsOn(n, Remember(w, d, nil, "r"), w.Settings, w.Policy.RoleMap, newer)
		if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(access.Finding{}, "FirstSeen")); diff != "" {
			t.Fatalf("seed %d (-that night +recorded):\n%s", seed, diff)
		}
	}
}

func TestASuggestedMapCoversWhatItSaysAndNothingThatFewHold(t *testing.T) {
	rules := 0
	for seed := range seeds(1200) {
		w := newRandom(seed).world()
		w.Policy.RoleMap, w.Policy.Exceptions, w.Policy.RoleMapUnread = access.RoleMap{}, nil, false
		s := Suggest(w, 0.5, 2, anyText)
		rules += len(s.Rules)
		w.Policy.RoleMap = access.RoleMap{Rules: s.Rules}
		covered, roles := expectedOf(Decide(w))
		if len(roles) > 0 && covered != s.Covered {
			t.Fatalf("seed %d: the map covers %d rights, and says %d: %+v", seed, covered, s.Covered, s.Rules)
		}
		rights, held := 0, 0
		for _, r := range s.Rights {
			rights += r.People
		}
		for _, r := range s.Roles {
			held += r.Held
		}
		if rest := s.Held - s.Covered; rights != rest || held != rest {
			t.Fatalf("seed %d: of %d rights %d are covered, and %d (by role %d) said to be left", seed, s.Held, s.Covered, rights, held)
		}
		for n := range s.Rights {
			if r := s.Rights[n]; n > 0 && r.People > s.Rights[n-1].People || left(w, r) != r.People {
				t.Fatalf("seed %d: %d people hold %+v without a rule: %+v", seed, left(w, r), r, s.Rights)
			}
		}
		for _, rule := range s.Rules {
			if rule.ApprovedBy != "" || rule.Entitlement == "" || rule.Requirement != access.Allowed {
				t.Fatalf("seed %d: %+v", seed, rule)
			}
		}
		if !slices.EqualFunc(s.Rules, Suggest(w, 0.5, 2, anyText).Rules, func(a, b access.Rule) bool { return a == b }) {
			t.Fatalf("seed %d: a second suggestion differs", seed)
		}
	}
	if uint64(rules) < seeds(50) {
		t.Errorf("%d rules in all worlds: the test proves little", rules)
	}
}

// key reports whether a right is a key of some kind.
func key(e access.Entitlement) bool {
	return e.Credential || strings.HasSuffix(string(e.Kind), "_key") || strings.HasSuffix(string(e.Kind), "_token") ||
		strings.HasSuffix(string(e.Kind), "_certificate") || strings.HasSuffix(string(e.Kind), "_credential")
}

func anyText(string) bool { return true }

// What cannot be written in a role map gets no line, and is said to be left.
func TestWhatCannotBeWrittenStaysUnexplained(t *testing.T) {
	some := 0
	for seed := range uint64(300) {
		w := newRandom(seed).world()
		all, none := Suggest(w, 0.5, 2, anyText), Suggest(w, 0.5, 2, func(s string) bool { return s != "g0" })
		for _, rule := range none.Rules {
			if rule.Entitlement == "g0" {
				t.Fatalf("seed %d: %+v", seed, rule)
			}
		}
		if all.Held != none.Held || none.Covered > all.Covered {
			t.Fatalf("seed %d: %+v, then %+v", seed, all, none)
		}
		some += len(all.Rules) - len(none.Rules)
	}
	if some == 0 {
		t.Error("nobody was to have a line for g0")
	}
}

// A key is made by whoever needs it, also one that a report only counts, of which
// nothing else is known: no line is about it, and it is nothing to explain.
func TestNoLineIsSuggestedForAKey(t *testing.T) {
	for _, kind := range []access.EntitlementKind{access.OktaAPIToken, access.AccessKey, access.SSHKey, access.SigningCertificate, access.ServiceCredential} {
		w := crowd(40)
		o := &w.Systems[0]
		o.Entitlements = append(o.Entitlements, access.Entitlement{System: "okta", Kind: kind, ID: "k", Name: "key 1"})
		for a := range o.Accounts {
			o.Grants = append(o.Grants, access.Grant{Account: uint32(a), Entitlement: uint32(len(o.Entitlements) - 1)})
		}
		before, s := Suggest(crowd(40), 0.8, 3, anyText), Suggest(w, 0.8, 3, anyText)
		if !slices.Equal(before.Rules, s.Rules) || !slices.Equal(before.Rights, s.Rights) || before.Held != s.Held {
			t.Errorf("%s: %+v", kind, s)
		}
	}
}

// left counts the people who work here, hold the right directly and have no rule
// for it.
func left(w World, r UnexplainedRight) int {
	d := Decide(w)
	works, who := map[access.PersonKey]bool{}, map[access.PersonKey]bool{}
	for _, p := range d.People {
		works[p.Key()] = p.Standing == access.StandingActive || p.Standing == access.StandingScheduled
	}
	for s := range d.Systems {
		o := &d.Systems[s]
		for n, g := range o.Grants {
			e, m := o.Entitlements[g.Entitlement], o.Matches[g.Account].Person
			is := o.System == r.System && e.Scope == r.Scope && e.Kind == r.Kind && e.Name == r.Entitlement && e.Privileged == r.Privileged
			if is && g.Direct() && !key(e) && works[m] && o.Accounts[g.Account].Status != access.AccountDisabled && o.Verdicts[n].Rule() == 0 {
				who[m] = true
			}
		}
	}
	return len(who)
}

// expectedOf counts, slowly, the different rights that people who work here hold
// directly and that some rule expects.
func expectedOf(d Decision) (int, map[access.PersonKey]bool) {
	type right struct {
		who         access.PersonKey
		system      access.System
		scope, name string
		kind        access.EntitlementKind
		privileged  bool
	}
	works, seen := map[access.PersonKey]bool{}, map[right]bool{}
	for _, p := range d.People {
		if p.Standing == access.StandingActive || p.Standing == access.StandingScheduled {
			works[p.Key()] = true
		}
	}
	for s := range d.Systems {
		o := &d.Systems[s]
		for n, g := range o.Grants {
			ent := o.Entitlements[g.Entitlement]
			if who := o.Matches[g.Account].Person; works[who] && g.Direct() && !key(ent) && o.Accounts[g.Account].Status != access.AccountDisabled && o.Verdicts[n].Rule() != 0 {
				seen[right{who, o.System, ent.Scope, ent.Name, ent.Kind, ent.Privileged}] = true
			}
		}
	}
	return len(seen), works
}
