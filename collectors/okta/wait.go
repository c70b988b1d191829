package okta

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// patience is the time that one request may still pause between its tries.
type patience struct {
	since   time.Time     // when the request was made
	left    time.Duration // for all pauses
	refused time.Time     // when a rate limit refused first
	longest time.Duration // since then
	now     func() time.Time
	sleep   func(context.Context, time.Duration) error
}

func (t *transport) patience() *patience {
	l := t.limits
	return &patience{since: l.now(), left: l.maxWait, longest: l.maxWait, now: l.now, sleep: l.sleep}
}

// wait pauses, or fails at once when the pause would be too long or would
// outlast the run.
func (p *patience) wait(ctx context.Context, d time.Duration) error {
	now := p.now()
	if ends, ok := endOf(ctx, now); ok && now.Add(d).After(ends) {
		return fmt.Errorf("would have to wait until %s, but the run must end by %s; give it more time",
			clockTime(now.Add(d)), clockTime(ends))
	}
	if d > p.left || (!p.refused.IsZero() && now.Add(d).Sub(p.refused) > p.longest) {
		return fmt.Errorf("would have to wait another %s, longer than allowed; raise the wait, or run at a quieter time",
			d.Round(time.Second))
	}
	p.left -= d
	return p.sleep(ctx, d)
}

// stayAway pauses after a refusal by a rate limit. All that follows the first
// counts, the queue for the next try too.
func (p *patience) stayAway(ctx context.Context, d time.Duration) error {
	if p.refused.IsZero() {
		p.refused = p.now()
	}
	return p.wait(ctx, d)
}

// newSchedule pauses 0.5, 1, 2, 4 ... up to 15 seconds, each longer or shorter
// by up to this part of it.
func newSchedule(jitter float64) *backoff.ExponentialBackOff {
	b := backoff.NewExponentialBackOff()
	b.InitialInterval, b.Multiplier, b.RandomizationFactor = 500*time.Millisecond, 2, jitter
	b.MaxInterval = 15 * time.Second
	b.Reset()
	return b
}

// newCrowdSchedule is for refusals because of too many at once: 2, 4, 8 ...
// seconds, by chance half as long or half as long again, so that those who
// were refused together do not come back together.
func newCrowdSchedule() *backoff.ExponentialBackOff {
	b := newSchedule(0.5)
	b.InitialInterval = 2 * time.Second
	b.Reset()
	return b
}

// awayFor is how long to stay away after a 429: until the reset, measured
// against the answer's own date, so that no clock needs to be right. Without a
// limit it is the concurrency limit, whose reset is only a hint: a short pause.
// https://developer.okta.com/docs/reference/rl2-monitor/
func awayFor(h http.Header, crowded *backoff.ExponentialBackOff) time.Duration {
	told, ok := readRate(h)
	if !ok || told.remaining > 0 {
		return crowded.NextBackOff()
	}
	return max(told.until, 0) + time.Second
}
