package okta

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeokta"
	"rollcall/internal/sandbox/faults"
)

// null means no list at all, wherever it stands in the answer; Go would take it for an
// empty one.
func TestAnAnswerOfNullIsNoEmptyList(t *testing.T) {
	for _, body := range []string{"null", " null", "\r\n\r\n\r\n\r\n\r\nnull", "            null\n"} {
		p := newPeer(t, readsOnly, nil, func(w http.ResponseWriter, _ *http.Request) { reply(w, body) })
		if rows, err := p.users(t); err == nil {
			t.Errorf("%q is taken for a list of %d", body, len(rows))
		}
	}
}

// A row that does not say what it is about tells of something that nobody could take
// away: its list is not whole.
func TestARowThatNamesNothingIsAGap(t *testing.T) {
	s := newSandbox(t, fakeokta.Options{})
	engineering, wiki := "/api/v1/groups/"+s.engineering.ID, "/api/v1/apps/"+s.wiki.ID
	for path, kind := range map[string]string{
		"/api/v1/users": "users", "/api/v1/groups": "groups", engineering + "/users": "group_members", "/api/v1/apps": "apps",
		wiki + "/users": "app_users", wiki + "/groups": "app_groups", "/api/v1/users/" + s.ann.ID + "/roles": "admin_roles",
		engineering + "/roles": "admin_roles", "/oauth2/v1/clients/" + s.sync.ClientID + "/roles": "admin_clients", "/api/v1/api-tokens": "api_tokens",
	} {
		for _, row := range []string{`{}`, `null`} {
			s.Clear()
			fired := s.Add(faults.Rule{Match: func(r *http.Request) bool { return r.URL.Path == path }, Kind: faults.Rewrite, Rewrite: func(a *faults.Answer) {
				a.Header.Del("Content-Length")
				a.Body = []byte(strings.Replace(string(a.Body), "[", "["+row+",", 1))
				a.Body = []byte(strings.Replace(string(a.Body), ",]", "]", 1))
			}})
			if obs := s.collect(t); fired() == 0 || readOf(t, obs, kind).Complete {
				t.Errorf("%s with %s, asked %d times: %s is called complete", path, row, fired(), kind)
			}
		}
	}
}

// An event without a name or a time would be left out without a word.
func TestAnEventThatCannotBePlacedIsAGap(t *testing.T) {
	for _, event := range []string{
		`{"published":"2026-11-23T01:00:00.000Z","eventType":"user.session.start"}`,
		`{"uuid":"e1","eventType":"user.session.start"}`,
		`null`,
	} {
		p := newPeer(t, readsOnly, nil, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Link", "<http://"+r.Host+`/api/v1/logs?after=2>; rel="next"`)
			if r.URL.Query().Has("after") {
				event = ""
			}
			reply(w, "["+event+"]")
		})
		k := &Collector{cfg: testConfig(p.c.org.String(), readerToken, p.clock), c: p.c, logs: p.c}
		w := access.Watch{Account: access.AccountKey{System: "okta", ID: someID}, Since: p.Now().Add(-time.Hour)}
		if obs := k.Uses(t.Context(), access.Observation{}, []access.Watch{w}); obs.Aside[0].Complete || len(obs.Watched) > 0 {
			t.Errorf("%s: %+v", event, obs.Aside[0])
		}
	}
}

// What a server says of its limit may be any number; a pause is never negative, and
// nothing is asked again at once.
func TestALimitThatEndsInAnotherAgeIsNoReasonToHurry(t *testing.T) {
	for _, reset := range []string{"9223372036854775807", "-9223372036854775808", "99999999999999"} {
		h := http.Header{"X-Rate-Limit-Limit": {"100"}, "X-Rate-Limit-Remaining": {"0"}, "X-Rate-Limit-Reset": {reset}, "Date": {"Mon, 23 Nov 2026 02:00:00 GMT"}}
		if d := awayFor(h, newCrowdSchedule()); d < time.Second {
			t.Errorf("until %s: stay away for %s", reset, d)
		}
		if told, ok := readRate(h); ok {
			t.Errorf("until %s is believed: %+v", reset, told)
		}
	}
}

// What is inspected is held against who and what was asked about: another answer, or a
// row that says nothing, never proves that something is gone or done.
func TestAnAnswerAboutSomethingElseProvesNothingGone(t *testing.T) {
	for path, c := range map[string]struct {
		verb  access.Verb
		wrong []string
	}{
		"/api/v1/api-tokens": {access.OktaDeleteToken, []string{`[{}]`, `[null]`, `{}`, `null`}},
		"/groups":            {access.OktaLeaveGroup, []string{`[{}]`, `[null]`, `{}`, `null`}},
		"/roles":             {access.OktaRemoveAdminRole, []string{`[{}]`, `[null]`, `{}`, `null`}},
		"/apps/":             {access.OktaUnassignApp, []string{`{}`, `null`, `{"id":"00u00000000000000009","scope":"GROUP"}`}},
		"/api/v1/logs":       {access.OktaClearSessions, []string{`[{}]`, `[null]`, `{}`, `[{"uuid":"1","published":"2030-01-01T00:00:00Z","eventType":"user.session.start"}]`}},
	} {
		for _, wrong := range c.wrong {
			s, r, a := inspectable(t, c.verb)
			fired := s.Add(faults.Rule{Match: faults.Path(http.MethodGet, path), Kind: faults.Rewrite, Rewrite: func(a *faults.Answer) {
				a.Header.Del("Content-Length")
				a.Body = []byte(wrong)
			}})
			state, err := r.Inspect(t.Context(), a)
			if fired() == 0 || state.Holds {
				t.Errorf("%s: %s, asked %d times: %+v, %v", c.verb, wrong, fired(), state, err)
			}
		}
	}
}

// inspectable is a world in which the verb has something to do, and what it is done by.
func inspectable(t *testing.T, verb access.Verb) (*sandbox, *Revoker, access.Action) {
	t.Helper()
	s := suspended(t, fakeokta.Options{})
	switch verb {
	case access.OktaDeleteToken:
		return s, s.revoker(t), s.tokenAction()
	case access.OktaClearSessions:
		r, a := s.revoker(t), action(verb, s.ann)
		act(t, r, a)
		return s, r, a
	}
	return s, s.remover(t), s.removal(verb)
}

// Between the unlock and the suspension the user could get in: an answer that does not
// say how the user is is no reason to stop there.
func TestAnAnswerAboutNobodyDoesNotLeaveAnUnlockedUserUnlocked(t *testing.T) {
	for _, wrong := range []string{`{}`, `{"id":"00u00000000000000009","status":"SUSPENDED"}`, `{"id":"{bob}"}`, `{"id":"{bob}","status":""}`} {
		s := newSandbox(t, fakeokta.Options{})
		wrong = strings.ReplaceAll(wrong, "{bob}", s.bob.ID)
		me := faults.Path(http.MethodGet, "/api/v1/users/"+s.bob.ID)
		s.Add(faults.Rule{Match: func(r *http.Request) bool { return me(r) && s.status(t, s.bob) == fakeokta.Active }, Times: 1, Kind: faults.Rewrite, Rewrite: func(a *faults.Answer) {
			a.Header.Del("Content-Length")
			a.Body = []byte(wrong)
		}})
		receipt, err := s.revoker(t).Act(t.Context(), action(access.OktaSuspend, s.bob))
		if is := s.status(t, s.bob); is != fakeokta.Suspended {
			t.Errorf("%s: the user is %s: %+v, %v", wrong, is, receipt, err)
		}
	}
}
