package config

import "fmt"

// TypeOkta is the type of an Okta organisation.
const TypeOkta = "okta"

var oktaType = systemType{
	name:   TypeOkta,
	fields: func(r *reader, s *System, dir string) []field { return r.okta(&s.Okta, dir) },
	agree:  func(r *reader, path string, s *System, acting string) { r.agreeOkta(path, &s.Okta, acting) },
	secrets: func(s System) []Secret {
		return []Secret{s.Okta.Read.Token, s.Okta.Read.PrivateKey, s.Okta.Revoke.Token, s.Okta.Revoke.PrivateKey}
	},
}

// Okta is how to reach one Okta organisation.
type Okta struct {
	OrgURL string // https://host without a path
	// Read is the credential that only reads. Revoke changes; it is zero unless
	// the configuration may act.
	Read, Revoke OktaCredential
	// Restore gives back. It is for the machine of whoever restores: the night
	// needs it not and never looks at it.
	Restore OktaCredential
	// Share is the part of each rate limit that rollcall may use, above 0 up to 1.
	Share float64
	// AllowHTTP accepts http:// for a host on this machine, for a try-out.
	AllowHTTP bool
}

// OktaCredential is an API token, or a service app with a private key: one of
// the two.
type OktaCredential struct {
	Token      Secret
	ClientID   string
	PrivateKey Secret // PEM, of the service app
	KeyID      string // the key's id at Okta; empty: the app has one key only
}

// Zero reports whether nothing is configured.
func (c OktaCredential) Zero() bool { return c.Token.Zero() && c.ClientID == "" && c.PrivateKey.Zero() }

func (r *reader) okta(o *Okta, dir string) []field {
	o.Share = 0.4
	clientID := matches(`[A-Za-z0-9]{8,64}`, "the client ID of a service app, as Okta shows it, such as 0oa1b2c3d4e5f6g7h8i9")
	return []field{
		{"org_url", "add the address of the organisation, such as https://example.okta.com", r.text(&o.OrgURL, address)},
		{"token", "", r.secret(&o.Read.Token, dir)},
		{"client_id", "", r.text(&o.Read.ClientID, clientID)},
		{"private_key", "", r.secret(&o.Read.PrivateKey, dir)},
		{"key_id", "", r.text(&o.Read.KeyID)},
		{"revoke_token", "", r.secret(&o.Revoke.Token, dir)},
		{"revoke_client_id", "", r.text(&o.Revoke.ClientID, clientID)},
		{"revoke_private_key", "", r.secret(&o.Revoke.PrivateKey, dir)},
		{"revoke_key_id", "", r.text(&o.Revoke.KeyID)},
		{"share", "", r.share(&o.Share)},
		{"allow_http", "", r.yesNo(&o.AllowHTTP)},
		{"restore_token", "", r.secret(&o.Restore.Token, dir)},
		{"restore_client_id", "", r.text(&o.Restore.ClientID, clientID)},
		{"restore_private_key", "", r.secret(&o.Restore.PrivateKey, dir)},
		{"restore_key_id", "", r.text(&o.Restore.KeyID)},
	}
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
	r.twoHands(path, "revoke_", o.Revoke, "", o.Read)
	r.twoHands(path, "restore_", o.Restore, "", o.Read)
	r.twoHands(path, "restore_", o.Restore, "revoke_", o.Revoke)
	r.oneCredential(path, "", o.Read)
	r.oneCredential(path, "revoke_", o.Revoke)
	r.oneCredential(path, "restore_", o.Restore)
	if o.Revoke.Zero() {
		r.needs(join(path, "revoke_token"), acting, path)
	}
}

// twoHands refuses one credential in the place of two.
func (r *reader) twoHands(path, prefix string, one OktaCredential, other string, two OktaCredential) {
	if one.Token.same(two.Token) {
		r.differ(join(path, prefix+"token"), other+"token")
	}
	if one.PrivateKey.same(two.PrivateKey) {
		r.differ(join(path, prefix+"private_key"), other+"private_key")
	}
	if one.ClientID != "" && one.ClientID == two.ClientID {
		r.differ(join(path, prefix+"client_id"), other+"client_id")
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
