package aws

import (
	"context"
	"errors"
	"fmt"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"
	"github.com/aws/smithy-go/middleware"

	"rollcall/internal/access"
)

// AWS takes the deletion or the creation of an assignment, and carries it out later.
const (
	assignmentWait  = 2 * time.Second // between two questions how far it is
	assignmentPolls = 15              // what is still under way then is read again by the next run
)

// liveSessions is what taking an assignment away leaves behind
// (https://docs.aws.amazon.com/singlesignon/latest/userguide/authconcept.html).
const liveSessions = "role sessions taken before live until the permission set's session duration ends, at most 12 hours"

type assignmentImage struct {
	Account       string `json:"account"`
	PermissionSet string `json:"permission_set"`
	PrincipalType string `json:"principal_type"`
	Principal     string `json:"principal_id"`
}

// assignmentChange is one of the two changes of an assignment.
type assignmentChange struct {
	name                string
	done, failed, still string // in words, how far it is
	status              func(context.Context, *ssoadmin.Client, center, string) (*types.AccountAssignmentOperationStatus, error)
}

var (
	deletion = assignmentChange{"deletion", "AWS took it away", "AWS did not take it away", "AWS is still taking it away", deletionStatus}
	creation = assignmentChange{"creation", "AWS gave it back", "AWS did not give it back", "AWS is still giving it back", creationStatus}
)

func deletionStatus(ctx context.Context, client *ssoadmin.Client, at center, request string) (*types.AccountAssignmentOperationStatus, error) {
	out, err := client.DescribeAccountAssignmentDeletionStatus(ctx, &ssoadmin.DescribeAccountAssignmentDeletionStatusInput{
		InstanceArn: &at.arn, AccountAssignmentDeletionRequestId: &request,
	})
	if err != nil {
		return nil, err
	}
	if out.AccountAssignmentDeletionStatus == nil {
		return nil, errors.New("sso:DescribeAccountAssignmentDeletionStatus: the answer has no status")
	}
	return out.AccountAssignmentDeletionStatus, nil
}

func creationStatus(ctx context.Context, client *ssoadmin.Client, at center, request string) (*types.AccountAssignmentOperationStatus, error) {
	out, err := client.DescribeAccountAssignmentCreationStatus(ctx, &ssoadmin.DescribeAccountAssignmentCreationStatusInput{
		InstanceArn: &at.arn, AccountAssignmentCreationRequestId: &request,
	})
	if err != nil {
		return nil, err
	}
	if out.AccountAssignmentCreationStatus == nil {
		return nil, errors.New("sso:DescribeAccountAssignmentCreationStatus: the answer has no status")
	}
	return out.AccountAssignmentCreationStatus, nil
}

// assignments are Identity Center, and the client that may change assignments in the account
// of the action.
func (r *Revoker) assignments(ctx context.Context, a access.Action) (center, *ssoadmin.Client, error) {
	at, err := r.instance(ctx)
	if err != nil {
		return at, nil, err
	}
	client, err := r.ssoOf(ctx, a.GrantScope)
	return at, client, err
}

// assigned reads whether the user has the assignment, and before that whether the change
// that Act began is still under way: AWS lists neither by its end.
func (r *Revoker) assigned(ctx context.Context, a access.Action, c assignmentChange) (held, inProgress bool, err error) {
	at, client, err := r.assignments(ctx, a)
	if err != nil {
		return false, false, err
	}
	if inProgress, err = r.underWay(ctx, client, at, a, c); err != nil {
		return false, false, err
	}
	all, err := holders(ctx, client, at.arn, pair{a.GrantScope, a.EntitlementID})
	for _, one := range all {
		held = held || one.PrincipalType == types.PrincipalTypeUser && sdk.ToString(one.PrincipalId) == string(a.Account.ID)
	}
	return held, inProgress, err
}

// underWay says whether a change that Act began is still under way. One that failed is
// forgotten: the list tells what is so.
func (r *Revoker) underWay(ctx context.Context, client *ssoadmin.Client, at center, a access.Action, c assignmentChange) (bool, error) {
	r.mu.Lock()
	request := r.requests[a.ID]
	r.mu.Unlock()
	if request == "" {
		return false, nil
	}
	status, err := c.status(ctx, client, at, request)
	if err != nil {
		return false, err
	}
	if status.Status == types.StatusValuesInProgress {
		return true, nil
	}
	r.remember(a.ID, "")
	return false, nil
}

