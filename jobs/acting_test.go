package jobs

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"rollcall/internal/access"
)

func TestTheAccountThatTheNightActsAsIsHeldWhereItsOwnerHasLeft(t *testing.T) {
	h := newHamlet(t)
	leos := access.AccountKey{System: "okta", ID: "u7"}
	h.own = []access.AccountKey{leos, leos} // as the token's owner, and as who it says it is
	h.is("leo", access.StatusLeft)
	h.is("mia", access.StatusLeft)
	r, err := h.job().Nightly(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	held := slices.ContainsFunc(r.Night.Findings, func(f access.Finding) bool {
		return f.Kind == access.ProtectedLeaver && f.Account == leos && f.Disposition == access.ToUrgent
	})
	if !held || h.done["suspend u7"] || !h.done["suspend u8"] || r.Night.Run.ExitCode != ExitHeld {
		t.Errorf("protected leaver %t, done %v, exit code %d", held, h.done, r.Night.Run.ExitCode)
	}
	if self := r.Night.Systems[0].Self; !slices.Equal(self, []access.AccountKey{leos}) { // by which the run can be decided once more
		t.Errorf("the record has %v", self)
	}
	if h.saidOfItself() {
		t.Errorf("said %q", h.said)
	}
}

func TestThatNobodyTellsAsWhomTheNightActsIsSaidAndKeepsNobodyIn(t *testing.T) {
	h := newHamlet(t)
	h.unsaid = errors.New("no answer")
	h.is("leo", access.StatusLeft)
	if _, err := h.job().Nightly(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !h.saidOfItself("no answer") || !h.done["suspend u7"] {
		t.Errorf("said %q, done %v", h.said, h.done)
	}
}

func TestWhereNobodyLeavesTheNightDoesNotAskAsWhomItActs(t *testing.T) {
	h := newHamlet(t)
	h.unsaid = errors.New("no answer")
	if _, err := h.job().Nightly(t.Context()); err != nil {
		t.Fatal(err)
	}
	if h.saidOfItself() {
		t.Errorf("said %q", h.said)
	}
}

// saidOfItself: that it could not be read as whom the night acts was said, and why.
func (h *hamlet) saidOfItself(why ...string) bool {
	return slices.ContainsFunc(h.said, func(s string) bool {
		return strings.Contains(s, "as whom rollcall changes okta could not be read: "+strings.Join(why, ""))
	})
}
