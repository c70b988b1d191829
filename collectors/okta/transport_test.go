package okta

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"rollcall/collectors/collectortest"
	"rollcall/internal/sandbox/fakeokta"
	"rollcall/internal/sandbox/faults"
)

// someID has the shape of a user id.
const someID = "00u00000000000000001"

// peer is a server that says what a test wants it to say.
type peer struct {
	*clock
	c    *client
	hits atomic.Int64
}

func newPeer(t *testing.T, may permission, adjust func(*Config), h http.HandlerFunc) *peer {
	t.Helper()
	p := &peer{clock: collectortest.NewClock()}
	url := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.hits.Add(1)
		h(w, r)
	}))
	cfg := testConfig(url, readerToken, p.clock)
	if adjust != nil {
		adjust(&cfg)
	}
	c, err := newClient(cfg, may)
	if err != nil {
		t.Fatal(err)
	}
	p.c = c
	return p
}

func (p *peer) users(t *testing.T) ([]wireID, error) {
	t.Helper()
	rows, _, err := list[wireID](t.Context(), p.c, "/api/v1/users?limit=200", nil)
	return rows, err
}

func (p *peer) suspend(t *testing.T) error {
	t.Helper()
	_, _, err := p.c.send(t.Context(), http.MethodPost, "/api/v1/users/"+someID+"/lifecycle/suspend", nil)
	return err
}

func reply(w http.ResponseWriter, body string) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, body)
}

