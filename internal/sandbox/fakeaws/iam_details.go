package fakeaws

import (
	"net/url"
	"slices"
	"strconv"
)

// detail is one entity of GetAccountAuthorizationDetails; exactly one field is
// set. Paging goes over the sequence of all of them.
type detail struct {
	user   *IAMUser
	group  *IAMGroup
	role   *Role
	policy *ManagedPolicy
}

type xmlInline struct {
	PolicyName     string
	PolicyDocument string
}

type xmlUserDetail struct {
	Path                    string
	UserName                string
	UserID                  string `xml:"UserId"`
	Arn                     string
	CreateDate              string
	UserPolicyList          *members[xmlInline] `xml:",omitempty"`
	GroupList               members[string]
	AttachedManagedPolicies members[xmlAttached]
	PermissionsBoundary     *xmlBoundary     `xml:",omitempty"`
	Tags                    *members[xmlTag] `xml:",omitempty"`
}

type xmlGroupDetail struct {
	xmlGroup
	GroupPolicyList         members[xmlInline]
	AttachedManagedPolicies members[xmlAttached]
}

type xmlRoleDetail struct {
	Path                     string
	RoleName                 string
	RoleID                   string `xml:"RoleId"`
	Arn                      string
	CreateDate               string
	AssumeRolePolicyDocument string
	InstanceProfileList      members[string]
	RolePolicyList           members[xmlInline]
	AttachedManagedPolicies  members[xmlAttached]
}

type xmlPolicyVersion struct {
	Document         string
	VersionID        string `xml:"VersionId"`
	IsDefaultVersion bool
	CreateDate       string
}

type xmlPolicyDetail struct {
	PolicyName                    string
	PolicyID                      string `xml:"PolicyId"`
	Arn                           string
	Path                          string
	DefaultVersionID              string `xml:"DefaultVersionId"`
	AttachmentCount               int
	PermissionsBoundaryUsageCount int
	IsAttachable                  bool
	CreateDate                    string
	UpdateDate                    string
	PolicyVersionList             members[xmlPolicyVersion]
}

type xmlDetails struct {
	UserDetailList  members[xmlUserDetail]
	GroupDetailList members[xmlGroupDetail]
	RoleDetailList  members[xmlRoleDetail]
	Policies        members[xmlPolicyDetail]
	iamPaging
}

func getAccountAuthorizationDetails(s *Server, c call, in url.Values) (any, *apiError) {
	wanted, failure := filterOf(in)
	if failure != nil {
		return nil, failure
	}
	items, paging, failure := pageIAM(s, s.details(c.Account, wanted), in)
	if failure != nil {
		return nil, failure
	}
	out := xmlDetails{iamPaging: paging}
	for _, item := range items {
		switch {
		case item.user != nil:
			out.UserDetailList.Items = append(out.UserDetailList.Items, userDetail(item.user))
		case item.group != nil:
			out.GroupDetailList.Items = append(out.GroupDetailList.Items, groupDetail(item.group))
		case item.role != nil:
			out.RoleDetailList.Items = append(out.RoleDetailList.Items, roleDetail(item.role))
		default:
			out.Policies.Items = append(out.Policies.Items, s.policyDetail(c.Account, item.policy))
		}
	}
	return out, nil
}

var entityTypes = []string{"User", "Group", "Role", "LocalManagedPolicy", "AWSManagedPolicy"}

// filterOf reads Filter.member.1 and so on; without any, everything is wanted.
func filterOf(in url.Values) ([]string, *apiError) {
	var wanted []string
	for i := 1; ; i++ {
		value := in.Get("Filter.member." + strconv.Itoa(i))
		if value == "" {
			break
		}
		if !slices.Contains(entityTypes, value) {
			return nil, invalid("Value '[%s]' at 'filter' failed to satisfy constraint: Member must satisfy enum value set: %v", value, entityTypes)
		}
		wanted = append(wanted, value)
	}
	if len(wanted) == 0 {
		return entityTypes, nil
	}
	return wanted, nil
}

