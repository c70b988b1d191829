package aws

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	idtypes "github.com/aws/aws-sdk-go-v2/service/identitystore/types"
	"github.com/aws/smithy-go/middleware"

	"rollcall/internal/access"
	"rollcall/internal/awsreach"
)

// restoring are the verbs of a Restorer.
var restoring = map[access.Verb]bool{
	access.IAMUndeny: true, access.IAMActivateKey: true, access.IAMActivateSSHKey: true, access.IAMActivateCertificate: true,
	access.IAMActivateCredential: true, access.SSOCreateAssignment: true, access.SSOCreateMembership: true,
}

// Restorer gives back what a block took, each to the state that it had before. It
// reads what a Revoker did too, so that an interrupted night is closed before
// anything is undone. Its clients refuse to take anything away.
type Restorer struct{ r *Revoker }

// NewRestorer sends nothing yet. Its credentials and roles are neither the
// Collector's nor the Revoker's.
func NewRestorer(ctx context.Context, cfg Config) (*Restorer, error) {
	s, err := newSession(ctx, cfg, reads, gives)
	if err != nil {
		return nil, err
	}
	return &Restorer{&Revoker{session: s, entered: map[string]identity{}, requests: map[string]string{}}}, nil
}

// System is the configured name.
func (r *Restorer) System() access.System { return r.r.System() }

// Inspect reads the one thing that the action would change, or changed.
func (r *Restorer) Inspect(ctx context.Context, a access.Action) (access.State, error) {
	return r.r.Inspect(ctx, a)
}

// Act gives one thing back. What Act says is no proof: Inspect is.
func (r *Restorer) Act(ctx context.Context, a access.Action) (access.Receipt, error) {
	if !restoring[a.Verb] {
		return access.Receipt{}, fmt.Errorf("%s takes away, which a restorer does not", a.Verb)
	}
	return r.r.act(ctx, a)
}

// beforeDeny is how a block found the user, and whether it denied by the boundary. A
// denial that was there before is none of the block's, and nothing to undo.
func beforeDeny(a access.Action) (before userImage, byBoundary bool, err error) {
	if a.Undoes == nil {
		return before, false, errors.New("the action does not say which block it undoes: plan again")
	}
	if err := json.Unmarshal(a.Undoes.Before, &before); err != nil {
		return before, false, fmt.Errorf("what the block found cannot be read from its record: %w", err)
	}
	if before.UserID != string(a.Account.ID) {
		return before, false, fmt.Errorf("what the block found is not on record: it is of user %q", before.UserID)
	}
	if before.Policies == nil {
		return before, false, errors.New("which policies the user had before the block is not on record: nobody can tell whether the denial was there")
	}
	byBoundary = strings.Contains(a.Undoes.Detail, deniedByBoundary)
	if byBoundary && isDenyAll(before.Boundary) || !byBoundary && hasDenyAll(before.Policies) {
		return before, byBoundary, errors.New("the user was denied everything before rollcall blocked them: that stays")
	}
	return before, byBoundary, nil
}

// inspectUndeny looks at the one of the two denials that the block made; another
// one is somebody else's.
func inspectUndeny(ctx context.Context, client *iam.Client, user *types.User, a access.Action) (access.State, error) {
	now, err := imageOf(ctx, client, user)
	if err != nil {
		return access.State{}, err
	}
	state := access.State{}
	if state.Before, err = image(now); err != nil {
		return state, err
	}
	_, byBoundary, err := beforeDeny(a)
	switch {
	case err != nil:
		state.Refuse = err.Error()
	case byBoundary:
		state.Holds = !isDenyAll(now.Boundary)
	default:
		state.Holds = !hasDenyAll(now.Policies)
	}
	if state.Holds {
		state.Detail = "rollcall's AWSDenyAll is gone" + stillDenied(now)
	}
	return state, nil
}

func hasDenyAll(policies []string) bool {
	for _, arn := range policies {
		if isDenyAll(arn) {
			return true
		}
	}
	return false
}

func stillDenied(now userImage) string {
	switch {
	case hasDenyAll(now.Policies):
		return "; AWSDenyAll is attached all the same, which rollcall did not do"
	case isDenyAll(now.Boundary):
		return "; the permissions boundary denies everything all the same, which rollcall did not set"
	}
	return ""
}

