package aws

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	idtypes "github.com/aws/aws-sdk-go-v2/service/identitystore/types"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	ssotypes "github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"
	"github.com/aws/smithy-go/middleware"

	"rollcall/internal/access"
)

// liveSessions is what taking an assignment away leaves behind
// (https://docs.aws.amazon.com/singlesignon/latest/userguide/authconcept.html).
const liveSessions = "role sessions taken before live until the permission set's session duration ends, at most 12 hours"

const (
	deletionWait  = 2 * time.Second
	deletionPolls = 15
)

// instance finds Identity Center, once.
func (r *Revoker) instance(ctx context.Context) (center, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.center != (center{}) {
		return r.center, nil
	}
	found, err := r.session.instance(ctx, r.me.management)
	if err != nil {
		return center{}, err
	}
	r.center = found
	return found, nil
}

// ssoOf gives the client that may change assignments in an account. A
// delegated administrator may not in the management account, where the role
// for it is taken instead
// (https://docs.aws.amazon.com/singlesignon/latest/userguide/delegated-admin.html).
func (r *Revoker) ssoOf(ctx context.Context, account string) (*ssoadmin.Client, error) {
	s := r.session
	if account != r.me.management || r.me.account == r.me.management || s.cfg.ManagementRoleName == "" {
		return s.sso, nil
	}
	who, err := r.enter(ctx, account)
	if err != nil {
		return nil, err
	}
	return s.ssoAs(who.creds), nil
}

type assignmentImage struct {
	Account       string `json:"account"`
	PermissionSet string `json:"permission_set"`
	PrincipalType string `json:"principal_type"`
	Principal     string `json:"principal_id"`
}

func (r *Revoker) inspectAssignment(ctx context.Context, a access.Action) (access.State, error) {
	found, err := r.instance(ctx)
	if err != nil {
		return access.State{}, err
	}
	client, err := r.ssoOf(ctx, a.GrantScope)
	if err != nil {
		return access.State{}, err
	}
	inProgress, err := r.deleting(ctx, client, found, a)
	if err != nil {
		return access.State{}, err
	}
	all, err := holders(ctx, client, found.arn, pair{a.GrantScope, a.EntitlementID})
	if err != nil {
		return access.State{}, err
	}
	for _, held := range all {
		if held.PrincipalType == ssotypes.PrincipalTypeUser && sdk.ToString(held.PrincipalId) == string(a.Account.ID) {
			before, err := image(assignmentImage{a.GrantScope, a.EntitlementID, string(held.PrincipalType), string(a.Account.ID)})
			return access.State{Before: before, InProgress: inProgress, Detail: "it is assigned"}, err
		}
	}
	if inProgress { // not listed any more, and yet not over
		return access.State{InProgress: true, Detail: "AWS is still taking it away"}, nil
	}
	return gone("it is not assigned; " + liveSessions), nil
}

// deleting says whether a deletion that Act began is still under way. One that
// failed is forgotten: the list tells what is left.
func (r *Revoker) deleting(ctx context.Context, client *ssoadmin.Client, at center, a access.Action) (bool, error) {
	r.mu.Lock()
	request := r.requests[a.ID]
	r.mu.Unlock()
	if request == "" {
		return false, nil
	}
	status, err := deletionStatus(ctx, client, at, request)
	if err != nil {
		return false, err
	}
	if status.Status == ssotypes.StatusValuesInProgress {
		return true, nil
	}
	r.remember(a.ID, "")
	return false, nil
}

// remember keeps the request of a deletion or a creation, or forgets it.
func (r *Revoker) remember(action, request string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if request == "" {
		delete(r.requests, action)
		return
	}
	r.requests[action] = request
}

