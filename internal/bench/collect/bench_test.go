package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"rollcall/collectors"
	"rollcall/internal/access"
	"rollcall/internal/bench/figures"
	"rollcall/internal/sandbox/fakeokta"
	"rollcall/internal/sandbox/population"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("github.com/patrickmn/go-cache.(*janitor).Run"), // the SDK's, which a finalizer ends
		// the collectors' own transports keep connections for the next request
		goleak.IgnoreAnyFunction("net/http.(*persistConn).readLoop"), goleak.IgnoreAnyFunction("net/http.(*persistConn).writeLoop"))
}

func TestIdsAreLeftOutOfTheNamesOfEndpoints(t *testing.T) {
	for path, want := range map[string]string{
		"/api/v1/groups/00g00000000000000017/users?limit=1":                                    "GET /api/v1/groups/{id}/users",
		"/api/v1/groups/rules?limit=200":                                                       "GET /api/v1/groups/rules",
		"/api/v1/iam/resource-sets/iam00000000000000017/bindings/cr000000000000000017/members": "GET /api/v1/iam/resource-sets/{id}/bindings/{id}/members",
	} {
		if got := oktaEndpoint(httptest.NewRequest("GET", path, nil), nil); got != want {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
	}
	r := httptest.NewRequest("POST", "/", nil)
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIA/20261123/eu-west-1/sso/aws4_request, SignedHeaders=host")
	r.Header.Set("X-Amz-Target", "SWBExternalService.ListInstances")
	if got := awsEndpoint(r, nil); got != "sso:ListInstances" {
		t.Errorf("JSON: %q", got)
	}
	r.Header.Del("X-Amz-Target")
	if got := awsEndpoint(r, []byte("Action=GetUser&Version=1")); got != "sso:GetUser" {
		t.Errorf("query: %q", got)
	}
}

func TestAFigureIsOneLineOfFiveColumns(t *testing.T) {
	var out bytes.Buffer
	r := &report{figures.Report{Out: &out, Story: io.Discard}}
	r.Figure("a b", 1.0204, "ratio", 1.02)
	r.Figure("c", 300, "calls", figures.NoTarget)
	r.Figure("d", 1.02, "ratio", 1.02)
	r.Figure("e", 0, "reads", 0)
	want := "a b\t1.02\tratio\t<=1.02\tshort\nc\t300\tcalls\t-\t-\nd\t1.02\tratio\t<=1.02\tmet\ne\t0\treads\t<=0\tmet\n"
	if d := cmp.Diff(want, out.String()); d != "" {
		t.Error(d)
	}
}

func TestTheMemoAnswersAsTheSandboxDoes(t *testing.T) {
	org, err := population.Okta(population.OktaSizes[0], fakeokta.Options{RateLimits: fakeokta.Raised(1000)})
	if err != nil {
		t.Fatal(err)
	}
	m := newMemo(org)
	ask := func(h http.Handler, path, token string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("GET", path, nil)
		r.Header.Set("Authorization", "SSWS "+token)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	path := "/api/v1/users?limit=200"
	direct, first, second := ask(org, path, population.OktaToken), ask(m, path, population.OktaToken), ask(m, path, population.OktaToken)
	for _, w := range []*httptest.ResponseRecorder{first, second} {
		if w.Code != 200 || w.Body.String() != direct.Body.String() || !cmp.Equal(w.Header()["Link"], direct.Header()["Link"]) {
			t.Errorf("%d with %d bytes and links %q", w.Code, w.Body.Len(), w.Header()["Link"])
		}
	}
	if ask(m, path, "another").Code != 401 {
		t.Error("a stranger is given what somebody else asked for")
	}
	if len(org.Requests()) != 3 {
		t.Errorf("the sandbox was asked %d times, want 3", len(org.Requests()))
	}
}

// collected serves a population in this process, reads it and gives what came
// of it.
func collected(t *testing.T, at target, prefer collectors.Prefer) measured {
	t.Helper()
	m, what, stop, err := build(at)
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	server := httptest.NewServer(m)
	defer server.Close()
	if _, err := m.restart(0); err != nil {
		t.Fatal(err)
	}
	question, err := json.Marshal(task{System: at.System, URL: server.URL, Prefer: prefer})
	if err != nil {
		t.Fatal(err)
	}
	var answer bytes.Buffer
	if err := read(bytes.NewReader(question), &answer); err != nil {
		t.Fatal(err)
	}
	out := measured{target: at, served: what, prefer: prefer}
	if err := json.Unmarshal(answer.Bytes(), &out.quick); err != nil {
		t.Fatal(err)
	}
	out.minimum, out.bound = minimum(what, prefer)
	if out.calls, err = m.restart(0); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestACollectorThatReadsEverythingHasNoRowMissingAndIsNotBelowTheMinimum(t *testing.T) {
	m := collected(t, target{System: "okta", Size: "500"}, collectors.PreferCalls)
	if missing(m) != 0 || len(m.quick.Gaps) > 0 {
		t.Errorf("%d rows are missing, gaps %q", missing(m), m.quick.Gaps)
	}
	if m.calls.total() < m.minimum.total() {
		t.Errorf("everything was read with %d requests, so %d are not the fewest", m.calls.total(), m.minimum.total())
	}
	if m.quick.PeakKiB == 0 || m.quick.CPU == 0 || m.quick.Wall == 0 {
		t.Errorf("nothing was measured: %+v", m.quick)
	}
	m.Okta.Memberships++
	m.Okta.Assignments++
	if missing(m) != 2 {
		t.Errorf("a membership and an assignment more are %d rows", missing(m))
	}
}

func TestReadingAWSAgainFindsNoReportOfTheTimeBefore(t *testing.T) {
	m, _, stop, err := build(target{System: "aws", Size: "100"})
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	report := func() string {
		r := httptest.NewRequest("POST", "/", strings.NewReader("Action=GenerateCredentialReport&Version=2010-05-08"))
		r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+population.AWSKeyID+"/20261123/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=0")
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		m.ServeHTTP(w, r)
		return w.Body.String()
	}
	_ = report() // it is under way
	if _, err := m.restart(0); err != nil {
		t.Fatal(err)
	}
	if got := report(); !strings.Contains(got, "STARTED") {
		t.Errorf("after a restart: %s", got)
	}
	if counted, err := m.restart(0); err != nil || counted["iam:GenerateCredentialReport"] != 1 {
		t.Errorf("counted since the restart: %v, %v", counted, err)
	}
}

func TestGrowthIsBetweenTheFewestAndTheMostPages(t *testing.T) {
	of := func(size string, people, calls, pages, kib int) measured {
		return measured{target: target{System: "okta", Size: size}, prefer: "time", minimum: plan{"x": pages}, calls: plan{"x": calls},
			served: served{Okta: &population.OktaCounts{}}, quick: took{Accounts: people, PeakKiB: kib, Grants: map[access.EntitlementKind]int{}}}
	}
	var out bytes.Buffer
	r := &report{figures.Report{Out: &out, Story: io.Discard}}
	r.growth([]measured{of("b", 100, 110, 100, 2000), of("a", 10, 55, 50, 1000), of("c", 400, 210, 200, 4000)})
	for _, want := range []string{
		"okta.growth.time.calls_per_page\t1.033\t", "okta.growth.time.peak_per_page\t20\tKiB", "okta.growth.time.people_times\t40\t", "okta.growth.time.pages_times\t4\t",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}

func TestWhatIsAskedWronglyIsRefusedInWords(t *testing.T) {
	t.Setenv("ROLLCALL_PYTHON", "")
	for _, tt := range []struct{ args, want string }{
		{"-prefer cheap", "neither time nor calls"}, {"okta", "is no flag"}, {"-moto", "ROLLCALL_PYTHON"},
	} {
		var stderr bytes.Buffer
		if code := run(strings.Fields(tt.args), strings.NewReader(""), io.Discard, &stderr); code != 1 || !strings.Contains(stderr.String(), tt.want) {
			t.Errorf("%s: code %d, %q", tt.args, code, stderr.String())
		}
	}
	if _, _, _, err := build(target{System: "okta", Size: "7"}); err == nil || !strings.Contains(err.Error(), `"7"`) {
		t.Errorf("a size that there is not: %v", err)
	}
}

func TestTheMeterDelaysAnswers(t *testing.T) {
	m := newMeter(http.NotFoundHandler(), oktaEndpoint)
	if _, err := m.restart(20 * time.Millisecond); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	m.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
	if took := time.Since(began); took < 20*time.Millisecond {
		t.Errorf("answered after %s", took)
	}
}
