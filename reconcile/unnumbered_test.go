package reconcile

import (
	"fmt"
	"slices"
	"testing"

	"rollcall/internal/access"
)

// TestARowThatIsGivenItsIDIsNobodyWhoVanished while one that is taken out is.
func TestARowThatIsGivenItsIDIsNobodyWhoVanished(t *testing.T) {
	row := func(id, mail string, s access.Status) access.Identity {
		return access.Identity{Source: "employees", EmployeeID: access.EmployeeID(id), Email: mail, Status: s, Row: 2}
	}
	odd := func(alias string) access.Identity { // as the list's reader leaves an e-mail that is none
		return access.Identity{Source: "employees", Aliases: alias, Status: access.StatusActive, Row: 2}
	}
	const active, pending, left = access.StatusActive, access.StatusPending, access.StatusLeft
	ann := "employees/no-id:ann@x"
	for name, c := range map[string]struct {
		before, after  []access.Identity
		vanished, gone string
	}{
		"given its id":                             {[]access.Identity{row("", "ann@x", active)}, []access.Identity{row("7", "Ann@x", active)}, "[]", "[]"},
		"given its id and a usual e-mail":          {[]access.Identity{odd("<ann@x>")}, []access.Identity{row("7", "ann@x", active)}, "[]", "[]"},
		"given its id, and its e-mail is odd":      {[]access.Identity{odd("<ann@x>")}, []access.Identity{{Source: "employees", EmployeeID: "7", Aliases: "smtp:ann@x", Status: active}}, "[]", "[]"},
		"two whose addresses are alike":            {[]access.Identity{row("", "ann@x", active), row("", "o!ann@x", active)}, nil, "[" + ann + " employees/no-id:o!ann@x]", "[" + ann + " employees/no-id:o!ann@x]"},
		"an odd e-mail, taken out":                 {[]access.Identity{odd("<ann@x>")}, nil, "[" + ann + "]", "[" + ann + "]"},
		"given its id, and works since":            {[]access.Identity{row("", "ann@x", pending)}, []access.Identity{row("7", "ann@x", active)}, "[]", "[]"},
		"a leaver's given its id":                  {[]access.Identity{row("", "ann@x", left)}, []access.Identity{row("7", "ann@x", left)}, "[]", "[]"},
		"a new row says that they left":            {[]access.Identity{row("", "ann@x", active)}, []access.Identity{row("7", "ann@x", left)}, "[" + ann + "]", "[" + ann + "]"},
		"taken out, and another row was there":     {[]access.Identity{row("", "ann@x", active), row("7", "ann@x", active)}, []access.Identity{row("7", "ann@x", active)}, "[" + ann + "]", "[" + ann + "]"},
		"half an e-mail, taken out":                {[]access.Identity{row("", "ann@", active)}, nil, "[employees/no-id:ann@]", "[employees/no-id:ann@]"},
		"had an id, which is an address":           {[]access.Identity{row("ann@x", "ann@x", active)}, []access.Identity{row("7", "ann@x", active)}, "[employees/ann@x]", "[employees/ann@x]"},
		"still without":                            {[]access.Identity{row("", "ann@x", active)}, []access.Identity{row("", "ann@x", active)}, "[]", "[]"},
		"taken out":                                {[]access.Identity{row("", "ann@x", active)}, nil, "[" + ann + "]", "[" + ann + "]"},
		"two taken out":                            {[]access.Identity{row("", "ann@x", active), row("", "ben@x", active)}, nil, "[" + ann + " employees/no-id:ben@x]", "[" + ann + " employees/no-id:ben@x]"},
		"taken out, and nobody could know by whom": {[]access.Identity{row("", "", active)}, nil, "[]", "[]"},
	} {
		v := vanishedNow(map[access.PersonKey]access.Vanished{}, c.before, c.after, midnight)
		var keys []access.PersonKey
		for k, one := range v {
			if keys = append(keys, k); one.Identity.Key() != k {
				t.Errorf("%s: %s is remembered as %s", name, k, one.Identity.Key())
			}
		}
		if got := fmt.Sprint(sortKeys(keys)); got != c.vanished {
			t.Errorf("%s: vanished %s, not %s", name, got, c.vanished)
		}
		if got := fmt.Sprint(newlyGone(c.before, c.after)); got != c.gone {
			t.Errorf("%s: newly gone %s, not %s", name, got, c.gone)
		}
	}
}

