package aws

import (
	"context"
	"fmt"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/smithy-go/middleware"

	"rollcall/internal/access"
)

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
