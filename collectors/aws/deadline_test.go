package aws

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/time/rate"

	"rollcall/collectors"
	"rollcall/internal/sandbox/faults"
)

func TestAWaitThatWouldPassTheDeadlineFailsAtOnceAndSaysSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		wait, began := bounded(collectors.Sleep), time.Now()
		err := wait(ctx, 61*time.Second)
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "1m1s would pass the deadline of the run") {
			t.Errorf("%v", err)
		}
		if err := wait(ctx, 10*time.Second); err != nil {
			t.Error(err)
		}
		if took := time.Since(began); took != 10*time.Second {
			t.Errorf("it took %s", took)
		}
	})
}

func TestAThrottleThatOutlastsTheDeadlineIsAGapAtOnceThatSaysSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := small()
		injector := faults.New(p.fill(time.Now))
		rule := apiError("ListGroups", 400, "ThrottlingException")
		injector.Add(rule)
		c := p.collector(t, inProcess{injector, latency})
		ctx, cancel := context.WithTimeout(t.Context(), 8*time.Second)
		defer cancel()
		began := time.Now()
		obs, err := c.Collect(ctx)
		if err != nil {
			t.Fatal(err)
		}
		gap := gaps(obs)["sso_groups"]
		if !strings.Contains(gap, "ThrottlingException") || !strings.Contains(gap, "would pass the deadline of the run") {
			t.Errorf("gap %q", gap)
		}
		if took := time.Since(began); took >= 8*time.Second {
			t.Errorf("it used up the run's time: %s", took)
		}
		if len(gaps(obs)) > 4 {
			t.Errorf("what could be read was not: %v", gaps(obs))
		}
	})
}

func TestATurnThatWouldComeAfterTheDeadlineIsRefusedAtOnceAndNotRetried(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := small()
		server := p.fill(time.Now)
		c := p.collector(t, inProcess{server, latency}, func(c *Config) { c.Rates.IdentityCenter = 0.1 })
		list := func(within time.Duration) (time.Duration, error) {
			ctx, cancel := context.WithTimeout(t.Context(), within)
			defer cancel()
			began := time.Now()
			_, err := c.session.instance(ctx, accountID(0))
			return time.Since(began), err
		}
		if _, err := list(time.Second); err != nil {
			t.Fatal(err)
		}
		took, err := list(9 * time.Second)
		if took != 0 || err == nil || !strings.Contains(explain(err, "me").Error(), "the wait for a turn at 0.1 requests a second would pass the deadline of the run") {
			t.Errorf("after %s: %v", took, err)
		}
		if took, err := list(11 * time.Second); err != nil || took < 9*time.Second {
			t.Errorf("a turn within the deadline, after %s: %v", took, err)
		}
		if n := len(server.Requests()); n != 2 {
			t.Errorf("%d requests were sent", n)
		}
	})
}

func TestAnEndedContextIsItsOwnError(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var late tooLate
	if err := tooLong(ctx, ctx.Err(), rate.Limit(1)); !errors.Is(err, context.Canceled) || errors.As(err, &late) {
		t.Errorf("%v", err)
	}
}

// hanging never answers one action.
type hanging struct {
	inProcess
	action string
}

func (h hanging) RoundTrip(r *http.Request) (*http.Response, error) {
	asked, action, err := asks(r)
	if err == nil && action == h.action {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	return h.inProcess.RoundTrip(asked)
}

func TestWhatTheDeadlineCutsIsAGapThatSaysSoAndTheRestIsRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := small()
		c := p.collector(t, hanging{inProcess{p.fill(time.Now), latency}, "ListGroups"})
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		obs, err := c.Collect(ctx)
		if err != nil {
			t.Fatal(err)
		}
		found := gaps(obs)
		if !strings.Contains(found[readSSOGroups], "deadline") || strings.Contains(found[readSSOGroups], "HTTP") {
			t.Errorf("gap %q", found[readSSOGroups])
		}
		if found[readSSOUsers] != "" || len(found) > 4 {
			t.Errorf("what was read in time is a gap: %v", found)
		}
	})
}
