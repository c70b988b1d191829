package okta

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"rollcall/collectors/collectortest"
	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeokta"
	"rollcall/internal/sandbox/fakeokta/oktaspec"
	"rollcall/internal/sandbox/faults"
)

const (
	readApp   = "0oareader00000000000"
	revokeApp = "0oarevoker0000000000"
)

// keys are made once: an RSA key takes a while.
var keys = sync.OnceValue(func() (k struct {
	rsa *rsa.PrivateKey
	ec  *ecdsa.PrivateKey
}) {
	var err error
	if k.rsa, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
		panic(err)
	}
	if k.ec, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		panic(err)
	}
	return k
})

func toPEM(kind string, der []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

func pkcs1() []byte { return toPEM("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(keys().rsa), nil) }

func pkcs8(key any) []byte {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	return toPEM("PRIVATE KEY", der, err)
}

// serviceApps is the company with service apps. What Okta describes is judged; the
// token endpoint is described elsewhere.
type serviceApps struct {
	*company
	*faults.Injector
	*clock
	url  string
	mu   sync.Mutex
	seen []string // every secret that went over the wire
}

func newApps(t *testing.T, adjust func(*fakeokta.ServiceApp)) *serviceApps {
	t.Helper()
	a := &serviceApps{clock: collectortest.NewClock()}
	a.company = populate(fakeokta.Options{Now: a.Now, RateLimits: raised})
	app := fakeokta.ServiceApp{
		Name: "reader app", Scopes: CollectorScopes(),
		Keys: map[string]crypto.PublicKey{"rsa": &keys().rsa.PublicKey, "ec": &keys().ec.PublicKey},
	}
	if adjust != nil {
		adjust(&app)
	}
	a.SetServiceApp(readApp, app)
	app.Name, app.Scopes = "revoker app", RevokerScopes(false, false)
	a.SetServiceApp(revokeApp, app)
	judged := oktaspec.Judge(t, a.Server)
	a.Injector = faults.New(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == tokenPath {
			a.Server.ServeHTTP(w, r)
			return
		}
		judged.ServeHTTP(w, r)
	}))
	a.url = serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.note(r)
		a.Injector.ServeHTTP(w, r)
	}))
	return a
}

// note keeps the secrets of a request.
func (a *serviceApps) note(r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(err)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	form, err := url.ParseQuery(string(body))
	if err != nil {
		panic(err)
	}
	_, bearer, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, secret := range []string{bearer, form.Get("client_assertion")} {
		if secret != "" && !slices.Contains(a.seen, secret) {
			a.seen = append(a.seen, secret)
		}
	}
}

func (a *serviceApps) config(client string) Config {
	cfg := testConfig(a.url, "", a.clock)
	cfg.ClientID, cfg.PrivateKey, cfg.KeyID, cfg.Scopes = client, pkcs8(keys().rsa), "rsa", CollectorScopes()
	if client == revokeApp {
		cfg.Scopes = RevokerScopes(false, false)
	}
	return cfg
}

func (a *serviceApps) collect(t *testing.T, cfg Config) access.Observation {
	t.Helper()
	_, obs := collected(t, cfg)
	return obs
}

// minted counts the requests for a token that were granted.
func (a *serviceApps) minted() (granted, asked int) {
	for _, r := range a.Requests() {
		if r.Path == tokenPath {
			asked++
			if r.Status == http.StatusOK {
				granted++
			}
		}
	}
	return granted, asked
}

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

func TestAScopeThatIsNotGrantedIsAGapThatNamesIt(t *testing.T) {
	a := newApps(t, func(app *fakeokta.ServiceApp) {
		app.Scopes = slices.DeleteFunc(CollectorScopes(), func(s string) bool { return s == "okta.apps.read" })
	})
	obs := a.collect(t, a.config(readApp))
	if r := readOf(t, obs, "apps"); r.Complete || !strings.Contains(r.Gap, "okta.apps.read") || !strings.Contains(r.Gap, "required scopes") {
		t.Errorf("apps: %+v", r)
	}
	if r := readOf(t, obs, "groups"); !r.Complete {
		t.Errorf("groups: %s", r.Gap)
	}
}

