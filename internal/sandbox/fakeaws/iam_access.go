package fakeaws

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Quotas of a user. The policies' is the default that few accounts have raised.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
const (
	policyQuota = 10
	groupQuota  = 10
	tagQuota    = 50
)

func conflict(code, format string, args ...any) *apiError {
	return fail(http.StatusConflict, code, format, args...)
}

// attachUserPolicy is idempotent: attaching once more is no error and costs no
// quota.
func attachUserPolicy(s *Server, _ call, in url.Values, user *IAMUser) (any, *apiError) {
	policy := in.Get("PolicyArn")
	switch {
	case !s.policyExists(policy):
		return nil, missing("Policy %s does not exist or is not attachable.", policy)
	case slices.Contains(user.Attached, policy):
		return nil, nil
	case len(user.Attached) >= policyQuota:
		return nil, conflict("LimitExceeded", "Cannot exceed quota for PoliciesPerUser: %d", policyQuota)
	}
	user.Attached = append(user.Attached, policy)
	return nil, nil
}

func detachUserPolicy(s *Server, _ call, in url.Values, user *IAMUser) (any, *apiError) {
	policy := in.Get("PolicyArn")
	if !drop(&user.Attached, func(held string) bool { return held == policy }) {
		return nil, missing("Policy %s was not found.", policy)
	}
	return nil, nil
}

func putUserPermissionsBoundary(s *Server, _ call, in url.Values, user *IAMUser) (any, *apiError) {
	policy := in.Get("PermissionsBoundary")
	if !s.policyExists(policy) {
		return nil, missing("Policy %s does not exist or is not attachable.", policy)
	}
	user.Boundary = policy
	return nil, nil
}

func deleteUserPermissionsBoundary(s *Server, _ call, _ url.Values, user *IAMUser) (any, *apiError) {
	if user.Boundary == "" {
		return nil, missing("User %s does not have a permission boundary.", user.Name)
	}
	user.Boundary = ""
	return nil, nil
}

func deleteUserPolicy(s *Server, _ call, in url.Values, user *IAMUser) (any, *apiError) {
	name := in.Get("PolicyName")
	if !drop(&user.Inline, func(p InlinePolicy) bool { return p.Name == name }) {
		return nil, missing("The user policy with name %s cannot be found.", name)
	}
	return nil, nil
}

// membership finds the user and the group of a call that joins or parts them.
func (s *Server) membership(c call, in url.Values) (*IAMUser, *IAMGroup, *apiError) {
	user, failure := s.required(c, in)
	if failure != nil {
		return nil, nil, failure
	}
	group := s.iamGroup(c.Account, in.Get("GroupName"))
	if group == nil {
		return nil, nil, missing("The group with name %s cannot be found.", in.Get("GroupName"))
	}
	return user, group, nil
}

func isName(name string) func(string) bool {
	return func(other string) bool { return strings.EqualFold(name, other) }
}

func addUserToGroup(s *Server, c call, in url.Values) (any, *apiError) {
	user, group, failure := s.membership(c, in)
	switch {
	case failure != nil:
		return nil, failure
	case slices.ContainsFunc(user.Groups, isName(group.Name)):
		return nil, nil
	case len(user.Groups) >= groupQuota:
		return nil, conflict("LimitExceeded", "Cannot exceed quota for GroupsPerUser: %d", groupQuota)
	}
	user.Groups = append(user.Groups, group.Name)
	return nil, nil
}

func removeUserFromGroup(s *Server, c call, in url.Values) (any, *apiError) {
	user, group, failure := s.membership(c, in)
	if failure != nil {
		return nil, failure
	}
	if !drop(&user.Groups, isName(group.Name)) {
		return nil, missing("The user with name %s is not in the group %s.", user.Name, group.Name)
	}
	return nil, nil
}

// tagUser sets tags; their keys are compared without case.
func tagUser(_ *Server, _ call, in url.Values, user *IAMUser) (any, *apiError) {
	tags := slices.Clone(user.Tags)
	for i := 1; in.Has("Tags.member." + strconv.Itoa(i) + ".Key"); i++ {
		prefix := "Tags.member." + strconv.Itoa(i)
		tags = setTag(tags, Tag{Key: in.Get(prefix + ".Key"), Value: in.Get(prefix + ".Value")})
	}
	if len(tags) > tagQuota {
		return nil, conflict("LimitExceeded", "The number of tags has reached the maximum limit: %d", tagQuota)
	}
	user.Tags = tags
	return nil, nil
}

func setTag(tags []Tag, tag Tag) []Tag {
	i := slices.IndexFunc(tags, func(t Tag) bool { return strings.EqualFold(t.Key, tag.Key) })
	if i < 0 {
		return append(tags, tag)
	}
	tags[i] = tag
	return tags
}

// deleteUser refuses as long as anything hangs on the user. A boundary and
// tags go with it.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUser.html
func deleteUser(s *Server, _ call, _ url.Values, user *IAMUser) (any, *apiError) {
	if left := leftovers(user); left != "" {
		return nil, conflict("DeleteConflict", "Cannot delete entity, must %s first.", left)
	}
	id := user.ID
	drop(&s.st.Users, func(u IAMUser) bool { return u.ID == id })
	return nil, nil
}

// leftovers names what has to go first.
func leftovers(u *IAMUser) string {
	for _, kind := range []struct {
		left int
		must string
	}{
		{oneIf(u.LoginProfile != nil), "delete login profile"}, {len(u.AccessKeys), "delete access keys"},
		{len(u.SSHKeys), "delete SSH public keys"}, {len(u.ServiceCredentials), "delete service specific credentials"},
		{len(u.Certificates), "delete signing certificates"}, {len(u.MFA), "delete MFA device"},
		{len(u.Inline), "delete policies"}, {len(u.Attached), "detach all policies"}, {len(u.Groups), "remove users from group"},
	} {
		if kind.left > 0 {
			return kind.must
		}
	}
	return ""
}
