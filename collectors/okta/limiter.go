package okta

import (
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// limiter keeps to a share of each of Okta's rate limits. Okta counts requests
// per minute and per bucket of endpoints, for the whole organisation; each
// answer says how the bucket stands.
// https://developer.okta.com/docs/reference/rate-limits/
type limiter struct {
	share float64
	now   func() time.Time

	mu      sync.Mutex
	buckets map[string]*bucket
}

// bucket is one minute of one limit, as far as its answers tell.
type bucket struct {
	*limiter
	limit     int
	remaining int
	used      int // ours, since the window began
	flying    int // of these, not answered yet
	reset     int64
	ends      time.Time
	gate      chan struct{} // held by who is let in next
	landed    chan struct{} // closed, and made anew, when a request comes back
}

// starting are the requests per minute that Okta documented last (May 2025),
// relied on only until the first answer.
var starting = map[string]int{"users": 600, "user": 2000, "user write": 600, "groups": 500, "apps": 100, "logs": 120}

const startingOther = 1200

// reserve is the part of a limit, one in so many, that is left to others
// even when our share is not used up.
const reserve = 10

func newLimiter(share float64, now func() time.Time) *limiter {
	return &limiter{share: share, now: now, buckets: map[string]*bucket{}}
}

// bucketOf names the limit that a request is counted in.
func bucketOf(method, path string) string {
	parts := strings.Split(strings.TrimPrefix(path, "/api/v1/"), "/")
	switch {
	case parts[0] == "users" && len(parts) == 1:
		return "users"
	case parts[0] == "users" && len(parts) == 2 && reads(method):
		return "user"
	case parts[0] == "users" && len(parts) == 2:
		return "user write"
	case parts[0] == "groups", parts[0] == "apps", parts[0] == "logs":
		return parts[0]
	}
	return "other"
}

// take waits until the bucket has room for one more request of ours. One
// request waits for the clock, the others queue behind it.
func (l *limiter) take(req *http.Request, p *patience) (*bucket, error) {
	b, ctx := l.bucket(bucketOf(req.Method, req.URL.Path)), req.Context()
	select {
	case b.gate <- struct{}{}:
		defer func() { <-b.gate }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	for {
		wait, landed := b.enter()
		switch {
		case landed != nil:
			select {
			case <-landed:
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		case wait > 0:
			if err := p.wait(ctx, wait); err != nil {
				return nil, err
			}
		default:
			return b, nil
		}
	}
}

// enter counts a request in, or says how long the bucket is closed, or, when
// all that was let in is still on its way, what tells that one came back.
func (b *bucket) enter() (wait time.Duration, landed <-chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	if !now.Before(b.ends) {
		b.open(now.Add(time.Minute), 0, b.limit)
	}
	switch {
	case b.room():
		b.used++
		b.flying++
		b.remaining--
		return 0, nil
	case b.flying > 0 && b.flying == b.used:
		return 0, b.landed
	}
	return b.ends.Sub(now), nil
}

func (l *limiter) bucket(name string) *bucket {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.buckets[name]
	if b == nil {
		limit, ok := starting[name]
		if !ok {
			limit = startingOther
		}
		b = &bucket{limiter: l, limit: limit, gate: make(chan struct{}, 1), landed: make(chan struct{})}
		l.buckets[name] = b
	}
	return b
}

// open begins a new window: what is still in flight counts in it.
func (b *bucket) open(ends time.Time, reset int64, remaining int) {
	b.ends, b.reset, b.remaining, b.used = ends, reset, remaining, b.flying
}

// room is always made for one request, else a small limit would never pass.
func (b *bucket) room() bool {
	ours := max(1, int(float64(b.limit)*b.share))
	return b.used < ours && b.remaining > b.limit/reserve
}

// done says that a request has come back, whatever it brought.
func (b *bucket) done() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.flying--
	close(b.landed)
	b.landed = make(chan struct{})
}

// learn believes the three headers of an answer. Headers of a concurrency
// limit (0) and of an older window say nothing of the bucket.
func (b *bucket) learn(h http.Header) {
	limit, errLimit := strconv.Atoi(h.Get("X-Rate-Limit-Limit"))
	remaining, errRemaining := strconv.Atoi(h.Get("X-Rate-Limit-Remaining"))
	until, ok := untilReset(h)
	if errLimit != nil || errRemaining != nil || !ok || limit <= 0 {
		return
	}
	reset, _ := strconv.ParseInt(h.Get("X-Rate-Limit-Reset"), 10, 64) // untilReset parsed it
	b.mu.Lock()
	defer b.mu.Unlock()
	b.limit = limit
	switch {
	case reset > b.reset && b.reset != 0:
		b.open(b.now().Add(until+time.Second), reset, remaining)
	case b.reset == 0:
		b.reset, b.ends, b.remaining = reset, b.now().Add(until+time.Second), remaining
	case reset == b.reset:
		b.remaining = min(b.remaining, remaining)
	}
}
