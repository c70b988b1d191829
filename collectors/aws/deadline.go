package aws

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/time/rate"
)

// tooLate is a wait that would end after the deadline of the run: it fails at
// once, so that what is left of the time goes to what can still be done.
type tooLate struct{ says string }

func (e tooLate) Error() string { return e.says + " would pass the deadline of the run" }

// Is lets callers treat it as any other missed deadline.
func (e tooLate) Is(target error) bool { return target == context.DeadlineExceeded }

// bounded makes a sleep fail that the deadline would cut short. The deadline is
// of the machine's clock, as every context's is, whatever sleep goes by.
func bounded(sleep func(context.Context, time.Duration) error) func(context.Context, time.Duration) error {
	return func(ctx context.Context, d time.Duration) error {
		if end, ok := ctx.Deadline(); ok && ctx.Err() == nil && time.Until(end) < d {
			return tooLate{fmt.Sprintf("a wait of %s", d.Round(time.Millisecond))}
		}
		return sleep(ctx, d)
	}
}

// tooLong says why a limiter let nothing through.
func tooLong(ctx context.Context, err error, limit rate.Limit) error {
	if ctx.Err() != nil {
		return err
	}
	return tooLate{fmt.Sprintf("the wait for a turn at %g requests a second", float64(limit))}
}
