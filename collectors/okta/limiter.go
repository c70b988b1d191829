package okta

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// limiter lets requests out no faster than a share of each of Okta's rate
// limits, and no more at once than a bound. Requests of different buckets never
// wait for each other's minute; who waits for one holds no place in flight.
// https://developer.okta.com/docs/reference/rate-limits/
type limiter struct {
	share   float64
	maxWait time.Duration
	now     func() time.Time
	sleep   func(context.Context, time.Duration) error

	mu      sync.Mutex
	buckets map[string]*bucket
	flying  int           // of all buckets, not answered yet
	landed  chan struct{} // closed, and made anew, when a request comes back
	crowd   crowd
}

func newLimiter(cfg Config) *limiter {
	return &limiter{
		share: cfg.Share, maxWait: cfg.MaxWait, now: cfg.Now, sleep: cfg.Sleep,
		buckets: map[string]*bucket{}, landed: make(chan struct{}),
	}
}

// pass is a request that was let out, until it is back.
type pass struct {
	l          *limiter
	b          *bucket
	at         time.Time
	back, late bool // it has come back; it has been away for more than a minute
}

// take waits until one more request of a bucket may leave. One request of each
// bucket waits for the clock; the others queue behind it, in their order.
func (l *limiter) take(ctx context.Context, name string, since time.Time) (*pass, error) {
	b := l.bucket(name)
	select {
	case b.gate <- struct{}{}:
		defer func() { <-b.gate }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	for {
		p, wait, landed := l.enter(b)
		if p != nil {
			return p, nil
		}
		if err := l.pause(ctx, b, since, wait, landed); err != nil {
			return nil, err
		}
	}
}

// enter lets a request out, or says how long its bucket is closed, or, when
// an answer may make room, what tells that one came.
func (l *limiter) enter(b *bucket) (*pass, time.Duration, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	if wait := b.closed(now, l.share); wait > 0 {
		return nil, wait, nil
	}
	bound := l.crowd.bound(now, l.needed())
	if l.flying >= bound || !b.mayFly(bound, l.share) {
		return nil, 0, l.landed
	}
	p := &pass{l: l, b: b, at: now}
	l.flying++
	b.leave(p)
	return p, 0, nil
}

// pause waits for the clock or for an answer. It is no use to wait for the
// clock beyond the end of the run, or for longer than allowed in a bucket in
// which nothing moves: that fails at once.
func (l *limiter) pause(ctx context.Context, b *bucket, since time.Time, wait time.Duration, landed <-chan struct{}) error {
	if wait == 0 {
		select {
		case <-landed:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	now, still := l.now(), l.stillSince(b, since)
	until := now.Add(wait)
	if until.Sub(still) > l.maxWait {
		return &closedError{b.name, until, fmt.Sprintf("longer than the %s that one wait may take; raise the wait, or run at a quieter time", l.maxWait)}
	}
	if ends, ok := endOf(ctx, now); ok && until.After(ends) {
		return &closedError{b.name, until, fmt.Sprintf("but the run must end by %s; give it more time, or a larger share", clockTime(ends))}
	}
	return l.sleep(ctx, wait)
}

// endOf puts a context's deadline, which is by the process's own clock, on the
// clock that the limiter goes by.
func endOf(ctx context.Context, now time.Time) (time.Time, bool) {
	deadline, ok := ctx.Deadline()
	return now.Add(time.Until(deadline)), ok
}

func clockTime(t time.Time) string { return t.UTC().Format("15:04:05Z") }

// closedError says that a bucket stays closed for longer than can be waited.
type closedError struct {
	bucket string
	until  time.Time
	why    string
}

func (e *closedError) Error() string {
	return fmt.Sprintf("okta's rate limit for %s is closed until %s, %s", e.bucket, clockTime(e.until), e.why)
}

// stillSince is since when nothing of a bucket has moved for a request.
func (l *limiter) stillSince(b *bucket, since time.Time) time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	if b.moved.After(since) {
		return b.moved
	}
	return since
}

func (l *limiter) bucket(name string) *bucket {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.buckets[name]
	if b == nil {
		b = newBucket(name)
		l.buckets[name] = b
	}
	return b
}

// needed is how many in flight it takes to use the share of every bucket that
// is in use: requests a second times the seconds that each takes.
// https://developer.okta.com/docs/reference/rl2-concurrency/
func (l *limiter) needed() float64 {
	sum := 0.0
	for _, b := range l.buckets { // a sum has no order
		if len(b.sent) > 0 {
			sum += float64(b.ours(l.share)) / minute.Seconds() * b.latency.Seconds()
		}
	}
	return sum
}

// learn believes what an answer's headers say of the bucket, at the moment
// that they arrive. A 429 that does not say that the bucket is used up is a
// refusal because of too many at once.
// https://developer.okta.com/docs/reference/rl2-monitor/
func (p *pass) learn(resp *http.Response) {
	p.l.mu.Lock()
	defer p.l.mu.Unlock()
	now := p.l.now()
	told, ok := readRate(resp.Header)
	refused := resp.StatusCode == http.StatusTooManyRequests
	switch {
	case refused && (!ok || told.remaining > 0):
		p.l.crowd.refused(now, p.l.needed())
	case refused:
		p.b.shut(now, told)
	case ok:
		p.b.learn(now, told)
	}
	if !refused {
		p.b.moved = now
	}
}

// done says that a request has come back, whatever it brought.
func (p *pass) done() {
	p.l.mu.Lock()
	defer p.l.mu.Unlock()
	p.l.flying--
	p.b.land(p, p.l.now().Sub(p.at))
	close(p.l.landed)
	p.l.landed = make(chan struct{})
}
