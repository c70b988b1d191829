package aws

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeaws"
)

func TestTheBoundaryOfBeforeIsPutBack(t *testing.T) {
	for _, before := range []string{"", "arn:aws:iam::" + prod + ":policy/all"} {
		o := openOrg(t, fakeaws.Options{})
		o.UpdateIAMUser(prod, "leaver", fullQuota)
		o.UpdateIAMUser(prod, "leaver", func(u *fakeaws.IAMUser) { u.Boundary = before })
		want := o.held(t)
		undo := o.blocked(t, o.revoker(t), access.IAMDeny, o.collect(t))
		r := o.restorer(t)
		if _, err := r.Act(t.Context(), undo); err != nil {
			t.Error(err)
		}
		if state, err := r.Inspect(t.Context(), undo); err != nil || !state.Holds {
			t.Errorf("%+v, %v", state, err)
		}
		if diff := cmp.Diff(want, o.held(t)); diff != "" {
			t.Errorf("with the boundary %q before:\n%s", before, diff)
		}
	}
}

// Between the look and the change the intent is written down: a boundary that somebody set
// meanwhile is theirs, and without it the user could do more than before.
func TestABoundaryThatSomebodySetSinceTheLookStays(t *testing.T) {
	const theirs = "arn:aws:iam::" + prod + ":policy/theirs"
	for _, before := range []string{"", "arn:aws:iam::" + prod + ":policy/all"} {
		o := openOrg(t, fakeaws.Options{})
		o.UpdateIAMUser(prod, "leaver", fullQuota)
		o.UpdateIAMUser(prod, "leaver", func(u *fakeaws.IAMUser) { u.Boundary = before })
		undo := o.blocked(t, o.revoker(t), access.IAMDeny, o.collect(t))
		r := o.restorer(t)
		if state, err := r.Inspect(t.Context(), undo); err != nil || state.Holds || state.Refuse != "" {
			t.Fatalf("%+v, %v", state, err)
		}
		o.UpdateIAMUser(prod, "leaver", func(u *fakeaws.IAMUser) { u.Boundary = theirs })
		receipt, err := r.Act(t.Context(), undo)
		if user, _ := o.IAMUser(prod, "leaver"); err != nil || !strings.HasPrefix(receipt.Detail, "nothing was sent") || user.Boundary != theirs {
			t.Errorf("with the boundary %q before: %+v, %v; it is %q now", before, receipt, err, user.Boundary)
		}
	}
}

// Without what the block found, or with what it found of somebody else, it is not known
// which boundary was there: the one that denies stays.
func TestWithoutWhatTheBlockFoundNoBoundaryIsTakenOff(t *testing.T) {
	for _, before := range []string{"", "null", "{}", `{"user":"leaver"}`, `{"user":"leaver","user_id":"AIDASOMEBODYELSE","permissions_boundary":""}`} {
		o := openOrg(t, fakeaws.Options{})
		o.UpdateIAMUser(prod, "leaver", fullQuota)
		o.UpdateIAMUser(prod, "leaver", func(u *fakeaws.IAMUser) { u.Boundary = "arn:aws:iam::" + prod + ":policy/all" })
		undo := o.blocked(t, o.revoker(t), access.IAMDeny, o.collect(t))
		undo.Undoes.Before = []byte(before)
		r := o.restorer(t)
		refuses(t, r, undo, "what the block found")
		if _, err := r.Act(t.Context(), undo); err == nil {
			t.Errorf("%s: no error", before)
		}
		if user, _ := o.IAMUser(prod, "leaver"); user.Boundary != awsDeny {
			t.Errorf("%s: the boundary is %q", before, user.Boundary)
		}
	}
}

func TestABoundaryOfBeforeThatIsGoneIsAnErrorAndTheUserStaysDenied(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	o.UpdateIAMUser(prod, "leaver", fullQuota)
	o.UpdateIAMUser(prod, "leaver", func(u *fakeaws.IAMUser) { u.Boundary = "arn:aws:iam::" + prod + ":policy/deleted" })
	undo := o.blocked(t, o.revoker(t), access.IAMDeny, o.collect(t))
	r := o.restorer(t)
	if _, err := r.Act(t.Context(), undo); err == nil || !strings.Contains(err.Error(), "policy/deleted") {
		t.Errorf("%v", err)
	}
	if state, err := r.Inspect(t.Context(), undo); err != nil || state.Holds {
		t.Errorf("%+v, %v", state, err)
	}
}
