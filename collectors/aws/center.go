package aws

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	idtypes "github.com/aws/aws-sdk-go-v2/service/identitystore/types"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	ssotypes "github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"
	"golang.org/x/sync/errgroup"
)

// centerFacts is what Identity Center said.
type centerFacts struct {
	instance    center
	users       []idtypes.User
	groups      []idtypes.Group
	everybody   bool                        // every user and every group was listed
	members     [][]idtypes.GroupMembership // by index of groups
	sets        []ssotypes.PermissionSet
	pairs       []pair
	assignments [][]ssotypes.AccountAssignment // by index of pairs
}

// center is one instance of Identity Center with its store of people.
type center struct{ arn, store string }

// pair is a permission set that is provisioned to an account.
type pair struct{ account, set string }

// centerPage is the most that either service gives at once.
const centerPage = 100

// instance finds the organization's instance. Accounts may have instances of
// their own, which open no other account
// (https://docs.aws.amazon.com/singlesignon/latest/userguide/identity-center-instances.html).
func (s *session) instance(ctx context.Context, management string) (center, error) {
	var all []ssotypes.InstanceMetadata
	err := pages(func(token *string) (page, error) {
		out, err := s.sso.ListInstances(ctx, &ssoadmin.ListInstancesInput{MaxResults: sdk.Int32(centerPage), NextToken: token})
		if err != nil {
			return page{}, err
		}
		all = append(all, out.Instances...)
		return page{out.NextToken, first(out.Instances, func(i ssotypes.InstanceMetadata) *string { return i.InstanceArn })}, nil
	})
	if err != nil {
		return center{}, err
	}
	for _, i := range all {
		if sdk.ToString(i.OwnerAccountId) == management || (management == "" && len(all) == 1) {
			return center{arn: sdk.ToString(i.InstanceArn), store: sdk.ToString(i.IdentityStoreId)}, nil
		}
	}
	return center{}, fmt.Errorf("no Identity Center of the organization is in region %s: set region to its home region, or say that the company has none (skip_identity_center)", s.cfg.Region)
}

func (n *collecting) readIdentityCenter(ctx context.Context) {
	me := n.me.arn
	n.read(ctx, readPermissionSets, "", me, func(ctx context.Context) (int, error) {
		var err error
		if n.center.instance, err = n.instance(ctx, n.me.management); err != nil {
			return 0, err
		}
		err = n.listSets(ctx)
		return len(n.center.sets), err
	})
	if n.center.instance == (center{}) {
		n.unread(me, "", errors.New("the instance of Identity Center could not be found: see sso_permission_sets"),
			readSSOUsers, readSSOGroups, readSSOMemberships, readAssignments)
		return
	}
	var group errgroup.Group
	group.Go(func() error { n.readPeople(ctx); return nil })
	group.Go(func() error { n.readAssignments(ctx); return nil })
	_ = group.Wait() // gaps are in the reads
}

func (n *collecting) readPeople(ctx context.Context) {
	me := n.me.arn
	users := n.read(ctx, readSSOUsers, "", me, func(ctx context.Context) (int, error) {
		err := n.listUsers(ctx)
		return len(n.center.users), err
	})
	groups := n.read(ctx, readSSOGroups, "", me, func(ctx context.Context) (int, error) {
		err := n.listGroups(ctx)
		return len(n.center.groups), err
	})
	n.center.everybody = users && groups
	n.read(ctx, readSSOMemberships, "", me, n.listMemberships)
}

func (n *collecting) listUsers(ctx context.Context) error {
	return pages(func(token *string) (page, error) {
		out, err := n.ids.ListUsers(ctx, &identitystore.ListUsersInput{
			IdentityStoreId: &n.center.instance.store, MaxResults: sdk.Int32(centerPage), NextToken: token,
		})
		if err != nil {
			return page{}, err
		}
		n.center.users = append(n.center.users, out.Users...)
		return page{out.NextToken, first(out.Users, func(u idtypes.User) *string { return u.UserId })}, present(out.Users, "users")
	})
}

func (n *collecting) listGroups(ctx context.Context) error {
	err := pages(func(token *string) (page, error) {
		out, err := n.ids.ListGroups(ctx, &identitystore.ListGroupsInput{
			IdentityStoreId: &n.center.instance.store, MaxResults: sdk.Int32(centerPage), NextToken: token,
		})
		if err != nil {
			return page{}, err
		}
		n.center.groups = append(n.center.groups, out.Groups...)
		return page{out.NextToken, first(out.Groups, func(g idtypes.Group) *string { return g.GroupId })}, present(out.Groups, "groups")
	})
	byID := func(a, b idtypes.Group) int { return strings.Compare(sdk.ToString(a.GroupId), sdk.ToString(b.GroupId)) }
	slices.SortFunc(n.center.groups, byID)
	n.center.groups = slices.CompactFunc(n.center.groups, func(a, b idtypes.Group) bool { return byID(a, b) == 0 })
	return err
}

func (n *collecting) listMemberships(ctx context.Context) (int, error) {
	c := &n.center
	c.members = make([][]idtypes.GroupMembership, len(c.groups))
	err := each(ctx, len(c.groups), func(ctx context.Context, i int) error {
		err := pages(func(token *string) (page, error) {
			out, err := n.ids.ListGroupMemberships(ctx, &identitystore.ListGroupMembershipsInput{
				IdentityStoreId: &c.instance.store, GroupId: c.groups[i].GroupId, MaxResults: sdk.Int32(centerPage), NextToken: token,
			})
			if err != nil {
				return page{}, err
			}
			c.members[i] = append(c.members[i], out.GroupMemberships...)
			return page{out.NextToken, first(out.GroupMemberships, membershipID)}, present(out.GroupMemberships, "memberships")
		})
		return about(err, n.me.arn, "group %s", sdk.ToString(c.groups[i].DisplayName))
	})
	return total(c.members), err
}

func (n *collecting) listSets(ctx context.Context) error {
	c := &n.center
	var arns []string
	err := pages(func(token *string) (page, error) {
		out, err := n.sso.ListPermissionSets(ctx, &ssoadmin.ListPermissionSetsInput{
			InstanceArn: &c.instance.arn, MaxResults: sdk.Int32(centerPage), NextToken: token,
		})
		if err != nil {
			return page{}, err
		}
		arns = append(arns, out.PermissionSets...)
		return page{out.NextToken, first(out.PermissionSets, self)}, nil
	})
	slices.Sort(arns)
	arns = slices.Compact(arns)
	c.sets = make([]ssotypes.PermissionSet, len(arns))
	named := each(ctx, len(arns), func(ctx context.Context, i int) error {
		c.sets[i] = ssotypes.PermissionSet{PermissionSetArn: &arns[i], Name: &arns[i]}
		out, err := n.sso.DescribePermissionSet(ctx, &ssoadmin.DescribePermissionSetInput{
			InstanceArn: &c.instance.arn, PermissionSetArn: &arns[i],
		})
		if err != nil {
			return about(err, n.me.arn, "permission set %s", arns[i])
		}
		if out.PermissionSet == nil || sdk.ToString(out.PermissionSet.Name) == "" {
			return fmt.Errorf("permission set %s: the answer does not describe it", arns[i])
		}
		c.sets[i].Name = out.PermissionSet.Name
		return nil
	})
	return errors.Join(err, named)
}

// about says of what an error is.
func about(err error, caller, format string, args ...any) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", fmt.Sprintf(format, args...), explain(err, caller))
}

func total[T any](lists [][]T) int {
	sum := 0
	for _, l := range lists {
		sum += len(l)
	}
	return sum
}
