package main

import (
	"fmt"
	"slices"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeaws"
	"rollcall/internal/sandbox/fakeokta"
)

// scene is what the systems hold of every account, in a form that two moments
// can be compared by.
type scene struct {
	okta fakeokta.State
	aws  fakeaws.State
	of   map[access.AccountKey]string
}

func (v *village) scene() scene {
	s := scene{okta: v.okta.State(), aws: v.aws.State(), of: map[access.AccountKey]string{}}
	for _, l := range v.logins {
		s.of[l.key] = s.describe(l)
	}
	return s
}

// describe is all that decides what an account can do.
func (s scene) describe(l login) string {
	id := string(l.key.ID)
	switch l.kind {
	case access.OktaUser:
		u := s.user(id)
		var tokens, groups []string
		for _, t := range s.okta.APITokens {
			if t.UserID == id {
				tokens = append(tokens, t.ID)
			}
		}
		for _, m := range s.okta.Members {
			if m.UserID == id {
				groups = append(groups, m.GroupID)
			}
		}
		return fmt.Sprint(u.Status, u.Transitioning, u.Sessions, u.OAuthTokens, tokens, groups, s.rest(id))
	case access.IAMUser:
		u := s.iam(l.key)
		return fmt.Sprint(u.Groups, u.Attached, u.Inline, u.Boundary, u.LoginProfile != nil, u.AccessKeys, u.SSHKeys, u.Certificates, u.ServiceCredentials, u.MFA, u.Tags)
	}
	return fmt.Sprint(s.center(id))
}

// rest is what a user of Okta holds that only a remove takes.
func (s scene) rest(id string) (held []string) {
	for _, f := range s.okta.Factors {
		if f.UserID == id {
			held = append(held, "factor "+f.ID)
		}
	}
	for _, g := range s.okta.Grants {
		if g.UserID == id {
			held = append(held, "consent "+g.ID)
		}
	}
	for _, a := range s.okta.AppUsers {
		if a.UserID == id {
			held = append(held, "app "+a.AppID)
		}
	}
	for _, r := range s.okta.Roles {
		if r.To == fakeokta.ToUser && r.Assignee == id {
			held = append(held, "role "+r.Type)
		}
	}
	return held
}

func (s scene) user(id string) fakeokta.User {
	for _, u := range s.okta.Users {
		if u.ID == id {
			return u
		}
	}
	return fakeokta.User{}
}

func (s scene) iam(k access.AccountKey) fakeaws.IAMUser {
	for _, u := range s.aws.Users {
		if u.ID == string(k.ID) {
			return u
		}
	}
	return fakeaws.IAMUser{}
}

// center is what somebody holds in Identity Center by themselves.
func (s scene) center(id string) (held []string) {
	for _, a := range s.aws.Center.Assignments {
		if a.PrincipalID == id {
			held = append(held, a.PermissionSet+" in "+a.Account)
		}
	}
	for _, m := range s.aws.Center.Memberships {
		if m.UserID == id {
			held = append(held, "group "+m.GroupID)
		}
	}
	slices.Sort(held)
	return held
}

// pushed reports whether another system provisions somebody.
func (s scene) pushed(id string) bool {
	return slices.ContainsFunc(s.aws.Center.Users, func(u fakeaws.CenterUser) bool { return u.ID == id && u.ExternalIssuer != "" })
}
