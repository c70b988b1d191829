package fakeokta

import (
	"crypto"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v3"
	"github.com/go-jose/go-jose/v3/jwt"
)

const tokenPath = "/oauth2/v1/token"

// ServiceApp is an OAuth 2.0 client that signs in with a private key. Like
// the secrets in Options.Tokens it is not part of the State.
// https://developer.okta.com/docs/guides/implement-oauth-for-okta-serviceapp/main/
type ServiceApp struct {
	Name   string
	Keys   map[string]crypto.PublicKey // by key id
	Scopes []string                    // what an administrator granted
	Life   time.Duration               // of its access tokens; 0 is Okta's hour
	// DPoP is on where Okta created the app since 2024: a token needs a proof
	// of possession too.
	DPoP bool
	// NoAdminRole is the trap of an app with scopes but without a role: an
	// empty list of users, and a refusal of everything else.
	NoAdminRole bool
}

// accessToken is what the token endpoint gave out.
type accessToken struct {
	client string
	scopes []string
	ends   time.Time
}

// SetServiceApp adds or replaces a service app while the server runs.
func (s *Server) SetServiceApp(clientID string, app ServiceApp) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.apps[clientID] = app
}

// EndAccessTokens ends every access token that is out, as an administrator who
// revokes them does.
func (s *Server) EndAccessTokens() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.access)
}

// oauthError is an error of the token endpoint, which has a format of its own.
type oauthError struct {
	Error       string `json:"error"`
	Description string `json:"error_description"`
}

func refuseOAuth(status int, code, description string) reply {
	return reply{status: status, body: oauthError{code, description}}
}

// issue answers the token endpoint.
func (c *call) issue() reply {
	form := c.r.Form
	switch {
	case c.r.Method != http.MethodPost:
		return refuse(http.StatusMethodNotAllowed, "E0000022", "The endpoint does not support the provided HTTP method")
	case form.Get("grant_type") != "client_credentials":
		return refuseOAuth(http.StatusBadRequest, "unsupported_grant_type", "The grant type in the request isn't supported.")
	case form.Get("client_assertion_type") != "urn:ietf:params:oauth:client-assertion-type:jwt-bearer":
		return refuseOAuth(http.StatusBadRequest, "invalid_request", "The client_assertion_type is not supported.")
	}
	client, why := c.assert(form.Get("client_assertion"))
	if why != "" {
		return refuseOAuth(http.StatusUnauthorized, "invalid_client", why)
	}
	app := c.apps[client]
	if app.DPoP {
		return refuseOAuth(http.StatusBadRequest, "invalid_dpop_proof", "The DPoP proof JWT header is missing.")
	}
	asked := strings.Fields(form.Get("scope"))
	if len(asked) == 0 {
		return refuseOAuth(http.StatusBadRequest, "invalid_scope", "No scopes were requested.")
	}
	scopes := slices.DeleteFunc(asked, func(scope string) bool { return !slices.Contains(app.Scopes, scope) })
	if len(scopes) == 0 {
		return refuseOAuth(http.StatusBadRequest, "consent_required", "You are not allowed any of the requested scopes.")
	}
	return c.grant(client, app, scopes)
}

