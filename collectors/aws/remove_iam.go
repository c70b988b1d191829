package aws

import (
	"context"
	"fmt"
	"strings"

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

func oneID(a access.Action) []field { return []field{{"id", a.EntitlementID, idForm}} }

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

// there is the state of a thing that is still there.
func there(detail string, before any) (access.State, error) {
	raw, err := image(before)
	return access.State{Before: raw, Detail: detail}, err
}