func TestWhatTheTokenEndpointRefusesIsSaidWithWhatToDo(t *testing.T) {
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		rule   string
		app    func(*fakeokta.ServiceApp)
		config func(*Config)
		want   string
	}{
		{"DPoP", func(a *fakeokta.ServiceApp) { a.DPoP = true }, nil, "turn off \"Require Demonstrating Proof of Possession (DPoP)\""},
		{"another key", nil, func(c *Config) { c.PrivateKey = pkcs8(other) }, "signature is invalid; check the client id"},
		{"another key id", nil, func(c *Config) { c.KeyID = "old" }, "not among the client's keys; check the client id"},
		{"another client", nil, func(c *Config) { c.ClientID = "0oanobody" }, "check the client id"},
		{"no scope granted", func(a *fakeokta.ServiceApp) { a.Scopes = nil }, nil, "grant the scopes to the app"},
	} {
		a := newApps(t, c.app)
		cfg := a.config(readApp)
		if c.config != nil {
			c.config(&cfg)
		}
		obs := a.collect(t, cfg)
		for _, r := range obs.Reads {
			if r.Complete || !strings.Contains(r.Gap, c.want) && !strings.Contains(r.Gap, "rests on") {
				t.Errorf("%s: %s: complete %v, gap %q", c.rule, r.Kind, r.Complete, r.Gap)
			}
		}
		for _, r := range a.Requests() {
			if r.Path != tokenPath {
				t.Errorf("%s: %s was sent without a token", c.rule, r.Path)
			}
		}
	}
}

// Each try needs an assertion of its own: Okta takes each once, also when its
// answer was lost.
func TestABrokenTokenEndpointIsAskedAgainWithANewAssertion(t *testing.T) {
	date := collectortest.NewClock().Now()
	for name, rule := range map[string]faults.Rule{
		"answer lost": {Kind: faults.CloseAfterWork}, "cut": {Kind: faults.CutBody}, "empty": {Kind: faults.EmptyBody},
		"HTML": {Kind: faults.Rewrite, Rewrite: func(a *faults.Answer) { a.Body = []byte("<html>Please log in</html>") }},
		"503":  faults.Unavailable(), "429": faults.OktaThrottle(600, date, 30*time.Second),
		"too many at once": faults.OktaThrottle(0, date, 30*time.Second),
	} {
		a := newApps(t, nil)
		rule.Match, rule.Times = faults.Path("POST", tokenPath), 2
		fired := a.Add(rule)
		wantComplete(t, a.collect(t, a.config(readApp)))
		if fired() != 2 {
			t.Errorf("%s: fired %d times", name, fired())
		}
		for _, r := range a.Requests() {
			if r.Path == tokenPath && r.Status == http.StatusUnauthorized {
				t.Errorf("%s: an assertion was used twice", name)
			}
		}
	}
}

func TestATokenEndpointThatStaysBrokenIsAnErrorForAllWhoWaitedAndNoStorm(t *testing.T) {
	a := newApps(t, nil)
	rule := faults.Unavailable()
	rule.Match = faults.Path("POST", tokenPath)
	fired := a.Add(rule)
	c, err := newClient(a.config(readApp), readsOnly)
	if err != nil {
		t.Fatal(err)
	}
	var failed atomic.Int64
	var ready, all sync.WaitGroup
	ready.Add(40)
	for range 40 {
		all.Go(func() {
			ready.Done()
			ready.Wait()
			if _, err := c.get(t.Context(), "/api/v1/groups", nil); err != nil {
				failed.Add(1)
			}
		})
	}
	all.Wait()
	if failed.Load() != 40 || fired() > 10*maxTries {
		t.Errorf("%d of 40 failed after %d requests for a token", failed.Load(), fired())
	}
}

func TestWhoIsCancelledWhileAskingLeavesTheTokenToTheNext(t *testing.T) {
	a := newApps(t, nil)
	c, err := newClient(a.config(readApp), readsOnly)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	a.Add(faults.Rule{Times: 1, Kind: faults.Rewrite, Match: faults.Path("POST", tokenPath), Rewrite: func(*faults.Answer) { cancel() }})
	if _, err := c.get(ctx, "/api/v1/groups", nil); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if _, err := c.get(t.Context(), "/api/v1/groups", nil); err != nil {
		t.Error(err)
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

// Everything that a program could write of a night is searched for every
// secret that was ever given or sent, under every fault.
func TestNoSecretIsInAnythingThatComesOut(t *testing.T) {
	echo := func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm() // what cannot be read is not echoed
		said := r.Header.Get("Authorization") + " " + r.Form.Get("client_assertion")
		w.Header().Set("Content-Type", "application/json; "+said)
		w.Header().Set("X-Okta-Request-Id", said)
		w.Header().Add("Link", `<http://`+r.Host+`/login/`+said+`>; rel="next"`)
		if r.Header.Get("X-Test") == "" && r.Method == http.MethodGet {
			_, _ = io.WriteString(w, `[]`)
			return
		}
		status := http.StatusOK
		if r.Header.Get("X-Test") != "" {
			status = http.StatusForbidden
			w.Header().Set("WWW-Authenticate", `Bearer scope="`+said+`", error="insufficient_scope", error_description="`+said+`"`)
		}
		w.WriteHeader(status)
		_, _ = fmt.Fprintf(w, `{"error":"invalid_client","error_description":%q,"errorCode":%q,"errorSummary":%q}`, said, said, said)
	}
	kinds := map[string]faults.Rule{
		"none": {}, "500": faults.OktaError(500, "E0000009", "boom"), "401": faults.OktaError(401, "E0000011", "Invalid token provided"),
		"403": faults.OktaError(403, "E0000006", "no"), "503": faults.Unavailable(), "cut": {Kind: faults.CutBody},
		"empty": {Kind: faults.EmptyBody}, "closed": {Kind: faults.CloseBeforeReply}, "lost": {Kind: faults.CloseAfterWork},
		"repeated": {Kind: faults.RepeatedCursor}, "429": faults.OktaThrottle(100, collectortest.NewClock().Now(), 24*time.Hour),
	}
	for name, rule := range kinds {
		for _, where := range []func(*http.Request) bool{nil, faults.Path("POST", tokenPath), faults.Path("GET", "/api/v1/users")} {
			a := newApps(t, nil)
			rule.Match = where
			a.Add(rule)
			cfg := a.config(readApp)
			a.mustNotShow(t, name, cfg, everything(a.collect(t, cfg)))
		}
	}
	for _, refuse := range []string{"", "refuse"} {
		for _, token := range []bool{true, false} {
			a := newApps(t, nil)
			inner := a.Injector
			a.Injector = faults.New(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == tokenPath && !token {
					inner.ServeHTTP(w, r)
					return
				}
				r.Header.Set("X-Test", refuse)
				echo(w, r)
			}))
			for _, client := range []string{readApp, ""} {
				cfg := a.config(readApp)
				if client == "" {
					cfg.ClientID, cfg.PrivateKey, cfg.Token = "", nil, readerToken
				}
				text := everything(a.collect(t, cfg))
				a.mustNotShow(t, "echo", cfg, text)
				if !strings.Contains(text, "[token]") {
					t.Errorf("nothing was echoed, so nothing was tested: %s", text)
				}
				a.revokeInTheEcho(t, cfg)
			}
		}
	}
}

