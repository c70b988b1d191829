package okta

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
)

func TestTheEnvironmentOfTheSDKChangesNothing(t *testing.T) {
	var strayed atomic.Bool
	stray := serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { strayed.Store(true) }))
	for name, value := range map[string]string{
		"ORGURL": stray, "TOKEN": "another", "AUTHORIZATIONMODE": "Bearer", "CACHE_ENABLED": "true", "CLIENTID": "other",
		"RATE_LIMIT_MAX_RETRIES": "9", "RATE_LIMIT_MAX_BACKOFF": "9", "REQUEST_TIMEOUT": "1", "SCOPES": "okta.users.manage",
		"PROXY_HOST": "127.0.0.1", "PROXY_PORT": "1",
	} {
		t.Setenv("OKTA_CLIENT_"+name, value)
	}
	var auth atomic.Value
	p := newPeer(t, readsOnly, nil, func(w http.ResponseWriter, r *http.Request) {
		auth.Store(r.Header.Get("Authorization"))
		reply(w, `[{"id":"x"}]`)
	})
	for range 2 {
		if _, err := p.users(t); err != nil {
			t.Fatal(err)
		}
	}
	if strayed.Load() || auth.Load() != "SSWS "+readerToken || p.hits.Load() != 2 {
		t.Errorf("strayed %v, authorization %q, %d requests", strayed.Load(), auth.Load(), p.hits.Load())
	}
}

func TestTheTokenIsInNoErrorAndInNoPrint(t *testing.T) {
	echo := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("X-Okta-Request-Id", "req1")
		w.WriteHeader(http.StatusForbidden)
		_, _ = fmt.Fprintf(w, `{"errorCode":%q,"errorSummary":"you sent %s"}`, "E0000006", r.Header.Get("Authorization"))
	}
	p := newPeer(t, revokes, nil, echo)
	_, read := p.users(t)
	write := p.suspend(t)
	p.c.org.Host = "unreachable.invalid"
	_, gone := p.users(t)
	cfg := testConfig("http://127.0.0.1:1", readerToken, p.clock)
	texts := []string{
		fmt.Sprint(read), fmt.Sprintf("%+v", write), fmt.Sprint(gone),
		fmt.Sprintf("%v %+v %#v %s", cfg, &cfg, cfg, cfg),
	}
	_, bad := NewCollector(Config{System: "okta", OrgURL: "ftp://x:y@" + readerToken, Token: readerToken + "\n"})
	texts = append(texts, fmt.Sprint(bad))
	for _, text := range texts[:4] {
		if strings.Contains(text, readerToken) {
			t.Errorf("the token shows: %s", text)
		}
	}
	if !strings.Contains(texts[0], "[token]") || !strings.Contains(texts[0], "req1") {
		t.Errorf("what okta said is lost: %s", texts[0])
	}
}

func TestAnAddressThatIsNoOrganisationIsRefused(t *testing.T) {
	for _, address := range []string{
		"", "example.okta.com", "http://example.okta.com", "ftp://example.okta.com", "https://example.okta.com/api",
		"https://user:pw@example.okta.com", "https://example.okta.com?x=1", "http://10.0.0.1",
	} {
		if _, err := NewCollector(Config{System: "okta", OrgURL: address, Token: "t", AllowHTTP: true}); err == nil {
			t.Errorf("%q was accepted", address)
		}
	}
	if _, err := NewCollector(Config{System: "okta", OrgURL: "http://127.0.0.1:1", Token: "t"}); err == nil {
		t.Error("http was accepted without being allowed")
	}
	for _, address := range []string{"https://example.okta.com", "https://example.okta.com/", "http://127.0.0.1:1"} {
		if _, err := NewCollector(Config{System: "okta", OrgURL: address, Token: "t", AllowHTTP: true}); err != nil {
			t.Errorf("%q: %v", address, err)
		}
	}
}

func TestABadSettingIsRefused(t *testing.T) {
	for name, cfg := range map[string]Config{
		"no system": {OrgURL: "https://example.okta.com", Token: "t"},
		"no token":  {System: "okta", OrgURL: "https://example.okta.com"},
		"a newline": {System: "okta", OrgURL: "https://example.okta.com", Token: "t\n"},
		"share":     {System: "okta", OrgURL: "https://example.okta.com", Token: "t", Share: 1.5},
		"wait":      {System: "okta", OrgURL: "https://example.okta.com", Token: "t", MaxWait: -1},
	} {
		if _, err := NewRevoker(cfg); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}
