package reconcile

import (
	"reflect"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"rollcall/internal/access"
)

// worksHere reports whether a row says by itself that its person works here.
func worksHere(w World, i access.Identity) bool {
	end := accessEnd(i, w.Settings.zone())
	return (i.Status == access.StatusActive || i.Status == access.StatusLeave) && i.Problem == "" &&
		started(i, w.Now, w.Settings.zone()) && (end.IsZero() || w.Now.Before(end))
}

// workersAreNeverCandidates: whoever any row of any list in force shows at work, whatever
// else is wrong with the row, is not acted on by their id; nor is an account that has an
// address of theirs, unless a link says whose it is; nor a leaver who has one, unless HR
// answered that they left, or both are one person.
func workersAreNeverCandidates(t *testing.T, _ random, w World, d Decision) {
	accounts, people := accountsOf(w), Stand(w)
	linked, answered := map[access.AccountKey]bool{}, map[access.PersonKey]bool{}
	for _, l := range w.Policy.Links {
		linked[l.Account] = true
	}
	for _, a := range w.Policy.Answers {
		answered[a.Person] = answered[a.Person] || a.Answer == "left"
	}
	for _, s := range w.Rosters {
		for _, i := range s.Rows {
			whole := i
			whole.Problem = ""
			if !worksHere(w, whole) {
				continue
			}
			theirs, who := claims(i), keyOf(i)
			for _, act := range slices.Concat(d.Plan.Actions, heldActions(d.Plan)) {
				acc := accounts[act.Account]
				switch has := func(mail string) bool { return slices.Contains(theirs, normalMail(mail)) }; {
				case act.Person == who:
					t.Errorf("row %d of %s works here: %s", i.Row, who, renderAction(act))
				case people.one(who) == act.Person || linked[acc.Key()]:
				case has(acc.Email) || has(acc.Login):
					t.Errorf("%s has the address of %s, who works here: %s", acc.Login, who, renderAction(act))
				case !answered[act.Person] && slices.ContainsFunc(claimsOf(w, act.Person), has):
					t.Errorf("%s has an address of %s, who works here: %s", act.Person, who, renderAction(act))
				}
			}
		}
	}
}

// claimsOf are the addresses of all rows of a person.
func claimsOf(w World, k access.PersonKey) (all []string) {
	for _, s := range w.Rosters {
		for _, i := range s.Rows {
			if keyOf(i) == k {
				all = append(all, claims(i)...)
			}
		}
	}
	return all
}

func refusedFileHolds(t *testing.T, _ random, w World, d Decision) {
	for _, s := range w.Rosters {
		for _, i := range s.Refused {
			if i.Status != access.StatusActive && i.Status != access.StatusLeave {
				continue
			}
			for _, act := range slices.Concat(d.Plan.Actions, heldActions(d.Plan)) {
				if act.Person == i.Key() {
					t.Errorf("the refused file shows %s working: %s", i.Key(), renderAction(act))
				}
			}
		}
	}
}

func exceptionAddsNothing(t *testing.T, r random, w World, d Decision) {
	w.Policy.Exceptions = slices.Clone(w.Policy.Exceptions)
	for n := range 3 {
		w.Policy.Exceptions = append(w.Policy.Exceptions, r.exception(9+n))
	}
	if again := Decide(w).Plan; !reflect.DeepEqual(d.Plan, again) {
		t.Errorf("an exception changes the plan:\n%s", gocmp.Diff(d.Plan, again))
	}
}

// removingRowsAddsNothing: absence is not departure, whoever it is. All ids that
// HR confirmed to be one person go together. Left out is who has a word of leaving
// in answers.csv: absence agrees with it.
func removingRowsAddsNothing(t *testing.T, _ random, w World, d Decision) {
	people := Stand(w)
	one := map[access.PersonKey][]access.PersonKey{}
	for _, p := range people.List() {
		one[people.one(p.Key())] = append(one[people.one(p.Key())], p.Key())
	}
	before := planned(d.Plan)
	for _, gone := range one {
		if slices.ContainsFunc(w.Policy.Answers, func(a access.Answer) bool { return a.Answer == "left" && slices.Contains(gone, a.Person) }) {
			continue
		}
		x := Decide(without(w, gone))
		for _, id := range planned(x.Plan) {
			if _, had := slices.BinarySearch(before, id); !had {
				t.Fatalf("without the rows of %s there is a new action %s:\n%s", joinKeys(gone), id, joined(outcome(w, x)))
			}
		}
	}
}

// without is the world whose lists no longer have somebody.
func without(w World, gone []access.PersonKey) World {
	w.Rosters = slices.Clone(w.Rosters)
	for n := range w.Rosters {
		s := &w.Rosters[n]
		rows := slices.DeleteFunc(slices.Clone(s.Rows), func(i access.Identity) bool { return slices.Contains(gone, keyOf(i)) })
		if len(rows) != len(s.Rows) {
			s.Rows, s.Vanished = rows, vanishedNow(s.Vanished, s.Rows, rows, w.Now)
		}
	}
	return w
}

func everyGrantInOneRow(t *testing.T, _ random, w World, d Decision) {
	rows := map[string]int{}
	for _, sheet := range d.Worksheets {
		for _, i := range sheet.Items {
			rows[subject(i.Account.Key(), i.Kind, i.Scope, i.EntitlementID)]++
		}
	}
	standing := map[access.PersonKey]access.Standing{}
	for _, p := range d.People {
		standing[p.Key()] = p.Standing
	}
	for _, o := range d.Systems {
		for _, g := range o.Grants {
			a, e, who := o.Accounts[g.Account], o.Entitlements[g.Entitlement], o.Matches[g.Account].Person
			here := standing[who] == access.StandingActive || standing[who] == access.StandingScheduled || standing[who] == access.StandingHeld || standing[who] == access.StandingVanished
			want := 0
			if g.Direct() && here && a.Status != access.AccountDisabled {
				want = 1
			}
			if n := rows[subject(a.Key(), e.Kind, e.Scope, e.ID)]; g.Direct() && standing[who] != access.StandingGarden && standing[who] != access.StandingPending && n != want {
				t.Errorf("%s %s of %s is in %d rows, not %d", e.Kind, e.ID, a.Key(), n, want)
			}
		}
	}
}
