package okta

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/collectors/collectortest"
	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeokta"
)

// told is one answer that a hand reads: what is asked for, whose action it is for, and
// whether that answer says that the action is done.
type told struct {
	path  string
	verb  access.Verb
	of    func(*company) fakeokta.User
	right func(*company) (access.EntitlementKind, string)
	says  func(a access.Action, body []byte) bool
	// before is done to the revoker first; missing: the user is shown neither by id nor in
	// a list.
	before  func(*Revoker, access.Action)
	missing bool
}

func ofAnn(o *company) fakeokta.User { return o.ann }
func ofCid(o *company) fakeokta.User { return o.cid }

// isStatus reports whether an answer is a user of this id in one of these states.
func isStatus(states ...string) func(access.Action, []byte) bool {
	return func(a access.Action, body []byte) bool {
		var u struct{ ID, Status any }
		return json.Unmarshal(body, &u) == nil && u.ID == any(string(a.Account.ID)) && slices.Contains(states, textOf(u.Status))
	}
}

// noneIs reports whether an answer is a list, each row of which names something, and
// none is the one of the action.
func noneIs(is func(access.Action, plainRow) bool) func(access.Action, []byte) bool {
	return func(a access.Action, body []byte) bool {
		var rows []plainRow
		if json.Unmarshal(body, &rows) != nil || rows == nil {
			return false
		}
		return !slices.ContainsFunc(rows, func(row plainRow) bool { return row == (plainRow{}) || is(a, row) })
	}
}

// event reports whether an answer has an event of this type about the action's account.
func event(begins, result string) func(access.Action, []byte) bool {
	return func(a access.Action, body []byte) bool {
		var rows []struct {
			EventType any
			Target    []struct{ ID any }
			Outcome   struct{ Result any }
		}
		_ = json.Unmarshal(body, &rows)
		for _, row := range rows {
			about := slices.ContainsFunc(row.Target, func(t struct{ ID any }) bool { return t.ID == any(string(a.Account.ID)) })
			if about && strings.HasPrefix(textOf(row.EventType), begins) && (result == "" || textOf(row.Outcome.Result) == result) {
				return true
			}
		}
		return false
	}
}

var inspected = []told{
	{path: "/api/v1/users/{user}", verb: access.OktaSuspend, of: ofAnn, says: isStatus("SUSPENDED", "DEPROVISIONED")},
	{path: "/api/v1/users/{user}", verb: access.OktaDeactivate, of: ofAnn, says: isStatus("DEPROVISIONED")},
	{path: "/api/v1/users/{user}", verb: access.OktaClearSessions, of: ofAnn, says: isStatus("DEPROVISIONED")},
	{path: "/api/v1/users/{user}", verb: access.OktaUnsuspend, of: ofCid, says: func(a access.Action, body []byte) bool {
		var u struct{ ID, Status any }
		return json.Unmarshal(body, &u) == nil && u.ID == any(string(a.Account.ID)) && !slices.Contains([]string{"", "SUSPENDED", "DEPROVISIONED"}, textOf(u.Status))
	}},
	{path: "/api/v1/logs", verb: access.OktaClearSessions, of: ofAnn, says: event("user.session.clear", ""), before: func(r *Revoker, a access.Action) {
		r.cleared[a.Account.ID] = epoch.AddDate(0, 6, 0) // after Ann's last login
	}},
	{path: "/api/v1/logs", verb: access.OktaSuspend, of: ofAnn, says: event(deletesUser, "SUCCESS"), missing: true},
	{path: "/api/v1/api-tokens", verb: access.OktaDeleteToken, of: ofAnn,
		right: func(o *company) (access.EntitlementKind, string) { return access.OktaAPIToken, o.annsToken.ID },
		says:  noneIs(func(a access.Action, row plainRow) bool { return row.is(a.EntitlementID) })},
	{path: "/api/v1/users/{user}/groups", verb: access.OktaLeaveGroup, of: ofCid,
		right: func(o *company) (access.EntitlementKind, string) { return access.OktaGroup, o.support.ID },
		says:  noneIs(func(a access.Action, row plainRow) bool { return row.is(a.EntitlementID) })},
	{path: "/api/v1/users/{user}/roles", verb: access.OktaRemoveAdminRole, of: ofCid,
		right: func(o *company) (access.EntitlementKind, string) {
			return access.OktaAdminRole, o.helpDesk.ID + "@" + o.berlin.ID
		},
		says: noneIs(func(a access.Action, row plainRow) bool {
			role := wireRole{Type: textOf(row.Type), Role: textOf(row.Role), ResourceSet: textOf(row.ResourceSet)}
			return row.AssignmentType != any("GROUP") && role.key() == a.EntitlementID
		})},
}

