package reconcile

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"rollcall/internal/access"
)

// twoOf is a system in which ann and ben hold the same, and each a key of their own.
func twoOf() access.Observation {
	o := access.Observation{System: "s"}
	for _, id := range []access.AccountID{"ann", "ben"} {
		o.Accounts = append(o.Accounts, access.Account{System: "s", ID: id, Status: access.AccountActive, VendorStatus: "ACTIVE"})
	}
	add := func(kind access.EntitlementKind, scope, id string, holders ...uint32) uint32 {
		n := uint32(len(o.Entitlements))
		o.Entitlements = append(o.Entitlements, access.Entitlement{System: "s", Scope: scope, Kind: kind, ID: id, Name: id, Credential: kind == access.AccessKey || kind == access.SSHKey})
		for _, h := range holders {
			o.Grants = append(o.Grants, access.Grant{Account: h, Entitlement: n})
		}
		return n
	}
	group := add(access.OktaGroup, "", "G", 0, 1)
	app := add(access.OktaApp, "", "A", 0, 1)
	add(access.OktaAdminRole, "", "R", 0, 1)
	add(access.OktaAPIToken, "", "T", 0, 1)
	for _, h := range []uint32{0, 1} {
		o.Grants = append(o.Grants, access.Grant{Account: h, Entitlement: app, Carrier: group + 1})
	}
	add(access.AccessKey, "1", "K", 0)
	add(access.AccessKey, "2", "K", 0)
	add(access.SSHKey, "1", "K", 0)
	add(access.AccessKey, "1", "L", 1)
	return o
}

// changes says what of a system is otherwise than it was.
func changes(was, is access.Observation) string {
	facts := func(o access.Observation) (all []string) {
		for _, a := range o.Accounts {
			all = append(all, fmt.Sprintf("%s %s %s", a.ID, a.VendorStatus, a.Status))
		}
		for _, g := range o.Grants {
			e := o.Entitlements[g.Entitlement]
			says := fmt.Sprintf("%s has %s", o.Accounts[g.Account].ID, e.ID)
			if !g.Direct() {
				says += " by " + o.Entitlements[g.Carrier-1].ID
			}
			all = append(all, says)
		}
		for _, e := range o.Entitlements {
			all = append(all, fmt.Sprintf("%s %s %s works: %t", e.Kind, e.Scope, e.ID, e.Credential))
		}
		return all
	}
	var out []string
	before, after := facts(was), facts(is)
	for _, f := range before {
		if !slices.Contains(after, f) {
			out = append(out, "-"+f)
		}
	}
	for _, f := range after {
		if !slices.Contains(before, f) {
			out = append(out, "+"+f)
		}
	}
	return strings.Join(out, ", ")
}

// What the last run is known to have done, and nothing else, is so in what is recalled.
func TestASystemIsAsItsOutcomesLeftIt(t *testing.T) {
	ann := access.AccountKey{System: "s", ID: "ann"}
	done := func(stage access.Stage, verb access.Verb, right ...string) access.Outcome {
		right = append(right, "", "", "")
		return access.Outcome{Result: access.Done, Action: access.Action{Stage: stage, Verb: verb, Account: ann, EntitlementKind: access.EntitlementKind(right[0]), GrantScope: right[1], EntitlementID: right[2]}}
	}
	but := func(o access.Outcome, change func(*access.Outcome)) access.Outcome { change(&o); return o }
	result := func(r access.Result) func(*access.Outcome) { return func(o *access.Outcome) { o.Result = r } }
	suspend := done(access.Block, access.OktaSuspend)
	for name, one := range map[string]struct {
		out  access.Outcome
		want string
	}{
		"suspended":              {suspend, "-ann ACTIVE active, +ann SUSPENDED suspended"},
		"suspended already":      {but(suspend, result(access.AlreadyAbsent)), "-ann ACTIVE active, +ann SUSPENDED suspended"},
		"failed":                 {but(suspend, result(access.Failed)), ""},
		"skipped":                {but(suspend, result(access.Skipped)), ""},
		"under way":              {but(suspend, result(access.Pending)), ""},
		"of another system":      {but(suspend, func(o *access.Outcome) { o.Action.Account.System = "other" }), ""},
		"of nobody who is there": {but(suspend, func(o *access.Outcome) { o.Action.Account.ID = "cid" }), ""},
		"restored":               {done(access.Restore, access.OktaUnsuspend), ""},
		"given back":             {done(access.Restore, access.OktaUnsuspend, string(access.OktaGroup), "", "G"), ""},
		"deactivated, which takes applications, roles and tokens with it": {done(access.Block, access.OktaDeactivate), "-ann ACTIVE active, -ann has A, -ann has R, -ann has T, +ann DEPROVISIONED disabled"},
		"sessions ended":                         {done(access.Block, access.OktaClearSessions), ""},
		"no sessions of who is deactivated":      {but(done(access.Block, access.OktaClearSessions), result(access.AlreadyAbsent)), "-ann ACTIVE active, +ann DEPROVISIONED disabled"},
		"denied":                                 {done(access.Block, access.IAMDeny), "-ann ACTIVE active, +ann denied suspended"},
		"a key, and none of its name elsewhere":  {done(access.Block, access.IAMDeactivateKey, string(access.AccessKey), "1", "K"), "-access_key 1 K works: true, +access_key 1 K works: false"},
		"somebody else's key":                    {done(access.Block, access.IAMDeactivateKey, string(access.AccessKey), "1", "L"), ""},
		"a token":                                {done(access.Block, access.OktaDeleteToken, string(access.OktaAPIToken), "", "T"), "-ann has T"},
		"a membership, with what it carries":     {done(access.Remove, access.OktaLeaveGroup, string(access.OktaGroup), "", "G"), "-ann has G, -ann has A by G"},
		"an application, but not by a group":     {done(access.Remove, access.OktaUnassignApp, string(access.OktaApp), "", "A"), "-ann has A"},
		"second factors, which are nowhere read": {done(access.Remove, access.OktaResetFactors), ""},
	} {
		was := twoOf()
		if diff := gocmp.Diff(one.want, changes(was, After(was, []access.Outcome{one.out}))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if diff := gocmp.Diff(twoOf(), was); diff != "" {
			t.Errorf("%s: what was recorded is written into:\n%s", name, diff)
		}
	}
}

func TestSystemsWereSeenWhenTheOldestOfTheirListsWas(t *testing.T) {
	at := func(hour int) time.Time { return tonight.Add(time.Duration(hour) * time.Hour) }
	list := func(hour int) access.Read { return access.Read{StartedAt: at(hour), Lists: true, Complete: true} }
	for name, one := range map[string]struct {
		reads []access.Read
		want  time.Time
	}{
		"no list":                        {nil, time.Time{}},
		"the oldest":                     {[]access.Read{list(2), list(1), list(3)}, at(1)},
		"one that broke off lists none":  {[]access.Read{list(2), {StartedAt: at(1), Lists: true}}, at(2)},
		"what lists no accounts is none": {[]access.Read{list(2), {StartedAt: at(1), Complete: true}}, at(2)},
	} {
		var l LastRun
		for _, r := range one.reads {
			l.Systems = append(l.Systems, access.Observation{Reads: []access.Read{r}})
		}
		if got := l.SeenAt(); !got.Equal(one.want) {
			t.Errorf("%s: %s, want %s", name, got, one.want)
		}
	}
}
