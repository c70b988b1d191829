package reconcile

import (
	"testing"
	"time"

	"rollcall/internal/access"
)

// onePerson are two ids that HR confirmed to be one person, the second of which counts.
func onePerson(me, counts access.EmployeeID, standing [2]access.Standing, returns [2]bool) (p *People, k [2]access.PersonKey) {
	p = &People{sameAs: map[access.PersonKey]access.PersonKey{}}
	for n, id := range []access.EmployeeID{me, counts} {
		i := access.Identity{Source: "employees", EmployeeID: id}
		p.list, k[n] = append(p.list, access.Person{Identity: i, Standing: standing[n], Returns: returns[n]}), i.Key()
	}
	if me > counts {
		p.list[0], p.list[1] = p.list[1], p.list[0]
	}
	p.index()
	p.sameAs[k[0]] = k[1]
	return p, k
}

// TestTwoIDsOfOnePersonThatAreInNoListAnyMore stand where the one that counts stands, unless
// one of them left and the other never did, and both went together.
func TestTwoIDsOfOnePersonThatAreInNoListAnyMore(t *testing.T) {
	left, vanished, held, active := access.StandingLeft, access.StandingVanished, access.StandingHeld, access.StandingActive
	for name, c := range map[string]struct {
		me, counts access.Standing
		days       int // by which the id that counts was gone before the other
		want       access.Standing
	}{
		"both left":                              {left, left, 0, left},
		"the other one left, this one never did": {vanished, left, 0, held},
		"it went later than the one that left":   {vanished, left, 1, held},
		"it was gone before that one left":       {vanished, left, -1, left},
		"neither left":                           {vanished, vanished, 0, vanished},
		"HR says that the one that counts works": {vanished, active, 0, active},
	} {
		for _, id := range []access.EmployeeID{"0", "2"} {
			p, k := onePerson(id, "1", [2]access.Standing{c.me, c.counts}, [2]bool{})
			p.agree(World{Rosters: []SourceRoster{{Vanished: map[access.PersonKey]access.Vanished{k[0]: {Since: midnight.AddDate(0, 0, c.days)}, k[1]: {Since: midnight}}}}})
			if p.Get(k[0]).Standing != c.want || p.Get(k[1]).Standing != c.want {
				t.Errorf("%s, of ids %s and 1: %s and %s", name, id, p.Get(k[0]).Standing, p.Get(k[1]).Standing)
			}
		}
	}
}

// TestOfTwoIDsThatAreInTheListsTheDoubtfulOneHolds the person, whichever of them counts.
func TestOfTwoIDsThatAreInTheListsTheDoubtfulOneHolds(t *testing.T) {
	left, held, active, scheduled, pending := access.StandingLeft, access.StandingHeld, access.StandingActive, access.StandingScheduled, access.StandingPending
	for name, c := range map[string]struct{ me, counts, want access.Standing }{
		"it works, and the one that counts left":               {active, left, held},
		"it works until its end, and the one that counts left": {scheduled, left, held},
		"it is held, and the one that counts left":             {held, left, held},
		"it left, and the one that counts works":               {left, active, active},
		"it left, and the one that counts is held":             {left, held, held},
		"it is held, and the one that counts works":            {held, active, active},
		"it begins later, and the one that counts left":        {pending, left, left},
		"both left": {left, left, left},
	} {
		for _, id := range []access.EmployeeID{"0", "2"} {
			p, k := onePerson(id, "1", [2]access.Standing{c.me, c.counts}, [2]bool{})
			p.agree(World{})
			if p.Get(k[0]).Standing != c.want || p.Get(k[1]).Standing != c.want {
				t.Errorf("%s, of ids %s and 1: %s and %s", name, id, p.Get(k[0]).Standing, p.Get(k[1]).Standing)
			}
		}
	}
}

func TestAnIDDoesNotGoTogetherWithItself(t *testing.T) {
	_, k := onePerson("0", "1", [2]access.Standing{}, [2]bool{})
	since := map[access.PersonKey]time.Time{k[0]: midnight, k[1]: midnight}
	if !goneTogether(since, k[0], k[1]) || goneTogether(since, k[0], k[0]) {
		t.Error("two ids go together, and one does not")
	}
}

// TestWhoseOtherIDHasAStartAheadComesBack and who has none does not.
func TestWhoseOtherIDHasAStartAheadComesBack(t *testing.T) {
	left, pending := access.StandingLeft, access.StandingPending
	for name, c := range map[string]struct {
		standing [2]access.Standing
		returns  [2]bool
		want     bool
	}{
		"both left":                         {[2]access.Standing{left, left}, [2]bool{}, false},
		"a start beside the id that counts": {[2]access.Standing{left, left}, [2]bool{false, true}, true},
		"a start beside the other id":       {[2]access.Standing{left, left}, [2]bool{true, false}, true},
		"the other id begins later":         {[2]access.Standing{pending, left}, [2]bool{}, true},
	} {
		for _, id := range []access.EmployeeID{"0", "2"} {
			p, k := onePerson(id, "1", c.standing, c.returns)
			p.agree(World{})
			if p.Get(k[0]).Returns != c.want || p.Get(k[1]).Returns != c.want {
				t.Errorf("%s, of ids %s and 1: %t and %t", name, id, p.Get(k[0]).Returns, p.Get(k[1]).Returns)
			}
		}
	}
}
