package aws

import (
	"context"
	"errors"
	"fmt"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/smithy-go/middleware"

	"rollcall/internal/access"
	"rollcall/internal/awsreach"
)

// assumedRoles is what no verb here can end
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_revoke-sessions.html).
const assumedRoles = "role sessions that the user took before live until they expire, at most 12 hours"

// ofUser gives the account's client and the user, read afresh. A nil user
// without an error means that GetUser knows none, and that the list of users
// agrees.
func (r *Revoker) ofUser(ctx context.Context, a access.Action) (*iam.Client, *types.User, error) {
	who, err := r.enter(ctx, a.Account.Scope)
	if err != nil {
		return nil, nil, err
	}
	client := r.session.iamOf(a.Account.Scope, who.creds)
	out, err := client.GetUser(ctx, &iam.GetUserInput{UserName: &a.Login})
	if absent(err) {
		return client, nil, explain(listedNowhere(ctx, client, a, err), who.arn)
	}
	if err != nil {
		return client, nil, explain(err, who.arn)
	}
	if out.User == nil || sdk.ToString(out.User.UserId) == "" {
		return client, nil, fmt.Errorf("iam:GetUser: the answer names no user")
	}
	return client, out.User, nil
}

// listedNowhere gives an error unless the account's list of users agrees that
// the user is not there: of one who was renamed since, and by a lie, the name
// alone is not found.
func listedNowhere(ctx context.Context, client *iam.Client, a access.Action, notFound error) error {
	in := &iam.GetAccountAuthorizationDetailsInput{Filter: []types.EntityType{types.EntityTypeUser}, MaxItems: sdk.Int32(iamPage)}
	return pages(ctx, func(ctx context.Context, token *string) (page, error) {
		in.Marker = token
		out, err := client.GetAccountAuthorizationDetails(ctx, in)
		if err != nil {
			return page{}, errors.Join(notFound, err)
		}
		for _, u := range out.UserDetailList {
			if sdk.ToString(u.UserId) == string(a.Account.ID) || sdk.ToString(u.UserName) == a.Login {
				return page{}, fmt.Errorf("the account lists user %s as %s all the same: %w", sdk.ToString(u.UserId), sdk.ToString(u.UserName), notFound)
			}
		}
		return marked(out.IsTruncated, out.Marker, out.UserDetailList, "users", func(u types.UserDetail) *string { return u.UserId })
	})
}

// another says why the name is not the action's account any more, or nothing.
func another(user *types.User, a access.Action) string {
	if id := sdk.ToString(user.UserId); id != string(a.Account.ID) {
		return fmt.Sprintf("another user has this name now: %s is %s, not %s", a.Login, id, a.Account.ID)
	}
	return ""
}

func (r *Revoker) inspectIAM(ctx context.Context, a access.Action) (access.State, error) {
	client, user, err := r.ofUser(ctx, a)
	if err != nil {
		return access.State{}, err
	}
	if user == nil && restoring[a.Verb] {
		return access.State{Refuse: fmt.Sprintf("there is no IAM user %s in account %s any more, so nothing can be given back", a.Login, a.Account.Scope)}, nil
	}
	if user == nil {
		return gone(fmt.Sprintf("there is no IAM user %s in account %s", a.Login, a.Account.Scope)), nil
	}
	if refuse := another(user, a); refuse != "" {
		return access.State{Refuse: refuse}, nil
	}
	switch look := removals[a.Verb].look; {
	case a.Verb == access.IAMDeny:
		return inspectDeny(ctx, client, user)
	case look != nil:
		return inspectRemoval(ctx, client, user, a, look)
	case a.Verb == access.IAMUndeny:
		return inspectUndeny(ctx, client, user, a)
	case restoring[a.Verb]:
		return inspectActivation(ctx, client, a)
	}
	return inspectCredential(ctx, client, a)
}

// userImage is what a block finds, for whoever restores.
type userImage struct {
	User     string   `json:"user"`
	UserID   string   `json:"user_id"`
	Policies []string `json:"attached_policies"`
	Boundary string   `json:"permissions_boundary"`
}

