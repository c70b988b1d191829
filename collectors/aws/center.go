package aws

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	idtypes "github.com/aws/aws-sdk-go-v2/service/identitystore/types"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	ssotypes "github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"
	"golang.org/x/sync/errgroup"

	"rollcall/internal/access"
)

// centerFacts is what Identity Center said, in rows as small as they can be.
type centerFacts struct {
	instance    center
	users       []access.Account
	groups      []centerGroup // sorted by id
	members     [][]string    // user ids, by index of groups
	everybody   bool          // every user and every group was listed
	sets        []permissionSet
	pairs       []pair
	assignments [][]principal // by index of pairs
	apps        []application
	unlistedFor map[principal]string // named by something and in no list, and why the list is whole all the same
}

// center is one instance of Identity Center with its store of people.
type center struct{ arn, store string }

// pair is a permission set that is provisioned to an account.
type pair struct{ account, set string }

type centerGroup struct {
	id, name  string
	pushed    bool // from upstream, by SCIM
	createdAt time.Time
}

type permissionSet struct {
	arn, name string
	createdAt time.Time
}

// principal is who holds something: a user or a group.
type principal struct {
	kind ssotypes.PrincipalType
	id   string
}

func (p principal) words() string { return strings.ToLower(string(p.kind)) + " " + p.id }

// principalOf refuses a holder of a kind that nobody knows: whatever it has would be missing.
func principalOf(kind ssotypes.PrincipalType, id *string) (principal, error) {
	if kind != ssotypes.PrincipalTypeUser && kind != ssotypes.PrincipalTypeGroup {
		return principal{}, fmt.Errorf("a holder is a %q: this program knows no other holders than users and groups", kind)
	}
	return principal{kind, sdk.ToString(id)}, nil
}

// centerPage is the most that either service gives at once.
const centerPage = 100

// instance finds the organization's instance. Accounts may have instances of
// their own, which open no other account
// (https://docs.aws.amazon.com/singlesignon/latest/userguide/identity-center-instances.html).
func (s *session) instance(ctx context.Context, management string) (center, error) {
	var all []ssotypes.InstanceMetadata
	err := pages(ctx, func(ctx context.Context, token *string) (page, error) {
		out, err := s.sso.ListInstances(ctx, &ssoadmin.ListInstancesInput{MaxResults: sdk.Int32(centerPage), NextToken: token})
		if err != nil {
			return page{}, err
		}
		all = append(all, out.Instances...)
		return listed(out.NextToken, out.Instances, "instances", func(i ssotypes.InstanceMetadata) *string { return i.InstanceArn })
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

// readIdentityCenter reads its parts at the same time; one limiter bounds them
// all. Only who is listed and what is provisioned has to be known first; who is named
// and not listed is asked for last.
func (n *collecting) readIdentityCenter(ctx context.Context) {
	me := n.me.arn
	sets := n.begin(readPermissionSets, "", me)
	arns, err := n.findSets(sets.in(ctx))
	if n.center.instance == (center{}) {
		n.finish(sets, 0, err)
		n.unread(me, "", errors.New("the instance of Identity Center could not be found: see sso_permission_sets"),
			readSSOUsers, readSSOGroups, readSSOMemberships, readAssignments, readApplications)
		return
	}
	people := make(chan struct{})
	var group errgroup.Group
	group.Go(func() error {
		n.readPeople(ctx)
		close(people)
		n.read(ctx, readSSOMemberships, "", me, n.listMemberships)
		return nil
	})
	group.Go(func() error {
		named := n.nameSets(sets.in(ctx), arns)
		n.finish(sets, len(n.center.sets), errors.Join(err, named))
		return nil
	})
	group.Go(func() error { n.readAssignments(ctx, arns, people); return nil })
	group.Go(func() error { n.readApplications(ctx); return nil })
	_ = group.Wait() // gaps are in the reads
	n.askUnlisted(ctx)
}

// readPeople lists users and groups.
func (n *collecting) readPeople(ctx context.Context) {
	var users, groups bool
	var group errgroup.Group
	group.Go(func() error {
		users = n.read(ctx, readSSOUsers, "", n.me.arn, func(ctx context.Context) (int, error) {
			err := n.listUsers(ctx)
			return len(n.center.users), err
		})
		return nil
	})
	group.Go(func() error {
		groups = n.read(ctx, readSSOGroups, "", n.me.arn, func(ctx context.Context) (int, error) {
			err := n.listGroups(ctx)
			return len(n.center.groups), err
		})
		return nil
	})
	_ = group.Wait() // gaps are in the reads
	n.center.everybody = users && groups
}

func (n *collecting) listUsers(ctx context.Context) error {
	return pages(ctx, func(ctx context.Context, token *string) (page, error) {
		out, err := n.ids.ListUsers(ctx, &identitystore.ListUsersInput{
			IdentityStoreId: &n.center.instance.store, MaxResults: sdk.Int32(centerPage), NextToken: token,
		})
		if err != nil {
			return page{}, err
		}
		for _, u := range out.Users {
			n.center.users = append(n.center.users, person(u))
		}
		return listed(out.NextToken, out.Users, "users", func(u idtypes.User) *string { return u.UserId })
	})
}

func (n *collecting) listGroups(ctx context.Context) error {
	err := pages(ctx, func(ctx context.Context, token *string) (page, error) {
		out, err := n.ids.ListGroups(ctx, &identitystore.ListGroupsInput{
			IdentityStoreId: &n.center.instance.store, MaxResults: sdk.Int32(centerPage), NextToken: token,
		})
		if err != nil {
			return page{}, err
		}
		for _, g := range out.Groups {
			n.center.groups = append(n.center.groups, centerGroup{
				sdk.ToString(g.GroupId), sdk.ToString(g.DisplayName), len(g.ExternalIds) > 0, sdk.ToTime(g.CreatedAt).UTC(),
			})
		}
		return listed(out.NextToken, out.Groups, "groups", func(g idtypes.Group) *string { return g.GroupId })
	})
	byID := func(a, b centerGroup) int { return strings.Compare(a.id, b.id) }
	slices.SortFunc(n.center.groups, byID)
	n.center.groups = slices.CompactFunc(n.center.groups, func(a, b centerGroup) bool { return a.id == b.id })
	return err
}

func (n *collecting) listMemberships(ctx context.Context) (int, error) {
	c := &n.center
	members := make([][]string, len(c.groups))
	err := each(ctx, len(c.groups), func(ctx context.Context, i int) (err error) {
		members[i], err = n.membersOf(ctx, n.center.instance.store, c.groups[i].id)
		return about(err, n.me.arn, "group %s", c.groups[i].name)
	})
	c.members = members
	return total(members), err
}

// membersOf lists the users in a group, by id.
func (s *session) membersOf(ctx context.Context, store, group string) (members []string, err error) {
	err = pages(ctx, func(ctx context.Context, token *string) (page, error) {
		out, err := s.ids.ListGroupMemberships(ctx, &identitystore.ListGroupMembershipsInput{
			IdentityStoreId: &store, GroupId: &group, MaxResults: sdk.Int32(centerPage), NextToken: token,
		})
		if err != nil {
			return page{}, err
		}
		for _, m := range out.GroupMemberships {
			id := memberID(m)
			if id == "" {
				return page{}, fmt.Errorf("membership %s is of no user: this program knows no other members", sdk.ToString(m.MembershipId))
			}
			members = append(members, id)
		}
		return listed(out.NextToken, out.GroupMemberships, "memberships", membershipID)
	})
	return members, err
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
