package fakeaws

import (
	"slices"
	"strings"
)

// arn names a thing of IAM.
func arn(account, rest string) string { return "arn:aws:iam::" + account + ":" + rest }

func (u *IAMUser) arn() string       { return arn(u.Account, "user"+u.Path+u.Name) }
func (g *IAMGroup) arn() string      { return arn(g.Account, "group"+g.Path+g.Name) }
func (r *Role) arn() string          { return arn(r.Account, "role"+r.Path+r.Name) }
func (p *ManagedPolicy) arn() string { return arn(p.Account, "policy"+p.Path+p.Name) }

// denyAllPolicy exists in every account without being added.
var denyAllPolicy = ManagedPolicy{
	Account: "aws", Name: "AWSDenyAll", Path: "/", ID: "ANPA2AWSDENYALL000000",
	Document: `{"Version":"2012-10-17","Statement":[{"Sid":"DenyAll","Effect":"Deny","Action":["*"],"Resource":"*"}]}`,
}

func (s *Server) account(id string) *Account {
	return find(s.st.Accounts, func(a *Account) bool { return a.ID == id })
}

// iamUser finds a user by name, which IAM compares without case.
func (s *Server) iamUser(account, name string) *IAMUser {
	return find(s.st.Users, func(u *IAMUser) bool { return u.Account == account && strings.EqualFold(u.Name, name) })
}

func (s *Server) iamGroup(account, name string) *IAMGroup {
	return find(s.st.Groups, func(g *IAMGroup) bool { return g.Account == account && strings.EqualFold(g.Name, name) })
}

func (s *Server) role(roleARN string) *Role {
	return find(s.st.Roles, func(r *Role) bool { return r.arn() == roleARN })
}

func (s *Server) policyExists(policy string) bool {
	return policy == denyAll || find(s.st.Policies, func(p *ManagedPolicy) bool { return p.arn() == policy }) != nil
}

// usersOf gives the users of an account by name, as IAM lists them.
func (s *Server) usersOf(account string) []*IAMUser {
	users := pick(s.st.Users, func(u *IAMUser) bool { return u.Account == account })
	slices.SortFunc(users, func(a, b *IAMUser) int { return strings.Compare(a.Name, b.Name) })
	return users
}

func (s *Server) groupsOf(account string) []*IAMGroup {
	return pick(s.st.Groups, func(g *IAMGroup) bool { return g.Account == account })
}

func (s *Server) rolesOf(account string) []*Role {
	return pick(s.st.Roles, func(r *Role) bool { return r.Account == account })
}

// find points at the first match, nil without one.
func find[T any](all []T, match func(*T) bool) *T {
	for i := range all {
		if match(&all[i]) {
			return &all[i]
		}
	}
	return nil
}

// pick points at every match.
func pick[T any](all []T, match func(*T) bool) []*T {
	var found []*T
	for i := range all {
		if match(&all[i]) {
			found = append(found, &all[i])
		}
	}
	return found
}

// convert gives what each becomes; nil for none.
func convert[T, U any](all []T, one func(T) U) []U {
	var converted []U
	for _, item := range all {
		converted = append(converted, one(item))
	}
	return converted
}

// drop removes the matches and reports whether there were any.
func drop[T any](all *[]T, match func(T) bool) bool {
	before := len(*all)
	*all = slices.DeleteFunc(*all, match)
	return len(*all) < before
}