// deniedByBoundary is how an outcome tells which of the two ways was taken.
const deniedByBoundary = "denied by permissions boundary"

// imageOf reads the policies and the boundary of a user.
func imageOf(ctx context.Context, client *iam.Client, user *types.User) (userImage, error) {
	before := userImage{User: sdk.ToString(user.UserName), UserID: sdk.ToString(user.UserId), Policies: []string{}}
	if user.PermissionsBoundary != nil {
		before.Boundary = sdk.ToString(user.PermissionsBoundary.PermissionsBoundaryArn)
	}
	attached, err := attachedTo(ctx, client, user)
	before.Policies = append(before.Policies, attached...)
	return before, err
}

func inspectDeny(ctx context.Context, client *iam.Client, user *types.User) (access.State, error) {
	before, err := imageOf(ctx, client, user)
	if err != nil {
		return access.State{}, err
	}
	state := access.State{}
	state.Before, err = image(before)
	for _, arn := range before.Policies {
		if isDenyAll(arn) {
			state.Holds, state.Detail = true, "denied by policy; "+assumedRoles
		}
	}
	if !state.Holds && isDenyAll(before.Boundary) {
		state.Holds, state.Detail = true, deniedByBoundary+"; "+assumedRoles
	}
	return state, err
}

// attachedTo are the ARNs of the policies that are attached to a user.
func attachedTo(ctx context.Context, client *iam.Client, user *types.User) (arns []string, err error) {
	err = pages(ctx, func(ctx context.Context, token *string) (page, error) {
		out, err := client.ListAttachedUserPolicies(ctx, &iam.ListAttachedUserPoliciesInput{UserName: user.UserName, Marker: token})
		if err != nil {
			return page{}, err
		}
		for _, p := range out.AttachedPolicies {
			arns = append(arns, sdk.ToString(p.PolicyArn))
		}
		return marked(out.IsTruncated, out.Marker, out.AttachedPolicies, "policies", func(p types.AttachedPolicy) *string { return p.PolicyArn })
	})
	return arns, err
}

// credentialImage is a credential as it was found.
type credentialImage struct {
	User   string `json:"user"`
	ID     string `json:"id"`
	Status string `json:"status"`
}

func inspectCredential(ctx context.Context, client *iam.Client, a access.Action) (access.State, error) {
	status, there, err := statusOf(ctx, client, a)
	if err != nil {
		return access.State{}, err
	}
	if !there {
		return gone(fmt.Sprintf("%s has no %s %s any more", a.Login, a.EntitlementKind, a.EntitlementID)), nil
	}
	before, err := image(credentialImage{User: a.Login, ID: a.EntitlementID, Status: string(status)})
	return access.State{Holds: status == types.StatusTypeInactive || status == types.StatusTypeExpired, Before: before, Detail: "it is " + string(status)}, err
}

// statusOf reads how the credential of the action stands, and whether it is there.
func statusOf(ctx context.Context, client *iam.Client, a access.Action) (status types.StatusType, there bool, err error) {
	statuses, err := statusesOf(ctx, client, a)
	if absent(err) {
		return "", false, fmt.Errorf("user %s is there, and IAM denies knowing its credentials: read again: %w", a.Login, err)
	}
	status, there = statuses[a.EntitlementID]
	return status, there, err
}

// statusesOf reads the credentials of the verb's kind, by id.
func statusesOf(ctx context.Context, client *iam.Client, a access.Action) (map[string]types.StatusType, error) {
	list := servicesOf
	switch a.Verb {
	case access.IAMDeactivateKey, access.IAMDeleteKey, access.IAMActivateKey:
		list = accessKeys
	case access.IAMDeactivateSSHKey, access.IAMDeleteSSHKey, access.IAMActivateSSHKey:
		list = sshKeys
	case access.IAMDeactivateCertificate, access.IAMDeleteCertificate, access.IAMActivateCertificate:
		list = certificates
	}
	all, err := list(ctx, client, a.Login)
	found := map[string]types.StatusType{}
	for _, c := range all {
		found[c.ID] = c.status
	}
	return found, err
}

