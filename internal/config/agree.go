package config

import (
	"fmt"

	"rollcall/internal/access"
)

// agree holds what two keys have to say to each other: reading and changing are
// done with different credentials, and a configuration that may act has all of
// the latter.
func (r *reader) agree(c *Config) {
	acting := actingKey(c)
	for i := range c.Systems {
		s := &c.Systems[i]
		path := join("systems", string(s.Name))
		switch s.Type {
		case TypeOkta:
			r.agreeOkta(path, &s.Okta, acting)
		case TypeAWS:
			r.agreeAWS(path, &s.AWS, acting)
		}
	}
}

// actingKey is the line that lets rollcall act, or nothing.
func actingKey(c *Config) string {
	switch {
	case c.Mode == access.Enforce:
		return "mode"
	case c.Manual == access.Enforce:
		return "manual"
	}
	return ""
}

func (r *reader) agreeOkta(path string, o *Okta, acting string) {
	if o.RevokeToken.same(o.Token) {
		r.differ(join(path, "revoke_token"), "token")
	}
	r.needs(join(path, "revoke_token"), acting, path)
	if len(o.OrgURL) < len("https:") || o.OrgURL[:len("https:")] == "https:" {
		return
	}
	switch at := r.at[join(path, "org_url")]; {
	case !o.AllowHTTP:
		r.fail(at, join(path, "org_url"), fmt.Sprintf("org_url of %s is not https", path), "write https://, so that the token cannot be read on the way")
	case !local(o.OrgURL):
		r.fail(at, join(path, "org_url"), fmt.Sprintf("org_url of %s is not https, and allow_http is only for a host on this machine", path), "write https:// and remove allow_http")
	}
}

func (r *reader) agreeAWS(path string, a *AWS, acting string) {
	if a.RevokeRole != "" && a.RevokeRole == a.Role {
		r.differ(join(path, "revoke_role"), "role")
	}
	if a.ManagementRevokeRole != "" && a.ManagementRevokeRole == a.ManagementRole {
		r.differ(join(path, "management_revoke_role"), "management_role")
	}
	r.needs(join(path, "revoke_role"), acting, path)
	r.needs(join(path, "management_revoke_role"), acting, path)
}

func (r *reader) differ(path, reading string) {
	r.fail(r.at[path], path, fmt.Sprintf("%s leads to the same place as %s", path, reading), "give reading and changing a credential each, so that what reads can never change anything")
}

// needs reports a key that is missing although rollcall may act.
func (r *reader) needs(path, acting, system string) {
	if acting == "" || r.at[path] != nil {
		return
	}
	r.fail(r.at[acting], path, fmt.Sprintf("%s is enforce, but %s is missing", acting, path), fmt.Sprintf("add it, or write %s: observe until %s may be changed", acting, system))
}