func hangUp(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// SDK defect 2: io.EOF is retried without pause and without end, writes too.
func TestAClosedConnectionIsTriedAFewTimesForReadsAndOnceForWrites(t *testing.T) {
	p := newPeer(t, revokes, nil, hangUp)
	if _, err := p.users(t); err == nil || p.hits.Load() != maxTries {
		t.Errorf("read: %d requests, error %v; want %d and an error", p.hits.Load(), err, maxTries)
	}
	p.hits.Store(0)
	if err := p.suspend(t); err == nil || p.hits.Load() != 1 {
		t.Errorf("write: %d requests, error %v; want 1 and an error", p.hits.Load(), err)
	}
	if total(p.Slept()) == 0 {
		t.Error("no pause between the tries")
	}
}

// SDK defect 1: nothing ends a request whose peer says nothing.
func TestAPeerThatSaysNothingIsLeftAfterTheTimeout(t *testing.T) {
	release := make(chan struct{})
	t.Cleanup(func() { close(release) })
	p := newPeer(t, readsOnly, func(c *Config) { c.Timeout = 30 * time.Millisecond },
		func(_ http.ResponseWriter, r *http.Request) {
			select {
			case <-r.Context().Done():
			case <-release:
			}
		})
	if _, err := p.users(t); err == nil || !strings.Contains(err.Error(), "no answer within 30ms") {
		t.Errorf("error %v", err)
	}
}

func TestABodyThatStopsHalfwayIsLeftAfterTheTimeout(t *testing.T) {
	p := newPeer(t, readsOnly, func(c *Config) { c.Timeout = 30 * time.Millisecond },
		func(w http.ResponseWriter, r *http.Request) {
			reply(w, `[{"id":`)
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		})
	if _, err := p.users(t); err == nil {
		t.Error("half a body was taken for a list")
	}
}

func TestABodyThatStopsHalfwayOnceIsAskedForAgain(t *testing.T) {
	var n atomic.Int64
	p := newPeer(t, readsOnly, func(c *Config) { c.Timeout = 100 * time.Millisecond },
		func(w http.ResponseWriter, r *http.Request) {
			if n.Add(1) == 1 {
				reply(w, `[{"id":`)
				_ = http.NewResponseController(w).Flush()
				<-r.Context().Done()
				return
			}
			reply(w, `[{"id":"x"},{"id":"y"}]`)
		})
	if rows, err := p.users(t); err != nil || len(rows) != 2 || p.hits.Load() != 2 {
		t.Errorf("%d rows after %d requests, error %v", len(rows), p.hits.Load(), err)
	}
}

// SDK defect 11: an empty 200 is nil and no error.
func TestASuccessThatSaysNothingIsAnError(t *testing.T) {
	for _, body := range []string{"", "  ", "null", "<html></html>", `[{"id":"x"}`, `[] []`, `{"id":"x"}`} {
		p := newPeer(t, readsOnly, nil, func(w http.ResponseWriter, _ *http.Request) { reply(w, body) })
		if rows, err := p.users(t); err == nil {
			t.Errorf("%q was taken for %d users", body, len(rows))
		}
	}
}

func TestAnAnswerThatSaysNothingOnceIsAskedForAgain(t *testing.T) {
	for _, body := range []string{"", "<html>Please log in</html>", `[{"id":`} {
		var n atomic.Int64
		p := newPeer(t, readsOnly, nil, func(w http.ResponseWriter, _ *http.Request) {
			if n.Add(1) == 1 {
				reply(w, body)
				return
			}
			reply(w, `[{"id":"x"}]`)
		})
		if rows, err := p.users(t); err != nil || len(rows) != 1 {
			t.Errorf("%q: rows %v, error %v", body, rows, err)
		}
	}
}

// SDK defect 5: a 5xx is never retried.
func TestAServerErrorIsRetriedForReadsOnly(t *testing.T) {
	var n atomic.Int64
	p := newPeer(t, revokes, nil, func(w http.ResponseWriter, r *http.Request) {
		if n.Add(1) < maxTries {
			http.Error(w, "<html>", http.StatusServiceUnavailable)
			return
		}
		reply(w, `[{"id":"x"}]`)
	})
	if rows, err := p.users(t); err != nil || len(rows) != 1 {
		t.Errorf("rows %v, error %v", rows, err)
	}
	n.Store(0)
	p.hits.Store(0)
	err := p.suspend(t)
	if statusOf(err) != http.StatusServiceUnavailable || p.hits.Load() != 1 {
		t.Errorf("write: %d requests, error %v", p.hits.Load(), err)
	}
}

// throttled answers 429 with these headers so many times, then a list.
func throttled(times int64, headers map[string]string) http.HandlerFunc {
	var n atomic.Int64
	return func(w http.ResponseWriter, _ *http.Request) {
		if n.Add(1) > times {
			reply(w, `[{"id":"x"}]`)
			return
		}
		for name, value := range headers {
			w.Header().Set(name, value)
		}
		if headers["Date"] == "" {
			w.Header()["Date"] = nil
		}
		w.WriteHeader(http.StatusTooManyRequests)
		reply(w, `{"errorCode":"E0000047","errorSummary":"API call exceeded rate limit"}`)
	}
}

// SDK defects 3 and 4: a 429 outlasts the SDK's patience, and a reset in the
// past or a missing header burns its tries at once.
func TestARateLimitIsWaitedForByTheServersOwnClock(t *testing.T) {
	date := time.Date(2031, 3, 1, 12, 0, 0, 0, time.UTC) // years from our clock
	at := func(limit string, reset time.Time) map[string]string {
		return map[string]string{
			"Date": date.Format(http.TimeFormat), "X-Rate-Limit-Limit": limit, "X-Rate-Limit-Remaining": "0",
			"X-Rate-Limit-Reset": fmt.Sprint(reset.Unix()),
		}
	}
	for _, c := range []struct {
		rule        string
		headers     map[string]string
		least, most time.Duration
	}{
		{"until the reset and a second more", at("600", date.Add(42*time.Second)), 43 * time.Second, 45 * time.Second},
		{"a reset in the past still pauses", at("600", date.Add(-90*time.Second)), time.Second, 2 * time.Second},
		{"a concurrency limit pauses shortly", at("0", date.Add(42*time.Second)), 500 * time.Millisecond, 5 * time.Second},
		{"no headers pause shortly", nil, 500 * time.Millisecond, 5 * time.Second},
	} {
		p := newPeer(t, readsOnly, nil, throttled(1, c.headers))
		rows, err := p.users(t)
		if err != nil || len(rows) != 1 {
			t.Errorf("%s: rows %v, error %v", c.rule, rows, err)
		}
		if slept := total(p.Slept()); slept < c.least || slept > c.most {
			t.Errorf("%s: waited %s, want %s to %s", c.rule, slept, c.least, c.most)
		}
	}
}

func TestARefusalByARateLimitIsRetriedForWritesToo(t *testing.T) {
	p := newPeer(t, revokes, nil, throttled(2, nil))
	if err := p.suspend(t); err != nil || p.hits.Load() != 3 {
		t.Errorf("%d requests, error %v", p.hits.Load(), err)
	}
}

func TestWaitingForARateLimitEnds(t *testing.T) {
	p := newPeer(t, readsOnly, func(c *Config) { c.MaxWait = time.Minute }, throttled(1000, nil))
	_, err := p.users(t)
	if statusOf(err) != http.StatusTooManyRequests {
		t.Errorf("error %v", err)
	}
	if total(p.Slept()) > time.Minute || p.hits.Load() > maxRefused {
		t.Errorf("waited %s in %d requests", total(p.Slept()), p.hits.Load())
	}
}

func TestARateLimitThatNeverEndsIsGivenUpHoweverLongTheWaitMayBe(t *testing.T) {
	p := newPeer(t, readsOnly, func(c *Config) { c.MaxWait = 100 * time.Hour }, throttled(1000, nil))
	if _, err := p.users(t); err == nil || p.hits.Load() != maxRefused {
		t.Errorf("%d requests, error %v", p.hits.Load(), err)
	}
}

func TestAResetFarAwayIsNotWaitedFor(t *testing.T) {
	date := time.Now()
	p := newPeer(t, readsOnly, nil, throttled(1000, map[string]string{
		"Date": date.UTC().Format(http.TimeFormat), "X-Rate-Limit-Limit": "600", "X-Rate-Limit-Remaining": "0",
		"X-Rate-Limit-Reset": fmt.Sprint(date.Add(24 * time.Hour).Unix()),
	}))
	if _, err := p.users(t); err == nil || total(p.Slept()) > 5*time.Minute {
		t.Errorf("waited %s, error %v", total(p.Slept()), err)
	}
}

func TestARedirectIsRefusedAndTheTokenStays(t *testing.T) {
	var leaked atomic.Bool
	other := serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { leaked.Store(true) }))
	p := newPeer(t, readsOnly, nil, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other+"/api/v1/users", http.StatusFound)
	})
	if _, err := p.users(t); err == nil || !strings.Contains(err.Error(), "redirect") {
		t.Errorf("error %v", err)
	}
	if leaked.Load() {
		t.Error("the redirect was followed")
	}
	p = newPeer(t, readsOnly, nil, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusMultipleChoices) // leads nowhere; the SDK takes it for a success
		_, _ = io.WriteString(w, `[]`)
	})
	if _, err := p.users(t); err == nil {
		t.Error("a 300 was taken for an empty list")
	}
}

