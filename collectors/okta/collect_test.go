package okta

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeokta"
	"rollcall/internal/sandbox/faults"
)

// held writes the grants as lines that a person can check.
func held(obs access.Observation) []string {
	out := make([]string, 0, len(obs.Grants))
	for _, g := range obs.Grants {
		e := obs.Entitlements[g.Entitlement]
		line := fmt.Sprintf("%s: %s %s", obs.Accounts[g.Account].Name, e.Kind, e.Name)
		if via := obs.Via(g); via != "" {
			line += " via " + via
		}
		out = append(out, line)
	}
	slices.Sort(out)
	return out
}

func TestASmallOrganisationIsCollectedWhole(t *testing.T) {
	s := newSandbox(t, fakeokta.Options{})
	obs := s.collect(t)
	want := []string{
		"Ann Archer: admin_role Application Administrator via group Engineering",
		"Ann Archer: admin_role Super Administrator",
		"Ann Archer: api_token ann's script",
		"Ann Archer: app Payroll",
		"Ann Archer: app Wiki via group Engineering",
		"Ann Archer: app Wiki via group Everyone",
		"Ann Archer: group AD Staff",
		"Ann Archer: group Engineering",
		"Bob Baker: admin_role Application Administrator via group Engineering",
		"Bob Baker: admin_role Help Desk on Berlin via group Support",
		"Bob Baker: app Payroll via group Support",
		"Bob Baker: app Wiki via group Engineering",
		"Bob Baker: app Wiki via group Everyone",
		"Bob Baker: group Engineering",
		"Bob Baker: group Support",
		"Cid Carter: admin_role Help Desk on Berlin",
		"Cid Carter: admin_role Help Desk on Berlin via group Support",
		"Cid Carter: app Payroll",
		"Cid Carter: app Payroll via group Support",
		"Cid Carter: app Wiki via group Everyone",
		"Cid Carter: group Support",
		"Dan Dyer: group Engineering",
		"Eve Ellis: app Wiki via group Everyone",
		"Roll Call: app Wiki via group Everyone",
		"Sync: admin_role Read-only Administrator",
	}
	if d := cmp.Diff(want, held(obs)); d != "" {
		t.Errorf("grants (-want +got):\n%s", d)
	}
	for _, r := range obs.Reads {
		if !r.Complete || r.Gap != "" || r.Requests == 0 || r.Pages == 0 || len(r.SHA256) != 64 ||
			r.Caller != "rollcall@example.test" || r.StartedAt.IsZero() || r.FinishedAt.Before(r.StartedAt) {
			t.Errorf("read %+v", r)
		}
		if r.Lists != (r.Kind == "users") {
			t.Errorf("%s lists accounts: %v", r.Kind, r.Lists)
		}
	}
	if d := cmp.Diff([]access.AccountKey{{System: "okta", ID: access.AccountID(s.job.ID)}}, obs.Self); d != "" {
		t.Error(d)
	}
}