func (r *Revoker) actIAM(ctx context.Context, a access.Action) (access.Receipt, error) {
	client, user, err := r.ofUser(ctx, a)
	if err != nil {
		return access.Receipt{}, err
	}
	if user == nil {
		return access.Receipt{Detail: "there is no such user any more"}, nil
	}
	if refuse := another(user, a); refuse != "" {
		return access.Receipt{}, fmt.Errorf("refused: %s", refuse)
	}
	switch remove := removals[a.Verb].remove; {
	case a.Verb == access.IAMDeny:
		return deny(ctx, client, a.Login, denyAllARN(r.me.partition))
	case remove != nil:
		return r.removeIAM(ctx, client, user, a)
	case a.Verb == access.IAMUndeny:
		return undeny(ctx, client, user, a, denyAllARN(r.me.partition))
	case restoring[a.Verb]:
		return setStatus(ctx, client, a, types.StatusTypeActive)
	}
	return setStatus(ctx, client, a, types.StatusTypeInactive)
}

// deny attaches AWSDenyAll, or sets it as the boundary when the quota of
// attached policies is full. LimitExceeded is that quota, not a throttle
// (https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachUserPolicy.html).
func deny(ctx context.Context, client *iam.Client, user, policy string) (access.Receipt, error) {
	attached, err := client.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: &user, PolicyArn: &policy})
	if err == nil {
		receipt, _ := settled(nil, attached.ResultMetadata)
		receipt.Detail = "AWSDenyAll attached"
		return receipt, nil
	}
	if awsreach.Code(err) != "LimitExceeded" {
		return access.Receipt{RequestID: requestOf(err)}, err
	}
	bounded, err := client.PutUserPermissionsBoundary(ctx, &iam.PutUserPermissionsBoundaryInput{UserName: &user, PermissionsBoundary: &policy})
	if err != nil {
		return access.Receipt{RequestID: requestOf(err)}, fmt.Errorf("the user has as many policies as AWS allows, and the boundary failed too: %w", err)
	}
	receipt, _ := settled(nil, bounded.ResultMetadata)
	receipt.Detail = "the user has as many policies as AWS allows: AWSDenyAll set as permissions boundary"
	return receipt, nil
}

// setStatus makes one credential inactive, or active again.
func setStatus(ctx context.Context, client *iam.Client, a access.Action, status types.StatusType) (access.Receipt, error) {
	var answer middleware.Metadata
	var err error
	switch a.Verb {
	case access.IAMDeactivateKey, access.IAMActivateKey:
		var out *iam.UpdateAccessKeyOutput
		out, err = client.UpdateAccessKey(ctx, &iam.UpdateAccessKeyInput{UserName: &a.Login, AccessKeyId: &a.EntitlementID, Status: status})
		if err == nil {
			answer = out.ResultMetadata
		}
	case access.IAMDeactivateSSHKey, access.IAMActivateSSHKey:
		var out *iam.UpdateSSHPublicKeyOutput
		out, err = client.UpdateSSHPublicKey(ctx, &iam.UpdateSSHPublicKeyInput{UserName: &a.Login, SSHPublicKeyId: &a.EntitlementID, Status: status})
		if err == nil {
			answer = out.ResultMetadata
		}
	case access.IAMDeactivateCertificate, access.IAMActivateCertificate:
		var out *iam.UpdateSigningCertificateOutput
		out, err = client.UpdateSigningCertificate(ctx, &iam.UpdateSigningCertificateInput{UserName: &a.Login, CertificateId: &a.EntitlementID, Status: status})
		if err == nil {
			answer = out.ResultMetadata
		}
	default:
		var out *iam.UpdateServiceSpecificCredentialOutput
		out, err = client.UpdateServiceSpecificCredential(ctx, &iam.UpdateServiceSpecificCredentialInput{UserName: &a.Login, ServiceSpecificCredentialId: &a.EntitlementID, Status: status})
		if err == nil {
			answer = out.ResultMetadata
		}
	}
	return settled(err, answer)
}
