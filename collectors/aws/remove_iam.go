package aws

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/smithy-go/middleware"

	"rollcall/internal/access"
)

// removal is how a verb of the remove stage is looked at and done, and what an
// action has to name for it.
type removal struct {
	look   func(context.Context, *iam.Client, *types.User, access.Action) (access.State, error)
	remove func(ctx context.Context, client *iam.Client, a access.Action, run string) (middleware.Metadata, error)
	fields func(access.Action) []field
}

// removals are everything that is removed of an IAM user. The user stays, denied
// and marked, unless policy says delete.
var removals = map[access.Verb]removal{
	access.IAMDeleteLogin:       {lookAtLogin, deleteLogin, nothingElse},
	access.IAMDeleteKey:         {lookAtCredential, deleteKey, oneID},
	access.IAMDeleteSSHKey:      {lookAtCredential, deleteSSHKey, oneID},
	access.IAMDeleteCertificate: {lookAtCredential, deleteCertificate, oneID},
	access.IAMDeleteCredential:  {lookAtCredential, deleteCredential, oneID},
	access.IAMLeaveGroup:        {lookAtGroup, leaveGroup, oneID},
	access.IAMDetachPolicy:      {lookAtPolicy, detachPolicy, onePolicy},
	access.IAMDeletePolicy:      {lookAtInline, deletePolicy, oneInline},
	access.IAMRemoveMFA:         {lookAtMFA, removeMFA, nothingElse},
	access.IAMTagRemoved:        {lookAtTag, tag, nothingElse},
	access.IAMDeleteUser:        {lookAtUser, deleteUser, nothingElse},
}

func nothingElse(access.Action) []field { return nil }
func oneID(a access.Action) []field     { return []field{{"id", a.EntitlementID, idForm}} }
func onePolicy(a access.Action) []field { return []field{{"policy", a.EntitlementID, policyForm}} }

// oneInline wants the user's own policy: the id names whose it is.
func oneInline(a access.Action) []field {
	name, own := strings.CutPrefix(a.EntitlementID, "user/"+a.Login+"/")
	if !own {
		name = ""
	}
	return []field{{"policy", name, nameForm}}
}

// inlineName is the name in the id of a user's own policy.
func inlineName(a access.Action) string {
	return strings.TrimPrefix(a.EntitlementID, "user/"+a.Login+"/")
}

// removalFields are what an action of the remove stage has to name.
func removalFields(a access.Action) ([]field, bool) {
	r, ok := removals[a.Verb]
	if !ok {
		return nil, false
	}
	if isDenyAll(a.EntitlementID) {
		return []field{{"policy", "", policyForm}}, true // what keeps the user out is never taken
	}
	return r.fields(a), true
}

// inspectRemoval looks at the one thing, and at whether the user is still denied:
// nothing is removed of one whom somebody let in again. Of one who changed their job
// a right is taken while they work, and nothing once they are denied.
func inspectRemoval(ctx context.Context, client *iam.Client, user *types.User, a access.Action, look func(context.Context, *iam.Client, *types.User, access.Action) (access.State, error)) (access.State, error) {
	state, err := look(ctx, client, user, a)
	if absent(err) {
		return access.State{}, fmt.Errorf("user %s is there, and IAM denies knowing what it holds: read again: %w", a.Login, err)
	}
	if err != nil || state.Refuse != "" {
		return state, err
	}
	denied, err := inspectDeny(ctx, client, user)
	switch {
	case err != nil:
	case a.InUse() && denied.Holds:
		state.Refuse = "the user is denied everything, and was working when this was planned; plan again"
	case !a.InUse() && !denied.Holds:
		state.Refuse = "nothing denies the user everything any more, and nothing is removed of one who is not blocked; plan again"
	}
	return state, err
}

// removeIAM makes one removal, of a user who is still denied.
func (r *Revoker) removeIAM(ctx context.Context, client *iam.Client, user *types.User, a access.Action) (access.Receipt, error) {
	state, err := inspectRemoval(ctx, client, user, a, removals[a.Verb].look)
	switch {
	case err != nil:
		return access.Receipt{}, err
	case state.Refuse != "":
		return access.Receipt{}, fmt.Errorf("refused: %s", state.Refuse)
	case state.Holds:
		return access.Receipt{Detail: "nothing was sent: " + state.Detail}, nil
	}
	answer, err := removals[a.Verb].remove(ctx, client, a, strings.TrimPrefix(r.session.cfg.RunID, "rollcall-"))
	return settled(err, answer)
}

