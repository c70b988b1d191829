package aws

import (
	"context"
	"errors"
	"fmt"
	"slices"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	idtypes "github.com/aws/aws-sdk-go-v2/service/identitystore/types"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	"github.com/aws/smithy-go/middleware"

	"rollcall/internal/access"
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
	err = pages(ctx, func(ctx context.Context, token *string) (page, error) {
		out, err := r.session.ids.ListGroupMembershipsForMember(ctx, &identitystore.ListGroupMembershipsForMemberInput{
			IdentityStoreId: &at.store, MemberId: member, MaxResults: sdk.Int32(centerPage), NextToken: token,
		})
		if err != nil {
			return page{}, err
		}
		for _, m := range out.GroupMemberships {
			switch sdk.ToString(m.GroupId) {
			case "":
				return page{}, fmt.Errorf("membership %q in the answer names no group", sdk.ToString(m.MembershipId))
			case a.EntitlementID:
				found = sdk.ToString(m.MembershipId)
			}
		}
		return listed(out.NextToken, out.GroupMemberships, "memberships", membershipID)
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
