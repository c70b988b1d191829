package collectortest

import (
	"strings"
	"testing"

	"rollcall/internal/access"
)

func truth() access.Observation {
	return access.Observation{
		System:       "okta",
		Accounts:     []access.Account{{System: "okta", ID: "a", Login: "ann"}, {System: "okta", ID: "b", Login: "bob"}},
		Entitlements: []access.Entitlement{{System: "okta", Kind: access.OktaGroup, ID: "g", Name: "Staff", Read: 1}},
		Grants:       []access.Grant{{Account: 0}, {Account: 1}},
		Reads: []access.Read{
			{System: "okta", Kind: "users", Lists: true, Complete: true, Records: 2},
			{System: "okta", Kind: "group_members", Complete: true, Records: 2},
		},
	}
}

func TestCompareSeesWhatIsClaimedWrongly(t *testing.T) {
	for _, c := range []struct {
		rule   string
		change func(*access.Observation)
		says   string // empty: nothing is wrong
	}{
		{"the truth", func(*access.Observation) {}, ""},
		{"another number of requests", func(o *access.Observation) { o.Reads[0].Requests = 7 }, ""},
		{"a lost account", func(o *access.Observation) { o.Accounts, o.Grants = o.Accounts[:1], o.Grants[:1] }, "okta/users is called complete"},
		{"a lost grant", func(o *access.Observation) { o.Grants = o.Grants[:1] }, "okta/group_members is called complete"},
		{"a lost record", func(o *access.Observation) { o.Reads[0].Records = 1 }, "okta/users is called complete"},
		{"another status", func(o *access.Observation) { o.Accounts[0].Status = access.AccountDisabled }, "everything is called complete"},
		{"no reads", func(o *access.Observation) { o.Reads = nil }, "no reads"},
		{"a gap without words", func(o *access.Observation) { o.Reads[1].Complete = false }, "does not say why"},
		{"words without a gap", func(o *access.Observation) { o.Reads[1].Gap = "403" }, "has a gap"},
		{"a lost grant that is owned up to", func(o *access.Observation) {
			o.Grants = o.Grants[:1]
			o.Reads[1] = access.Read{System: "okta", Kind: "group_members", Gap: "403", Records: 1}
		}, ""},
		{"a lost account behind another scope's gap", func(o *access.Observation) {
			o.Accounts, o.Grants = o.Accounts[:1], o.Grants[:1]
			o.Reads[1] = access.Read{System: "okta", Kind: "group_members", Gap: "403", Records: 1}
		}, "okta/users is called complete"},
	} {
		got := truth()
		c.change(&got)
		problem := Compare(truth(), got)
		if (c.says == "") != (problem == "") || !strings.Contains(problem, c.says) {
			t.Errorf("%s: %q, want %q", c.rule, problem, c.says)
		}
	}
}
