package aws

import (
	"context"
	"strings"
	"testing"

	"rollcall/internal/access"
)

// hand is a Revoker or a Restorer.
type hand interface {
	Inspect(context.Context, access.Action) (access.State, error)
	Act(context.Context, access.Action) (access.Receipt, error)
}

// refuses fails unless an action is refused in these words, and is not done all the same.
func refuses(t *testing.T, r hand, a access.Action, says string) {
	t.Helper()
	if state, err := r.Inspect(t.Context(), a); err != nil || state.Refuse == "" || !strings.Contains(state.Refuse, says) {
		t.Errorf("%s: %+v, %v", a.ID, state, err)
	}
	if _, err := r.Act(t.Context(), a); err == nil {
		t.Errorf("%s was done", a.ID)
	}
}

// failed fails unless acting ends with these words, and looking afterwards shows that it
// is neither done nor under way; or, where nobody can know that, is an error.
func failed(t *testing.T, r hand, a access.Action, says string, known bool) {
	t.Helper()
	if _, err := r.Act(t.Context(), a); err == nil || !strings.Contains(err.Error(), says) {
		t.Errorf("acting: %v", err)
	}
	if state, err := r.Inspect(t.Context(), a); (err == nil) != known || state.Holds || state.InProgress {
		t.Errorf("inspecting: %+v, %v", state, err)
	}
}
