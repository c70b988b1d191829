package okta

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeokta"
	"rollcall/internal/sandbox/faults"
)

func TestAServiceAppReadsTheWholeOrganisationWithOneToken(t *testing.T) {
	escaped := []byte(strings.ReplaceAll(string(pkcs1()), "\n", `\n`))
	ec, err := x509.MarshalECPrivateKey(keys().ec)
	for name, key := range map[string][]byte{
		"PKCS #1": pkcs1(), "PKCS #8": pkcs8(keys().rsa), "from an environment": escaped,
		"EC in PKCS #8": pkcs8(keys().ec), "EC in SEC 1": toPEM("EC PRIVATE KEY", ec, err),
	} {
		t.Run(name, func(t *testing.T) {
			a := newApps(t, nil)
			cfg := a.config(readApp)
			cfg.PrivateKey = key
			if strings.HasPrefix(name, "EC") {
				cfg.KeyID = "ec"
			}
			obs := a.collect(t, cfg)
			wantComplete(t, obs)
			if granted, asked := a.minted(); granted != 1 || asked != 1 {
				t.Errorf("%d tokens in %d requests, want one", granted, asked)
			}
			counted := 0
			for _, r := range obs.Reads {
				counted += r.Requests
			}
			if sent := len(a.Requests()); counted != sent {
				t.Errorf("the certificates count %d requests, okta %d", counted, sent)
			}
		})
	}
}