func TestAnAccountIsWhatOktaSaysInRollcallsWords(t *testing.T) {
	s := newSandbox(t, fakeokta.Options{})
	s.AddUser(person("pat@example.test", "Pat", "Page", "17", fakeokta.PasswordExpired))
	s.AddUser(person("rex@example.test", "Rex", "Rowe", "18", fakeokta.Recovery))
	s.AddUser(person("ivy@example.test", "Ivy", "Irwin", "19", fakeokta.Provisioned))
	obs := s.collect(t)
	want := map[string]access.AccountStatus{
		"ACTIVE": access.AccountActive, "LOCKED_OUT": access.AccountActive, "STAGED": access.AccountActive,
		"PASSWORD_EXPIRED": access.AccountActive, "RECOVERY": access.AccountActive, "PROVISIONED": access.AccountActive,
		"SUSPENDED": access.AccountSuspended, "DEPROVISIONED": access.AccountDisabled,
	}
	seen := map[string]bool{}
	for _, a := range obs.Accounts {
		seen[a.VendorStatus] = true
		if a.Status != want[a.VendorStatus] {
			t.Errorf("%s: %s is %q", a.Login, a.VendorStatus, a.Status)
		}
	}
	if len(seen) != len(want) {
		t.Errorf("states seen: %v", seen)
	}
	if statusOfUser("BRAND_NEW") != access.AccountUnknown {
		t.Error("a state that nobody knows is not unknown")
	}
	ann := access.Account{
		System: "okta", ID: access.AccountID(s.ann.ID), Kind: access.OktaUser,
		Login: "ann@example.test", Email: "ann@example.test", HRID: "0012", Name: "Ann Archer",
		Status: access.AccountActive, VendorStatus: "ACTIVE", Privileged: true, MFA: access.MFAUnknown,
		CreatedAt: epoch, LastUsedAt: epoch.AddDate(0, 3, 0), UsageKnown: true,
	}
	for _, a := range obs.Accounts {
		if a.ID == ann.ID {
			if d := cmp.Diff(ann, a); d != "" {
				t.Error(d)
			}
		}
		if admin := slices.Contains([]string{"Ann Archer", "Bob Baker", "Cid Carter", "Sync"}, a.Name); a.Privileged != admin {
			t.Errorf("%s privileged: %v", a.Name, a.Privileged)
		}
	}
}

func TestAnHRNumberKeepsItsDigitsAsTextOrNumber(t *testing.T) {
	for raw, want := range map[string]text{`"0012"`: "0012", `12`: "12", `null`: "", `""`: ""} {
		var got text
		if err := got.UnmarshalJSON([]byte(raw)); err != nil || got != want {
			t.Errorf("%s: %q, %v", raw, got, err)
		}
	}
}