// remember keeps the request of a change, or forgets it.
func (r *Revoker) remember(action, request string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if request == "" {
		delete(r.requests, action)
		return
	}
	r.requests[action] = request
}

func (r *Revoker) inspectAssignment(ctx context.Context, a access.Action) (access.State, error) {
	held, inProgress, err := r.assigned(ctx, a, deletion)
	switch {
	case err != nil:
		return access.State{}, err
	case held:
		before, err := image(assignmentImage{a.GrantScope, a.EntitlementID, string(types.PrincipalTypeUser), string(a.Account.ID)})
		return access.State{Before: before, InProgress: inProgress, Detail: "it is assigned"}, err
	case inProgress: // not listed any more, and yet not over
		return access.State{InProgress: true, Detail: deletion.still}, nil
	}
	return gone("it is not assigned; " + liveSessions), nil
}

// inspectNewAssignment is inspectAssignment from the other end: what is listed is
// what is wanted.
func (r *Revoker) inspectNewAssignment(ctx context.Context, a access.Action) (access.State, error) {
	held, inProgress, err := r.assigned(ctx, a, creation)
	switch {
	case err != nil:
		return access.State{}, err
	case held:
		return access.State{Holds: !inProgress, InProgress: inProgress, Detail: "it is assigned"}, nil
	}
	return access.State{InProgress: inProgress, Detail: "it is not assigned"}, nil
}

func (r *Revoker) deleteAssignment(ctx context.Context, a access.Action) (access.Receipt, error) {
	at, client, err := r.assignments(ctx, a)
	if err != nil {
		return access.Receipt{}, err
	}
	out, err := client.DeleteAccountAssignment(ctx, &ssoadmin.DeleteAccountAssignmentInput{
		InstanceArn: &at.arn, PermissionSetArn: &a.EntitlementID,
		PrincipalType: types.PrincipalTypeUser, PrincipalId: sdk.String(string(a.Account.ID)),
		TargetType: types.TargetTypeAwsAccount, TargetId: &a.GrantScope,
	})
	if err != nil {
		return settled(err, middleware.Metadata{})
	}
	return r.follow(ctx, client, at, a, deletion, out.AccountAssignmentDeletionStatus, out.ResultMetadata)
}

// createAssignment sends the creation. A conflict with a change that is under way is
// outwaited by the client; not found is an error, as it must be there in the end.
func (r *Revoker) createAssignment(ctx context.Context, a access.Action) (access.Receipt, error) {
	at, client, err := r.assignments(ctx, a)
	if err != nil {
		return access.Receipt{}, err
	}
	out, err := client.CreateAccountAssignment(ctx, &ssoadmin.CreateAccountAssignmentInput{
		InstanceArn: &at.arn, PermissionSetArn: &a.EntitlementID,
		PrincipalType: types.PrincipalTypeUser, PrincipalId: sdk.String(string(a.Account.ID)),
		TargetType: types.TargetTypeAwsAccount, TargetId: &a.GrantScope,
	})
	if err != nil {
		return access.Receipt{RequestID: requestOf(err)}, err
	}
	return r.follow(ctx, client, at, a, creation, out.AccountAssignmentCreationStatus, out.ResultMetadata)
}

// follow waits for a change that AWS took to end, half a minute at most.
func (r *Revoker) follow(ctx context.Context, client *ssoadmin.Client, at center, a access.Action, c assignmentChange, status *types.AccountAssignmentOperationStatus, answer middleware.Metadata) (access.Receipt, error) {
	receipt, _ := settled(nil, answer)
	if status == nil || sdk.ToString(status.RequestId) == "" {
		return receipt, fmt.Errorf("the answer to the %s of an assignment has no request id to follow", c.name)
	}
	receipt.RequestID = *status.RequestId
	r.remember(a.ID, receipt.RequestID)
	for range assignmentPolls {
		switch status.Status {
		case types.StatusValuesSucceeded:
			r.remember(a.ID, "")
			receipt.Detail = c.done
			return receipt, nil
		case types.StatusValuesFailed:
			r.remember(a.ID, "")
			return receipt, fmt.Errorf("%s: %s", c.failed, sdk.ToString(status.FailureReason))
		}
		err := r.session.cfg.Sleep(ctx, assignmentWait)
		if err != nil {
			return receipt, err
		}
		if status, err = c.status(ctx, client, at, receipt.RequestID); err != nil {
			return receipt, fmt.Errorf("the %s was accepted and cannot be followed: %w", c.name, explain(err, r.me.arn))
		}
	}
	receipt.Detail = c.still
	return receipt, nil
}