func deletionStatus(ctx context.Context, client *ssoadmin.Client, at center, request string) (*ssotypes.AccountAssignmentOperationStatus, error) {
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

// deleteAssignment sends the deletion and waits for it, half a minute at most.
func (r *Revoker) deleteAssignment(ctx context.Context, a access.Action) (access.Receipt, error) {
	at, err := r.instance(ctx)
	if err != nil {
		return access.Receipt{}, err
	}
	client, err := r.ssoOf(ctx, a.GrantScope)
	if err != nil {
		return access.Receipt{}, err
	}
	out, err := client.DeleteAccountAssignment(ctx, &ssoadmin.DeleteAccountAssignmentInput{
		InstanceArn: &at.arn, PermissionSetArn: &a.EntitlementID,
		PrincipalType: ssotypes.PrincipalTypeUser, PrincipalId: sdk.String(string(a.Account.ID)),
		TargetType: ssotypes.TargetTypeAwsAccount, TargetId: &a.GrantScope,
	})
	if err != nil {
		return settled(err, middleware.Metadata{})
	}
	receipt, _ := settled(nil, out.ResultMetadata)
	status := out.AccountAssignmentDeletionStatus
	if status == nil || sdk.ToString(status.RequestId) == "" {
		return receipt, errors.New("sso:DeleteAccountAssignment: the answer has no request id to follow")
	}
	receipt.RequestID = *status.RequestId
	r.remember(a.ID, receipt.RequestID)
	for range deletionPolls {
		switch status.Status {
		case ssotypes.StatusValuesSucceeded:
			r.remember(a.ID, "")
			receipt.Detail = "AWS took it away"
			return receipt, nil
		case ssotypes.StatusValuesFailed:
			r.remember(a.ID, "")
			return receipt, fmt.Errorf("AWS did not take it away: %s", sdk.ToString(status.FailureReason))
		}
		if err := r.session.cfg.Sleep(ctx, deletionWait); err != nil {
			return receipt, err
		}
		if status, err = deletionStatus(ctx, client, at, receipt.RequestID); err != nil {
			return receipt, fmt.Errorf("the deletion was accepted and cannot be followed: %w", explain(err, r.me.arn))
		}
	}
	receipt.Detail = "AWS is still taking it away"
	return receipt, nil
}

type membershipImage struct {
	Group      string `json:"group_id"`
	Member     string `json:"member_id"`
	Membership string `json:"membership_id"`
}

// membership finds the id of the membership in the action's group, by the
// member's own list: emulators know no GetGroupMembershipId, and the list
// proves the absence as well.
func (r *Revoker) membership(ctx context.Context, a access.Action) (at center, found string, err error) {
	if at, err = r.instance(ctx); err != nil {
		return at, "", err
	}
	member := &idtypes.MemberIdMemberUserId{Value: string(a.Account.ID)}
	err = pages(func(token *string) (page, error) {
		out, err := r.session.ids.ListGroupMembershipsForMember(ctx, &identitystore.ListGroupMembershipsForMemberInput{
			IdentityStoreId: &at.store, MemberId: member, MaxResults: sdk.Int32(centerPage), NextToken: token,
		})
		if err != nil {
			return page{}, err
		}
		for _, m := range out.GroupMemberships {
			if sdk.ToString(m.GroupId) == a.EntitlementID {
				found = sdk.ToString(m.MembershipId)
			}
		}
		return page{out.NextToken, first(out.GroupMemberships, membershipID)}, present(out.GroupMemberships, "memberships")
	})
	return at, found, err
}

func (r *Revoker) inspectMembership(ctx context.Context, a access.Action) (access.State, error) {
	at, found, err := r.membership(ctx, a)
	if absent(err) {
		return r.memberGone(ctx, at, a, err)
	}
	if err != nil {
		return access.State{}, err
	}
	if found == "" {
		return gone("the user is not in the group"), nil
	}
	before, err := image(membershipImage{a.EntitlementID, string(a.Account.ID), found})
	return access.State{Before: before, Detail: "the user is in the group"}, err
}

// memberGone believes that a user is gone only if the group's own list agrees:
// "not found" may be a lie, and may also be said of the store.
func (r *Revoker) memberGone(ctx context.Context, at center, a access.Action, notFound error) (access.State, error) {
	members, err := r.session.membersOf(ctx, at.store, a.EntitlementID)
	switch {
	case err != nil:
		return access.State{}, errors.Join(notFound, err)
	case slices.Contains(members, string(a.Account.ID)):
		return access.State{}, fmt.Errorf("the group lists the user all the same: %w", notFound)
	}
	return gone("the user is not among the members of the group"), nil
}

func (r *Revoker) deleteMembership(ctx context.Context, a access.Action) (access.Receipt, error) {
	at, found, err := r.membership(ctx, a)
	if err != nil {
		return access.Receipt{}, err
	}
	if found == "" {
		return access.Receipt{Detail: "the user is not in the group any more"}, nil
	}
	out, err := r.session.ids.DeleteGroupMembership(ctx, &identitystore.DeleteGroupMembershipInput{IdentityStoreId: &at.store, MembershipId: &found})
	if err != nil {
		return settled(err, middleware.Metadata{})
	}
	return settled(nil, out.ResultMetadata)
}