func TestAnEntitlementSaysWhatKindOfRightItIs(t *testing.T) {
	obs := newSandbox(t, fakeokta.Options{}).collect(t)
	type facts struct{ Editable, Privileged, Credential bool }
	want := map[string]facts{
		"group Everyone": {}, "group AD Staff": {}, "group Empty": {Editable: true},
		"group Engineering": {Editable: true, Privileged: true}, "group Support": {Editable: true, Privileged: true},
		"app Wiki": {Editable: true}, "app Payroll": {Editable: true}, "app Sync": {Editable: true},
		"admin_role Read-only Administrator":   {Editable: true, Privileged: true},
		"admin_role Super Administrator":       {Editable: true, Privileged: true},
		"admin_role Application Administrator": {Editable: true, Privileged: true},
		"admin_role Help Desk on Berlin":       {Editable: true, Privileged: true},
		"api_token ann's script":               {Editable: true, Privileged: true, Credential: true},
	}
	got := map[string]facts{}
	for _, e := range obs.Entitlements {
		got[string(e.Kind)+" "+e.Name] = facts{e.Editable, e.Privileged, e.Credential}
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestTheOrderOfTheTablesDoesNotDependOnTheAnswers(t *testing.T) {
	obs := newSandbox(t, fakeokta.Options{}).collect(t)
	ids := func(a, b access.Account) int { return strings.Compare(string(a.ID), string(b.ID)) }
	if !slices.IsSortedFunc(obs.Accounts, ids) {
		t.Error("accounts are not in order")
	}
	if !slices.IsSortedFunc(obs.Entitlements, func(a, b access.Entitlement) int {
		return strings.Compare(string(a.Kind)+" "+a.ID, string(b.Kind)+" "+b.ID)
	}) {
		t.Error("entitlements are not in order")
	}
	key := func(g access.Grant) string { return fmt.Sprintf("%06d %06d %06d", g.Account, g.Entitlement, g.Carrier) }
	if !slices.IsSortedFunc(obs.Grants, func(a, b access.Grant) int { return strings.Compare(key(a), key(b)) }) {
		t.Error("grants are not in order")
	}
}

func TestATokensLastUseIsWorkedOutFromItsExpiry(t *testing.T) {
	obs := newSandbox(t, fakeokta.Options{}).collect(t)
	for _, g := range obs.Grants {
		if obs.Entitlements[g.Entitlement].Kind == access.OktaAPIToken && !g.LastUsedAt().Equal(epoch.AddDate(1, 0, 0)) {
			t.Errorf("last used %s", g.LastUsedAt())
		}
	}
	fresh := wireToken{TokenWindow: "P30D", Created: epoch, ExpiresAt: epoch.AddDate(0, 0, 30)}
	if !fresh.lastUsed().IsZero() {
		t.Error("a token that was never used has a last use")
	}
}

func TestAServiceAppThatIsNobodysUserStillCollects(t *testing.T) {
	s := newSandbox(t, fakeokta.Options{})
	s.SetToken(readerToken, fakeokta.Token{Name: "service", ReadOnly: true})
	obs := s.collect(t)
	r := readOf(t, obs, "users")
	if !r.Complete || !strings.HasPrefix(r.Caller, "unknown (") || len(obs.Self) != 0 {
		t.Errorf("users %+v, self %v", r, obs.Self)
	}
	if !slices.ContainsFunc(obs.Notes, func(n string) bool { return strings.Contains(n, "own account") }) {
		t.Errorf("nobody is told: %q", obs.Notes)
	}
}

func TestTheCollectorSendsNoWriteAndAsksNoMoreThanItMust(t *testing.T) {
	s := newSandbox(t, fakeokta.Options{})
	before, err := s.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	s.collect(t)
	after, err := s.Snapshot()
	if err != nil || string(before) != string(after) {
		t.Errorf("the organisation changed (%v)", err)
	}
	for _, r := range s.Requests() {
		if r.Method != http.MethodGet {
			t.Errorf("%s %s", r.Method, r.Path)
		}
		for _, id := range []string{s.Everyone(), s.empty.ID} {
			if strings.Contains(r.Path, id) {
				t.Errorf("asked in vain: %s", r.Path)
			}
		}
	}
	// me, groups, users twice, 3 groups' members, rules, apps, 3 apps twice,
	// assignees, resource sets, bindings, binding members, roles of ann and
	// cid and of 2 groups, of 1 client, tokens
	if n, want := len(s.Requests()), 1+1+2+3+1+1+6+4+4+1+1; n != want {
		t.Errorf("%d requests, want %d", n, want)
	}
}

func TestTheRequestsOfTheReadsAddUpToAllThatWereSent(t *testing.T) {
	s := newSandbox(t, fakeokta.Options{MaxPage: 1})
	sum := 0
	for _, r := range s.collect(t).Reads {
		sum += r.Requests
	}
	if n := len(s.Requests()); n != sum {
		t.Errorf("%d requests, the reads say %d", n, sum)
	}
}

func TestNoGapShowsTheToken(t *testing.T) {
	s := newSandbox(t, fakeokta.Options{})
	s.Add(faults.Rule{Kind: faults.Status, Code: 403, Body: `{"errorCode":"E0000006","errorSummary":"SSWS ` + readerToken + `"}`})
	obs := s.collect(t)
	if text := fmt.Sprintf("%+v", obs); strings.Contains(text, readerToken) {
		t.Error(text)
	}
	if r := readOf(t, obs, "users"); r.Complete || !strings.Contains(r.Gap, "[token]") {
		t.Errorf("users: %+v", r)
	}
}

// A user who is deactivated between the two lists is in both: the later row
// holds.
func TestAUserInBothListsIsOneAccount(t *testing.T) {
	rows := distinct([]wireUser{{ID: "a", Status: "ACTIVE"}, {ID: "b"}, {ID: "a", Status: "DEPROVISIONED"}})
	if len(rows) != 2 || rows[0].Status != "DEPROVISIONED" {
		t.Errorf("%+v", rows)
	}
}

// diffOfFacts compares all but the certificates and the notes, which tell how
// the facts were read.
func diffOfFacts(a, b access.Observation) string {
	a.Reads, b.Reads, a.Notes, b.Notes = nil, nil, nil, nil
	return cmp.Diff(a, b)
}