func TestACollectorsTransportLetsNoWriteOut(t *testing.T) {
	p := newPeer(t, readsOnly, nil, func(w http.ResponseWriter, _ *http.Request) { reply(w, `{}`) })
	for _, method := range []string{"POST", "PUT", "PATCH", "DELETE", "get"} {
		if _, _, err := p.c.send(t.Context(), method, "/api/v1/users/"+someID+"/lifecycle/suspend", nil); err == nil {
			t.Errorf("%s was sent", method)
		}
	}
	if _, err := p.c.sdk.User.SuspendUser(t.Context(), someID); err == nil {
		t.Error("the SDK's own call was sent")
	}
	if n := p.hits.Load(); n != 0 {
		t.Errorf("%d requests left", n)
	}
}

func TestARevokersTransportLetsOutWhatItNeedsAndNothingElse(t *testing.T) {
	p := newPeer(t, revokes, nil, func(w http.ResponseWriter, _ *http.Request) { reply(w, `{}`) })
	for _, line := range []string{
		"DELETE /api/v1/users/" + someID,
		"DELETE /api/v1/users/" + someID + "?sendEmail=false",
		"DELETE /api/v1/users//sessions",
		"DELETE /api/v1/users/me/sessions",
		"POST /api/v1/users//lifecycle/deactivate",
		"POST /api/v1/users/" + someID + "/lifecycle/activate",
		"POST /api/v1/users/" + someID + "/lifecycle/../../" + someID + "/lifecycle/suspend",
		"DELETE /api/v1/api-tokens/",
		"DELETE /api/v1/api-tokens/current",
		"DELETE /api/v1/groups/00g00000000000000001",
		"PUT /api/v1/users/" + someID,
	} {
		method, path, _ := strings.Cut(line, " ")
		if _, _, err := p.c.send(t.Context(), method, path, nil); err == nil {
			t.Errorf("%s was sent", line)
		}
	}
	if n := p.hits.Load(); n != 0 {
		t.Errorf("%d requests left", n)
	}
	if err := p.suspend(t); err != nil || p.hits.Load() != 1 {
		t.Errorf("suspend: %d requests, error %v", p.hits.Load(), err)
	}
}

