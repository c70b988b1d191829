package reconcile

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"rollcall/internal/access"
)

var (
	leoKey    = access.PersonKey{Source: "employees", EmployeeID: "1"}
	miaKey    = access.PersonKey{Source: "employees", EmployeeID: "2"}
	orderedAt = time.Date(2026, 11, 20, 22, 0, 0, 0, time.UTC)
)

func openOrder(who access.PersonKey) access.OpenOrder {
	return access.OpenOrder{Order: access.Order{Person: who, Reason: "stolen", By: "ann@host"}, Run: "run-1", At: orderedAt}
}

// orderWorld is one in which leo and mia work, each with an account in Okta.
func orderWorld(t *testing.T, settings, links string) World {
	t.Helper()
	return loadWorld(t, txtar.Parse([]byte("-- world --\n"+settings+`
-- employees.csv --
employee_id,name,email,aliases,status,start_date,end_date,last_working_day,timezone
1,Leo Lion,leo@example.com,lion@example.com,active,,,,
2,Mia Mole,mia@example.com,,active,,,,
-- links.csv --
system,account_id,source,employee_id,confirmed_by,confirmed_on
`+links+`
-- system/okta --
read users lists
account 00u1 login=leo@example.com hr=1
account 00u2 login=mia@example.com hr=2
account 00u3 login=x@example.com email=lion@example.com hr=99
`)))
}

