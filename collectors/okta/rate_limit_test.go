package okta

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"rollcall/internal/sandbox/fakeokta"
	"rollcall/internal/sandbox/faults"
)

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
