package reconcile

import (
	"maps"
	"testing"

	"rollcall/internal/access"
)

// A limit is a share of the accounts that can be hit tonight. Those of a system that is in
// the configuration no more are remembered, and make no night larger.
func TestAccountsOfASystemThatIsGoneWidenNoGuard(t *testing.T) {
	known := map[access.System]int{"okta": 100, "aws": 30, "okta-before": 10_000}
	e := &evaluation{w: World{Memory: access.Memory{Accounts: known}}, systems: []access.Judged{
		{Observation: access.Observation{System: "okta"}}, {Observation: access.Observation{System: "aws"}}, {Observation: access.Observation{System: "new"}}}}
	if got := e.judgeFacts().Memory.Accounts; !maps.Equal(got, map[access.System]int{"okta": 100, "aws": 30}) {
		t.Errorf("the guards judge by %v", got)
	}
	if len(known) != 3 {
		t.Error("what is remembered was changed")
	}
}
