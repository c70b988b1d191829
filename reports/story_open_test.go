package reports

import (
	"strings"
	"testing"

	"rollcall/internal/access"
)

// TestThatAllIsBlockedIsSaidOnlyOfWhatNobodyCanUse: what rollcall took from an account
// may all be taken, and somebody may get in all the same.
func TestThatAllIsBlockedIsSaidOnlyOfWhatNobodyCanUse(t *testing.T) {
	done := func() *access.Night {
		return leaverNight(access.Enforce, access.Outcome{Result: access.Done, VerifiedAt: at("2026-11-23 02:11")})
	}
	of := func(n *access.Night) access.AccountKey { return n.Plan.Actions[0].Account }
	open := done()
	open.Endings = map[access.AccountKey]access.Ending{of(open): {}}
	asked := done()
	asked.Findings = []access.Finding{{ID: "f", Kind: access.LeaverAccess, Disposition: access.ToUrgent, Severity: "critical", Person: asked.People[0].Key(), Account: of(asked), Login: "dan", Reason: "nobody knows how they sign in"}}
	elsewhere := done()
	other := access.AccountKey{System: "aws", ID: "90-1"}
	elsewhere.Endings = map[access.AccountKey]access.Ending{of(elsewhere): {BlockedAt: at("2026-11-23 02:11")}, other: {Account: other, Person: elsewhere.People[0].Key()}}
	if s := tell(elsewhere, Footer{}); !strings.Contains(clocks(s, s.Leavers[0]), "NOT all blocked and verified") {
		t.Errorf("another account of theirs is open: %s", clocks(s, s.Leavers[0]))
	}
	for name, n := range map[string]*access.Night{"its clock is open": open, "a person is asked": asked} {
		s := tell(n, Footer{})
		l := s.Leavers[0]
		if says := clocks(s, l); l.BlockedAt != "" || !strings.Contains(says, "NOT all blocked and verified") {
			t.Errorf("%s: %s", name, says)
		}
		if unsettled, _ := splitLeavers(s.Leavers); len(unsettled) != 1 || l.Accounts[0].VerifiedAt != "" || len(l.Accounts[0].Details) == 0 {
			t.Errorf("%s: it counts as settled: %+v", name, l)
		}
		if words, _ := within(l, n.Run.StartedAt); strings.Contains(words, "settled") {
			t.Errorf("%s: %s", name, words)
		}
	}
	if s := tell(asked, Footer{}); len(sayLeavers(s)) > 0 || len(sayUrgent(s)) != 1 {
		t.Errorf("it is asked about %d and %d times", len(sayLeavers(s)), len(sayUrgent(s)))
	}
	shut := done()
	shut.Endings = map[access.AccountKey]access.Ending{of(shut): {BlockedAt: at("2026-11-23 02:11")}}
	if l := tell(shut, Footer{}).Leavers[0]; l.BlockedAt == "" {
		t.Errorf("what is known to be blocked: %+v", l)
	}
}