// instead is the company in this process, of which one thing that is asked for is
// answered with something else, and a user may be missing.
type instead struct {
	*company
	path, missing string
	status        int
	body          []byte
	asked         bool
}

func (i *instead) RoundTrip(req *http.Request) (*http.Response, error) {
	rec := httptest.NewRecorder()
	switch {
	case req.Method == http.MethodGet && req.URL.Path == i.path:
		i.asked = true
		rec.Header().Set("Content-Type", "application/json")
		rec.WriteHeader(i.status)
		_, _ = rec.Write(i.body)
	case i.missing != "" && req.URL.Path == "/api/v1/users/"+i.missing:
		rec.WriteHeader(http.StatusNotFound)
	case i.missing != "" && req.URL.Path == "/api/v1/users":
		_, _ = rec.WriteString("[]")
	default:
		served := req.Clone(req.Context())
		served.RequestURI, served.Body = req.URL.RequestURI(), http.NoBody
		i.ServeHTTP(rec, served)
	}
	return rec.Result(), nil
}

// Whatever Okta answers to a Revoker or a Restorer: an action is done only if that answer
// says so, and anything else is an error, a refusal or not done.
func FuzzInspect(f *testing.F) {
	clock := collectortest.NewClock()
	o := populate(fakeokta.Options{Now: clock.Now, RateLimits: raised})
	for n, one := range inspected {
		a := one.action(o)
		for _, body := range []string{"null", "{}", "[]", "[null]", "[{}]", "{", `{"id":"` + string(a.Account.ID) + `"}`,
			`{"id":"` + string(a.Account.ID) + `","profile":{"login":"` + a.Login + `"}}`,
			`{"id":"` + string(a.Account.ID) + `","status":"DEPROVISIONED","transitioningToStatus":"ACTIVE"}`,
			`{"id":"` + string(a.Account.ID) + `","status":"SUSPENDED","Status":"ACTIVE","profile":{"login":"` + a.Login + `"}}`,
			`[{"id":"` + a.EntitlementID + `","userId":"` + string(a.Account.ID) + `","type":"OKTA_GROUP"}]`,
			`[{"uuid":"1","eventType":"user.lifecycle.delete.completed","published":"2030-01-01T00:00:00Z","target":[{"id":"` + string(a.Account.ID) + `","type":"User"}],"outcome":{"result":"FAILURE"}}]`,
			`[{"uuid":"1","eventType":"user.session.clear","published":"2030-01-01T00:00:00Z","target":[{"id":"` + string(a.Account.ID) + `","type":"User"}]}]`,
		} {
			f.Add(byte(n), byte(0), []byte(body))
		}
		f.Add(byte(n), byte(1), []byte(`{"errorCode":"E0000007"}`))
		f.Add(byte(n), byte(2), []byte(`{"errorCode":"E0000006"}`))
	}
	f.Fuzz(func(t *testing.T, n, how byte, body []byte) {
		one := inspected[int(n)%len(inspected)]
		status := []int{http.StatusOK, http.StatusNotFound, http.StatusForbidden, http.StatusNoContent, http.StatusCreated}[int(how)%5]
		a := one.action(o)
		rt := &instead{company: o, path: strings.ReplaceAll(one.path, "{user}", string(a.Account.ID)), status: status, body: body}
		if one.missing {
			rt.missing = string(a.Account.ID)
		}
		state, err := one.hand(t, rt, clock, a).Inspect(t.Context(), a)
		if !rt.asked {
			t.Fatalf("%s was not asked for", rt.path)
		}
		if err == nil && state.Holds && (status/100 != 2 || !one.says(a, body)) {
			t.Fatalf("%s is done because of %d %s: %+v", a.Verb, status, body, state)
		}
	})
}

