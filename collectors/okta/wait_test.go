package okta

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"rollcall/internal/sandbox/fakeokta"
)

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
