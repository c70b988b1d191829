package okta

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"rollcall/collectors"
	"rollcall/internal/sandbox/fakeokta"
)

// line is a wire of a known length to a sandbox, inside a bubble of time that
// passes only when everybody waits.
type line struct {
	handler   http.Handler
	there     time.Duration // from us to Okta
	back      time.Duration
	mu        sync.Mutex
	sent      []time.Time
	byMinute  map[string]int // of Okta's, by its reset
	statuses  map[int]int
	remaining int // the least ever told
	flying    int
	most      int
}

func (l *line) RoundTrip(req *http.Request) (*http.Response, error) {
	l.mu.Lock()
	l.sent = append(l.sent, time.Now())
	l.flying++
	l.most = max(l.most, l.flying)
	l.mu.Unlock()
	if err := collectors.Sleep(req.Context(), l.there); err != nil {
		return nil, err
	}
	rec := httptest.NewRecorder()
	l.handler.ServeHTTP(rec, req)
	err := collectors.Sleep(req.Context(), l.back)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.flying--
	resp := rec.Result()
	l.statuses[resp.StatusCode]++
	l.byMinute[resp.Header.Get("X-Rate-Limit-Reset")]++
	if told, ok := readRate(resp.Header); ok {
		l.remaining = min(l.remaining, told.remaining)
	}
	return resp, err
}

// busiest is the most that ever left within sixty seconds.
func (l *line) busiest() int {
	slices.SortFunc(l.sent, time.Time.Compare)
	most, from := 0, 0
	for i, at := range l.sent {
		for at.Sub(l.sent[from]) >= time.Minute {
			from++
		}
		most = max(most, i-from+1)
	}
	return most
}

// lines makes a transport over a line; it must be called inside the bubble.
func lines(t *testing.T, h http.Handler, latency time.Duration, adjust func(*Config)) (*transport, *line) {
	t.Helper()
	l := &line{handler: h, there: latency / 2, back: latency / 2, byMinute: map[string]int{}, statuses: map[int]int{}, remaining: math.MaxInt}
	cfg := Config{System: "okta", OrgURL: "https://okta.test", Token: readerToken, HTTP: l}
	if adjust != nil {
		adjust(&cfg)
	}
	tr, err := newTransport(cfg.withDefaults(), &url.URL{Scheme: "https", Host: "okta.test"}, readsOnly, &secrets{})
	if err != nil {
		t.Fatal(err)
	}
	return tr, l
}

// organisation is a sandbox that goes by the bubble's clock.
func organisation(limits map[fakeokta.Bucket]int) *fakeokta.Server {
	return fakeokta.New(fakeokta.Options{
		Now: time.Now, RateLimits: limits,
		Tokens: map[string]fakeokta.Token{readerToken: {Name: "reader"}, "other": {Name: "another client"}},
	})
}

func ask(ctx context.Context, tr *transport, path string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://okta.test"+path, nil)
	if err != nil {
		return err
	}
	resp, err := tr.RoundTrip(req)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("status %d", resp.StatusCode)
	}
	return err
}

// askAll sends n requests side by side and gives the errors.
func askAll(ctx context.Context, tr *transport, n int, path string) []error {
	errs := make([]error, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { errs[i] = ask(ctx, tr, path) })
	}
	all.Wait()
	return errs
}

// meanwhile lets another client send so many requests of its own.
func meanwhile(h http.Handler, n int, path string) {
	for range n {
		req := httptest.NewRequest(http.MethodGet, "https://okta.test"+path, nil)
		req.Header.Set("Authorization", "SSWS other")
		h.ServeHTTP(httptest.NewRecorder(), req)
	}
}