func (one told) action(o *company) access.Action {
	a := action(one.verb, one.of(o))
	if one.verb == access.OktaUnsuspend {
		a.Undoes = &access.Undone{At: epoch}
	}
	if one.right != nil {
		a.EntitlementKind, a.EntitlementID = one.right(o)
	}
	if removals[one.verb] != nil {
		a.Stage = access.Remove
	}
	return a
}

// hand is a Revoker, or a Restorer of what is given back.
func (one told) hand(t *testing.T, rt http.RoundTripper, clock *clock, a access.Action) hand {
	t.Helper()
	cfg := testConfig("http://127.0.0.1:1", revokerToken, clock)
	cfg.HTTP, cfg.Removes = rt, true
	if a.Verb == access.OktaUnsuspend {
		r, err := NewRestorer(cfg)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	r, err := NewRevoker(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if one.before != nil {
		one.before(r, a)
	}
	return r
}

// Whatever Okta's token endpoint answers: a token is believed only of a 200 that says
// bearer and how long, it is used for a while and not for ever, and no error tells it.
func FuzzTokenAnswer(f *testing.F) {
	for _, body := range []string{
		`{"token_type":"Bearer","access_token":"tok-hunter2hunter2","expires_in":3600}`, `{"token_type":"bearer","access_token":"tok-hunter2hunter2","expires_in":9223372036854775807}`,
		`{"token_type":"Bearer","access_token":"tok-hunter2hunter2","expires_in":10000000000}`, `{"token_type":"DPoP","access_token":"tok-hunter2hunter2","expires_in":1}`,
		`{"token_type":"Bearer","access_token":"tok-hunter2hunter2","expires_in":-1}`, `{"error":"invalid_client","error_description":"no"}`, "null", "[]", "{", "<html>",
	} {
		for _, status := range []int{200, 204, 400, 401} {
			f.Add(status, []byte(body))
		}
	}
	clock := collectortest.NewClock()
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		if status < 200 || status > 499 || status == http.StatusTooManyRequests {
			return // no answer at all, or one that is asked for again
		}
		m := answeredMinter(t, clock, status, body)
		token, err := m.mint(t.Context())
		var plain struct {
			TokenType   any `json:"token_type"`
			AccessToken any `json:"access_token"`
			ExpiresIn   any `json:"expires_in"`
		}
		_ = json.NewDecoder(strings.NewReader(string(body))).Decode(&plain)
		if err != nil {
			if known, _, _ := m.known(); token != "" || known != "" {
				t.Fatalf("beside an error there is a token: %v", err)
			}
			return
		}
		if life, _ := plain.ExpiresIn.(float64); status != http.StatusOK || token == "" || token != textOf(plain.AccessToken) || !strings.EqualFold(textOf(plain.TokenType), "bearer") || life <= 0 {
			t.Fatalf("%d %s is believed", status, body)
		}
		if used := m.fresh.Sub(clock.Now()); used <= 0 || used > 24*time.Hour {
			t.Fatalf("a token of %v seconds is used for %s", plain.ExpiresIn, used)
		}
	})
}

type roundTrips func(*http.Request) (*http.Response, error)

func (f roundTrips) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// answeredMinter asks for tokens where all are answered alike.
func answeredMinter(t *testing.T, clock *clock, status int, body []byte) *minter {
	t.Helper()
	cfg := testConfig("http://127.0.0.1:1", "", clock)
	cfg.ClientID, cfg.PrivateKey, cfg.KeyID, cfg.Scopes = readApp, pkcs8(keys().ec), "ec", CollectorScopes()
	cfg.HTTP = roundTrips(func(r *http.Request) (*http.Response, error) {
		rec := httptest.NewRecorder()
		rec.WriteHeader(status)
		_, _ = rec.Write(body)
		resp := rec.Result()
		resp.Request = r
		return resp, nil
	})
	org, err := orgURL(cfg.OrgURL, true)
	if err != nil {
		t.Fatal(err)
	}
	via, err := newTransport(cfg.withDefaults(), org, readsOnly, &secrets{})
	if err != nil {
		t.Fatal(err)
	}
	return via.auth.(*minter)
}
