package aws

import (
	"context"
	"net/url"
	"slices"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/smithy-go/middleware"

	"rollcall/internal/access"
)

// groupName finds what the group is called now: it is known by its id, and asked
// for by its name.
func groupName(ctx context.Context, client *iam.Client, a access.Action) (name string, err error) {
	err = pages(ctx, func(ctx context.Context, token *string) (page, error) {
		out, err := client.ListGroupsForUser(ctx, &iam.ListGroupsForUserInput{UserName: &a.Login, Marker: token})
		if err != nil {
			return page{}, err
		}
		for _, g := range out.Groups {
			if sdk.ToString(g.GroupId) == a.EntitlementID {
				name = sdk.ToString(g.GroupName)
			}
		}
		return marked(out.IsTruncated, out.Marker, out.Groups, "groups", func(g types.Group) *string { return g.GroupId })
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
	err := pages(ctx, func(ctx context.Context, token *string) (page, error) {
		out, err := client.ListUserPolicies(ctx, &iam.ListUserPoliciesInput{UserName: &a.Login, Marker: token})
		if err != nil {
			return page{}, err
		}
		found = found || slices.Contains(out.PolicyNames, name)
		return marked(out.IsTruncated, out.Marker, out.PolicyNames, "policies", func(n string) *string { return &n })
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
