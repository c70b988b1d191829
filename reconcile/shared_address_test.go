package reconcile

import (
	"fmt"
	"testing"
	"time"

	"rollcall/internal/access"
)

// Whoever works on a shop floor may have the shop's address, and there may be thousands of
// them: what is decided by their ids takes as long as if each had an address of their own,
// or this test would not end within that of the package.
func TestAnAddressThatThousandsShareChangesNothingForAccountsThatAreKnownByID(t *testing.T) {
	const shop, people = "shop@example.com", 20_000
	list := access.Roster{Source: "employees", File: "e.csv", SHA256: "n", Original: "n"}
	o := access.Observation{System: "okta", Reads: []access.Read{{System: "okta", Kind: "users", Complete: true, Lists: true}}}
	for n := range people {
		id := access.EmployeeID(fmt.Sprint(n))
		one := access.Identity{Source: "employees", EmployeeID: id, Email: shop, Status: access.StatusActive, Row: n + 2}
		if n == 0 {
			one.Status, one.LastWorkingDay = access.StatusLeft, access.Day{At: midnight.AddDate(0, 0, -3)}
		}
		list.Rows = append(list.Rows, one)
		o.Accounts = append(o.Accounts, access.Account{System: "okta", ID: access.AccountID("u" + id), Kind: access.OktaUser, Login: fmt.Sprintf("w%d@example.com", n), Email: shop, HRID: id, Status: access.AccountActive, VendorStatus: "ACTIVE"})
	}
	w := World{Now: midnight.Add(2 * time.Hour), Rosters: []SourceRoster{Accept(list, nil, access.Memory{}, RosterGuard{}, midnight)}, Systems: []access.Observation{o}}
	d := Identify(w).Evaluate()
	for a, m := range d.Systems[0].Matches {
		if m.How != access.MatchedHRID || string(m.Person.EmployeeID) != fmt.Sprint(a) {
			t.Fatalf("account %d is %s of %s", a, m.How, m.Person)
		}
	}
	for _, p := range d.People {
		if want := p.EmployeeID == "0"; want != (p.Standing == access.StandingHeld) {
			t.Errorf("%s is %s: %s", p.Key(), p.Standing, p.Why)
		}
	}
}
