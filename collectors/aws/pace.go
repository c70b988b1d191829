package aws

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"golang.org/x/time/rate"
)

// pace bounds how often requests are sent, over all goroutines that share it.
// AWS throttles an account's callers together, and who else calls is not known:
// after a throttle the pace is halved, down to an eighth, and comes back by an
// eighth of the whole for every second without one. It never exceeds the whole.
type pace struct {
	limiter *rate.Limiter
	whole   rate.Limit
	now     func() time.Time

	mu      sync.Mutex
	slowed  time.Time // when last
	changed time.Time // slowed or sped up
}

func newPace(perSecond float64, now func() time.Time) *pace {
	// Half a second's worth may go at once, so that a burst and the second after
	// it together stay under twice the rate.
	return &pace{limiter: rate.NewLimiter(rate.Limit(perSecond), max(1, int(perSecond/2))), whole: rate.Limit(perSecond), now: now}
}

// wait is until it is this request's turn.
func (p *pace) wait(ctx context.Context) error {
	p.recover()
	if err := p.limiter.Wait(ctx); err != nil {
		return tooLong(ctx, err, p.limiter.Limit())
	}
	return nil
}

// recover speeds up by the whole seconds since the last change.
func (p *pace) recover() {
	p.mu.Lock()
	defer p.mu.Unlock()
	seconds := p.now().Sub(p.changed).Truncate(time.Second)
	if limit := p.limiter.Limit(); limit < p.whole && seconds > 0 {
		p.limiter.SetLimit(min(p.whole, limit+p.whole/8*rate.Limit(seconds.Seconds())))
		p.changed = p.changed.Add(seconds)
	}
}

// heard slows down after a throttle. Those of one second are one: requests that
// were on their way together are refused together.
func (p *pace) heard(err error) {
	if !throttled(err) {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if now := p.now(); p.slowed.IsZero() || now.Sub(p.slowed) >= time.Second {
		p.limiter.SetLimit(max(p.whole/8, p.limiter.Limit()/2))
		p.slowed, p.changed = now, now
	}
}

// throttled reports whether AWS says that requests come too fast.
func throttled(err error) bool {
	if err == nil {
		return false
	}
	if (retry.ThrottleErrorCode{Codes: retry.DefaultThrottleErrorCodes}).IsErrorThrottle(err) == sdk.TrueTernary {
		return true
	}
	var answer *smithyhttp.ResponseError
	return errors.As(err, &answer) && answer.HTTPStatusCode() == http.StatusTooManyRequests
}
