package okta

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/collectors/collectortest"
	"rollcall/internal/access"
	"rollcall/internal/sandbox/faults"
)

// echo answers with the secrets of the request in each place that an answer has.
func echo(w http.ResponseWriter, r *http.Request) {
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

// Everything that a program could write of a night is searched for every
// secret that was ever given or sent, under every fault.
func TestNoSecretIsInAnythingThatComesOut(t *testing.T) {
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
