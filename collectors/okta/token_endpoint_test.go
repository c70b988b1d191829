package okta

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"rollcall/collectors/collectortest"
	"rollcall/internal/sandbox/fakeokta"
	"rollcall/internal/sandbox/faults"
)

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
