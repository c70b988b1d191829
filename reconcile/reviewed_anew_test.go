package reconcile

import (
	"testing"
	"time"

	"rollcall/internal/access"
)

// TestWhatSomebodyGaveAgainIsTakenOnceItsReviewerSaysRemoveAnew, after the days of notice. Until
// then it is for whoever gave it to say why. Its second taking is counted as one of its own night.
func TestWhatSomebodyGaveAgainIsTakenOnceItsReviewerSaysRemoveAnew(t *testing.T) {
	w := loadWorld(t, archive(annHasOrders))
	w.Settings.Reviewed.NoticeDays = 1
	was := access.Removal{RowID: "r", Campaign: "2026-q3", Person: personKey("employees/1"), Account: w.Systems[0].Accounts[0].Key(), Kind: access.OktaGroup, Entitlement: "G1", By: "Max",
		DecidedAt: morning(10), Announced: dayOf(morning(11)), SentAt: morning(12), DoneAt: morning(12).Add(time.Second)}
	anew := was
	anew.DecidedAt = morning(20)
	for _, c := range []struct {
		says  string
		r     access.Removal
		takes int
	}{{"he said nothing since", SoFar(was, was), 0}, {"he said it anew", SoFar(anew, was), 1}} {
		w := w
		w.Memory.Removals = map[string]access.Removal{"r": c.r}
		for night := range 3 {
			d := Decide(w)
			if taken := len(d.Plan.Actions); taken > 0 && night == 0 || night == 2 && taken != c.takes {
				t.Errorf("%s: on night %d %d rights are taken", c.says, night, taken)
			}
			w.Memory = Remember(w, d, nil, "")
			w.Now = w.Now.AddDate(0, 0, 1)
		}
		w.Memory.Removals["r"] = c.r
		Taken(w.Memory.Removals, []access.Outcome{{Action: access.Action{Review: "r"}, Result: access.Pending, SentAt: w.Now}})
		if counts := w.Memory.Removals["r"].SentAt.Equal(w.Now); counts != (c.takes == 1) {
			t.Errorf("%s: sent %s", c.says, w.Memory.Removals["r"].SentAt)
		}
	}
}
