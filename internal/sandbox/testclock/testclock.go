// Package testclock gives tests a time that stands still until somebody sleeps.
//
// It must never ask the machine's clock. Its invariant: Now is when it began, and
// all that was slept and passed since.
package testclock

import (
	"context"
	"slices"
	"sync"
	"time"
)

// Clock is a time of its own. It is safe for several goroutines.
type Clock struct {
	mu    sync.Mutex
	now   time.Time
	slept []time.Duration
}

// At is a clock that stands at now.
func At(now time.Time) *Clock { return &Clock{now: now} }

// Now is what the clock shows.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Sleep lets the time pass and returns at once: the error of a context that is over.
func (c *Clock) Sleep(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.slept, c.now = append(c.slept, d), c.now.Add(max(d, 0))
	return ctx.Err()
}

// Pass lets time pass in which nobody slept; a negative one sets the clock back.
func (c *Clock) Pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Slept are the sleeps so far, in order.
func (c *Clock) Slept() []time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.slept)
}