func noErrors(t *testing.T, errs []error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// The bound is what the share imposes: all but the last of the minutes that
// the requests fill, and then the time that the last of them take.
func TestTheShareIsNeverExceededAndNoMinuteIsWasted(t *testing.T) {
	for _, c := range []struct {
		n       int
		limit   int
		share   float64
		latency time.Duration
		start   time.Duration // after a full second
		others  time.Duration // before us, another client opened Okta's minute
	}{
		{n: 200, limit: 100, share: 0.4, latency: 50 * time.Millisecond},
		{n: 200, limit: 100, share: 0.4, latency: 50 * time.Millisecond, start: 999 * time.Millisecond},
		{n: 170, limit: 100, share: 0.4, latency: 400 * time.Millisecond, start: 501 * time.Millisecond},
		{n: 200, limit: 100, share: 0.4, latency: 50 * time.Millisecond, others: 37 * time.Second},
		{n: 41, limit: 100, share: 0.4, latency: 50 * time.Millisecond, start: 30 * time.Millisecond},
		{n: 1000, limit: 500, share: 0.4, latency: 200 * time.Millisecond, start: 700 * time.Millisecond},
		{n: 60, limit: 20, share: 0.4, latency: 50 * time.Millisecond, start: 100 * time.Millisecond},
		{n: 400, limit: 100, share: 0.9, latency: time.Second, start: 10 * time.Millisecond},
		{n: 30, limit: 600, share: 0.05, latency: time.Second},
	} {
		t.Run(fmt.Sprintf("%+v", c), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				okta := organisation(map[fakeokta.Bucket]int{fakeokta.AppsBucket: c.limit})
				tr, l := lines(t, okta, c.latency, func(cfg *Config) { cfg.Share = c.share })
				time.Sleep(c.start)
				if c.others > 0 {
					meanwhile(okta, 3, "/api/v1/apps")
					time.Sleep(c.others)
				}
				start := time.Now()
				noErrors(t, askAll(t.Context(), tr, c.n, "/api/v1/apps"))
				took := time.Since(start)

				ours := int(float64(c.limit) * c.share)
				minutes := time.Duration((c.n+ours-1)/ours - 1)
				last := c.n - int(minutes)*ours
				burst := time.Duration((last+inFlight-2)/(inFlight-1)+1) * c.latency
				bound := minutes*time.Minute + burst
				t.Logf("%s, bound %s, ratio %.4f", took, bound, float64(took)/float64(bound))
				if idle := took - bound; idle > minutes*time.Second || took > bound+bound/20 {
					t.Errorf("took %s, the share imposes %s", took, bound)
				}
				if got := l.busiest(); got > ours {
					t.Errorf("%d within a minute, the share is %d", got, ours)
				}
				for reset, got := range l.byMinute {
					if got > ours {
						t.Errorf("%d in Okta's minute to %s, the share is %d", got, reset, ours)
					}
				}
				if len(l.statuses) != 1 || l.most > inFlight {
					t.Errorf("statuses %v, %d at once", l.statuses, l.most)
				}
			})
		})
	}
}

func TestTheFirstRequestsGoSideBySideAndNoMoreThanTheSmallestLimitAllows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr, l := lines(t, organisation(nil), time.Second, nil)
		start := time.Now()
		noErrors(t, askAll(t.Context(), tr, 8, "/api/v1/apps"))
		if took := time.Since(start); took != time.Second || l.most != 8 {
			t.Errorf("8 requests took %s, %d at once", took, l.most)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		tr, l := lines(t, organisation(map[fakeokta.Bucket]int{fakeokta.AppsBucket: smallest}), time.Second, nil)
		noErrors(t, askAll(t.Context(), tr, 20, "/api/v1/apps"))
		if got := l.busiest(); got != 8 {
			t.Errorf("%d within a minute, the share is 8", got)
		}
	})
}

func TestWhatOthersNeedIsLeftToThem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		okta := organisation(map[fakeokta.Bucket]int{fakeokta.AppsBucket: 100})
		tr, l := lines(t, okta, 50*time.Millisecond, nil)
		meanwhile(okta, 75, "/api/v1/apps")
		time.Sleep(10 * time.Second)
		start := time.Now()
		noErrors(t, askAll(t.Context(), tr, 30, "/api/v1/apps"))
		if took := time.Since(start); l.remaining < 100/reserve || took < 50*time.Second || took > 52*time.Second {
			t.Errorf("%d remained at the least, after %s", l.remaining, took)
		}
	})
}

func TestABucketDoesNotWaitForAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr, _ := lines(t, organisation(nil), 50*time.Millisecond, nil)
		var apps sync.WaitGroup
		apps.Go(func() { noErrors(t, askAll(t.Context(), tr, 100, "/api/v1/apps")) })
		time.Sleep(10 * time.Second)
		start := time.Now()
		noErrors(t, askAll(t.Context(), tr, 8, "/api/v1/groups"))
		if took := time.Since(start); took != 50*time.Millisecond {
			t.Errorf("the groups took %s while the apps waited for their minute", took)
		}
		apps.Wait()
	})
	synctest.Test(t, func(t *testing.T) {
		okta := organisation(nil)
		stuck := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasPrefix(r.URL.Path, "/api/v1/apps") {
				<-r.Context().Done()
				return
			}
			okta.ServeHTTP(w, r)
		})
		tr, _ := lines(t, stuck, 50*time.Millisecond, nil)
		tr.limits.bucket(appsBucket).told = true // so that as many go as may
		ctx, cancel := context.WithCancel(t.Context())
		var apps sync.WaitGroup
		apps.Go(func() { askAll(ctx, tr, 30, "/api/v1/apps") })
		synctest.Wait()
		start := time.Now()
		noErrors(t, []error{ask(t.Context(), tr, "/api/v1/groups")})
		if took := time.Since(start); took != 50*time.Millisecond {
			t.Errorf("the groups took %s while the apps got no answer", took)
		}
		cancel()
		apps.Wait()
	})
}

