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
	r.agreeCredentials(path, o, acting)
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

// agreeCredentials wants one way to sign in, a token or a service app, for
// reading, and a different one for changing if rollcall may act.
func (r *reader) agreeCredentials(path string, o *Okta, acting string) {
	if o.Read.Zero() {
		r.fail(r.at[path], path, "token is missing in "+path, "add it as {env: NAME} or {file: path}, or add client_id and private_key of a service app")
	}
	if o.Revoke.Token.same(o.Read.Token) {
		r.differ(join(path, "revoke_token"), "token")
	}
	if o.Revoke.PrivateKey.same(o.Read.PrivateKey) {
		r.differ(join(path, "revoke_private_key"), "private_key")
	}
	if o.Revoke.ClientID != "" && o.Revoke.ClientID == o.Read.ClientID {
		r.differ(join(path, "revoke_client_id"), "client_id")
	}
	r.oneCredential(path, "", o.Read)
	r.oneCredential(path, "revoke_", o.Revoke)
	if o.Revoke.Zero() {
		r.needs(join(path, "revoke_token"), acting, path)
	}
}

// oneCredential refuses a token beside a service app, and half a service app.
func (r *reader) oneCredential(path, prefix string, c OktaCredential) {
	id, key, token := join(path, prefix+"client_id"), join(path, prefix+"private_key"), join(path, prefix+"token")
	app := c.ClientID != "" || !c.PrivateKey.Zero() || c.KeyID != ""
	switch {
	case app && !c.Token.Zero():
		r.fail(r.at[token], token, fmt.Sprintf("%s is there besides the service app %s", token, id), "keep one of the two ways to sign in")
	case app && c.ClientID == "":
		r.fail(r.at[path], id, fmt.Sprintf("%s is missing", id), "add the client ID of the service app, as Okta shows it")
	case app && c.PrivateKey.Zero():
		r.fail(r.at[path], key, fmt.Sprintf("%s is missing", key), "add it as {file: path} or {env: NAME}: the private key of the service app in PEM")
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
