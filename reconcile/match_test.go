package reconcile

import (
	"slices"
	"testing"

	"rollcall/internal/access"
)

func TestTheAddressesOfARowAreSetApartByAnySign(t *testing.T) {
	got := addresses(access.Identity{Email: " Ann@Example.com", Aliases: "a@x.com;b@x.com,c@x.com d@x.com\ne@x.com; none"})
	if want := []string{"ann@example.com", "a@x.com", "b@x.com", "c@x.com", "d@x.com", "e@x.com"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

func TestWhoAnAccountMayBeIsToldInOneOrder(t *testing.T) {
	p := &People{}
	for _, id := range []string{"1", "2"} {
		p.list = append(p.list, access.Person{Identity: access.Identity{Source: "employees", EmployeeID: access.EmployeeID(id), Email: id + "@example.com"}})
	}
	p.index()
	for _, acc := range []access.Account{{Email: "1@example.com", Login: "2@example.com"}, {Email: "2@example.com", Login: "1@example.com"}} {
		got := newMatcher(p, access.Policy{}).match(acc)
		if got.How != access.Ambiguous || !slices.Equal(got.Candidates, []access.PersonKey{employee(1), employee(2)}) {
			t.Errorf("%s and %s: %+v", acc.Email, acc.Login, got)
		}
	}
}

// TestAnHRIDThatIsTheNameOfAListIsNobodys though that list has a row without an id.
func TestAnHRIDThatIsTheNameOfAListIsNobodys(t *testing.T) {
	p := &People{list: []access.Person{{Identity: access.Identity{Source: "employees"}}}}
	p.index()
	if got := newMatcher(p, access.Policy{}).match(access.Account{HRID: "employees"}); got.How != access.Unmatched {
		t.Errorf("%+v", got)
	}
}

// TestWhoAnAccountMayBeIsToldOnce though its login and its e-mail are one, or two links say the same.
func TestWhoAnAccountMayBeIsToldOnce(t *testing.T) {
	p := &People{list: []access.Person{{Identity: access.Identity{Source: "employees", EmployeeID: "1", Email: "ann@example.com"}}}}
	p.index()
	acc := access.Account{HRID: "9", Email: "ann@example.com", Login: "ann@example.com"}
	twice := []access.Link{{Account: acc.Key(), Person: employee(8)}, {Account: acc.Key(), Person: employee(8)}}
	for want, links := range map[int][]access.Link{1: nil, 8: twice} {
		got := newMatcher(p, access.Policy{Links: links}).match(acc)
		if got.How != access.Ambiguous || !slices.Equal(got.Candidates, []access.PersonKey{employee(want)}) {
			t.Errorf("%d links: %+v", len(links), got)
		}
	}
}
