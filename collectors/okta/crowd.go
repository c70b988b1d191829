package okta

import (
	"math"
	"time"
)

const (
	inFlight  = 10               // at once, as Okta advises
	mostAtOne = 30               // at once, 40 % of Okta's 75: https://developer.okta.com/docs/reference/rl2-concurrency/
	calm      = 30 * time.Second // without a refusal, before twice as many may fly again
)

// crowd is how many requests may be in flight at once.
type crowd struct {
	lowered int // after a refusal because of too many at once; 0 is not lowered
	at      time.Time
}

// bound is inFlight, more where slow answers need more to use the share, and
// less for a while after Okta refused.
func (c *crowd) bound(now time.Time, needed float64) int {
	usual := min(max(inFlight, int(math.Ceil(needed))), mostAtOne)
	if c.lowered == 0 {
		return usual
	}
	doublings := min(max(int(now.Sub(c.at)/calm), 0), 8)
	if lowered := c.lowered << doublings; lowered < usual {
		return lowered
	}
	c.lowered = 0
	return usual
}

// refused halves the bound, once for all that were refused together.
func (c *crowd) refused(now time.Time, needed float64) {
	if c.lowered != 0 && now.Sub(c.at) < time.Second {
		return
	}
	c.lowered, c.at = max(1, c.bound(now, needed)/2), now
}