func lookAtLogin(ctx context.Context, client *iam.Client, _ *types.User, a access.Action) (access.State, error) {
	out, err := client.GetLoginProfile(ctx, &iam.GetLoginProfileInput{UserName: &a.Login})
	if absent(err) { // GetUser has found the user
		return gone(a.Login + " has no console password"), nil
	}
	if err != nil {
		return access.State{}, err
	}
	before := map[string]any{"user": a.Login}
	if out.LoginProfile != nil {
		before["created"], before["reset_required"] = sdk.ToTime(out.LoginProfile.CreateDate).UTC(), out.LoginProfile.PasswordResetRequired
	}
	return there("it has a console password", before)
}

// there is the state of a thing that is still there.
func there(detail string, before any) (access.State, error) {
	raw, err := image(before)
	return access.State{Before: raw, Detail: detail}, err
}

func deleteLogin(ctx context.Context, client *iam.Client, a access.Action, _ string) (middleware.Metadata, error) {
	out, err := client.DeleteLoginProfile(ctx, &iam.DeleteLoginProfileInput{UserName: &a.Login})
	if err != nil {
		return middleware.Metadata{}, err
	}
	return out.ResultMetadata, nil
}

// lookAtCredential refuses one that works: a block makes it inactive first.
func lookAtCredential(ctx context.Context, client *iam.Client, _ *types.User, a access.Action) (access.State, error) {
	statuses, err := statusesOf(ctx, client, a)
	if err != nil {
		return access.State{}, err
	}
	status, is := statuses[a.EntitlementID]
	if !is {
		return gone(fmt.Sprintf("%s has no %s %s any more", a.Login, a.EntitlementKind, a.EntitlementID)), nil
	}
	state, err := there("it is "+string(status), credentialImage{User: a.Login, ID: a.EntitlementID, Status: string(status)})
	if status == types.StatusTypeActive {
		state.Refuse = "it is active, and is made inactive before it is deleted; plan again"
	}
	return state, err
}

func deleteKey(ctx context.Context, client *iam.Client, a access.Action, _ string) (middleware.Metadata, error) {
	out, err := client.DeleteAccessKey(ctx, &iam.DeleteAccessKeyInput{UserName: &a.Login, AccessKeyId: &a.EntitlementID})
	if err != nil {
		return middleware.Metadata{}, err
	}
	return out.ResultMetadata, nil
}

func deleteSSHKey(ctx context.Context, client *iam.Client, a access.Action, _ string) (middleware.Metadata, error) {
	out, err := client.DeleteSSHPublicKey(ctx, &iam.DeleteSSHPublicKeyInput{UserName: &a.Login, SSHPublicKeyId: &a.EntitlementID})
	if err != nil {
		return middleware.Metadata{}, err
	}
	return out.ResultMetadata, nil
}

func deleteCertificate(ctx context.Context, client *iam.Client, a access.Action, _ string) (middleware.Metadata, error) {
	out, err := client.DeleteSigningCertificate(ctx, &iam.DeleteSigningCertificateInput{UserName: &a.Login, CertificateId: &a.EntitlementID})
	if err != nil {
		return middleware.Metadata{}, err
	}
	return out.ResultMetadata, nil
}

func deleteCredential(ctx context.Context, client *iam.Client, a access.Action, _ string) (middleware.Metadata, error) {
	out, err := client.DeleteServiceSpecificCredential(ctx, &iam.DeleteServiceSpecificCredentialInput{UserName: &a.Login, ServiceSpecificCredentialId: &a.EntitlementID})
	if err != nil {
		return middleware.Metadata{}, err
	}
	return out.ResultMetadata, nil
}

// groupName finds what the group is called now: it is known by its id, and asked
// for by its name.
func groupName(ctx context.Context, client *iam.Client, a access.Action) (name string, err error) {
	err = pages(func(token *string) (page, error) {
		out, err := client.ListGroupsForUser(ctx, &iam.ListGroupsForUserInput{UserName: &a.Login, Marker: token})
		if err != nil {
			return page{}, err
		}
		for _, g := range out.Groups {
			if sdk.ToString(g.GroupId) == a.EntitlementID {
				name = sdk.ToString(g.GroupName)
			}
		}
		return marker(out.IsTruncated, out.Marker, first(out.Groups, func(g types.Group) *string { return g.GroupId }))
	})
	return name, err
}

func lookAtGroup(ctx context.Context, client *iam.Client, _ *types.User, a access.Action) (access.State, error) {
	name, err := groupName(ctx, client, a)
	switch {
	case err != nil:
		return access.State{}, err
	case name == "":
		return gone(a.Login + " is not in the group"), nil
	}
	return there("the user is in the group", map[string]string{"user": a.Login, "group_id": a.EntitlementID, "group": name})
}