// undeny detaches AWSDenyAll, or puts the boundary of before in its place: without
// one the user would have more than before. It looks once more: another boundary than ours
// by now is somebody else's.
func undeny(ctx context.Context, client *iam.Client, user *types.User, a access.Action, policy string) (access.Receipt, error) {
	state, err := inspectUndeny(ctx, client, user, a)
	switch {
	case err != nil:
		return access.Receipt{}, err
	case state.Refuse == "" && state.Holds:
		return access.Receipt{Detail: "nothing was sent: " + state.Detail}, nil
	}
	before, byBoundary, err := beforeDeny(a)
	if err != nil {
		return access.Receipt{}, err
	}
	var answer middleware.Metadata
	detail := "AWSDenyAll detached"
	switch {
	case !byBoundary:
		var out *iam.DetachUserPolicyOutput
		if out, err = client.DetachUserPolicy(ctx, &iam.DetachUserPolicyInput{UserName: &a.Login, PolicyArn: &policy}); err == nil {
			answer = out.ResultMetadata
		}
	case before.Boundary == "":
		var out *iam.DeleteUserPermissionsBoundaryOutput
		if out, err = client.DeleteUserPermissionsBoundary(ctx, &iam.DeleteUserPermissionsBoundaryInput{UserName: &a.Login}); err == nil {
			answer = out.ResultMetadata
		}
		detail = "the boundary AWSDenyAll was taken off"
	default:
		var out *iam.PutUserPermissionsBoundaryOutput
		out, err = client.PutUserPermissionsBoundary(ctx, &iam.PutUserPermissionsBoundaryInput{UserName: &a.Login, PermissionsBoundary: &before.Boundary})
		if err != nil { // not found is the policy of before, so that they stay denied
			return access.Receipt{RequestID: requestOf(err)}, fmt.Errorf("the boundary of before, %s, cannot be set again: %w", before.Boundary, err)
		}
		answer = out.ResultMetadata
		detail = "the boundary is " + before.Boundary + " again"
	}
	receipt, err := settled(err, answer)
	if receipt.Detail == "" && err == nil {
		receipt.Detail = detail
	}
	return receipt, err
}

func inspectActivation(ctx context.Context, client *iam.Client, a access.Action) (access.State, error) {
	status, there, err := statusOf(ctx, client, a)
	if err != nil {
		return access.State{}, err
	}
	switch {
	case !there:
		return access.State{Refuse: fmt.Sprintf("%s has no %s %s any more: make a new one", a.Login, a.EntitlementKind, a.EntitlementID)}, nil
	case status != types.StatusTypeActive && status != types.StatusTypeInactive:
		return access.State{Refuse: fmt.Sprintf("it is %s, which nothing undoes: make a new one", status)}, nil
	}
	before, err := image(credentialImage{User: a.Login, ID: a.EntitlementID, Status: string(status)})
	return access.State{Holds: status == types.StatusTypeActive, Before: before, Detail: "it is " + string(status)}, err
}

func (r *Revoker) inspectNewMembership(ctx context.Context, a access.Action) (access.State, error) {
	_, found, err := r.membership(ctx, a)
	if err != nil {
		return access.State{}, err
	}
	if found == "" {
		return access.State{Detail: "the user is not in the group"}, nil
	}
	return access.State{Holds: true, Detail: "the user is in the group"}, nil
}

// memberWait is the first wait after a conflict; it doubles.
const (
	memberTries = 4
	memberWait  = 5 * time.Second
)

// createMembership puts the user into the group. A conflict says that they are in
// it already, or that something else changes the group now: reading tells which.
func (r *Revoker) createMembership(ctx context.Context, a access.Action) (access.Receipt, error) {
	for try := 0; ; try++ {
		at, found, err := r.membership(ctx, a)
		if err != nil {
			return access.Receipt{}, err
		}
		if found != "" {
			return access.Receipt{Detail: "the user is in the group"}, nil
		}
		out, err := r.session.ids.CreateGroupMembership(ctx, &identitystore.CreateGroupMembershipInput{
			IdentityStoreId: &at.store, GroupId: &a.EntitlementID, MemberId: &idtypes.MemberIdMemberUserId{Value: string(a.Account.ID)},
		}, func(o *identitystore.Options) { o.Retryer = heeding{o.Retryer} })
		switch {
		case err == nil:
			return settled(nil, out.ResultMetadata)
		case awsreach.Code(err) != "ConflictException" || try+1 == memberTries:
			return access.Receipt{RequestID: requestOf(err)}, err
		}
		if err := r.session.cfg.Sleep(ctx, memberWait<<try); err != nil {
			return access.Receipt{}, err
		}
	}
}

// heeding is a retryer that leaves conflicts to its caller.
type heeding struct{ sdk.Retryer }

func (h heeding) IsErrorRetryable(err error) bool {
	return awsreach.Code(err) != "ConflictException" && h.Retryer.IsErrorRetryable(err)
}