// What an order left stays open, with the day on which it was first given; what it is to
// be told of is what it could not end, or could not see. It is long because the worlds of
// its one table are bent in ways that are named right above it, and are read with it.
func TestAnOrderStaysOpenUntilNothingOfItIsLeft(t *testing.T) {
	suspend := func(r access.Result) func(Decision) []access.Outcome {
		return func(d Decision) (all []access.Outcome) {
			for _, a := range d.Plan.Actions {
				all = append(all, access.Outcome{Action: a, Result: access.Done})
			}
			all[0].Result = r
			return all
		}
	}
	none := func(Decision) []access.Outcome { return nil }
	asIs := func(*World) {}
	blind := func(w *World) { w.Systems[0].Reads[0].Complete = false }
	elsewhere := func(w *World) {
		w.Systems = append(w.Systems, access.Observation{System: "aws", Reads: []access.Read{{System: "aws", Kind: "users", Gap: "403"}}})
	}
	twoIDs := func(w *World) { // employees/1 is employees/2
		w.Policy.Answers = []access.Answer{{Person: leoKey, Answer: "same_as", SameAs: "2", ConfirmedOn: day("2026-11-21")}}
	}
	hasLeft := func(w *World) {
		w.Rosters[0].Rows[0].Status, w.Rosters[0].Rows[0].EndDate = access.StatusLeft, day("2026-11-19")
	}
	usedAfter := func(w *World) {
		hasLeft(w)
		w.Systems[0].Accounts[0].Status, w.Systems[0].Accounts[0].VendorStatus = access.AccountSuspended, "SUSPENDED"
		w.Systems[0].Accounts[0].LastUsedAt, w.Systems[0].Accounts[0].UsageKnown = day("2026-11-21").At, true
	}
	askedOf := func(w *World) { // no verb ends what is assigned to their user there
		w.Systems = append(w.Systems, access.Observation{System: "sso", Reads: []access.Read{{System: "sso", Kind: "users", Complete: true, Lists: true}},
			Accounts:     []access.Account{{System: "sso", ID: "u1", Kind: access.IdentityCenter, Login: "leo", HRID: "1", Status: access.AccountActive}},
			Entitlements: []access.Entitlement{{System: "sso", Kind: access.SSOApp, ID: "app", Name: "app"}}, Grants: []access.Grant{{}}})
	}
	const theirs = "okta,00u3,employees,1,Max,2026-11-21\n"
	mine, mias := openOrder(leoKey), openOrder(miaKey)
	for name, tt := range map[string]struct {
		settings, links string
		before          []access.OpenOrder
		bend            func(*World)
		outcomes        func(Decision) []access.Outcome
		want            string // of whom an order is open, and of which run
	}{
		"an order that did all":                     {"order employees/1 stolen INC-7", theirs, nil, asIs, suspend(access.Done), ""},
		"an order, and an account may be theirs":    {"order employees/1 stolen INC-7", "", nil, asIs, suspend(access.Done), "1 run-9"},
		"an order, and a step failed":               {"order employees/1 stolen INC-7", theirs, nil, asIs, suspend(access.Failed), "1 run-9"},
		"an order, and a step was skipped":          {"order employees/1 stolen INC-7", theirs, nil, asIs, suspend(access.Skipped), "1 run-9"},
		"an order, and a step was not seen":         {"order employees/1 stolen INC-7", theirs, nil, asIs, suspend(access.Pending), "1 run-9"},
		"an order, and something is held":           {"order employees/1 stolen INC-7\nprotect leo@example.com", theirs, nil, asIs, none, "1 run-9"},
		"an order over a gap":                       {"order employees/1 stolen INC-7", theirs, nil, blind, none, "1 run-9"},
		"an order over a gap of a night":            {"order employees/1 stolen INC-7\nrecalled 2026-11-23T01:00:00Z", theirs, nil, blind, none, "1 run-9"},
		"an order, and a step failed besides":       {"order employees/1 stolen INC-7", "", nil, asIs, suspend(access.Failed), "1 run-9"},
		"an order, and something is held besides":   {"order employees/1 stolen INC-7\nprotect leo@example.com", "", nil, asIs, none, "1 run-9"},
		"an order, and a person is asked":           {"order employees/1 stolen INC-7", theirs, nil, askedOf, suspend(access.Done), "1 run-9"},
		"a night that asks a person":                {"", theirs, []access.OpenOrder{mine}, func(w *World) { hasLeft(w); askedOf(w) }, none, "1 run-1"},
		"an order about who used it after the end":  {"order employees/1 stolen INC-7", theirs, nil, usedAfter, suspend(access.Done), ""},
		"an order over a gap elsewhere":             {"order employees/1 stolen INC-7", theirs, nil, elsewhere, suspend(access.Done), "1 run-9"},
		"an order by the id that counts no more":    {"order employees/1 stolen INC-7", "", nil, twoIDs, suspend(access.Done), "2 run-9"},
		"by it, of what was open by the same":       {"order employees/1 stolen INC-7", theirs, []access.OpenOrder{mine}, twoIDs, suspend(access.Done), ""},
		"by it, of what was open by the other id":   {"order employees/1 stolen INC-7", theirs, []access.OpenOrder{mias}, twoIDs, suspend(access.Done), ""},
		"given again, and done":                     {"order employees/1 stolen INC-7", theirs, []access.OpenOrder{mine, mias}, asIs, suspend(access.Done), "2 run-1"},
		"given again, and not done":                 {"order employees/1 stolen INC-7", "", []access.OpenOrder{mine}, asIs, suspend(access.Done), "1 run-1"},
		"an order about somebody else":              {"order employees/2 gone INC-8", theirs, []access.OpenOrder{mine}, asIs, suspend(access.Done), "1 run-1"},
		"a night that finds their account works":    {"", theirs, []access.OpenOrder{mine}, asIs, none, "1 run-1"},
		"a night that finds a user of nothing":      {"", theirs, []access.OpenOrder{mine}, func(w *World) { w.Systems[0].Accounts = nil; askedOf(w); w.Systems[1].Grants = nil }, none, ""},
		"a night that finds nothing":                {"", theirs, []access.OpenOrder{mine}, func(w *World) { w.Systems[0].Accounts = nil }, none, ""},
		"a night that finds nothing over a gap":     {"", theirs, []access.OpenOrder{mine}, func(w *World) { w.Systems[0].Accounts = nil; blind(w) }, none, "1 run-1"},
		"a sweep that finds nothing":                {"recalled 2026-11-23T01:00:00Z", theirs, []access.OpenOrder{mine}, func(w *World) { w.Systems[0].Accounts = nil }, none, "1 run-1"},
		"a night without policy":                    {"", theirs, []access.OpenOrder{mine}, func(w *World) { w.Systems[0].Accounts = nil; w.Policy.RoleMapUnread = true }, none, "1 run-1"},
		"a night over lists that do not have them":  {"", theirs, []access.OpenOrder{{Order: access.Order{Person: access.PersonKey{Source: "employees", EmployeeID: "99"}}, Run: "run-1", At: orderedAt}}, asIs, none, "99 run-1"},
		"and a link says that an account is theirs": {"", "okta,00u3,employees,99,Max,2026-11-21\n", []access.OpenOrder{{Order: access.Order{Person: access.PersonKey{Source: "employees", EmployeeID: "99"}}, Run: "run-1", At: orderedAt}}, asIs, none, "99 run-1"},
	} {
		w := orderWorld(t, tt.settings, tt.links)
		w.Memory.Orders = map[access.PersonKey]access.OpenOrder{}
		for _, o := range tt.before {
			w.Memory.Orders[o.Person] = o
		}
		had := maps.Clone(w.Memory.Orders)
		tt.bend(&w)
		d := Decide(w)
		next := Remember(w, d, tt.outcomes(d), "run-9")
		var got []string
		for _, o := range next.Orders {
			got = append(got, string(o.Person.EmployeeID)+" "+string(o.Run))
			if o.Run == "run-1" && !o.At.Equal(orderedAt) || o.Run == "run-9" && (!o.At.Equal(w.Now) || o.Reason != w.Order.Reason || o.By != "ann@host") {
				t.Errorf("%s: %+v", name, o)
			}
		}
		slices.Sort(got)
		if strings.Join(got, ", ") != tt.want {
			t.Errorf("%s: open is %q, want %q", name, got, tt.want)
		}
		if diff := cmp.Diff(had, w.Memory.Orders); diff != "" {
			t.Errorf("%s: the memory of before is changed: %s", name, diff)
		}
	}
}