func leaveGroup(ctx context.Context, client *iam.Client, a access.Action, _ string) (middleware.Metadata, error) {
	name, err := groupName(ctx, client, a)
	if err != nil || name == "" {
		return middleware.Metadata{}, err
	}
	out, err := client.RemoveUserFromGroup(ctx, &iam.RemoveUserFromGroupInput{UserName: &a.Login, GroupName: &name})
	if err != nil {
		return middleware.Metadata{}, err
	}
	return out.ResultMetadata, nil
}

func lookAtPolicy(ctx context.Context, client *iam.Client, user *types.User, a access.Action) (access.State, error) {
	attached, err := attachedTo(ctx, client, user)
	switch {
	case err != nil:
		return access.State{}, err
	case !slices.Contains(attached, a.EntitlementID):
		return gone("the policy is not attached"), nil
	}
	return there("the policy is attached", map[string]string{"user": a.Login, "policy": a.EntitlementID})
}

func detachPolicy(ctx context.Context, client *iam.Client, a access.Action, _ string) (middleware.Metadata, error) {
	out, err := client.DetachUserPolicy(ctx, &iam.DetachUserPolicyInput{UserName: &a.Login, PolicyArn: &a.EntitlementID})
	if err != nil {
		return middleware.Metadata{}, err
	}
	return out.ResultMetadata, nil
}

// lookAtInline keeps the document: it is all that there is of such a policy.
func lookAtInline(ctx context.Context, client *iam.Client, _ *types.User, a access.Action) (access.State, error) {
	name, found := inlineName(a), false
	err := pages(func(token *string) (page, error) {
		out, err := client.ListUserPolicies(ctx, &iam.ListUserPoliciesInput{UserName: &a.Login, Marker: token})
		if err != nil {
			return page{}, err
		}
		found = found || slices.Contains(out.PolicyNames, name)
		return marker(out.IsTruncated, out.Marker, first(out.PolicyNames, func(n string) *string { return &n }))
	})
	switch {
	case err != nil:
		return access.State{}, err
	case !found:
		return gone("the user has no such policy"), nil
	}
	out, err := client.GetUserPolicy(ctx, &iam.GetUserPolicyInput{UserName: &a.Login, PolicyName: &name})
	if err != nil {
		return access.State{}, err
	}
	document, err := url.PathUnescape(sdk.ToString(out.PolicyDocument))
	if err != nil {
		document = sdk.ToString(out.PolicyDocument)
	}
	state, err := there("the user has the policy", map[string]string{"user": a.Login, "policy": name, "document": document})
	if a.InUse() && denies(document) {
		state.Refuse = "the policy also denies something, and without it the user could do more than before"
	}
	return state, err
}

func deletePolicy(ctx context.Context, client *iam.Client, a access.Action, _ string) (middleware.Metadata, error) {
	name := inlineName(a)
	out, err := client.DeleteUserPolicy(ctx, &iam.DeleteUserPolicyInput{UserName: &a.Login, PolicyName: &name})
	if err != nil {
		return middleware.Metadata{}, err
	}
	return out.ResultMetadata, nil
}

// devices are the second factors of a user, and a virtual one that is named after
// the user (as AWS names them unless told otherwise) and nobody's: what is left
// when a run dies between taking it from the user and deleting it.
func devices(ctx context.Context, client *iam.Client, user string) (held, loose []string, err error) {
	err = pages(func(token *string) (page, error) {
		out, err := client.ListMFADevices(ctx, &iam.ListMFADevicesInput{UserName: &user, Marker: token})
		if err != nil {
			return page{}, err
		}
		for _, d := range out.MFADevices {
			held = append(held, sdk.ToString(d.SerialNumber))
		}
		return marker(out.IsTruncated, out.Marker, first(out.MFADevices, func(d types.MFADevice) *string { return d.SerialNumber }))
	})
	if err != nil {
		return nil, nil, err
	}
	err = pages(func(token *string) (page, error) {
		out, err := client.ListVirtualMFADevices(ctx, &iam.ListVirtualMFADevicesInput{AssignmentStatus: types.AssignmentStatusTypeUnassigned, Marker: token})
		if err != nil {
			return page{}, err
		}
		for _, d := range out.VirtualMFADevices {
			if serial := sdk.ToString(d.SerialNumber); strings.HasSuffix(serial, ":mfa/"+user) {
				loose = append(loose, serial)
			}
		}
		return marker(out.IsTruncated, out.Marker, first(out.VirtualMFADevices, func(d types.VirtualMFADevice) *string { return d.SerialNumber }))
	})
	return held, loose, err
}

