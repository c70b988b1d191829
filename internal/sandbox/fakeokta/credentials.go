package fakeokta

// providers are the makers of factors that are not Okta's own.
var providers = map[string]string{"webauthn": "FIDO", "token:hotp": "CUSTOM", "u2f": "FIDO", "web": "DUO"}

type factorWire struct {
	ID          string  `json:"id"`
	FactorType  string  `json:"factorType"`
	Provider    string  `json:"provider"`
	VendorName  string  `json:"vendorName"`
	Status      string  `json:"status"`
	Created     *string `json:"created"`
	LastUpdated *string `json:"lastUpdated"`
	Links       links   `json:"_links"`
}

func (c *call) factorsOf(u *User) []*Factor {
	return c.org.factors.where(func(f *Factor) bool { return f.UserID == u.ID })
}

func listFactors(c *call, u *User) reply {
	return ok(each(c.factorsOf(u), func(f *Factor) factorWire {
		return factorWire{
			ID: f.ID, FactorType: f.Type, Provider: f.Provider, VendorName: f.Provider, Status: f.Status,
			Created: stamp(f.Created), LastUpdated: stamp(f.Created),
			Links: links{"self": c.href("users", u.ID, "factors", f.ID)},
		}
	}))
}

func (c *call) removable(u *User) *reply {
	if u.Status != Deprovisioned {
		return nil
	}
	no := refuse(403, "E0000038", "This operation is not allowed in the user's current status.")
	return &no
}

func deleteFactor(c *call, u *User) reply {
	if no := c.removable(u); no != nil {
		return *no
	}
	f := c.org.factors.get(c.vars["factor"])
	if f == nil || f.UserID != u.ID {
		return notFound(c.vars["factor"], "UserFactor")
	}
	c.org.factors.del(f.ID)
	c.log("user.mfa.factor.deactivate", "Reset factor for user", userParty(u))
	return done()
}

// resetFactors must come before deactivation: a deactivated user's factors
// cannot be unenrolled.
func resetFactors(c *call, u *User) reply {
	if no := c.removable(u); no != nil {
		return *no
	}
	c.org.factors.delWhere(func(f *Factor) bool { return f.UserID == u.ID })
	c.log("user.mfa.factor.reset_all", "Reset all factors for user", userParty(u))
	return ok(struct{}{})
}

type grantWire struct {
	ID          string  `json:"id"`
	Status      string  `json:"status"`
	Created     *string `json:"created"`
	LastUpdated *string `json:"lastUpdated"`
	Issuer      string  `json:"issuer"`
	ClientID    string  `json:"clientId"`
	UserID      string  `json:"userId"`
	ScopeID     string  `json:"scopeId"`
	Source      string  `json:"source"`
	Links       links   `json:"_links"`
}

func (c *call) grantsOf(u *User) []*Grant {
	return c.org.grants.where(func(g *Grant) bool { return g.UserID == u.ID })
}

func listGrants(c *call, u *User) reply {
	wire := func(g *Grant) grantWire {
		return grantWire{
			ID: g.ID, Status: "ACTIVE", Created: stamp(g.Created), LastUpdated: stamp(g.Created),
			Issuer: c.base, ClientID: g.ClientID, UserID: u.ID, ScopeID: g.ScopeID, Source: "END_USER",
			Links: links{"self": c.href("users", u.ID, "grants", g.ID)},
		}
	}
	return listed(c, c.grantsOf(u), func(g *Grant) string { return g.ID }, wire, grantSize)
}

func deleteGrants(c *call, u *User) reply {
	c.org.grants.delWhere(func(g *Grant) bool { return g.UserID == u.ID })
	c.log("app.oauth2.consent.revoke", "Revoke all grants of user", userParty(u))
	return done()
}

type clientWire struct {
	ClientID   string `json:"client_id"`
	ClientName string `json:"client_name"`
	Links      links  `json:"_links"`
}

// listClients lists the clients that the user granted something to.
func listClients(c *call, u *User) reply {
	clients := newTable[Grant]()
	for _, g := range c.grantsOf(u) {
		clients.put(g.ClientID, *g)
	}
	return ok(each(clients.where(nil), func(g *Grant) clientWire {
		at := c.href("users", u.ID, "clients", g.ClientID)
		return clientWire{g.ClientID, g.ClientName, links{
			"grants": {at.Href + "/grants"}, "tokens": {at.Href + "/tokens"},
		}}
	}))
}

type apiTokenWire struct {
	ID          string  `json:"id"`
	Name        string  `json:"name"`
	UserID      string  `json:"userId"`
	ClientName  string  `json:"clientName"`
	TokenWindow string  `json:"tokenWindow"`
	Created     *string `json:"created"`
	LastUpdated *string `json:"lastUpdated"`
	ExpiresAt   *string `json:"expiresAt"`
	Link        links   `json:"_link"`
}

// listAPITokens answers every live token in one page.
func listAPITokens(c *call) reply {
	live := c.org.apiTokens.where(func(t *APIToken) bool { return t.ExpiresAt.After(c.now) })
	return ok(each(live, func(t *APIToken) apiTokenWire {
		return apiTokenWire{
			ID: t.ID, Name: t.Name, UserID: t.UserID, ClientName: t.ClientName, TokenWindow: "P30D",
			Created: stamp(t.Created), LastUpdated: stamp(t.LastUpdated), ExpiresAt: stamp(t.ExpiresAt),
			Link: links{"self": c.href("api-tokens", t.ID)},
		}
	}))
}

func deleteAPIToken(c *call) reply {
	t := c.org.apiTokens.get(c.vars["token"])
	if t == nil {
		return notFound(c.vars["token"], "ApiToken")
	}
	c.log("system.api_token.revoke", "Revoke API token", Party{ID: t.ID, Type: "Token", Name: t.Name}, Party{ID: t.UserID, Type: "User"})
	c.org.apiTokens.del(t.ID)
	return done()
}
