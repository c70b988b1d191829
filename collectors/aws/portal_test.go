package aws

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"rollcall/internal/sandbox/fakeaws"
	"rollcall/internal/sandbox/faults"
)

// portal is what a network answers in the place of AWS until somebody has signed in.
func portal(*http.Request) faults.Answer {
	return faults.Answer{Code: http.StatusOK, Header: http.Header{"Content-Type": {"text/html"}}, Body: []byte("<!doctype html><html><body>Please sign in</body></html>")}
}

func TestAPageOfACaptivePortalIsAGapAndNoEmptyList(t *testing.T) {
	for _, operation := range []string{"GetAccountAuthorizationDetails", "ListUsers", "ListPermissionSets", "ListAccounts"} {
		o := openOrg(t, fakeaws.Options{})
		fired := o.faults.Add(faults.Rule{Match: faults.Action(operation), Kind: faults.Refuse, Refuse: portal})
		got, err := o.collector(t).Collect(t.Context())
		if fired() == 0 || err == nil && len(gaps(got)) == 0 {
			t.Errorf("%s: no gap and no error after %d pages of the portal", operation, fired())
		}
	}
}

func TestAProxyThatWantsAnotherPasswordIsToldAndItsPasswordIsNot(t *testing.T) {
	refuses := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusProxyAuthRequired) }))
	t.Cleanup(refuses.Close)
	proxy, err := url.Parse(strings.Replace(refuses.URL, "http://", "http://rollcall:proxyPassword@", 1))
	if err != nil {
		t.Fatal(err)
	}
	o := openOrg(t, fakeaws.Options{})
	got, err := o.collector(t, func(c *Config) { c.Endpoint, c.Proxy = far, http.ProxyURL(proxy) }).Collect(t.Context())
	said := fmt.Sprint(gaps(got), err)
	if !strings.Contains(said, "Proxy Authentication Required") || strings.Contains(said, "proxyPassword") || len(got.Accounts) != 0 {
		t.Errorf("%d accounts, said %s", len(got.Accounts), said)
	}
}