func TestAWaitBeyondTheEndOfTheRunFailsAtOnceAndSaysUntilWhen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr, l := lines(t, organisation(nil), 50*time.Millisecond, nil)
		start := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		failed := 0
		for _, err := range askAll(ctx, tr, 60, "/api/v1/apps") {
			if err == nil {
				continue
			}
			failed++
			for _, want := range []string{"/api/v1/apps is closed until 00:01:0", "the run must end by 00:00:30Z"} {
				if !strings.Contains(err.Error(), want) {
					t.Fatalf("%v does not say %q", err, want)
				}
			}
		}
		if took := time.Since(start); failed != 20 || len(l.sent) != 40 || took > 2*time.Second {
			t.Errorf("%d failed after %s, %d were sent", failed, took, len(l.sent))
		}
	})
}

func TestACancelledWaitForARateLimitEndsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr, _ := lines(t, organisation(nil), 50*time.Millisecond, nil)
		ctx, cancel := context.WithCancel(t.Context())
		var all sync.WaitGroup
		all.Go(func() { askAll(ctx, tr, 100, "/api/v1/apps") })
		time.Sleep(10 * time.Second)
		start := time.Now()
		cancel()
		all.Wait()
		if took := time.Since(start); took != 0 {
			t.Errorf("it took %s to end", took)
		}
	})
}

// A long queue is no reason to give up while it moves; a bucket that stays
// closed is.
func TestPatienceEndsWhenNothingMoves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr, _ := lines(t, organisation(nil), 50*time.Millisecond, nil)
		noErrors(t, askAll(t.Context(), tr, 400, "/api/v1/apps")) // nine minutes
	})
	synctest.Test(t, func(t *testing.T) {
		okta := organisation(map[fakeokta.Bucket]int{fakeokta.AppsBucket: 100})
		greedy := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			meanwhile(okta, 100, "/api/v1/apps")
			okta.ServeHTTP(w, r)
		})
		tr, _ := lines(t, greedy, 50*time.Millisecond, nil)
		start := time.Now()
		for _, err := range askAll(t.Context(), tr, 20, "/api/v1/apps") {
			if statusOf(err) != http.StatusTooManyRequests {
				t.Errorf("error %v", err)
			}
		}
		// A minute in the queue, then the five that it may take from the first refusal on.
		if took := time.Since(start); took > 6*time.Minute+10*time.Second {
			t.Errorf("it took %s to give up", took)
		}
	})
}

// crowded refuses, as Okta does, what comes while so many are being answered.
func crowded(okta http.Handler, most int, latency time.Duration) http.Handler {
	var mu sync.Mutex
	inside := 0
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		inside++
		full := inside > most
		mu.Unlock()
		defer func() { mu.Lock(); inside--; mu.Unlock() }()
		if full {
			w.Header().Set("Date", time.Now().UTC().Format(http.TimeFormat))
			w.Header().Set("X-Rate-Limit-Limit", "0")
			w.Header().Set("X-Rate-Limit-Remaining", "0")
			w.Header().Set("X-Rate-Limit-Reset", fmt.Sprint(time.Now().Add(time.Minute).Unix()))
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		time.Sleep(latency)
		okta.ServeHTTP(w, r)
	})
}

func TestTooManyAtOnceIsAnsweredByFewerAtOnceNotByWaitingForTheReset(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr, l := lines(t, crowded(organisation(fakeokta.Raised(100_000)), 4, 100*time.Millisecond), 0, nil)
		start := time.Now()
		noErrors(t, askAll(t.Context(), tr, 200, "/api/v1/apps"))
		// 200 requests of 100 ms, four at once, are five seconds.
		if took := time.Since(start); took > 45*time.Second || l.statuses[http.StatusTooManyRequests] > 20 {
			t.Errorf("took %s, statuses %v", took, l.statuses)
		}
		if bound := tr.limits.crowd.bound(time.Now(), 0); bound >= inFlight {
			t.Errorf("%d may fly right after a refusal", bound)
		}
		if bound := tr.limits.crowd.bound(time.Now().Add(5*time.Minute), 0); bound != inFlight {
			t.Errorf("%d may fly long after the refusals, want %d", bound, inFlight)
		}
	})
}

