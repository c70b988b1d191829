package collectors

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"rollcall/internal/access"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type stub struct {
	system  access.System
	collect func(context.Context) (access.Observation, error)
}

func (s stub) System() access.System { return s.system }

func (s stub) Collect(ctx context.Context) (access.Observation, error) { return s.collect(ctx) }

func sees(system access.System, logins ...string) stub {
	return stub{system, func(context.Context) (access.Observation, error) {
		return observation(system, "", logins...), nil
	}}
}

func observation(system access.System, scope string, logins ...string) access.Observation {
	obs := access.Observation{System: system, Reads: []access.Read{
		{System: system, Scope: scope, Kind: "users", Lists: true, Complete: true},
		{System: system, Scope: scope, Kind: "groups", Complete: true},
	}}
	for _, login := range logins {
		obs.Accounts = append(obs.Accounts, access.Account{
			System: system, Scope: scope, ID: access.AccountID("id-" + login), Login: login,
		})
	}
	return obs
}

func TestAllGivesObservationsInTheOrderOfTheCollectors(t *testing.T) {
	second := make(chan struct{})
	slow := stub{"a", func(context.Context) (access.Observation, error) {
		<-second // the first collector ends after the second one
		return observation("a", "", "ann"), nil
	}}
	quick := stub{"b", func(context.Context) (access.Observation, error) {
		close(second)
		return observation("b", "", "bob"), nil
	}}
	got := All(t.Context(), []Collector{slow, quick}, nil)
	want := []access.Observation{observation("a", "", "ann"), observation("b", "", "bob")}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestACollectorThatFailsOrPanicsIsAnIncompleteReadAndTheOthersGoOn(t *testing.T) {
	broken := []stub{
		{"fails", func(context.Context) (access.Observation, error) {
			return observation("fails", "", "half"), errors.New("no route to host")
		}},
		{"panics", func(context.Context) (access.Observation, error) { panic("index out of range") }},
		{"silent", func(context.Context) (access.Observation, error) { return access.Observation{}, nil }},
	}
	for _, b := range broken {
		got := All(t.Context(), []Collector{b, sees("okta", "ann")}, nil)
		bad := got[0]
		if bad.System != b.system || len(bad.Accounts) != 0 || len(bad.Reads) != 1 {
			t.Fatalf("%s: got %+v", b.system, bad)
		}
		r := bad.Reads[0]
		if r.Complete || !r.Lists || r.Kind != "all" || r.Gap == "" || r.System != b.system {
			t.Errorf("%s: read %+v", b.system, r)
		}
		if len(got[1].Accounts) != 1 || !got[1].Reads[0].Complete {
			t.Errorf("%s: the other system suffered: %+v", b.system, got[1])
		}
	}
}

func TestAPresentCanaryLeavesTheReadsAlone(t *testing.T) {
	obs := observation("okta", "", "Ann@x.test")
	for _, canary := range []string{"ann@X.test", "id-Ann@x.test"} {
		if d := cmp.Diff(obs, Certify(obs, []string{canary})); d != "" {
			t.Errorf("%s: %s", canary, d)
		}
	}
}

func TestAMissingCanaryMakesEveryListOfAccountsIncompleteAndNamesIt(t *testing.T) {
	obs := observation("okta", "", "ann")
	got := Certify(obs, []string{"ann", "zoe@x.test", "yan@x.test"})
	users, groups := got.Reads[0], got.Reads[1]
	if users.Complete || !strings.Contains(users.Gap, "zoe@x.test") || !strings.Contains(users.Gap, "yan@x.test") {
		t.Errorf("users: %+v", users)
	}
	if !groups.Complete {
		t.Error("a read that lists no accounts was doubted")
	}
	if !obs.Reads[0].Complete {
		t.Error("the observation given was changed")
	}
}

func TestAScopedCanaryDoubtsItsOwnScopeOnly(t *testing.T) {
	one, two := observation("aws", "111111111111", "ann"), observation("aws", "222222222222", "ann", "bob")
	both := access.Observation{
		System: "aws", Accounts: append(one.Accounts, two.Accounts...), Reads: append(one.Reads, two.Reads...),
	}
	got := Certify(both, []string{"111111111111:bob", "222222222222:bob"})
	if got.Reads[0].Complete {
		t.Error("bob is only in the other account, and account 111111111111 is called complete")
	}
	if !got.Reads[2].Complete {
		t.Error("account 222222222222 has its canary and was doubted")
	}
}

func TestACanaryOfAScopeThatNobodyReadIsAGap(t *testing.T) {
	got := Certify(observation("aws", "111111111111", "ann"), []string{"333333333333:ann"})
	last := got.Reads[len(got.Reads)-1]
	if last.Complete || !last.Lists || last.Scope != "333333333333" || !strings.Contains(last.Gap, "333333333333:ann") {
		t.Errorf("read %+v", last)
	}
}

func TestAnEmptyCanaryIsMissing(t *testing.T) {
	obs := observation("okta", "", "")
	if Certify(obs, []string{""}).Reads[0].Complete {
		t.Error("an empty canary was found")
	}
}
