package okta

import (
	"net/http"
	"strconv"
	"time"
)

// minute is the time that every limit of Okta is for.
const minute = time.Minute

// reserve is the part of a limit, one in so many, that is left to others
// even when our share is not used up.
const reserve = 10

// bucket is one limit: what of ours counts in it, and how it stands with Okta
// as far as the answers tell. Okta's own minute begins with somebody's request
// and ours with ours, so both are kept: no more than our share leaves in any
// sixty seconds, nor in what Okta takes for one minute.
type bucket struct {
	name    string
	gate    chan struct{} // held by who leaves next
	limit   int
	told    bool      // an answer has come back
	sent    []*pass   // what left within a minute, oldest first
	late    int       // what left before and is not answered yet: it may reach Okta now
	flying  int       // what is not answered yet
	moved   time.Time // when an answer came last that was no refusal
	latency time.Duration

	reset int64     // Okta's minute, by its end
	ends  time.Time // the same by our clock, never too early; zero when it is over
	used  int       // what may count in it of ours
	left  int       // the least that an answer said remains
}

func newBucket(name string) *bucket {
	return &bucket{name: name, gate: make(chan struct{}, 1), limit: starting[name]}
}

// ours is what may leave in a minute; it is always one, else a small limit
// would never pass.
func (b *bucket) ours(share float64) int {
	const rounding = 1e-9
	return max(1, int(float64(b.limit)*share+rounding))
}

// closed is how long nothing may leave, and zero when the time does not stand
// in the way.
func (b *bucket) closed(now time.Time, share float64) time.Duration {
	b.forget(now)
	wait, ours := time.Duration(0), b.ours(share)
	if n := len(b.sent) + b.late - ours; n >= 0 && n < len(b.sent) {
		wait = b.sent[n].at.Add(minute).Sub(now)
	}
	if !b.ends.IsZero() && (b.used >= ours || b.left <= b.limit/reserve) {
		wait = max(wait, b.ends.Sub(now))
	}
	return wait
}

// forget lets go of what is over: what left a minute ago, and Okta's minute.
func (b *bucket) forget(now time.Time) {
	for len(b.sent) > 0 && now.Sub(b.sent[0].at) >= minute {
		if p := b.sent[0]; !p.back {
			p.late = true
			b.late++
		}
		b.sent = b.sent[1:]
	}
	if !b.ends.IsZero() && !now.Before(b.ends) {
		b.ends, b.used = time.Time{}, b.flying
	}
}

// mayFly says whether one more may be in flight: the last place is left to
// other buckets, the first answer is waited for before more leave than the
// smallest limit allows, and of what remains with Okta the reserve is kept,
// though all that is in flight were not counted yet.
func (b *bucket) mayFly(bound int, share float64) bool {
	switch {
	case b.flying >= max(1, bound-1), b.late >= b.ours(share):
		return false
	case !b.told:
		return b.flying < max(1, int(smallest*share))
	case b.ends.IsZero():
		return true
	}
	return b.left-b.flying > b.limit/reserve
}

func (b *bucket) leave(p *pass) {
	b.sent = append(b.sent, p)
	b.flying++
	b.used++
}

// land takes one in. The latency follows the last few.
func (b *bucket) land(p *pass, took time.Duration) {
	p.back = true
	if p.late {
		b.late--
	}
	if !b.told {
		b.told, b.latency = true, took
	}
	b.flying--
	b.latency += (took - b.latency) / 8
}

// rate is what an answer says of its bucket.
// https://developer.okta.com/docs/reference/rl2-monitor/
type rate struct {
	limit, remaining int
	reset            int64
	until            time.Duration // to the reset, from when Okta wrote the answer
}

// farAway is no minute's end, whatever a server says: it would close a bucket for ever,
// and a second more than for ever is in the past.
const farAway = 1000 * time.Hour

// readRate needs all of it, and a limit: the refusal of too many at once says
// that it is 0, with a reset that is only a hint.
func readRate(h http.Header) (rate, bool) {
	limit, errLimit := strconv.Atoi(h.Get("X-Rate-Limit-Limit"))
	remaining, errRemaining := strconv.Atoi(h.Get("X-Rate-Limit-Remaining"))
	reset, errReset := strconv.ParseInt(h.Get("X-Rate-Limit-Reset"), 10, 64)
	date, errDate := http.ParseTime(h.Get("Date"))
	until := time.Unix(reset, 0).Sub(date)
	ok := errLimit == nil && errRemaining == nil && errReset == nil && errDate == nil && limit > 0 && until.Abs() < farAway
	return rate{limit, remaining, reset, until}, ok
}

// learn follows Okta's minutes. The answer was written before it arrived, so
// the minute ends no later than now and what was left of it then; of several
// answers the one that came fastest is the nearest. An answer of a minute that
// is over tells only the limit.
func (b *bucket) learn(now time.Time, r rate) {
	b.limit = r.limit
	ends := now.Add(r.until)
	switch {
	case r.reset > b.reset:
		if b.reset != 0 {
			b.used = b.flying
		}
		b.reset, b.ends, b.left = r.reset, ends, r.remaining
	case r.reset == b.reset:
		b.left = min(b.left, r.remaining)
		if ends.Before(b.ends) {
			b.ends = ends
		}
	}
}

// shut closes the bucket until its reset, and a second more for the refusal.
func (b *bucket) shut(now time.Time, r rate) {
	if r.reset < b.reset {
		return
	}
	b.limit, b.reset, b.left = r.limit, r.reset, 0
	b.ends = now.Add(max(r.until, 0) + time.Second)
}
