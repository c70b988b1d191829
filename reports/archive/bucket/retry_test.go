package bucket

import (
	"context"
	"testing"
	"time"
)

// TestAStoreThatThrottlesIsAskedForTwelveSecondsHoweverTheWaitsAreDrawn: a night must
// not lose its evidence because its tries were over early.
func TestAStoreThatThrottlesIsAskedForTwelveSecondsHoweverTheWaitsAreDrawn(t *testing.T) {
	for range 1000 {
		var waited time.Duration
		r := newRetryer(t.Context(), func(_ context.Context, d time.Duration) error {
			if waited += d; d > longestWait {
				t.Fatalf("a wait of %s", d)
			}
			return nil
		})
		for attempt := 1; attempt < r.MaxAttempts(); attempt++ {
			if _, err := r.RetryDelay(attempt, nil); err != nil {
				t.Fatal(err)
			}
		}
		if waited < 12*time.Second {
			t.Fatalf("%d tries were over in %s", r.MaxAttempts(), waited)
		}
	}
}
