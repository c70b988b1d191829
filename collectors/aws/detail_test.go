package aws

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeaws"
)

func TestDetailPutsExactCredentialsInThePlaceOfTheReports(t *testing.T) {
	o := openOrg(t, fakeaws.Options{MaxPage: 1})
	c := o.collector(t)
	obs := o.collect(t)
	untouched := o.collect(t)
	i, _ := find(t, obs, prod, "leaver")
	center, _ := find(t, obs, "", "leaver@example.com")
	detailed, err := c.Detail(t.Context(), obs, []int{i, center, i})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"access_key access key AKIALEAVER0000000001", "access_key access key AKIALEAVER0000000002", "console_login console login", "iam_group admins",
		"iam_inline_policy own", "iam_inline_policy pay via iam_group admins",
		"iam_policy AdministratorAccess via iam_group admins", "iam_policy ReadOnlyAccess",
		"service_credential codecommit.amazonaws.com", "signing_certificate signing certificate CERTLEAVER", "ssh_key SSH key APKALEAVER0000000001", "ssh_key SSH key APKALEAVER0000000002",
	}
	if h := held(t, detailed, prod, "leaver"); !slices.Equal(h, want) {
		t.Errorf("leaver holds %q, want %q", h, want)
	}
	for _, e := range detailed.Entitlements {
		exact := e.Scope == prod && slices.Contains([]access.EntitlementKind{access.AccessKey, access.SSHKey, access.SigningCertificate, access.ServiceCredential}, e.Kind)
		inactive := strings.HasSuffix(e.ID, "LEAVER0000000002")
		if exact && (e.Credential == inactive || detailed.Reads[e.Read].Kind != readCredentials || detailed.Reads[e.Read].Scope != prod) {
			t.Errorf("%+v rests on %s", e, detailed.Reads[e.Read].Name())
		}
	}
	read := slices.IndexFunc(detailed.Reads, complete(readCredentials))
	if read < 0 || detailed.Reads[read].Records != 6 || len(detailed.Reads) != len(obs.Reads)+1 {
		t.Errorf("reads: %+v", detailed.Reads)
	}
	for _, other := range [][2]string{{home, "job"}, {"", "ada"}, {prod, "ada@example.com"}} {
		if a, b := held(t, obs, other[0], other[1]), held(t, detailed, other[0], other[1]); !slices.Equal(a, b) {
			t.Errorf("%v held %q and now %q", other, a, b)
		}
	}
	for j, a := range detailed.Accounts {
		if detailed.Reads[a.Read].Name() != obs.Reads[obs.Accounts[j].Read].Name() {
			t.Errorf("%s rests on %s now", a.Login, detailed.Reads[a.Read].Name())
		}
	}
	if d := cmp.Diff(untouched.Grants, obs.Grants); d != "" {
		t.Errorf("the observation given was changed:\n%s", d)
	}
}

// withoutDetail reads the leaver in detail, of which one operation is denied.
func withoutDetail(t *testing.T, operation string) access.Observation {
	t.Helper()
	o := openOrg(t, fakeaws.Options{})
	obs := o.collect(t)
	i, _ := find(t, obs, prod, "leaver")
	o.faults.Add(apiError(operation, 403, "AccessDenied"))
	detailed, err := o.collector(t).Detail(t.Context(), obs, []int{i})
	if err != nil {
		t.Fatal(err)
	}
	return detailed
}

func TestWhatDetailCannotReadKeepsTheReportsRows(t *testing.T) {
	detailed := withoutDetail(t, "ListAccessKeys")
	h := held(t, detailed, prod, "leaver")
	if !slices.Contains(h, "access_key access key 1") || !slices.Contains(h, "ssh_key SSH key APKALEAVER0000000001") {
		t.Errorf("leaver holds %q", h)
	}
	if gap := gaps(detailed)[prod+"/credentials"]; !strings.Contains(gap, "user leaver: iam:ListAccessKeys is denied") {
		t.Errorf("gaps %v", gaps(detailed))
	}
}

func TestServiceCredentialsThatDetailCannotReadAreAGapOfTheirOwnRead(t *testing.T) {
	detailed := withoutDetail(t, "ListServiceSpecificCredentials")
	if got := keysOf(gaps(detailed)); !slices.Equal(got, []string{prod + "/service_credentials"}) {
		t.Errorf("gaps %v", gaps(detailed))
	}
	if h := held(t, detailed, prod, "leaver"); !slices.Contains(h, "service_credential codecommit.amazonaws.com") {
		t.Errorf("leaver holds %q", h)
	}
}

func TestSomebodyElsesKeysAreRefused(t *testing.T) {
	keys := []string{"ada"}
	if err := theirs(keys, "leaver", self); err == nil {
		t.Error("they were taken for the user's own")
	}
	if err := theirs(keys, "ada", self); err != nil {
		t.Error(err)
	}
}
