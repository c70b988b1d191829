package fakeokta

import "net/http"

// move changes a user's state and notes it in the System Log.
func (c *call) move(u *User, to Status, kind, message string) {
	u.Status, u.Transitioning, u.PollsLeft = to, "", 0
	u.StatusChanged, u.LastUpdated = c.now, c.now
	c.log(kind, message, userParty(u))
}

// suspend works on ACTIVE only; a locked-out or password-expired user gets
// the same 400 as a suspended one.
func suspend(c *call, u *User) reply {
	if u.Status != Active || u.Transitioning != "" {
		return invalid("suspendUser", "Cannot suspend a user that is not active")
	}
	c.move(u, Suspended, "user.lifecycle.suspend", "Suspend Okta user")
	c.endSessions(u)
	return ok(struct{}{})
}

func unsuspend(c *call, u *User) reply {
	if u.Status != Suspended {
		return invalid("unsuspendUser", "Cannot unsuspend a user that is not suspended")
	}
	c.move(u, Active, "user.lifecycle.unsuspend", "Unsuspend Okta user")
	return ok(struct{}{})
}

func unlock(c *call, u *User) reply {
	if u.Status != LockedOut {
		return refuse(http.StatusForbidden, "E0000032", "Unlock is not allowed for this user.")
	}
	c.move(u, Active, "user.account.unlock", "Unlock user account")
	return ok(struct{}{})
}

// deactivate is not idempotent: the second call finds no such user.
func deactivate(c *call, u *User) reply {
	switch {
	case u.Status == Deprovisioned:
		return notFound(u.ID, "User")
	case u.Transitioning != "":
		return refuse(http.StatusForbidden, "E0000107", "You cannot do this operation because the user is in a transition state.")
	}
	c.beginDeactivation(u)
	return ok(struct{}{})
}

func (c *call) beginDeactivation(u *User) {
	u.OAuthTokens = 0
	c.endSessions(u)
	c.revokeAPITokens(u)
	if c.opts.DeactivatePolls == 0 {
		c.finishDeactivation(u)
		return
	}
	u.Transitioning, u.PollsLeft = Deprovisioned, c.opts.DeactivatePolls
}

// poll lets an unfinished deactivation go on by one read.
func (c *call) poll(u *User) {
	if u.Transitioning != Deprovisioned {
		return
	}
	if u.PollsLeft == 0 {
		c.finishDeactivation(u)
		return
	}
	u.PollsLeft--
}

// finishDeactivation takes what Okta takes: admin roles and app assignments.
// Group memberships, factors and grants stay.
func (c *call) finishDeactivation(u *User) {
	for _, r := range c.org.rolesOf(ToUser, u.ID) {
		if !c.lastSuperAdmin(r) {
			c.org.roles.del(r.ID)
			c.log("user.account.privilege.revoke", "Revoke user privilege", userParty(u))
		}
	}
	for _, app := range c.org.apps.where(nil) {
		if c.org.appUsers[app.ID].get(u.ID) != nil {
			c.org.appUsers[app.ID].del(u.ID)
			c.log("application.user_membership.remove", "Remove user's application membership", userParty(u), appParty(app))
		}
	}
	c.move(u, Deprovisioned, "user.lifecycle.deactivate", "Deactivate Okta user")
}

// lastSuperAdmin says that nobody else is super admin: Okta keeps that role.
func (c *call) lastSuperAdmin(r *RoleAssignment) bool {
	if r.Type != "SUPER_ADMIN" {
		return false
	}
	others := c.org.roles.where(func(o *RoleAssignment) bool {
		return o.Type == "SUPER_ADMIN" && o.Assignee != r.Assignee
	})
	return len(others) == 0
}

func (c *call) revokeAPITokens(u *User) {
	n := c.org.apiTokens.delWhere(func(t *APIToken) bool { return t.UserID == u.ID })
	if n > 0 {
		c.log("system.api_token.revoke", "Revoke API token", userParty(u))
	}
}

type activation struct {
	URL   string `json:"activationUrl,omitempty"`
	Token string `json:"activationToken,omitempty"`
}

// activate starts a STAGED or DEPROVISIONED user again, who then has to set
// up a password; what deactivation took does not come back.
func activate(c *call, u *User) reply {
	if u.Status != Staged && u.Status != Deprovisioned {
		return refuse(http.StatusForbidden, "E0000016", "Activation failed because the user is already active")
	}
	c.move(u, Provisioned, "user.lifecycle.activate", "Activate Okta user")
	u.Activated = c.now
	return c.activation(u)
}

func reactivate(c *call, u *User) reply {
	if u.Status != Provisioned {
		return refuse(http.StatusForbidden, "E0000038", "This operation is not allowed in the user's current status.")
	}
	c.log("user.lifecycle.reactivate", "Reactivate Okta user", userParty(u))
	return c.activation(u)
}

// activation hands out a token only when no e-mail carries it.
func (c *call) activation(u *User) reply {
	if c.query.Get("sendEmail") != "false" {
		return ok(activation{})
	}
	token := "activation-" + u.ID
	return ok(activation{URL: c.base + "/welcome/" + token, Token: token})
}

// deleteUser deactivates first and erases on the second call. It is here so
// that a test can see that nobody calls it.
func deleteUser(c *call, u *User) reply {
	if u.Status != Deprovisioned {
		c.beginDeactivation(u)
		return done()
	}
	c.log("user.lifecycle.delete.initiated", "Delete Okta user", userParty(u))
	c.erase(u)
	return done()
}

func (c *call) erase(u *User) {
	for _, m := range c.org.memberOf[u.ID].list() {
		c.org.delMember(m.GroupID, u.ID)
	}
	c.org.factors.delWhere(func(f *Factor) bool { return f.UserID == u.ID })
	c.org.grants.delWhere(func(g *Grant) bool { return g.UserID == u.ID })
	c.org.roles.delWhere(func(r *RoleAssignment) bool { return r.To == ToUser && r.Assignee == u.ID })
	delete(c.org.logins, lower(u.Login()))
	c.org.users.del(u.ID)
}
