package okta

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"rollcall/collectors/collectortest"
	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeokta"
)

// altered is the company in this process, one of whose lists is answered with something
// else.
type altered struct {
	*company
	path, link string
	body       []byte
}

func (a *altered) RoundTrip(req *http.Request) (*http.Response, error) {
	served := req.Clone(req.Context())
	served.RequestURI, served.Body = req.URL.RequestURI(), http.NoBody
	rec := httptest.NewRecorder()
	a.ServeHTTP(rec, served)
	resp := rec.Result()
	if q := req.URL.Query(); req.URL.Path == a.path && !q.Has("after") && (a.path != "/api/v1/users" || !q.Has("filter")) {
		resp.StatusCode, resp.Body, resp.ContentLength = http.StatusOK, io.NopCloser(bytes.NewReader(a.body)), int64(len(a.body))
		resp.Header.Del("Link")
		if a.link != "" {
			resp.Header.Set("Link", a.link)
		}
	}
	return resp, nil
}

// plainRow is what a list says by the rules of JSON alone.
type plainRow struct {
	ID, Type, Role, AssignmentType, UUID any
	ResourceSet                          any `json:"resource-set"`
}

// is reports whether a row has this id; one that is no text is none.
func (r plainRow) is(id string) bool { return r.ID == any(id) }

func textOf(v any) string {
	s, _ := v.(string)
	return s
}

// answered is one list of the API that is fuzzed: what its read is called, and whether
// a row of it is in what was collected.
type answered struct {
	path, kind string
	in         func(access.Observation, plainRow) bool
}

func (o *company) answered() []answered {
	right := func(kind access.EntitlementKind) func(access.Observation, plainRow) bool {
		return func(obs access.Observation, row plainRow) bool {
			return slices.ContainsFunc(obs.Entitlements, func(e access.Entitlement) bool { return e.Kind == kind && row.is(e.ID) })
		}
	}
	holder := func(kind access.EntitlementKind, id string) func(access.Observation, plainRow) bool {
		return func(obs access.Observation, row plainRow) bool {
			return slices.ContainsFunc(obs.Grants, func(g access.Grant) bool {
				e := obs.Entitlements[g.Entitlement]
				return e.Kind == kind && e.ID == id && row.is(string(obs.Accounts[g.Account].ID))
			})
		}
	}
	return []answered{
		{"/api/v1/users", "users", func(obs access.Observation, row plainRow) bool {
			return slices.ContainsFunc(obs.Accounts, func(a access.Account) bool { return row.is(string(a.ID)) })
		}},
		{"/api/v1/groups", "groups", right(access.OktaGroup)},
		{"/api/v1/groups/" + o.engineering.ID + "/users", "group_members", holder(access.OktaGroup, o.engineering.ID)},
		{"/api/v1/apps", "apps", right(access.OktaApp)},
		{"/api/v1/apps/" + o.payroll.ID + "/users", "app_users", holder(access.OktaApp, o.payroll.ID)},
		{"/api/v1/api-tokens", "api_tokens", right(access.OktaAPIToken)},
		{"/api/v1/users/" + o.ann.ID + "/roles", "admin_roles", func(obs access.Observation, row plainRow) bool {
			role := wireRole{Type: textOf(row.Type), Role: textOf(row.Role), ResourceSet: textOf(row.ResourceSet)}
			return row.AssignmentType == any("GROUP") || right(access.OktaAdminRole)(obs, plainRow{ID: role.key()})
		}},
		{"/api/v1/logs", "logs", func(obs access.Observation, row plainRow) bool { return textOf(row.UUID) != "" }},
	}
}

// Whatever a list of Okta's is answered with, through the SDK: no panic, no endless
// reading, and what is called complete has every row of it.
func FuzzAnswers(f *testing.F) {
	clock := collectortest.NewClock()
	o := populate(fakeokta.Options{Now: clock.Now, RateLimits: raised})
	lists := o.answered()
	for n, list := range lists {
		req := httptest.NewRequest(http.MethodGet, list.path, nil)
		req.Header.Set("Authorization", "SSWS "+readerToken)
		rec := httptest.NewRecorder()
		o.ServeHTTP(rec, req)
		for _, body := range []string{rec.Body.String(), "      null", "[null]", "[{}]", "{}", "[", `[{"id":"` + o.ann.ID + `","ID":1}]`} {
			f.Add(byte(n), []byte(body), "")
		}
		f.Add(byte(n), rec.Body.Bytes(), "<http://127.0.0.1:1"+list.path+`?after=x>; rel="next"`)
	}
	f.Fuzz(func(t *testing.T, n byte, body []byte, link string) {
		list := lists[int(n)%len(lists)]
		cfg := testConfig("http://127.0.0.1:1", readerToken, clock)
		cfg.HTTP = &altered{company: o, path: list.path, link: link, body: body}
		obs := collectOnce(t, cfg, access.AccountKey{System: "okta", ID: access.AccountID(o.ann.ID)})
		if !readOf(t, obs, list.kind).Complete {
			return
		}
		var rows []plainRow
		if err := json.Unmarshal(body, &rows); err != nil || rows == nil {
			t.Fatalf("%s is called complete, and the answer is no list: %v", list.kind, err)
		}
		for _, row := range rows {
			if !list.in(obs, row) {
				t.Fatalf("%s is called complete without %+v", list.kind, row)
			}
		}
	})
}

// collectOnce collects once, the log of an account too, within a few seconds.
func collectOnce(t *testing.T, cfg Config, watched access.AccountKey) access.Observation {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	k, err := NewCollector(cfg)
	if err != nil {
		t.Fatal(err)
	}
	obs, err := k.Collect(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return k.Uses(ctx, obs, []access.Watch{{Account: watched, Since: epoch}})
}

// Whatever the headers of a rate limit say: a pause is never negative nor for ever, and
// a bucket opens again.
func FuzzRateLimitHeaders(f *testing.F) {
	f.Add("600", "599", "1795399200", "Mon, 23 Nov 2026 02:00:00 GMT", false)
	f.Add("0", "0", "99999999999999", "Mon, 23 Nov 2026 02:00:00 GMT", true)
	f.Add("9223372036854775807", "-1", "-9223372036854775808", "", true)
	f.Add("1", "0", "1795400000", "Fri, 31 Dec 9999 23:59:59 GMT", true)
	f.Fuzz(func(t *testing.T, limit, remaining, reset, date string, refused bool) {
		h := http.Header{"X-Rate-Limit-Limit": {limit}, "X-Rate-Limit-Remaining": {remaining}, "X-Rate-Limit-Reset": {reset}, "Date": {date}}
		if d := awayFor(h, newCrowdSchedule()); d <= 0 || d > farAway+time.Minute {
			t.Fatalf("stay away for %s", d)
		}
		clock := collectortest.NewClock()
		l := newLimiter(testConfig("", "", clock).withDefaults())
		p, _, _ := l.enter(l.bucket("/api/v1/users"))
		resp := &http.Response{StatusCode: http.StatusOK, Header: h}
		if refused {
			resp.StatusCode = http.StatusTooManyRequests
		}
		p.learn(resp)
		p.done()
		if b := p.b; b.ends.Sub(clock.Now()) > farAway+time.Minute || b.ours(l.share) < 1 || l.flying != 0 {
			t.Fatalf("%+v", b)
		}
		clock.Pass(farAway + time.Hour)
		if again, wait, _ := l.enter(p.b); again == nil {
			t.Fatalf("closed for another %s: %+v", wait, p.b)
		}
	})
}
