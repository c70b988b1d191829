package company

import (
	"fmt"
	"slices"

	"rollcall/internal/sandbox/fakeokta"
)

const denyAll = managedBy + "AWSDenyAll"

// Amiss compares the systems after the second night with how the story should
// go, and says what differs; nothing when all is well. It looks at the systems
// themselves, not at what rollcall says that it did.
func (c *Company) Amiss() []string {
	var out []string
	for _, s := range []Story{LeaverKeys, LeaverLocked, LeaverSession, LeaverContractor, Garden} {
		out = append(out, c.loginAmiss(s, fakeokta.Suspended)...)
	}
	for _, s := range []Story{LeaverProtected, LeaverSeattle, LeaverFuture, Vanished, OnLeave, JoinerEarly, MoverTonight, TwoIDs} {
		out = append(out, c.loginAmiss(s, fakeokta.Active)...)
	}
	return append(append(out, c.tokensAmiss()...), c.awsAmiss()...)
}

func (c *Company) loginAmiss(s Story, want fakeokta.Status) []string {
	p := c.Cast[s]
	u, _ := c.okta.User(c.users[p.ID])
	if u.Status == want {
		return nil
	}
	return []string{fmt.Sprintf("%s (%s) is %s in Okta, not %s", p.Name, s, u.Status, want)}
}

func (c *Company) tokensAmiss() []string {
	mine := c.users[c.Cast[LeaverKeys].ID]
	if slices.ContainsFunc(c.okta.State().APITokens, func(t fakeokta.APIToken) bool { return t.UserID == mine }) {
		return []string{"the API token of " + c.Cast[LeaverKeys].Name + " still works"}
	}
	return nil
}

func (c *Company) awsAmiss() []string {
	var out []string
	u, _ := c.aws.IAMUser(staging, "mara.lindqvist")
	if !slices.Contains(u.Attached, denyAll) && u.Boundary != denyAll {
		out = append(out, "the IAM user mara.lindqvist may still do something")
	}
	for _, k := range u.AccessKeys {
		if k.Status == "Active" {
			out = append(out, "the access key "+k.ID+" of mara.lindqvist is active")
		}
	}
	gone := []string{c.Cast[LeaverKeys].Mail, c.Cast[LeaverConsultant].Mail}
	for _, cu := range c.aws.State().Center.Users {
		if !slices.Contains(gone, cu.UserName) {
			continue
		}
		for _, a := range c.aws.Assignments() {
			if a.PrincipalID == cu.ID {
				out = append(out, cu.UserName+" still has a permission set in account "+a.Account)
			}
		}
	}
	return out
}
