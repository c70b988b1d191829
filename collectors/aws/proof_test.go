package aws

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeaws"
	"rollcall/internal/sandbox/faults"
)

func readOf(t *testing.T, obs access.Observation, scope, kind string) access.Read {
	t.Helper()
	i := slices.IndexFunc(obs.Reads, func(r access.Read) bool { return r.Scope == scope && r.Kind == kind })
	if i < 0 {
		t.Fatalf("there is no read %s of %q", kind, scope)
	}
	return obs.Reads[i]
}

func TestTheReportSaysHowManyUsersThereAre(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	obs := o.collect(t)
	if r := readOf(t, obs, prod, readIAM); r.Records != 4 || r.ClaimedTotal != 4 {
		t.Errorf("%+v", r)
	}
	if r := readOf(t, obs, dev, readIAM); r.Records != 0 || r.ClaimedTotal != 0 {
		t.Errorf("%+v", r)
	}
	o.faults.Add(apiError("GetCredentialReport", 403, "AccessDenied"))
	if r := readOf(t, o.collect(t), prod, readIAM); r.ClaimedTotal != -1 || !r.Complete {
		t.Errorf("without a report: %+v", r)
	}
}

func TestAUserWhomOnlyTheReportNamesIsAskedForAndMayBeGone(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	o.AddIAMUser(fakeaws.IAMUser{Account: prod, Name: "gone", CreatedAt: start.AddDate(-1, 0, 0)})
	o.collect(t) // makes the report
	removeUser(t, o, "gone")
	o.ResetRequests()
	obs := o.collect(t)
	if r := readOf(t, obs, prod, readIAM); !r.Complete || r.ClaimedTotal != 4 || r.Requests != 2 {
		t.Errorf("%+v", r)
	}
	asked := slices.DeleteFunc(o.Requests(), func(r fakeaws.Request) bool { return r.Action != "GetUser" })
	if len(asked) != 1 || asked[0].UserName != "gone" || asked[0].Account != prod {
		t.Errorf("asked %+v", asked)
	}
}

// removeUser takes a user out of the sandbox's state.
func removeUser(t *testing.T, o *org, name string) {
	t.Helper()
	st := o.State()
	st.Users = slices.DeleteFunc(st.Users, func(u fakeaws.IAMUser) bool { return u.Name == name })
	if err := o.Restore(encode(t, st)); err != nil {
		t.Fatal(err)
	}
}

func TestAUserWhomTheListLosesIsAGapAndNoDepartedUser(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	lose := regexp.MustCompile(`(?s)<member><Path>/</Path><UserName>leaver</UserName>.*?</Tags></member>`)
	o.faults.Add(faults.Rule{Match: faults.Action("GetAccountAuthorizationDetails"), Kind: faults.Rewrite, Rewrite: func(a *faults.Answer) {
		a.Body = lose.ReplaceAll(a.Body, nil)
	}})
	obs := o.collect(t)
	if slices.ContainsFunc(obs.Accounts, func(a access.Account) bool { return a.Login == "leaver" }) {
		t.Fatal("the list did not lose the leaver: the test proves nothing")
	}
	r := readOf(t, obs, prod, readIAM)
	if r.Complete || r.ClaimedTotal != 4 || r.Records != 3 || !strings.Contains(r.Gap, "users that exist are not in the list: leaver") {
		t.Errorf("%+v", r)
	}
	o.faults.Add(apiError("GetUser", 403, "AccessDenied"))
	r = readOf(t, o.collect(t), prod, readIAM)
	want := "user leaver is in the credential report and not in the list: iam:GetUser is denied to arn:aws:sts::" + prod + ":assumed-role/read/rollcall-t: grant it iam:GetUser on account " + prod
	if r.Complete || r.Gap != want {
		t.Errorf("gap %q, want %q", r.Gap, want)
	}
}

func TestADeniedReadOfIAMNamesActionCallerAndAccount(t *testing.T) {
	for op, kind := range map[string]string{
		"GetAccountAuthorizationDetails": readIAM, "GenerateCredentialReport": readReport,
		"GetCredentialReport": readReport, "ListServiceSpecificCredentials": readServiceCreds,
	} {
		o := openOrg(t, fakeaws.Options{})
		o.faults.Add(apiError(op, 403, "AccessDenied"))
		gap := gaps(o.collect(t))[prod+"/"+kind]
		if !strings.Contains(gap, "iam:"+op+" is denied to arn:aws:sts::"+prod+":assumed-role/read/rollcall-t: grant it iam:"+op+" on account "+prod) {
			t.Errorf("%s: gap %q", op, gap)
		}
	}
}

func TestACertificateTellsItsRequestsPagesAndDigestAndTheyRepeat(t *testing.T) {
	opts := fakeaws.Options{MaxPage: 1}
	one := openOrg(t, opts).collect(t)
	for range 3 { // answers come in another order each time, from many goroutines
		other := openOrg(t, opts).collect(t)
		for i, r := range one.Reads {
			s := other.Reads[i]
			if r.Name() != s.Name() || r.SHA256 != s.SHA256 || r.Requests != s.Requests || r.Pages != s.Pages {
				t.Errorf("%s: %d requests, %d pages, %s; then %d, %d, %s", r.Name(), r.Requests, r.Pages, r.SHA256, s.Requests, s.Pages, s.SHA256)
			}
		}
	}
	if r := readOf(t, one, "", readSSOMemberships); r.Requests != 3 || r.Pages != 3 || r.Records != 3 || len(r.SHA256) != 64 {
		t.Errorf("memberships: %+v", r)
	}
	changed := openOrg(t, opts)
	changed.AddCenterMember(changed.pushed, changed.ada)
	if a, b := readOf(t, one, "", readSSOMemberships), readOf(t, changed.collect(t), "", readSSOMemberships); a.SHA256 == b.SHA256 {
		t.Error("other pages have the same digest")
	}
}