func TestManyFirstRequestsAskForOneToken(t *testing.T) {
	a := newApps(t, nil)
	c, err := newClient(a.config(readApp), readsOnly)
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 40 {
		all.Go(func() {
			if _, err := c.get(t.Context(), "/api/v1/groups", nil); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if granted, asked := a.minted(); granted != 1 || asked != 1 {
		t.Errorf("%d tokens in %d requests, want one", granted, asked)
	}
}

func TestATokenIsRenewedBeforeItEnds(t *testing.T) {
	a := newApps(t, func(app *fakeokta.ServiceApp) { app.Life = 10 * time.Minute })
	c, err := newClient(a.config(readApp), readsOnly)
	if err != nil {
		t.Fatal(err)
	}
	for minute, want := range []int{1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2} {
		if _, err := c.get(t.Context(), "/api/v1/groups", nil); err != nil {
			t.Fatal(err)
		}
		if granted, _ := a.minted(); granted != want {
			t.Errorf("after %d minutes %d tokens, want %d", minute, granted, want)
		}
		_ = a.Sleep(t.Context(), time.Minute) // the virtual clock's, which ends with the context only
	}
	for _, r := range a.Requests() {
		if r.Status == http.StatusUnauthorized {
			t.Error("a token was used until okta refused it")
		}
	}
}

func TestATokenThatOktaForgetsHalfwayIsRenewedAndNothingIsLost(t *testing.T) {
	want := newApps(t, nil)
	whole := want.collect(t, want.config(readApp))
	for skip := range 20 {
		a := newApps(t, nil)
		n := 0
		a.Add(faults.Rule{Match: func(r *http.Request) bool {
			if n++; n == skip+2 {
				a.EndAccessTokens()
			}
			return false
		}})
		obs := a.collect(t, a.config(readApp))
		wantComplete(t, obs)
		if len(obs.Accounts) != len(whole.Accounts) || len(obs.Grants) != len(whole.Grants) {
			t.Errorf("ended before request %d: %d accounts and %d grants, want %d and %d", skip+1,
				len(obs.Accounts), len(obs.Grants), len(whole.Accounts), len(whole.Grants))
		}
		if granted, _ := a.minted(); granted > 2 {
			t.Errorf("ended before request %d: %d tokens, want two", skip+1, granted)
		}
	}
}

func TestARequestIsRepeatedOnceWithANewTokenAndNotAgain(t *testing.T) {
	a := newApps(t, nil)
	c, err := newClient(a.config(readApp), readsOnly)
	if err != nil {
		t.Fatal(err)
	}
	refusal := faults.OktaError(http.StatusUnauthorized, "E0000011", "Invalid token provided")
	refusal.Match = faults.Path("GET", "/api/v1/groups")
	fired := a.Add(refusal)
	if _, err := c.get(t.Context(), "/api/v1/groups", nil); statusOf(err) != http.StatusUnauthorized {
		t.Errorf("error %v", err)
	}
	if granted, _ := a.minted(); fired() != 2 || granted != 2 {
		t.Errorf("%d requests with %d tokens, want 2 and 2", fired(), granted)
	}
}

// Nor is it when something else went wrong in between.
func TestARequestThatBreaksAfterItsNewTokenGetsNoThird(t *testing.T) {
	a := newApps(t, nil)
	c, err := newClient(a.config(readApp), readsOnly)
	if err != nil {
		t.Fatal(err)
	}
	dead, busy := faults.OktaError(http.StatusUnauthorized, "E0000011", "Invalid token provided"), faults.Unavailable()
	sent := 0
	dead.Match = faults.Path("GET", "/api/v1/groups")
	busy.Match, dead.Times, busy.Times = dead.Match, 1, 1
	a.Add(faults.Rule{Match: func(r *http.Request) bool {
		if dead.Match(r) {
			sent++
		}
		return false
	}})
	a.Add(dead)
	a.Add(busy)
	dead.Times = 0
	a.Add(dead)
	if _, err := c.get(t.Context(), "/api/v1/groups", nil); statusOf(err) != http.StatusUnauthorized || sent != 3 {
		t.Errorf("%d requests, error %v", sent, err)
	}
}

// An API token has no other to be had.
func TestA401ToAnAPITokenIsFinal(t *testing.T) {
	p := newPeer(t, readsOnly, nil, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) })
	if _, err := p.users(t); statusOf(err) != http.StatusUnauthorized || p.hits.Load() != 1 {
		t.Errorf("%d requests, error %v", p.hits.Load(), err)
	}
}

func TestARevokersAppUsesTheSameCodeWithItsOwnCredential(t *testing.T) {
	a := newApps(t, nil)
	r, err := NewRevoker(a.config(revokeApp))
	if err != nil {
		t.Fatal(err)
	}
	suspend := action(access.OktaSuspend, a.ann)
	if _, err := r.Act(t.Context(), suspend); err != nil {
		t.Fatal(err)
	}
	a.EndAccessTokens()
	state, err := r.Inspect(t.Context(), suspend)
	if err != nil || !state.Holds {
		t.Errorf("state %+v, error %v", state, err)
	}
	for _, sent := range a.Requests() {
		if sent.Status == http.StatusOK && sent.Path != tokenPath && sent.Token != "revoker app" {
			t.Errorf("%s %s was sent as %q", sent.Method, sent.Path, sent.Token)
		}
	}
}

func TestOnlyTheTokenEndpointIsEverPostedToByACollector(t *testing.T) {
	a := newApps(t, nil)
	c, err := newClient(a.config(readApp), readsOnly)
	if err != nil {
		t.Fatal(err)
	}
	for _, method := range []string{"POST", "PUT", "PATCH", "DELETE", "CONNECT", "OPTIONS", "TRACE", "MKCOL", "post", "get"} {
		for _, path := range []string{tokenPath, tokenPath + "/", "/oauth2/v1/token?x=1", "/oauth2/v1/revoke", "/api/v1/users", "/api/v1/users/" + someID + "/lifecycle/suspend"} {
			if _, _, err := c.send(t.Context(), method, path, nil); err == nil {
				t.Errorf("%s %s was sent", method, path)
			}
		}
	}
	if n := len(a.Requests()); n != 0 {
		t.Errorf("%d requests left", n)
	}
	wantComplete(t, a.collect(t, a.config(readApp)))
	for _, r := range a.Requests() {
		if r.Method != http.MethodGet && (r.Method != http.MethodPost || r.Path != tokenPath || r.Query != "") {
			t.Errorf("%s %s?%s left", r.Method, r.Path, r.Query)
		}
	}
}

func TestThereIsOneWayToSignIn(t *testing.T) {
	good := func() Config {
		return Config{System: "okta", OrgURL: "https://example.okta.com", ClientID: "0oa1", PrivateKey: pkcs8(keys().rsa), Scopes: CollectorScopes()}
	}
	if _, err := NewCollector(good()); err != nil {
		t.Fatal(err)
	}
	public, err := x509.MarshalPKIXPublicKey(&keys().rsa.PublicKey)
	for rule, spoil := range map[string]func(*Config){
		"both":            func(c *Config) { c.Token = readerToken },
		"none":            func(c *Config) { c.ClientID, c.PrivateKey = "", nil },
		"no key":          func(c *Config) { c.PrivateKey = nil },
		"no client":       func(c *Config) { c.ClientID = "" },
		"a blank":         func(c *Config) { c.ClientID = "0oa1\n" },
		"no scopes":       func(c *Config) { c.Scopes = nil },
		"no PEM":          func(c *Config) { c.PrivateKey = []byte("MIIEvQIBADANBgkq") },
		"a public key":    func(c *Config) { c.PrivateKey = toPEM("PUBLIC KEY", public, err) },
		"an encrypted":    func(c *Config) { c.PrivateKey = toPEM("ENCRYPTED PRIVATE KEY", []byte{1}, nil) },
		"a broken key":    func(c *Config) { c.PrivateKey = toPEM("PRIVATE KEY", []byte{1}, nil) },
		"an unusable key": func(c *Config) { c.PrivateKey = pkcs8(ed25519Key()) },
	} {
		cfg := good()
		spoil(&cfg)
		if _, err := NewCollector(cfg); err == nil {
			t.Errorf("%s was accepted", rule)
		} else if strings.Contains(err.Error(), "MII") {
			t.Errorf("%s: the key shows: %v", rule, err)
		}
	}
}

func ed25519Key() crypto.PrivateKey {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		panic(err)
	}
	return key
}