// What had been answered when an order named an account all the same is no answer to it: not
// that somebody works here, whoever is said to be the same person later, nor whose an account is,
// also one that worked only later.
func TestAnOrderNotesWhichAnswersWereThere(t *testing.T) {
	w := orderWorld(t, "order employees/1 stolen INC-7\nnow 2026-11-23T02:00:00Z", "okta,00u3,employees,2,Max,2026-11-23\nokta,00u3,employees,2,Max,2026-11-22\nokta,00u2,employees,2,Max,2026-11-23\n")
	w.Policy.Answers = []access.Answer{
		{Person: leoKey, Answer: "active", ConfirmedOn: day("2026-11-24")}, {Person: leoKey, Answer: "active", ConfirmedOn: day("2026-11-23")},
		{Person: leoKey, Answer: "left", ConfirmedOn: day("2026-11-25")}, {Person: leoKey, Answer: "active", ConfirmedOn: day("2026-11-22")}, {Person: miaKey, Answer: "active", ConfirmedOn: day("2026-11-23")},
	}
	next := Remember(w, Decide(w), nil, "run-9")
	if got := next.Orders[leoKey].Known; !slices.Equal(got, []string{"employees/1 2026-11-23", "employees/1 2026-11-24", "employees/2 2026-11-23", "okta::00u2 2026-11-23", "okta::00u3 2026-11-23"}) {
		t.Errorf("known are %q", got)
	}
	w.Order, w.Memory = nil, next
	w.Now = w.Now.Add(24 * time.Hour)
	for name, tt := range map[string]struct {
		say  access.Answer
		open int
	}{
		"what was there":                       {access.Answer{Person: leoKey, Answer: "active", ConfirmedOn: day("2026-11-23")}, 1},
		"what was there, of a day ahead":       {access.Answer{Person: leoKey, Answer: "active", ConfirmedOn: day("2026-11-24")}, 1},
		"anew":                                 {access.Answer{Person: leoKey, Answer: "active", ConfirmedOn: day("2026-11-25")}, 0},
		"left, anew":                           {access.Answer{Person: leoKey, Answer: "left", ConfirmedOn: day("2026-11-25")}, 1},
		"another one works here, anew":         {access.Answer{Person: miaKey, Answer: "active", ConfirmedOn: day("2026-11-25")}, 1},
		"they are another one, who works here": {access.Answer{Person: leoKey, Answer: "same_as", SameAs: "2", ConfirmedOn: day("2026-11-24")}, 1},
	} {
		w.Policy.Answers = []access.Answer{{Person: miaKey, Answer: "active", ConfirmedOn: day("2026-11-23")}, tt.say}
		if got := Remember(w, Decide(w), nil, "run-10").Orders; len(got) != tt.open {
			t.Errorf("%s: open are %+v", name, got)
		}
	}
	w = orderWorld(t, "order employees/1 stolen INC-7\nnow 2026-11-23T02:00:00Z", "okta,00u3,employees,2,Max,2026-11-23\n")
	w.Systems[0].Accounts[2].Status = access.AccountSuspended
	d := Decide(w)
	w.Memory, w.Order = Remember(w, d, []access.Outcome{{Action: d.Plan.Actions[0], Result: access.Failed}}, "run-9"), nil
	w.Systems[0].Accounts[2].Status = access.AccountActive
	if !slices.ContainsFunc(Decide(w).Findings, func(f access.Finding) bool { return f.Kind == access.PerhapsTheirs && f.Account.ID == "00u3" }) {
		t.Errorf("an account that works again is settled by a link that was there: %+v", w.Memory.Orders)
	}
}