func TestAPairThatNoPrincipalNamesIsAskedForByItself(t *testing.T) {
	o := manyPairs(t)
	o.faults.Add(faults.Rule{
		Match: faults.Both(faults.Action("ListAccountAssignmentsForPrincipal"), saysInBody(o.ada)),
		Kind:  faults.Rewrite, Rewrite: func(a *faults.Answer) { a.Body = []byte(`{"AccountAssignments":[]}`) },
	})
	obs := o.collect(t)
	if found := gaps(obs); len(found) > 0 {
		t.Fatalf("gaps %v", found)
	}
	sets := slices.DeleteFunc(held(t, obs, "", "ada"), func(h string) bool { return !strings.HasPrefix(h, "permission_set Set") })
	if len(sets) != 40 {
		t.Errorf("ada holds %d sets, want 40", len(sets))
	}
	for action, want := range map[string]int{"ListAccountAssignmentsForPrincipal": 5, "ListAccountAssignments": 41} {
		if got := count(o, action); got != want { // ada is also alone in the closed account
			t.Errorf("%d %s, want %d", got, action, want)
		}
	}
}

func TestWhereAskingByPrincipalFailsEveryPairIsAsked(t *testing.T) {
	for name, body := range map[string]string{
		"denied":             `{"__type":"AccessDeniedException","message":"no"}`,
		"no list":            `{}`,
		"nobody":             `{"AccountAssignments":[{"AccountId":"` + prod + `","PermissionSetArn":"x"}]}`,
		"somebody else":      `{"AccountAssignments":[{"AccountId":"` + prod + `","PermissionSetArn":"x","PrincipalType":"USER","PrincipalId":"y"}]}`,
		"token again, again": `{"AccountAssignments":[],"NextToken":"ZmFrZWF3cy1wYWdlOjA="}`,
	} {
		o := manyPairs(t)
		want := o.collect(t)
		if count(o, "ListAccountAssignmentsForPrincipal") == 0 {
			t.Fatal("the question was not by principal: the test proves nothing")
		}
		o.ResetRequests()
		o.faults.Add(faults.Rule{Match: faults.Action("ListAccountAssignmentsForPrincipal"), Kind: faults.Rewrite, Rewrite: func(a *faults.Answer) {
			a.Body = []byte(body)
			if name == "denied" {
				a.Code = http.StatusBadRequest
			}
		}})
		obs := o.collect(t)
		if found := gaps(obs); len(found) > 0 {
			t.Errorf("%s: gaps %v", name, found)
		}
		if len(obs.Grants) != len(want.Grants) || count(o, "ListAccountAssignments") != 44 {
			t.Errorf("%s: %d grants, want %d; %d pairs asked", name, len(obs.Grants), len(want.Grants), count(o, "ListAccountAssignments"))
		}
	}
}

// manyPairs gives ada 40 permission sets of her own.
func manyPairs(t *testing.T) *org {
	o := openOrg(t, fakeaws.Options{})
	for i := range 40 {
		o.Assign(dev, o.AddPermissionSet(fmt.Sprintf("Set%02d", i), "PT1H"), "USER", o.ada)
	}
	return o
}

func count(o *org, action string) int {
	return len(slices.DeleteFunc(o.Requests(), func(r fakeaws.Request) bool { return r.Action != action }))
}

func saysInBody(text string) func(*http.Request) bool {
	return func(r *http.Request) bool {
		body, _ := io.ReadAll(r.Body) // a client that breaks off says nothing
		r.Body = io.NopCloser(bytes.NewReader(body))
		return bytes.Contains(body, []byte(text))
	}
}

func TestAMembershipOfWhatIsNoUserIsAGap(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	o.faults.Add(faults.Rule{Match: faults.Action("ListGroupMemberships"), Kind: faults.Rewrite, Rewrite: func(a *faults.Answer) {
		a.Body = bytes.ReplaceAll(a.Body, []byte(`"UserId"`), []byte(`"RobotId"`))
	}})
	if gap := gaps(o.collect(t))["sso_memberships"]; !strings.Contains(gap, "is of no user") {
		t.Errorf("gap %q", gap)
	}
}

func TestAReportIsFetchedOnceIfItIsThereInTime(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	var slept []time.Duration
	c := o.collector(t, func(c *Config) { c.OnlyAccounts = []string{prod}; c.Sleep = keep(&slept) })
	if _, err := c.Collect(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := count(o, "GenerateCredentialReport") + count(o, "GetCredentialReport"); got != 2 || len(slept) != 1 || slept[0] != reportWait {
		t.Errorf("%d requests, waits %v", got, slept)
	}
	slept = nil
	if _, err := c.Collect(t.Context()); err != nil { // made already
		t.Fatal(err)
	}
	if len(slept) > 0 {
		t.Errorf("it waited %v for a report that is there", slept)
	}
}