// details lists the wanted entities of an account. Of AWS's own policies it
// has those in use there.
func (s *Server) details(account string, wanted []string) []detail {
	var all []detail
	if slices.Contains(wanted, "User") {
		all = append(all, convert(s.usersOf(account), func(u *IAMUser) detail { return detail{user: u} })...)
	}
	if slices.Contains(wanted, "Group") {
		all = append(all, convert(s.groupsOf(account), func(g *IAMGroup) detail { return detail{group: g} })...)
	}
	if slices.Contains(wanted, "Role") {
		all = append(all, convert(s.rolesOf(account), func(r *Role) detail { return detail{role: r} })...)
	}
	policies := append([]ManagedPolicy{denyAllPolicy}, s.st.Policies...)
	for i, policy := range policies {
		local := policy.Account == account && slices.Contains(wanted, "LocalManagedPolicy")
		if local || policy.Account == "aws" && slices.Contains(wanted, "AWSManagedPolicy") && s.inUse(account, policy.arn()) {
			all = append(all, detail{policy: &policies[i]})
		}
	}
	return all
}

func (s *Server) inUse(account, policy string) bool {
	attached, bounding := s.usage(account, policy)
	return attached+bounding > 0
}

// usage counts the users, groups and roles that a policy is attached to, and
// the users that it bounds.
func (s *Server) usage(account, policy string) (attached, bounding int) {
	for _, user := range s.st.Users {
		if user.Account == account {
			attached += oneIf(slices.Contains(user.Attached, policy))
			bounding += oneIf(user.Boundary == policy)
		}
	}
	for _, group := range s.st.Groups {
		if group.Account == account {
			attached += oneIf(slices.Contains(group.Attached, policy))
		}
	}
	for _, role := range s.rolesOf(account) {
		attached += oneIf(slices.Contains(role.Attached, policy))
	}
	return attached, bounding
}

func inlineShapes(policies []InlinePolicy) []xmlInline {
	return convert(policies, func(p InlinePolicy) xmlInline { return xmlInline{p.Name, encodeDocument(p.Document)} })
}

// userDetail leaves out the list of inline policies, tags and boundary when
// there are none, but always shows groups and attached policies.
func userDetail(u *IAMUser) xmlUserDetail {
	d := xmlUserDetail{
		Path: u.Path, UserName: u.Name, UserID: u.ID, Arn: u.arn(), CreateDate: stamp(u.CreatedAt),
		GroupList: members[string]{u.Groups}, AttachedManagedPolicies: members[xmlAttached]{attachedShapes(u.Attached)},
		PermissionsBoundary: boundaryShape(u.Boundary), Tags: tagShapes(u.Tags),
	}
	if len(u.Inline) > 0 {
		d.UserPolicyList = &members[xmlInline]{inlineShapes(u.Inline)}
	}
	return d
}

func groupDetail(g *IAMGroup) xmlGroupDetail {
	return xmlGroupDetail{
		xmlGroup: groupShape(g), GroupPolicyList: members[xmlInline]{inlineShapes(g.Inline)},
		AttachedManagedPolicies: members[xmlAttached]{attachedShapes(g.Attached)},
	}
}

func roleDetail(r *Role) xmlRoleDetail {
	return xmlRoleDetail{
		Path: r.Path, RoleName: r.Name, RoleID: r.ID, Arn: r.arn(), CreateDate: stamp(r.CreatedAt),
		AssumeRolePolicyDocument: encodeDocument(r.TrustPolicy),
		RolePolicyList:           members[xmlInline]{inlineShapes(r.Inline)},
		AttachedManagedPolicies:  members[xmlAttached]{attachedShapes(r.Attached)},
	}
}

func (s *Server) policyDetail(account string, p *ManagedPolicy) xmlPolicyDetail {
	attached, bounding := s.usage(account, p.arn())
	created := stamp(p.CreatedAt)
	if created == "" {
		created = "2023-01-01T00:00:00Z"
	}
	return xmlPolicyDetail{
		PolicyName: p.Name, PolicyID: p.ID, Arn: p.arn(), Path: p.Path, DefaultVersionID: "v1",
		AttachmentCount: attached, PermissionsBoundaryUsageCount: bounding, IsAttachable: true,
		CreateDate: created, UpdateDate: created,
		PolicyVersionList: members[xmlPolicyVersion]{[]xmlPolicyVersion{{
			Document: encodeDocument(p.Document), VersionID: "v1", IsDefaultVersion: true, CreateDate: created,
		}}},
	}
}