// Once HR says that two ids are one person, what is open about either is one order: the older
// one, which did not come to its end if either did not, and what was answered before either
// settles nothing.
func TestOrdersAboutTwoIDsOfOnePersonAreOne(t *testing.T) {
	older, newer := openOrder(leoKey), openOrder(leoKey)
	older.Known, newer.Known = []string{"employees/1 2026-11-20"}, []string{"okta::00u3 2026-11-21"}
	newer.Run, newer.At = "run-2", orderedAt.Add(time.Hour)
	for _, interrupted := range [][2]bool{{false, false}, {true, false}, {false, true}} {
		for _, first := range []access.PersonKey{leoKey, miaKey} {
			w := orderWorld(t, "", "")
			w.Policy.Answers = []access.Answer{{Person: leoKey, Answer: "same_as", SameAs: "2", ConfirmedOn: day("2026-11-21")}}
			older.Person, newer.Person = first, leoKey
			if first == leoKey {
				newer.Person = miaKey
			}
			older.Interrupted, newer.Interrupted = interrupted[0], interrupted[1]
			w.Memory.Orders = map[access.PersonKey]access.OpenOrder{older.Person: older, newer.Person: newer}
			want := older
			want.Person, want.Interrupted, want.Known = miaKey, interrupted[0] || interrupted[1], []string{"employees/1 2026-11-20", "okta::00u3 2026-11-21"}
			if diff := cmp.Diff([]access.OpenOrder{want}, Decide(w).Orders); diff != "" {
				t.Errorf("first about %s, interrupted %v: %s", first, interrupted, diff)
			}
		}
	}
}