// grant gives an access token for those of the scopes asked for that the app
// has; which those are is in the answer.
func (c *call) grant(client string, app ServiceApp, scopes []string) reply {
	life := app.Life
	if life == 0 {
		life = time.Hour
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d", client, c.serial))
	secret := "sandboxAccessToken." + hex.EncodeToString(sum[:])
	c.access[secret] = accessToken{client, scopes, c.now.Add(life)}
	return ok(struct {
		TokenType   string `json:"token_type"`
		ExpiresIn   int    `json:"expires_in"`
		AccessToken string `json:"access_token"`
		Scope       string `json:"scope"`
	}{"Bearer", int(life / time.Second), secret, strings.Join(scopes, " ")})
}

// algorithms are those that Okta takes for an assertion.
var algorithms = []jose.SignatureAlgorithm{jose.RS256, jose.RS384, jose.RS512, jose.ES256, jose.ES384, jose.ES512}

// assert checks who signed an assertion: which app, with which of its keys,
// for here and now, and for the first time.
func (c *call) assert(raw string) (client, why string) {
	token, err := jwt.ParseSigned(raw)
	if err != nil || len(token.Headers) != 1 {
		return "", "The client_assertion is not a valid JWT."
	}
	var unproven jwt.Claims
	if err := token.UnsafeClaimsWithoutVerification(&unproven); err != nil {
		return "", "The client_assertion is not a valid JWT."
	}
	app, known := c.apps[unproven.Subject]
	head := token.Headers[0]
	key := app.key(head.KeyID)
	var claims jwt.Claims
	switch {
	case !known:
		return "", "Invalid value for 'client_id' parameter."
	case key == nil:
		return "", "The client_assertion's key is not among the client's keys."
	case !slices.Contains(algorithms, jose.SignatureAlgorithm(head.Algorithm)) || token.Claims(key, &claims) != nil:
		return "", "The client_assertion signature is invalid."
	case claims.Issuer != claims.Subject:
		return "", "The client_assertion's issuer and subject must both be the client_id."
	case !claims.Audience.Contains(c.base + tokenPath):
		return "", "The audience claim for client_assertion must be the endpoint invoked for the request."
	}
	return claims.Subject, c.timely(claims)
}

// timely: an assertion lives for an hour at most, and one with an id is taken
// once.
func (c *call) timely(claims jwt.Claims) (why string) {
	switch {
	case claims.Expiry == nil || !c.now.Before(claims.Expiry.Time()):
		return "The client_assertion token is expired."
	case claims.Expiry.Time().After(c.now.Add(time.Hour)):
		return "The client_assertion token has an expiration too far into the future."
	case claims.IssuedAt != nil && claims.IssuedAt.Time().After(c.now):
		return "The client_assertion token was issued in the future."
	case claims.ID != "" && c.assertions[claims.ID]:
		return "The client_assertion token was used before."
	}
	if claims.ID != "" {
		c.assertions[claims.ID] = true
	}
	return ""
}

// key finds a key by its id; without one there must be only one key.
func (a ServiceApp) key(id string) crypto.PublicKey {
	if id == "" && len(a.Keys) == 1 {
		id = slices.Collect(maps.Keys(a.Keys))[0]
	}
	return a.Keys[id]
}

// bearer finds what an access token allows.
func (s *Server) bearer(secret string, now time.Time) (Token, bool) {
	granted, is := s.access[secret]
	app, known := s.apps[granted.client]
	if !is || !known || !now.Before(granted.ends) {
		return Token{}, false
	}
	return Token{Name: app.Name, scopes: granted.scopes, powerless: app.NoAdminRole}, true
}

// ScopeOf is the scope that a request needs; manage includes read.
// https://developer.okta.com/docs/api/oauth2/
func ScopeOf(method, path string) string {
	parts := strings.Split(strings.TrimPrefix(path, "/api/v1/"), "/")
	name := parts[0]
	switch {
	case strings.HasPrefix(path, string(ClientsBucket)), name == "iam", len(parts) > 2 && parts[2] == "roles":
		name = "roles"
	case name == "users" && len(parts) > 2 && parts[2] == "risk":
		name = "userRisk"
	case name == "api-tokens":
		name = "apiTokens"
	case name == "org":
		name = "orgs"
	}
	if method == http.MethodGet || method == http.MethodHead {
		return "okta." + name + ".read"
	}
	return "okta." + name + ".manage"
}

// without is the refusal of a request whose access token lacks a scope, or
// nil. The scope is named in a header only.
func (c *call) without() *reply {
	need := ScopeOf(c.r.Method, c.r.URL.Path)
	if c.token.scopes == nil || slices.Contains(c.token.scopes, need) ||
		slices.Contains(c.token.scopes, strings.TrimSuffix(need, ".read")+".manage") {
		return nil
	}
	c.challenge("insufficient_scope", "The access token provided does not contain the required scopes.")
	refusal := forbidden()
	return &refusal
}

// challenge says in a header why a bearer token is not enough.
func (c *call) challenge(code, description string) {
	c.head.Set("WWW-Authenticate", fmt.Sprintf(
		`Bearer authorization_uri="%s/oauth2/v1/authorize", realm="%s", scope="%s", error="%s", error_description="%s", resource="%s"`,
		c.base, c.base, ScopeOf(c.r.Method, c.r.URL.Path), code, description, c.r.URL.Path))
}

// powerless is what an app without an admin role is shown.
func (c *call) powerless() reply {
	if c.r.Method == http.MethodGet && c.r.URL.Path == "/api/v1/users" {
		return reply{status: http.StatusOK, body: []json.RawMessage{}, listed: true}
	}
	return forbidden()
}