func lookAtMFA(ctx context.Context, client *iam.Client, _ *types.User, a access.Action) (access.State, error) {
	held, loose, err := devices(ctx, client, a.Login)
	switch {
	case err != nil:
		return access.State{}, err
	case len(held)+len(loose) == 0:
		return gone(a.Login + " has no second factor"), nil
	}
	return there(fmt.Sprintf("%d second factors", len(held)+len(loose)), map[string]any{"user": a.Login, "devices": held, "left_over": loose})
}

// removeMFA takes each device from the user, and deletes the virtual ones.
func removeMFA(ctx context.Context, client *iam.Client, a access.Action, _ string) (answer middleware.Metadata, err error) {
	held, loose, err := devices(ctx, client, a.Login)
	if err != nil {
		return answer, err
	}
	for _, serial := range held {
		out, err := client.DeactivateMFADevice(ctx, &iam.DeactivateMFADeviceInput{UserName: &a.Login, SerialNumber: &serial})
		if err != nil && !absent(err) {
			return answer, err
		}
		if err == nil {
			answer = out.ResultMetadata
		}
		if virtualForm.MatchString(serial) {
			loose = append(loose, serial)
		}
	}
	for _, serial := range loose {
		if _, err := client.DeleteVirtualMFADevice(ctx, &iam.DeleteVirtualMFADeviceInput{SerialNumber: &serial}); err != nil && !absent(err) {
			return answer, err
		}
	}
	return answer, nil
}

func lookAtTag(_ context.Context, _ *iam.Client, user *types.User, a access.Action) (access.State, error) {
	for _, tag := range user.Tags {
		if sdk.ToString(tag.Key) == removedTag {
			return access.State{Holds: true, Detail: "marked by run " + sdk.ToString(tag.Value)}, nil
		}
	}
	return there("it is not marked", map[string]any{"user": a.Login, "tags": len(user.Tags)})
}

// tag marks a user of whom everything was removed with the run that did it.
func tag(ctx context.Context, client *iam.Client, a access.Action, run string) (middleware.Metadata, error) {
	out, err := client.TagUser(ctx, &iam.TagUserInput{UserName: &a.Login, Tags: []types.Tag{{Key: sdk.String(removedTag), Value: &run}}})
	if err != nil {
		return middleware.Metadata{}, err
	}
	return out.ResultMetadata, nil
}

// lookAtUser finds the user there: of one who is not, nobody asks. What denies everything
// is part of the image.
func lookAtUser(ctx context.Context, client *iam.Client, user *types.User, _ access.Action) (access.State, error) {
	before, err := imageOf(ctx, client, user)
	if err != nil {
		return access.State{}, err
	}
	for _, arn := range before.Policies {
		if !isDenyAll(arn) {
			return access.State{Refuse: "policy " + arn + " is attached, and a user is deleted who holds nothing; plan again"}, nil
		}
	}
	return there("the user is there", before)
}

// deleteUser deletes a user of whom nothing is left; of one who holds anything AWS
// refuses it (DeleteConflict). To AWS what denies the user is such a thing, so that the
// boundary denies them first, and goes on to do so if the deletion is refused.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUser.html
func deleteUser(ctx context.Context, client *iam.Client, a access.Action, _ string) (middleware.Metadata, error) {
	attached, err := attachedTo(ctx, client, &types.User{UserName: &a.Login})
	if err != nil {
		return middleware.Metadata{}, err
	}
	for _, arn := range attached {
		if !isDenyAll(arn) {
			return middleware.Metadata{}, fmt.Errorf("refused: policy %s is attached", arn)
		}
		if _, err := client.PutUserPermissionsBoundary(ctx, &iam.PutUserPermissionsBoundaryInput{UserName: &a.Login, PermissionsBoundary: &arn}); err != nil {
			return middleware.Metadata{}, err
		}
		if _, err := client.DetachUserPolicy(ctx, &iam.DetachUserPolicyInput{UserName: &a.Login, PolicyArn: &arn}); err != nil && !absent(err) {
			return middleware.Metadata{}, err
		}
	}
	out, err := client.DeleteUser(ctx, &iam.DeleteUserInput{UserName: &a.Login})
	if err != nil {
		return middleware.Metadata{}, err
	}
	return out.ResultMetadata, nil
}