// TestAnotherRowWithoutAnIDGivesNobodyTheirID: who vanished without one, and has an address in it, stays vanished.
func TestAnotherRowWithoutAnIDGivesNobodyTheirID(t *testing.T) {
	ann := access.Identity{Source: "employees", EmployeeID: "no-id:ann@x", Email: "ann@x", Status: access.StatusActive}
	v := map[access.PersonKey]access.Vanished{ann.Key(): {Identity: ann, Since: midnight}}
	ben := access.Identity{Source: "employees", Email: "ben@x", Aliases: "ann@x", Status: access.StatusActive, Row: 2}
	if dropMended(v, nil, []access.Identity{ben}); len(v) == 0 {
		t.Error("she is forgotten")
	}
	ben.EmployeeID = "7"
	if dropMended(v, nil, []access.Identity{ben}); len(v) > 0 {
		t.Errorf("a new row has an id, and her address: %v", v)
	}
}

func TestTheAddressesOfOtherRowsAreAddedOnceAndNothingElseIs(t *testing.T) {
	row := func(mail, aliases string) access.Identity { return access.Identity{Email: mail, Aliases: aliases} }
	rows := []access.Identity{row("a@x", "b@x"), row("b@x", "c@x"), row("a@x", "none"), row("d@x", "<e@x>")}
	if got, want := withAddresses(rows[0], rows).Aliases, "b@x c@x d@x <e@x>"; got != want {
		t.Errorf("%q, not %q", got, want)
	}
}

// TestARowWithoutAnIDKeepsItsOwnProblem for whoever mends the list.
func TestARowWithoutAnIDKeepsItsOwnProblem(t *testing.T) {
	for was, want := range map[string]string{"": withoutID, "the end date cannot be read": "the end date cannot be read"} {
		if got := withID(access.Identity{Email: "ann@x", Problem: was}).Problem; got != want {
			t.Errorf("%q became %q", was, got)
		}
	}
}

// TestWhoVanishedWithoutAnIDIsOneOfTheirOwn also where an older version remembered
// them, all as one.
func TestWhoVanishedWithoutAnIDIsOneOfTheirOwn(t *testing.T) {
	m := access.Memory{Vanished: map[access.PersonKey]access.Vanished{{Source: "employees"}: {Identity: access.Identity{Source: "employees", Email: "ann@x", Status: access.StatusLeft}, Since: midnight}}}
	w := World{Now: midnight, Rosters: []SourceRoster{Accept(hrList(staff(3), "o", "n"), nil, m, RosterGuard{}, midnight)}}
	people, k := Stand(w), access.PersonKey{Source: "employees", EmployeeID: "no-id:ann@x"}
	p := people.Get(k)
	if _, is := w.Rosters[0].Vanished[k]; !is || p == nil || p.Standing != access.StandingVanished || !slices.Contains(people.byEmail["ann@x"], p.Key()) {
		t.Errorf("%+v", p)
	}
}

// TestAnOrderIsNeverAboutWhoeverHasNoID but about one of them, also where only a refused list has them.
func TestAnOrderIsNeverAboutWhoeverHasNoID(t *testing.T) {
	w := World{Now: midnight, Rosters: []SourceRoster{{Verdict: access.RosterVerdict{Source: "employees"}, Refused: []access.Identity{
		{Source: "employees", Email: "ann@x", Row: 2}, {Source: "employees", Email: "ben@x", Row: 3},
	}}}}
	if all, _ := Meant(w, "employees/"); len(all) > 0 {
		t.Errorf("everybody without an id: %v", all)
	}
	all, _ := Meant(w, "employees/no-id:ben@x")
	if len(all) != 1 || all[0].Email != "ben@x" {
		t.Fatalf("%v", all)
	}
	w.Order = &access.Order{Person: all[0].Key()}
	if people := Stand(w).List(); len(people) != 1 || people[0].Key() != all[0].Key() || people[0].Standing != access.StandingLeft {
		t.Errorf("%+v", people)
	}
}
