package okta

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"rollcall/internal/sandbox/fakeokta"
)

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
