package reconcile

import (
	"testing"

	"rollcall/internal/access"
)

func TestTheNumbersOfAList(t *testing.T) {
	with := func(ids ...access.EmployeeID) (out []access.Identity) {
		for _, id := range ids {
			out = append(out, access.Identity{EmployeeID: id, Status: access.StatusActive})
		}
		return out
	}
	left := func(rows []access.Identity, n int) []access.Identity {
		for i := range n {
			rows[i].Status = access.StatusLeft
		}
		return rows
	}
	for what, c := range map[string]struct {
		before, after []access.Identity
		accepted      bool
	}{
		"five in a hundred may be gone":                {staff(200), left(staff(200), 10), true},
		"and no more":                                  {staff(200), left(staff(200), 11), false},
		"one lost its zeros":                           {staff(49, with("007")...), staff(49, with("7")...), true},
		"two in a hundred did":                         {staff(97, with("007", "008")...), staff(97, with("7", "8")...), false},
		"one in a hundred did":                         {staff(198, with("007", "008")...), staff(198, with("7", "8")...), true},
		"those with zeros are there beside other ones": {staff(47, with("007", "008")...), staff(47, with("007", "008", "7", "8")...), true},
	} {
		s := Accept(hrList(c.after, "o2", "n2"), nil, inForce(c.before), RosterGuard{}, midnight)
		if s.Verdict.Accepted != c.accepted {
			t.Errorf("%s: %+v", what, s.Verdict.Refusal)
		}
	}
}

func TestTheSameFileReadAnotherWayTakesForceAsAnotherList(t *testing.T) {
	s := Accept(hrList(staff(40), "o1", "n2"), nil, inForce(staff(40)), RosterGuard{}, midnight)
	if s.Verdict.Same || s.Verdict.InForce.SHA256 != "n2" || !s.Verdict.InForce.AcceptedAt.Equal(midnight) {
		t.Errorf("%+v", s.Verdict)
	}
	s = Accept(hrList(staff(40), "o1", "n1"), nil, inForce(staff(40)), RosterGuard{}, midnight)
	if !s.Verdict.Same || s.Verdict.InForce.AcceptedAt.Equal(midnight) {
		t.Errorf("the very same: %+v", s.Verdict)
	}
}
