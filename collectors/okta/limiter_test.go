package okta

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"rollcall/internal/sandbox/fakeokta"
)

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
