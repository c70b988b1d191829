package reconcile

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/access"
)

// past is a recorded night, n nights after the first, on which people hold group
// "eng" of okta directly.
func past(n int, holders ...access.PersonKey) access.Night {
	at := midnight.AddDate(0, 0, n)
	okta := access.Judged{Observation: access.Observation{System: "okta",
		Reads:        []access.Read{{System: "okta", Kind: "users", Complete: true, Lists: true}},
		Entitlements: []access.Entitlement{{System: "okta", Kind: access.OktaGroup, ID: "g", Name: "eng"}},
	}}
	night := access.Night{Run: access.Run{ID: access.RunID(at.Format("20060102")), StartedAt: at}}
	for i, k := range []access.PersonKey{ada, bob} {
		night.People = append(night.People, access.Person{Standing: access.StandingActive,
			Identity: access.Identity{Source: k.Source, EmployeeID: k.EmployeeID, Name: string(k.EmployeeID), Title: "Engineer"}})
		okta.Accounts = append(okta.Accounts, access.Account{System: "okta", ID: access.AccountID(k.EmployeeID), Login: string(k.EmployeeID), Status: access.AccountActive})
		okta.Matches = append(okta.Matches, access.Match{How: access.MatchedHRID, Person: k})
		for _, h := range holders {
			if h == k {
				okta.Grants = append(okta.Grants, access.Grant{Account: uint32(i)})
			}
		}
	}
	night.Systems = []access.Judged{okta}
	return night
}

var (
	ada = access.PersonKey{Source: "employees", EmployeeID: "ada"}
	bob = access.PersonKey{Source: "employees", EmployeeID: "bob"}
)

// ruleOn is a role map of one line about group eng.
func ruleOn(requirement access.Requirement, title string) access.RoleMap {
	return access.RoleMap{Rules: []access.Rule{{Line: access.Line{File: "new.csv", Row: 2}, Role: "r", Title: title, System: "okta", Kind: "group", Entitlement: "eng", Requirement: requirement}}}
}

func dayAt(n int) access.Day { return dayOf(midnight.AddDate(0, 0, n)) }

func TestWhatSeveralNightsHaveInCommonIsToldOnceWithItsFirstAndLastNight(t *testing.T) {
	var r Replaying
	second := past(1, ada)
	second.People[0].Title = "Chief Engineer"
	for _, n := range []access.Night{past(0, ada, bob), second, past(2, bob)} {
		r.Add(n, access.Memory{}, Settings{}, access.RoleMap{}, ruleOn(access.Required, "*Engineer"))
	}
	got := r.Replay()
	counts := []ReplayedNight{
		{Date: dayAt(0), Run: "20261123", Gained: 2, Vanish: 3}, // two unexpected grants, and the role was named by no rule
		{Date: dayAt(1), Run: "20261124", Gained: 1, Appear: 1, Vanish: 3},
		{Date: dayAt(2), Run: "20261125", Gained: 1, Appear: 1, Vanish: 2},
	}
	if diff := cmp.Diff(counts, got.Nights); diff != "" {
		t.Errorf("nights (-want +got):\n%s", diff)
	}
	type line struct {
		Who, Title string
		Span
	}
	var lines []line
	for _, c := range got.Allowed {
		lines = append(lines, line{string(c.Person.EmployeeID), c.Title, c.Span})
	}
	want := []line{{"ada", "Chief Engineer", Span{dayAt(0), dayAt(1), 2}}, {"bob", "Engineer", Span{dayAt(0), dayAt(2), 2}}}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("allowed (-want +got):\n%s", diff)
	}
	if len(got.Unexpected) != 0 || len(got.Appear) != 2 || got.Appear[0].Kind != access.MissingGrant || got.Appear[0].Span != (Span{dayAt(2), dayAt(2), 1}) || got.Appear[1].Span != (Span{dayAt(1), dayAt(1), 1}) {
		t.Errorf("unexpected %+v, appear %+v", got.Unexpected, got.Appear)
	}
}

func TestARuleIsOverOnTheNightOnWhichItWasOver(t *testing.T) {
	older := ruleOn(access.Allowed, "")
	older.Rules[0].ExpiresOn = dayAt(0) // the night of the 23rd is before its end
	var r Replaying
	for n := range 3 {
		r.Add(past(n, ada), access.Memory{}, Settings{}, older, access.RoleMap{})
	}
	got := r.Replay()
	if len(got.Unexpected) != 1 || got.Unexpected[0].Span != (Span{dayAt(0), dayAt(0), 1}) || got.Unexpected[0].Before != "new.csv row 2" {
		t.Errorf("%+v", got.Unexpected)
	}
}

func TestANightThatWasNotReadToItsEndSaysSoAndMakesNothingMissing(t *testing.T) {
	n := past(0, bob)
	n.Systems[0].Reads[0].Complete, n.Systems[0].Reads[0].Gap = false, "cut off"
	n.Policy.ExceptionsUnread = true
	var r Replaying
	r.Add(n, access.Memory{}, Settings{}, access.RoleMap{}, ruleOn(access.Required, ""))
	got := r.Replay()
	if len(got.Appear) != 0 || len(got.Nights[0].Unread) != 2 || got.Nights[0].Unread[0] != "okta/users: cut off" {
		t.Errorf("%+v", got)
	}
}

func TestTheOrderInWhichANightWasReadBackDoesNotShow(t *testing.T) {
	for seed := range uint64(300) {
		r := newRandom(seed)
		w, newer := r.world(), r.policy().RoleMap
		var one, other Replaying
		for n := range 2 {
			w.Now = midnight.AddDate(0, 0, n)
			for i, x := range []World{w, r.shuffled(w)} {
				d := Decide(x)
				night := access.Night{Run: access.Run{ID: "r", StartedAt: x.Now}, People: d.People, Systems: d.Systems, Policy: access.Policy{Exceptions: x.Policy.Exceptions}}
				[]*Replaying{&one, &other}[i].Add(night, Remember(x, d, nil, "r"), x.Settings, w.Policy.RoleMap, newer)
			}
		}
		a, b := one.Replay(), other.Replay()
		for n := range a.Nights { // what was not read is told in the order of the reads
			a.Nights[n].Unread, b.Nights[n].Unread = nil, nil
		}
		if diff := cmp.Diff(a, b); diff != "" {
			t.Fatalf("seed %d:\n%s", seed, diff)
		}
	}
}
