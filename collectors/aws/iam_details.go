package aws

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// iamPage is the most that IAM gives at once.
const iamPage = 1000

// localPolicy is what is kept of one of the account's own policies.
type localPolicy struct {
	open      bool // it allows everything
	denies    bool // it denies something
	createdAt time.Time
}

// roleFacts is what is kept of an account's roles. Roles are no accounts of
// people; two kinds of them tell something about people's access.
type roleFacts struct {
	// bridges are roles that account access manager may lend to people.
	bridges []string
	// sets are the policies of the roles that Identity Center made, by the name
	// of the permission set.
	sets map[string]setRole
}

type setRole struct {
	attached []string // ARNs
	open     bool     // an inline policy allows everything
}

// readDetails reads users, groups, roles and local policies. Documents are
// judged page by page and not kept.
func (a *accountFacts) readDetails(ctx context.Context, client *iam.Client) error {
	in := &iam.GetAccountAuthorizationDetailsInput{
		Filter:   []types.EntityType{types.EntityTypeUser, types.EntityTypeGroup, types.EntityTypeRole, types.EntityTypeLocalManagedPolicy},
		MaxItems: sdk.Int32(iamPage),
	}
	a.policies, a.roles.sets = map[string]localPolicy{}, map[string]setRole{}
	err := pages(ctx, func(ctx context.Context, token *string) (page, error) {
		in.Marker = token
		out, err := client.GetAccountAuthorizationDetails(ctx, in)
		if err != nil {
			return page{}, err
		}
		a.users = append(a.users, out.UserDetailList...)
		a.groups = append(a.groups, out.GroupDetailList...)
		for _, p := range out.Policies {
			a.policies[sdk.ToString(p.Arn)] = localPolicy{opens(p), deniesInForce(p), sdk.ToTime(p.CreateDate).UTC()}
		}
		for _, r := range out.RoleDetailList {
			a.roles.add(r)
		}
		return marked(out.IsTruncated, out.Marker, detailIDs(out), "users, groups, roles or policies", self)
	})
	return cmp.Or(err, a.proveGroups())
}

// proveGroups holds the list of groups against the users: what somebody has through a group
// that it lacks would be missing without a word.
func (a *accountFacts) proveGroups() error {
	listed := map[string]bool{}
	for _, g := range a.groups {
		listed[sdk.ToString(g.GroupName)] = true
	}
	var errs []error
	for _, u := range a.users {
		for _, name := range u.GroupList {
			if !listed[name] {
				errs = append(errs, fmt.Errorf("user %s is in group %s, which is not in the list: it was cut short, or read before the group was made; run again", sdk.ToString(u.UserName), name))
			}
		}
	}
	return few(errs)
}

// detailIDs are the ids of all that a page holds, nil if it has none of the lists.
func detailIDs(out *iam.GetAccountAuthorizationDetailsOutput) (ids []string) {
	if out.UserDetailList != nil || out.GroupDetailList != nil || out.RoleDetailList != nil || out.Policies != nil {
		ids = []string{}
	}
	for _, u := range out.UserDetailList {
		ids = append(ids, sdk.ToString(u.UserId))
	}
	for _, g := range out.GroupDetailList {
		ids = append(ids, sdk.ToString(g.GroupId))
	}
	for _, r := range out.RoleDetailList {
		ids = append(ids, sdk.ToString(r.RoleId))
	}
	for _, p := range out.Policies {
		ids = append(ids, sdk.ToString(p.Arn))
	}
	return ids
}

// Identity Center keeps a role for each permission set of an account, named
// AWSReservedSSO_(set)_(16 hexadecimal digits)
// (https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html).
const (
	setRolePath   = "/aws-reserved/sso.amazonaws.com/"
	setRolePrefix = "AWSReservedSSO_"
)

// accountAccess is the service by which account access manager lends roles to
// users of Identity Center, past every permission set.
const accountAccess = "account-access.amazonaws.com"

func (f *roleFacts) add(r types.RoleDetail) {
	name := sdk.ToString(r.RoleName)
	if trusts(sdk.ToString(r.AssumeRolePolicyDocument), accountAccess) {
		f.bridges = append(f.bridges, name)
	}
	set, ours := strings.CutPrefix(name, setRolePrefix)
	end := strings.LastIndex(set, "_")
	if !ours || end < 0 || !strings.HasPrefix(sdk.ToString(r.Path), setRolePath) {
		return
	}
	role := f.sets[set[:end]]
	for _, p := range r.AttachedManagedPolicies {
		role.attached = append(role.attached, sdk.ToString(p.PolicyArn))
	}
	role.open = role.open || slices.ContainsFunc(r.RolePolicyList, func(p types.PolicyDetail) bool { return open(sdk.ToString(p.PolicyDocument)) })
	f.sets[set[:end]] = role
}

// trusts says whether a trust document, URL-encoded as IAM gives it, lets a
// service in. One that cannot be read is taken at its words.
func trusts(encoded, service string) bool {
	text, err := url.PathUnescape(encoded)
	if err != nil || !strings.Contains(text, service) {
		return strings.Contains(encoded, service)
	}
	var document struct{ Statement statements }
	if json.Unmarshal([]byte(text), &document) != nil {
		return true
	}
	return slices.ContainsFunc(document.Statement, func(s statement) bool {
		var principal struct{ Service words }
		if s.Effect != "Allow" || json.Unmarshal(s.Principal, &principal) != nil {
			return false // "*" is no service
		}
		return slices.Contains(principal.Service, service)
	})
}

// bridgeNote tells of access that this collector does not see, or nothing.
func (a *accountFacts) bridgeNote() string {
	if len(a.roles.bridges) == 0 {
		return ""
	}
	names := slices.Sorted(slices.Values(a.roles.bridges))
	return fmt.Sprintf("account %s (%s): access that is not collected: account access manager (%s) may lend people %s; look there who may use them",
		a.id, a.name, accountAccess, "role "+strings.Join(names, ", role "))
}

// mostAsked bounds the users that are asked for one by one.
const mostAsked = 20

// proveUsers holds the list of users against the report, which names every
// user of its time. Whom the report alone names is asked for: deleted since, or
// lost from the list. It gives the number of users that there are to be.
func (v *visit) proveUsers(ctx context.Context) (claimed int, err error) {
	var names, lost []string
	for _, u := range v.users {
		names = append(names, sdk.ToString(u.UserName))
	}
	extra := v.report.beyond(names)
	if len(extra) > mostAsked {
		return len(names) + len(extra), fmt.Errorf("the credential report names %d users that the list has not, such as %s", len(extra), extra[0])
	}
	for _, name := range extra {
		_, err := v.client.GetUser(ctx, &iam.GetUserInput{UserName: &name})
		if absent(err) {
			continue
		}
		if err != nil {
			return -1, about(err, v.as, "user %s is in the credential report and not in the list", name)
		}
		lost = append(lost, name)
	}
	if len(lost) > 0 {
		err = fmt.Errorf("users that exist are not in the list: %s", strings.Join(lost, ", "))
	}
	return len(names) + len(lost), err
}
