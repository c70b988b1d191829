package aws

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"

	"rollcall/internal/awsreach"
)

const (
	maxAttempts = 8
	longestWait = 30 * time.Second
)

// settling are codes of a change that is still under way; the SDK does not
// retry them, though they pass by themselves in seconds to minutes.
var settling = map[string]struct{}{
	"ConflictException":               {},
	"ConcurrentModification":          {},
	"ConcurrentModificationException": {},
	"EntityTemporarilyUnmodifiable":   {},
}

// retryer is the SDK's standard one without its quota (about 35 retries empty
// it, and then nothing is retried at all: our own limiters bound the load),
// with the codes that it forgets, and with a Sleep that can be passed in.
type retryer struct {
	*retry.Standard
	sleep func(context.Context, time.Duration) error
}

func newRetryer(sleep func(context.Context, time.Duration) error) sdk.RetryerV2 {
	return retryer{sleep: sleep, Standard: retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = maxAttempts
		o.MaxBackoff = longestWait
		o.RateLimiter = ratelimit.None
		o.Retryables = append(o.Retryables,
			retry.RetryableErrorCode{Codes: settling},
			retry.RetryableErrorCode{Codes: over},
			retry.IsErrorRetryableFunc(unreadable))
	})}
}

// unreadable asks again after an answer that cannot be parsed. Nothing that we
// send does more when it is done twice.
func unreadable(err error) sdk.Ternary {
	var broken *smithy.DeserializationError
	if errors.As(err, &broken) {
		return sdk.TrueTernary
	}
	return sdk.UnknownTernary
}

// GetRetryToken waits before the retry, or gets new credentials. The SDK asks
// for it where it is about to sleep on the clock of the machine, and passes the
// context along.
func (r retryer) GetRetryToken(ctx context.Context, cause error) (func(error) error, error) {
	if expired(cause) {
		if err := sendingOf(ctx).renew(ctx); err != nil {
			return nil, err
		}
		return r.Standard.GetRetryToken(ctx, cause)
	}
	delay, err := r.delay(sendingOf(ctx).failed(), cause)
	if err != nil {
		return nil, err
	}
	if err := r.sleep(ctx, delay); err != nil {
		return nil, err
	}
	return r.Standard.GetRetryToken(ctx, cause)
}

// RetryDelay is nothing: GetRetryToken has waited.
func (r retryer) RetryDelay(int, error) (time.Duration, error) { return 0, nil }

// delay is the SDK's, except for what settles slowly (5, 10, 20, then 30 s) and for
// a throttle. The SDK draws each wait from nothing up, and eight unlucky tries could
// be over in seconds; of ours half of each is certain, so that they last 45 s at least.
func (r retryer) delay(attempt int, cause error) (time.Duration, error) {
	if _, slow := settling[awsreach.Code(cause)]; slow {
		return min(5*time.Second<<(attempt-1), longestWait), nil
	}
	if throttled(cause) {
		half := min(time.Second<<(attempt-1), longestWait) / 2
		return half + rand.N(half), nil
	}
	return r.Standard.RetryDelay(attempt, cause)
}