// Which answers were there is noted by the day of the company, as it is asked for.
func TestAnswersOfTheEveningOfAnOrderAreNoted(t *testing.T) {
	w := orderWorld(t, "order employees/1 stolen INC-7\nzone America/Los_Angeles\nnow 2026-11-23T02:00:00Z", "okta,00u3,employees,2,Max,2026-11-22\n")
	w.Policy.Answers = []access.Answer{{Person: leoKey, Answer: "active", ConfirmedOn: day("2026-11-22")}, {Person: leoKey, Answer: "active", ConfirmedOn: day("2026-11-21")}}
	if got := Remember(w, Decide(w), nil, "run-9").Orders[leoKey].Known; !slices.Equal(got, []string{"employees/1 2026-11-22", "okta::00u3 2026-11-22"}) {
		t.Errorf("known are %q", got)
	}
}

// Whom a restore gave something back works here again; an order after it is not undone by it.
func TestWhoIsGivenSomethingBackIsOrderedOutNoMore(t *testing.T) {
	back := func(r access.Result, planned time.Time, stage access.Stage) []access.Outcome {
		return []access.Outcome{{Action: access.Action{Person: leoKey, Stage: stage, Undoes: &access.Undone{}}, Result: r, PlannedAt: planned}}
	}
	later := orderedAt.Add(time.Hour)
	for name, tt := range map[string]struct {
		outcomes []access.Outcome
		open     int
	}{
		"given back":             {back(access.Done, later, access.Restore), 1},
		"found to be so":         {back(access.AlreadyAbsent, later, access.Restore), 1},
		"refused":                {back(access.Skipped, later, access.Restore), 2},
		"failed":                 {back(access.Failed, later, access.Restore), 2},
		"before the order":       {back(access.Done, orderedAt.Add(-time.Second), access.Restore), 2},
		"a block":                {back(access.Done, later, access.Block), 2},
		"nothing was given back": {nil, 2},
	} {
		m := access.Memory{Orders: map[access.PersonKey]access.OpenOrder{leoKey: openOrder(leoKey), miaKey: openOrder(miaKey)}}
		if got := RememberRestore(m, tt.outcomes, "run-9").Orders; len(got) != tt.open || got[miaKey].Run != "run-1" || len(m.Orders) != 2 {
			t.Errorf("%s: %+v", name, got)
		}
	}
	died := openOrder(leoKey)
	died.Interrupted, died.Run, died.At = true, "run-8", later
	if got := StillOrdered(nil, []access.OpenOrder{died}, nil); !got[leoKey].Interrupted || got[leoKey].Run != "run-8" {
		t.Errorf("a first one, interrupted: %+v", got)
	}
	open := map[access.PersonKey]access.OpenOrder{leoKey: openOrder(leoKey)}
	if got := StillOrdered(open, []access.OpenOrder{died}, nil)[leoKey]; !got.Interrupted || !got.At.Equal(orderedAt) || open[leoKey].Interrupted {
		t.Errorf("one that was open, given again and interrupted: %+v", got)
	}
}

// An order that is open only tells: in no world does it add an action, hold one or take one.
func TestAnOpenOrderChangesNoPlan(t *testing.T) {
	found := 0
	for seed := range seeds(worlds) / 4 {
		w := counting(seed, removing(seed, misread(seed, choosing(seed, nil).world())))
		w.Order = nil
		want := Decide(w)
		w.Memory.Orders = map[access.PersonKey]access.OpenOrder{}
		for _, p := range want.People {
			w.Memory.Orders[p.Key()] = openOrder(p.Key())
		}
		got := Decide(w)
		if diff := cmp.Diff(want.Plan, got.Plan); diff != "" {
			t.Fatalf("seed %d: %s", seed, diff)
		}
		without := slices.DeleteFunc(slices.Clone(got.Findings), func(f access.Finding) bool { return f.Kind == access.PerhapsTheirs })
		if found += len(got.Findings) - len(without); !cmp.Equal(want.Findings, without) {
			t.Fatalf("seed %d: other findings differ: %s", seed, cmp.Diff(want.Findings, without))
		}
	}
	if found == 0 {
		t.Error("nobody has anything left: the worlds prove nothing")
	}
}
