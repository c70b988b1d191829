package aws

import (
	"context"
	"testing"
	"time"
)

// TestAThrottleIsWaitedOutForMostOfAMinuteHoweverTheWaitsAreDrawn: a night must not
// lose a read because its tries were over early.
func TestAThrottleIsWaitedOutForMostOfAMinuteHoweverTheWaitsAreDrawn(t *testing.T) {
	for range 1000 {
		r := newRetryer(func(context.Context, time.Duration) error { return nil }).(retryer)
		var waited time.Duration
		for attempt := 1; attempt < maxAttempts; attempt++ {
			delay, err := r.delay(attempt, slowDown)
			if err != nil {
				t.Fatal(err)
			}
			if delay > longestWait {
				t.Fatalf("wait %d is %s", attempt, delay)
			}
			waited += delay
		}
		if waited < 45*time.Second {
			t.Fatalf("eight tries were over in %s", waited)
		}
	}
}
