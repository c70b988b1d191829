package counted

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/sandbox/fakeokta"
	"rollcall/internal/sandbox/population"
)

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
	m.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("POST", "/api/v1/users/00u00000000000000001/lifecycle/suspend", nil))
	if ask(m, path, population.OktaToken); len(org.Requests()) != 5 {
		t.Error("after a change it answers as before")
	}
}

func TestReadingAWSAgainFindsNoReportOfTheTimeBefore(t *testing.T) {
	m, _, stop, err := build(Target{System: "aws", Size: "100"})
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	report := func() string { return ask(m, "Action=GenerateCredentialReport", population.AWSKeyID) }
	_ = report() // it is under way
	if _, err := m.restart(0); err != nil {
		t.Fatal(err)
	}
	if got := report(); !strings.Contains(got, "STARTED") {
		t.Errorf("after a restart: %s", got)
	}
	if asked, err := m.restart(0); err != nil || asked.Requests["iam:GenerateCredentialReport"] != 1 || asked.Out == 0 || asked.Last.Before(asked.First) {
		t.Errorf("counted since the restart: %+v, %v", asked, err)
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

func TestASizeThatThereIsNotIsRefused(t *testing.T) {
	for _, system := range []string{"okta", "aws"} {
		if _, _, _, err := build(Target{System: system, Size: "7"}); err == nil || !strings.Contains(err.Error(), `"7"`) {
			t.Errorf("%s: %v", system, err)
		}
	}
	if _, _, _, err := build(Target{System: "ldap"}); err == nil || !strings.Contains(err.Error(), `"ldap"`) {
		t.Error(err)
	}
}
