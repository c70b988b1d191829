package aws

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/smithy-go"

	"rollcall/internal/sandbox/faults"
)

var slowDown = &smithy.GenericAPIError{Code: "ThrottlingException", Message: "Rate exceeded"}

// spacing is the time between two requests at the pace, once the burst is used up.
func spacing(t *testing.T, p *pace) time.Duration {
	t.Helper()
	for range 10 {
		if err := p.wait(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	began := time.Now()
	if err := p.wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	return time.Since(began)
}

func TestAThrottleHalvesThePaceAndItComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPace(8, time.Now)
		if d := spacing(t, p); d != time.Second/8 {
			t.Fatalf("a request each %s", d)
		}
		for range 20 {
			p.heard(slowDown) // those of one moment are one
		}
		if got := p.limiter.Limit(); got != 4 {
			t.Errorf("%g a second after a throttle of 8", got)
		}
		for _, want := range []float64{2.5, 1.75, 1.375, 1.1875, 1.09375, 1.046875} {
			time.Sleep(time.Second)
			p.recover()
			p.heard(slowDown)
			if got := float64(p.limiter.Limit()); got != want {
				t.Errorf("%g a second, want %g", got, want)
			}
		}
		time.Sleep(30 * time.Second)
		if d := spacing(t, p); d != time.Second/8 {
			t.Errorf("half a minute after the last throttle a request each %s", d)
		}
		if p.limiter.Limit() != 8 {
			t.Errorf("the pace came back to %g", p.limiter.Limit())
		}
	})
}

func TestThePaceNeverFallsBelowAnEighth(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPace(8, time.Now)
		for range 10 {
			p.heard(slowDown)
			p.mu.Lock()
			p.slowed = p.slowed.Add(-time.Second)
			p.mu.Unlock()
		}
		if got := p.limiter.Limit(); got != 1 {
			t.Errorf("%g a second", got)
		}
	})
}

func TestOtherErrorsSlowNothingDown(t *testing.T) {
	p := newPace(8, time.Now)
	for _, err := range []error{nil, context.Canceled, &smithy.GenericAPIError{Code: "AccessDenied"}} {
		p.heard(err)
	}
	if p.limiter.Limit() != 8 {
		t.Errorf("%g a second", p.limiter.Limit())
	}
}

func TestAThrottledServiceIsReadWholeMoreSlowlyAndTheOthersKeepTheirPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := small()
		injector := faults.New(p.fill(time.Now))
		rule := apiError("ListUsers", 400, "ThrottlingException")
		rule.Times = 2
		injector.Add(rule)
		c := p.collector(t, inProcess{injector, latency}, func(c *Config) { c.Rates = Rates{IdentityCenter: 10, IAM: 5} })
		obs, err := c.Collect(t.Context())
		if err != nil || len(gaps(obs)) > 0 {
			t.Fatalf("%v, gaps %v", err, gaps(obs))
		}
		if c.session.ssoPace.slowed.IsZero() || !c.session.orgPace.slowed.IsZero() {
			t.Error("the throttle of Identity Center slowed something else, or nothing")
		}
	})
}
