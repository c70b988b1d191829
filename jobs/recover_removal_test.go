package jobs

import (
	"context"
	"testing"
	"time"

	"rollcall/internal/access"
)

// Okta deactivates in the background, for minutes: a run that is begun again looks for a
// removal as long as the one that sent it would have, and for a block no longer than that.
func TestARunThatIsBegunAgainLooksForARemovalAsLongAsTheOneThatSentIt(t *testing.T) {
	for _, tt := range []struct {
		stage        access.Stage
		begun, shows time.Duration // after it was sent
		want         access.Result
	}{
		{access.Remove, 5 * time.Second, time.Minute, access.Done},
		{access.Remove, time.Minute, 3 * time.Minute, access.Done},
		{access.Remove, time.Hour, 2 * time.Hour, access.Failed},
		{access.Block, 5 * time.Second, 10 * time.Second, access.Done},
		{access.Block, 5 * time.Second, time.Minute, access.Failed},
	} {
		shelf, e, now := shelfOf{}, intentOf("a1"), midnight.Add(tt.begun)
		e.Action.Stage = tt.stage
		wrote(t, shelf, "run-08", e)
		h := &hands{finds: []access.State{{}}}
		h.asked = func(context.Context) { h.finds[0].Holds = !now.Before(midnight.Add(tt.shows)) }
		j, _ := heir(shelf, h)
		j.Now = func() time.Time { return now }
		j.Sleep = func(_ context.Context, d time.Duration) error { now = now.Add(d); return nil }
		a, err := j.recover(t.Context(), newJournal(shelf, "run-09"), &access.Night{}, &access.Memory{})
		if err != nil || len(a.Outcomes) != 1 || a.Outcomes[0].Result != tt.want {
			t.Errorf("%+v: %+v %v", tt, a.Outcomes, err)
		}
		if waited := now.Sub(midnight.Add(tt.begun)); tt.begun == time.Hour && waited != 0 {
			t.Errorf("%+v: what would show by now is waited for: %s", tt, waited)
		}
	}
}
