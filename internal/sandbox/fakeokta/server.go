// Package fakeokta is a stateful Okta organisation in memory, spoken to over
// HTTP by the real SDK. It is the fast judge of the collector and the revoker
// and the other side of the demo.
//
// It must behave as Okta does where rollcall depends on it: page sizes, Link
// headers, rate limits, states that refuse a change, errors that say less
// than one would like. It must never be kinder than the real thing, and it
// uses no randomness: the same calls give the same bytes.
//
// Its one invariant: every answer satisfies Okta's published API description
// (package oktaspec judges that), and every effect is in the System Log.
package fakeokta

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Options configure a server; the zero value is an organisation at vendor
// limits that nobody holds a token for.
type Options struct {
	// Now is the clock of rate windows and time stamps; nil is the real one,
	// since a server stands outside the program that talks to it.
	Now func() time.Time
	// BaseURL is put before every link; empty takes the host of the request.
	BaseURL string
	// MaxPage caps every page, so that small data is paged too; 0 is the
	// vendor's maximum.
	MaxPage int
	// RateLimits replaces the published requests per minute of some buckets;
	// see Raised.
	RateLimits map[Bucket]int
	// Tokens says which secrets exist, and what each may do.
	Tokens map[string]Token
	// ServiceApps are the OAuth clients, by their ids, that may ask for access
	// tokens.
	ServiceApps map[string]ServiceApp
	// AllAssignees makes the list of role holders name those who hold a role
	// through a group as well; Okta does not document which it does.
	AllAssignees bool
	// DeactivatePolls is how many reads of a user a deactivation takes; until
	// then the user keeps the old status and shows where it leads.
	DeactivatePolls int
	// LogDelay is how long the System Log takes to have an event.
	LogDelay time.Duration
}

// Token is a credential: sent as "SSWS secret" or "Bearer secret".
type Token struct {
	Name     string
	ReadOnly bool   // a write gets 403 E0000006
	UserID   string // its owner; the token dies with them. Empty: a service app
	TokenID  string // its row among the API tokens; deleting that ends it

	scopes    []string // of an access token; nil is no limit
	powerless bool     // an app without an admin role
}

// Server is the organisation; it is safe for parallel use.
type Server struct {
	opts Options

	mu       sync.Mutex
	org      *org
	tokens   map[string]Token
	apps     map[string]ServiceApp
	access   map[string]accessToken
	windows  map[Bucket]*window
	serial   int
	requests []Request

	assertions map[string]bool // the ids of those that were used
}

// New makes an organisation that holds nothing but the group Everyone.
func New(opts Options) *Server {
	if opts.Now == nil {
		opts.Now = time.Now
	}
	s := &Server{
		opts: opts, org: newOrg(), tokens: map[string]Token{}, windows: map[Bucket]*window{},
		apps: map[string]ServiceApp{}, access: map[string]accessToken{}, assertions: map[string]bool{},
	}
	maps.Copy(s.tokens, opts.Tokens)
	maps.Copy(s.apps, opts.ServiceApps)
	s.org.info = Org{ID: s.org.id("00o"), CompanyName: "Rollcall Sandbox", Subdomain: "sandbox", Created: s.now()}
	s.addGroup(Group{Type: TypeBuiltIn, Name: "Everyone", Description: "All users in your organization"})
	return s
}

// SetToken adds or replaces a credential while the server runs.
func (s *Server) SetToken(secret string, token Token) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokens[secret] = token
}

func (s *Server) now() time.Time { return s.opts.Now().UTC().Truncate(time.Millisecond) }

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == tokenPath {
		// Of a form that cannot be read nothing is known, and that is refused.
		_ = r.ParseForm()
	}
	status, body := s.handle(w.Header(), r)
	w.WriteHeader(status)
	// A client that is gone has lost the answer, not the effect.
	_, _ = w.Write(body)
}

// handle does one request under the lock; writing the answer needs none.
func (s *Server) handle(h http.Header, r *http.Request) (int, []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.serial++
	c := &call{Server: s, r: r, head: h, query: r.URL.Query(), now: s.now(), base: s.base(r)}
	h.Set("Date", c.now.Format(http.TimeFormat))
	h.Set("X-Okta-Request-Id", fmt.Sprintf("req%017d", s.serial))
	allowed := s.spend(h, r, c.now)
	c.token, c.known = s.authenticate(r)

	answer := c.answer(allowed)
	status, body := answer.encode(c, h)
	s.requests = append(s.requests, Request{
		Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery, Status: status, Token: c.token.Name,
	})
	return status, body
}

func (s *Server) base(r *http.Request) string {
	switch {
	case s.opts.BaseURL != "":
		return strings.TrimSuffix(s.opts.BaseURL, "/")
	case r.TLS != nil:
		return "https://" + r.Host
	default:
		return "http://" + r.Host
	}
}

// authenticate finds the credential and whether it is still good: a token
// whose owner is not active, or whose row was deleted, is none.
func (s *Server) authenticate(r *http.Request) (Token, bool) {
	scheme, secret, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if scheme != "SSWS" && scheme != "Bearer" {
		return Token{}, false
	}
	token, ok := s.tokens[secret]
	if !ok {
		return s.bearer(secret, s.now())
	}
	if token.UserID != "" {
		owner := s.org.users.get(token.UserID)
		ok = owner != nil && owner.Status == Active
	}
	if token.TokenID != "" {
		ok = ok && s.org.apiTokens.get(token.TokenID) != nil
	}
	return token, ok
}

// call is one request on its way through the handlers.
type call struct {
	*Server
	r     *http.Request
	head  http.Header // of the answer
	query url.Values
	vars  map[string]string
	now   time.Time
	base  string
	token Token
	known bool
}

// answer decides in Okta's order: who is asking, how often, what, and whether
// they may.
func (c *call) answer(allowed bool) reply {
	switch {
	case c.r.URL.Path == tokenPath && allowed:
		return c.issue()
	case !c.known && c.r.URL.Path != tokenPath:
		if strings.HasPrefix(c.r.Header.Get("Authorization"), "Bearer ") {
			c.challenge("invalid_token", "The access token is invalid.")
		}
		return refuse(http.StatusUnauthorized, "E0000011", "Invalid token provided")
	case !allowed:
		return refuse(http.StatusTooManyRequests, "E0000047", "API call exceeded rate limit due to too many requests.")
	}
	handler, vars, status := route(c.r.Method, c.r.URL.Path)
	switch status {
	case http.StatusNotFound:
		return refuse(status, "E0000022", "The endpoint does not exist")
	case http.StatusMethodNotAllowed:
		return refuse(status, "E0000022", "The endpoint does not support the provided HTTP method")
	}
	if refusal := c.without(); refusal != nil {
		return *refusal
	}
	if c.token.powerless {
		return c.powerless()
	}
	if c.token.ReadOnly && c.r.Method != http.MethodGet {
		return forbidden()
	}
	c.vars = vars
	return handler(c)
}

// actor is the System Log's name for who is asking.
func (c *call) actor() Party {
	if owner := c.org.users.get(c.token.UserID); owner != nil {
		return userParty(owner)
	}
	return Party{ID: "0oa00000000000000app", Type: "PublicClientApp", Name: c.token.Name}
}

// href is an absolute link to a path of the API.
func (c *call) href(parts ...string) link {
	return link{Href: c.base + "/api/v1/" + strings.Join(parts, "/")}
}
