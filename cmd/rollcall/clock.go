package main

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"rollcall/collectors"
	"rollcall/internal/access"
	"rollcall/internal/phrase"
)

// mostOff is how far the clock of this machine may be from that of a system. The
// systems themselves bear five minutes where they look at all.
const mostOff = 10 * time.Minute

// clocks compares the clock of this machine with those of the systems, by what they
// answer when they are read.
type clocks struct {
	now func() time.Time

	mu      sync.Mutex
	nearest map[access.System]twoClocks
}

func newClocks(now func() time.Time) *clocks {
	return &clocks{now: now, nearest: map[access.System]twoClocks{}}
}

// twoClocks are one moment by two clocks.
type twoClocks struct{ theirs, ours time.Time }

func (c twoClocks) off() time.Duration { return c.theirs.Sub(c.ours).Abs() }

// of hears the answers of a system. Of all that it gave, the nearest counts: an answer
// may come late, or out of a proxy's memory, but none comes early.
func (c *clocks) of(s access.System) collectors.Heard {
	if c == nil {
		return nil
	}
	return func(at time.Time) {
		c.mu.Lock()
		defer c.mu.Unlock()
		heard := twoClocks{at, c.now()}
		if nearest, known := c.nearest[s]; !known || heard.off() < nearest.off() {
			c.nearest[s] = heard
		}
	}
}

// doubt says why nothing can be decided by the clock of this machine, if it is wrong,
// or was when the run began.
func (c *clocks) doubt(began time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range slices.Sorted(maps.Keys(c.nearest)) {
		heard := c.nearest[s]
		ours := heard.ours
		if began.After(heard.theirs.Add(mostOff)) {
			ours = began
		}
		if (twoClocks{heard.theirs, ours}).off() <= mostOff {
			continue
		}
		return fmt.Errorf("the clock of this machine said %s when that of %s said %s; who has left by now, and what is due, cannot be told by a clock that is wrong, so that nothing is changed by it: set the clock (a time server keeps it right), then run it again",
			phrase.Minute(ours), s, phrase.Minute(heard.theirs))
	}
	return nil
}