func TestSlowAnswersAreAskedForMoreAtOnceUpToABound(t *testing.T) {
	for latency, want := range map[time.Duration]int{
		50 * time.Millisecond:   inFlight - 1, // one bucket leaves the last place to others
		1500 * time.Millisecond: 800*15/10/60 - 1,
		20 * time.Second:        mostAtOne - 1,
	} {
		synctest.Test(t, func(t *testing.T) {
			tr, l := lines(t, organisation(map[fakeokta.Bucket]int{fakeokta.UsersBucket: 2000}), latency, nil)
			noErrors(t, askAll(t.Context(), tr, 400, "/api/v1/users"))
			if l.most < want || l.most > want+1 {
				t.Errorf("%s: %d at once, want %d", latency, l.most, want)
			}
		})
	}
}

// An answer that comes after its minute must not say how the next one stands,
// and what is on its way when a minute ends counts in the next.
func TestWhatIsUnderWayWhenAMinuteEndsCountsInTheNext(t *testing.T) {
	now := time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)
	b := newBucket(appsBucket)
	first, second := &pass{at: now}, &pass{at: now}
	b.leave(first)
	b.leave(second)
	b.learn(now, rate{limit: 10, remaining: 9, reset: 100, until: 30 * time.Second})
	b.land(first, 0)
	if wait := b.closed(now, 0.2); wait != minute {
		t.Errorf("closed for %s, want our minute", wait)
	}
	now = now.Add(minute)
	if wait := b.closed(now, 0.2); wait != 0 || b.used != 1 || b.late != 1 {
		t.Errorf("closed for %s, %d used, %d late", wait, b.used, b.late)
	}
	b.learn(now, rate{limit: 10, remaining: 0, reset: 100, until: time.Second})
	if wait := b.closed(now, 0.2); wait != 0 {
		t.Errorf("an answer of the minute before closes the bucket for %s", wait)
	}
}

// The sandbox and the limiter were written apart; Okta's table is the judge of
// both.
func TestEveryRequestIsCountedInOktasBucket(t *testing.T) {
	for line, want := range map[string]string{
		"GET /api/v1/users": usersBucket, "POST /api/v1/users": usersBucket,
		"GET /api/v1/users/u": userBucket, "GET /api/v1/users/me": userBucket,
		"POST /api/v1/users/u": userWriteBucket, "DELETE /api/v1/users/u": userWriteBucket,
		"GET /api/v1/users/u/roles": otherBucket, "GET /api/v1/users/u/groups": otherBucket,
		"POST /api/v1/users/u/lifecycle/suspend": otherBucket, "DELETE /api/v1/users/u/sessions": otherBucket,
		"GET /api/v1/groups": groupsBucket, "GET /api/v1/groups/rules": groupsBucket,
		"GET /api/v1/groups/g": groupBucket, "PUT /api/v1/groups/g": groupBucket,
		"GET /api/v1/groups/g/users": groupsBucket, "GET /api/v1/groups/g/apps": groupsBucket,
		"GET /api/v1/groups/g/roles": groupsBucket, "DELETE /api/v1/groups/g/users/u": groupsBucket,
		"GET /api/v1/apps": appsBucket, "GET /api/v1/apps/a": appBucket,
		"GET /api/v1/apps/a/users": appsBucket, "GET /api/v1/apps/a/groups": appsBucket,
		"GET /api/v1/logs": logsBucket, "GET /api/v1/devices": devicesBucket, "GET /api/v1/devices/d/users": devicesBucket,
		"GET /api/v1/iam/roles": otherBucket, "GET /api/v1/iam/assignees/users": otherBucket,
		"GET /api/v1/iam/resource-sets/s/bindings/r/members": otherBucket,
		"GET /api/v1/api-tokens":                             otherBucket, "DELETE /api/v1/api-tokens/t": otherBucket, "GET /api/v1/org": otherBucket,
		"GET /oauth2/v1/clients/c/roles": clientsBucket,
	} {
		method, path, _ := strings.Cut(line, " ")
		if got := bucketOf(method, path); got != want || starting[got] == 0 {
			t.Errorf("%s: %q (%d a minute), want %q", line, got, starting[got], want)
		}
		if got := fakeokta.BucketOf(method, path); string(got) != want {
			t.Errorf("%s: the sandbox counts it in %q, want %q", line, got, want)
		}
	}
}
