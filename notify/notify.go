// Package notify delivers messages to people and pagers: Slack, e-mail, SNS,
// PagerDuty, a signed webhook, and the heartbeat of a good run.
//
// It must never decide who is told what, and never let a secret (a webhook's
// address, a routing key, a password) into an error. Its invariant: whatever text a
// message holds, what goes out is within the limits of the other side, and the text
// is still only text there.
package notify

import (
	"context"
	"errors"
	"net/http"
	"time"

	"rollcall/internal/access"
)

// A Channel delivers messages to one place. Send gives what the other side
// answered (an id, a receipt), or an *Error. It tries up to three times where
// another try makes sense, within two minutes, and is safe for several goroutines.
type Channel interface {
	Send(ctx context.Context, m access.Message) (receipt string, err error)
}

// World is what a channel needs of the outside.
type World struct {
	// Transport reaches the other side: with the company's proxy and certificates,
	// where it has any. nil: http.DefaultTransport. E-mail does not use it.
	Transport http.RoundTripper
	Timeout   time.Duration // of one try; 0: 15 s
	Now       func() time.Time
	Sleep     func(context.Context, time.Duration) error
}

const (
	tries       = 3
	longestWait = 30 * time.Second // between two tries: who asks for more is left to the caller
)

func (w World) withDefaults() World {
	if w.Transport == nil {
		w.Transport = http.DefaultTransport
	}
	if w.Timeout == 0 {
		w.Timeout = 15 * time.Second
	}
	return w
}

// insist tries again while the fault says that it makes sense, heeding what the
// other side asked for.
func (w World) insist(ctx context.Context, try func() error) error {
	pause := time.Second
	for n := 1; ; n, pause = n+1, 4*pause {
		err := try()
		var fault *Error
		if !errors.As(err, &fault) || !fault.Again || fault.stopped != nil || n == tries {
			return err
		}
		wait := max(pause, fault.After)
		if wait > longestWait {
			return err
		}
		if stop := w.Sleep(ctx, wait); stop != nil {
			return &Error{Channel: fault.Channel, Why: "stopped while waiting to try again; before that: " + fault.Why, Again: true, down: fault.down, stopped: stop}
		}
	}
}

// limit is the time for one try at a number of exchanges.
func (w World) limit(ctx context.Context, exchanges int) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, time.Duration(exchanges)*w.Timeout)
}