// revokeInTheEcho sends a change too; its receipt and its error are searched.
func (a *serviceApps) revokeInTheEcho(t *testing.T, cfg Config) {
	t.Helper()
	c, err := newClient(cfg, revokes)
	if err != nil {
		t.Fatal(err)
	}
	receipt, _, err := c.send(t.Context(), http.MethodPost, "/api/v1/users/"+someID+"/lifecycle/suspend", nil)
	a.mustNotShow(t, "a change", cfg, fmt.Sprintf("%+v %v", receipt, err))
}

func everything(obs access.Observation) string {
	raw, err := json.Marshal(obs)
	if err != nil {
		panic(err)
	}
	return fmt.Sprintf("%s %+v", raw, obs)
}

func (a *serviceApps) mustNotShow(t *testing.T, fault string, cfg Config, text string) {
	t.Helper()
	text += fmt.Sprintf("%v %+v %#v %s %q", cfg, &cfg, cfg, cfg, cfg)
	a.mu.Lock()
	defer a.mu.Unlock()
	secret := append(slices.Clone(a.seen), readerToken, string(cfg.PrivateKey))
	for line := range strings.Lines(string(cfg.PrivateKey)) {
		if line = strings.TrimSpace(line); len(line) > 16 && !strings.HasPrefix(line, "-----") {
			secret = append(secret, line)
		}
	}
	for _, s := range secret {
		if s != "" && strings.Contains(text, s) {
			t.Fatalf("%s: a secret shows: %s", fault, text)
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

// A family that is read for must be asked for.
func TestTheScopesOfACollectorAreThoseOfItsFamilies(t *testing.T) {
	want := []string{}
	for _, k := range kinds {
		if !slices.Contains(want, k.scope) {
			want = append(want, k.scope)
		}
	}
	slices.Sort(want)
	if got := readingScopes(); !slices.Equal(got, want) {
		t.Errorf("scopes %v, want %v", got, want)
	}
}

// readingScopes are those of a Collector and of the log, in order.
func readingScopes() []string {
	return slices.Sorted(slices.Values(append(CollectorScopes(), LogScopes()...)))
}

// An app that was never granted the log reads everything else as before.
func TestTheLogIsAskedForWithATokenOfItsOwn(t *testing.T) {
	for _, granted := range []bool{true, false} {
		a := newApps(t, func(app *fakeokta.ServiceApp) {
			if granted {
				app.Scopes = readingScopes()
			}
		})
		k, obs := collected(t, a.config(readApp))
		wantComplete(t, obs)
		a.SignOn(a.ann.ID, a.wiki.ID, a.Now().Add(-time.Minute), home)
		got := k.Uses(t.Context(), obs, []access.Watch{watch(a.ann, a.Now().Add(-time.Hour), time.Time{})})
		r := readOf(t, got, "logs")
		if r.Complete != granted || (len(got.Uses) == 1) != granted || !granted && !strings.Contains(r.Gap, "okta.logs.read") {
			t.Errorf("granted %t: %d uses, %+v", granted, len(got.Uses), r)
		}
	}
}