// SDK defect 7: its cache answers a list from before a change.
func TestAListReadTwiceIsReadTwice(t *testing.T) {
	p := newPeer(t, readsOnly, nil, func(w http.ResponseWriter, _ *http.Request) { reply(w, `[{"id":"x"}]`) })
	for range 2 {
		if _, err := p.users(t); err != nil {
			t.Fatal(err)
		}
	}
	if n := p.hits.Load(); n != 2 {
		t.Errorf("%d requests", n)
	}
}

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

func TestTheCollectorKeepsToItsShareOfARateLimit(t *testing.T) {
	limits := fakeokta.Raised(100_000)
	limits[fakeokta.AppsBucket] = 20
	s := newSandbox(t, fakeokta.Options{RateLimits: limits})
	for i := range 30 {
		s.AddApp(fakeokta.App{Label: fmt.Sprintf("App %02d", i)})
	}
	var most, used atomic.Int64
	start := s.Now()
	s.Add(faults.Rule{Match: func(r *http.Request) bool {
		if strings.HasPrefix(r.URL.Path, "/api/v1/apps") {
			if s.Now().Sub(start) >= time.Minute {
				start = s.Now()
				used.Store(0)
			}
			most.Store(max(most.Load(), used.Add(1)))
		}
		return false
	}})
	obs := s.collect(t)
	if r := readOf(t, obs, "app_users"); !r.Complete || r.Records == 0 {
		t.Errorf("app_users: %+v", r)
	}
	if got, share := most.Load(), int64(20*0.4); got > share {
		t.Errorf("%d requests in a minute, the share is %d", got, share)
	}
	for _, r := range s.Requests() {
		if r.Status == http.StatusTooManyRequests {
			t.Fatal("the rate limit was hit")
		}
	}
}

func TestNothingLargerThanItMayBeIsKept(t *testing.T) {
	big := bytes.Repeat([]byte(" "), 1<<20)
	p := newPeer(t, readsOnly, nil, func(w http.ResponseWriter, _ *http.Request) {
		for range maxBody>>20 + 1 {
			if _, err := w.Write(big); err != nil {
				return
			}
		}
	})
	if _, err := p.users(t); err == nil || !strings.Contains(err.Error(), "larger than") || p.hits.Load() != 1 {
		t.Errorf("%d requests, error %v", p.hits.Load(), err)
	}
}
