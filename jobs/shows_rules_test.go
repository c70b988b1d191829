package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"rollcall/internal/access"
)

func TestWhatARunSentIsLookedForUntilItShowsOrItsTimeIsOver(t *testing.T) {
	holds, absent, underWay := access.State{Holds: true}, access.State{}, access.State{InProgress: true}
	second := time.Second
	for name, c := range map[string]struct {
		since time.Duration // that it was sent
		finds []access.State
		blind []error
		awake bool // nobody waits: the run is told to stop
		want  access.State
		slept []time.Duration
	}{
		"it shows at once":              {0, []access.State{holds}, nil, false, holds, nil},
		"it shows at the third read":    {0, []access.State{absent, absent, holds}, nil, false, holds, []time.Duration{second, 2 * second}},
		"it is seen to be under way":    {0, []access.State{absent, underWay, holds}, nil, false, underWay, []time.Duration{second}},
		"the first read failed":         {0, []access.State{absent, holds}, []error{errLost}, false, holds, []time.Duration{second}},
		"a read that failed shows none": {0, []access.State{holds, holds}, []error{errLost}, false, holds, []time.Duration{second}},
		"it never shows":                {0, []access.State{absent}, nil, false, absent, []time.Duration{second, 2 * second, 4 * second, 8 * second}},
		"its time ends meanwhile":       {13 * second, []access.State{absent, absent, absent, holds}, nil, false, absent, []time.Duration{second, 2 * second}},
		"its time has just ended":       {15 * second, []access.State{absent, holds}, nil, false, absent, nil},
		"its time is over":              {time.Hour, []access.State{absent, holds}, nil, false, absent, nil},
		"the run is told to stop":       {0, []access.State{absent, holds}, nil, true, absent, nil},
	} {
		now := time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC)
		i := openIntent{at: now.Add(-c.since), action: planOne(access.Block)}
		var slept []time.Duration
		j := &Job{Now: func() time.Time { return now }, Sleep: func(_ context.Context, d time.Duration) error {
			if c.awake {
				return context.Canceled
			}
			slept, now = append(slept, d), now.Add(d)
			return nil
		}}
		h := &hands{finds: c.finds, blind: c.blind}
		got, err := j.shows(t.Context(), h, i)
		if err != nil || got.Holds != c.want.Holds || got.InProgress != c.want.InProgress || !slices.Equal(slept, c.slept) || h.reads != len(slept)+1 {
			t.Errorf("%s: %+v, %v, %d reads, waited %v", name, got, err, h.reads, slept)
		}
	}
}

// sure is an error of a system that says whether it may have done what was asked.
type sure bool

func (sure) Error() string         { return "no" }
func (s sure) MayHaveWorked() bool { return !bool(s) }

func TestAnErrorIsARefusalUnlessItSaysThatTheChangeMayHaveBeenMade(t *testing.T) {
	for err, want := range map[error]bool{nil: false, errLost: true, sure(true): true, sure(false): false} {
		if got := refused(err); got != want {
			t.Errorf("%v: %t", err, got)
		}
		if err != nil && refused(fmt.Errorf("send: %w", err)) != want {
			t.Errorf("%v, in another error: not %t", err, want)
		}
	}
	if !refused(errors.Join(errLost, sure(true))) {
		t.Error("two that both say no are one that may have worked")
	}
}
