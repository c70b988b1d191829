package aws

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeaws"
	"rollcall/internal/sandbox/faults"
)

func TestADeletionThatGoesOnIsInProgressAndThenDone(t *testing.T) {
	o := openOrg(t, fakeaws.Options{AssignmentPolls: 20})
	o.goesOn(t, o.revoker(t), o.act(access.SSODeleteAssignment, o.collect(t)))
}

// goesOn sends a change of an assignment that AWS carries out slowly: it is followed for a
// while, then found under way, and done in the end.
func (o *org) goesOn(t *testing.T, r hand, a access.Action) {
	t.Helper()
	receipt, err := r.Act(t.Context(), a)
	if err != nil || !strings.Contains(receipt.Detail, "still") || receipt.RequestID == "" {
		t.Fatalf("%+v, %v", receipt, err)
	}
	if waits := len(*o.slept); waits != assignmentPolls {
		t.Errorf("polled %d times", waits)
	}
	state, err := r.Inspect(t.Context(), a)
	if err != nil || !state.InProgress || state.Holds {
		t.Errorf("while it goes on: %+v, %v", state, err)
	}
	for range 20 {
		if state, err = r.Inspect(t.Context(), a); err != nil {
			t.Fatal(err)
		}
	}
	if !state.Holds || state.InProgress {
		t.Errorf("in the end: %+v", state)
	}
}

func TestADeletionThatFailsSaysWhy(t *testing.T) {
	o := openOrg(t, fakeaws.Options{AssignmentPolls: 1})
	o.FailNextDeletion("the role is in use")
	failed(t, o.revoker(t), o.act(access.SSODeleteAssignment, o.collect(t)), "the role is in use", true)
}

func TestADeniedStatusPollIsAnErrorAndNeverDone(t *testing.T) {
	o := openOrg(t, fakeaws.Options{AssignmentPolls: 3})
	o.faults.Add(apiError("DescribeAccountAssignmentDeletionStatus", 400, "AccessDeniedException"))
	failed(t, o.revoker(t), o.act(access.SSODeleteAssignment, o.collect(t)), "grant it sso:DescribeAccountAssignmentDeletionStatus", false)
}

func TestAnEndedContextEndsTheWaiting(t *testing.T) {
	o := openOrg(t, fakeaws.Options{AssignmentPolls: 100})
	a := o.act(access.SSODeleteAssignment, o.collect(t))
	ctx, cancel := context.WithCancel(t.Context())
	r := o.revoker(t, func(c *Config) {
		c.Sleep = func(ctx context.Context, _ time.Duration) error { cancel(); return ctx.Err() }
	})
	if _, err := r.Act(ctx, a); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestAGroupsAssignmentIsNotTheUsers(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	a := o.act(access.SSODeleteAssignment, o.collect(t))
	r := o.revoker(t)
	if _, err := r.Act(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	o.Assign(prod, o.admin, "GROUP", o.leaver) // an id of both, which AWS never gives
	if state, err := r.Inspect(t.Context(), a); err != nil || !state.Holds {
		t.Errorf("%+v, %v", state, err)
	}
}

func TestACreationThatGoesOnIsInProgressAndThenDone(t *testing.T) {
	o := openOrg(t, fakeaws.Options{AssignmentPolls: 20})
	undo := o.act(access.SSODeleteAssignment, o.collect(t))
	undo.Verb, undo.GrantScope = access.SSOCreateAssignment, dev
	o.goesOn(t, o.restorer(t), undo)
}

func TestACreationThatFailsSaysWhy(t *testing.T) {
	o := openOrg(t, fakeaws.Options{AssignmentPolls: 1})
	undo := o.blocked(t, o.revoker(t), access.SSODeleteAssignment, o.collect(t))
	o.FailNextCreation("the account is suspended")
	failed(t, o.restorer(t), undo, "the account is suspended", true)
}

func TestADeniedPollOfACreationIsAnErrorAndNeverDone(t *testing.T) {
	o := openOrg(t, fakeaws.Options{AssignmentPolls: 1})
	undo := o.blocked(t, o.revoker(t), access.SSODeleteAssignment, o.collect(t))
	denied := faults.AWSDenied()
	denied.Match = faults.Action("DescribeAccountAssignmentCreationStatus")
	o.faults.Add(denied)
	failed(t, o.restorer(t), undo, "sso:DescribeAccountAssignmentCreationStatus", false)
}
