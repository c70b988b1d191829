package okta

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// tokenPath is where access tokens come from: the only path that is ever sent
// a body, and the only POST of a Collector.
const tokenPath = "/oauth2/v1/token"

// CollectorScopes are what the service app of a Collector asks for; it needs
// an admin role that may read all of it too.
// https://developer.okta.com/docs/api/oauth2/
func CollectorScopes() []string {
	return []string{"okta.apiTokens.read", "okta.apps.read", "okta.groups.read", "okta.roles.read", "okta.users.read"}
}

// RevokerScopes are what the service app of a Revoker asks for: to block, and
// more of them only when it also removes, since Okta gives no token at all to an
// app that asks for a scope it was not granted.
func RevokerScopes(removes, appsAndRoles bool) []string {
	scopes := []string{"okta.apiTokens.manage", "okta.logs.read", "okta.users.manage"}
	if removes {
		scopes = append(scopes, "okta.groups.manage")
	}
	if removes && appsAndRoles {
		scopes = append(scopes, "okta.apps.manage", "okta.roles.manage")
	}
	return scopes
}

// RestorerScopes are what the service app of a Restorer asks for: it reads API
// tokens to close what a night that was interrupted left open.
func RestorerScopes() []string { return []string{"okta.apiTokens.read", "okta.users.manage"} }

// tokenError says that there is no access token, and so that nothing was
// asked. It hides its cause for the reason that a lostError does.
type tokenError struct{ says string }

func (e *tokenError) Error() string { return e.says }

// minter is the credential of a service app: an access token, kept in memory
// only, that one request asks for on behalf of all.
type minter struct {
	via      *transport
	sign     *signer
	url      *url.URL
	clientID string
	scopes   string
	hidden   *secrets
	gate     chan struct{} // held by who asks for a token

	mu    sync.Mutex
	token string
	fresh time.Time // until when to use it
	asked int       // how often a token was asked for, and
	err   error     // what came of it last
}

func newMinter(cfg Config, t *transport, hidden *secrets) (*minter, error) {
	address := t.org.JoinPath(tokenPath)
	sign, err := newSigner(cfg, address)
	if err != nil {
		return nil, err
	}
	hidden.keepKey(string(cfg.PrivateKey))
	return &minter{
		via: t, sign: sign, url: address, clientID: cfg.ClientID, scopes: strings.Join(cfg.Scopes, " "),
		hidden: hidden, gate: make(chan struct{}, 1),
	}, nil
}

// header has a token, its own or one that another request asks for at this
// moment. Those who waited for one that could not be had share the error; a
// request that was cancelled leaves the asking to the next.
func (m *minter) header(ctx context.Context) (string, error) {
	token, before, _ := m.known()
	if token != "" {
		return "Bearer " + token, nil
	}
	select {
	case m.gate <- struct{}{}:
		defer func() { <-m.gate }()
	case <-ctx.Done():
		return "", ctx.Err()
	}
	token, asked, err := m.known()
	if token == "" && (asked == before || err == nil) {
		token, err = m.mint(ctx)
	}
	if token == "" {
		return "", err
	}
	return "Bearer " + token, nil
}

// known is the token while it may be used, how often one was asked for, and
// the error of the last time.
func (m *minter) known() (string, int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.token != "" && m.via.limits.now().Before(m.fresh) {
		return m.token, m.asked, nil
	}
	return "", m.asked, m.err
}

// refused forgets a token that Okta does not know any more.
func (m *minter) refused(header string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if header == "Bearer "+m.token {
		m.token = ""
	}
	return true
}

// longestLife of a token is a day, in seconds: what is longer, up to more than Go counts, is
// asked for anew all the same.
const longestLife = 24 * 60 * 60

// mint asks for a token and keeps it until shortly before its end, which is
// counted from when it was asked for.
func (m *minter) mint(ctx context.Context) (string, error) {
	granted, at, err := m.ask(ctx)
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.asked++
	m.token, m.err = "", err
	if err != nil {
		return "", err
	}
	life := time.Duration(min(granted.ExpiresIn, longestLife)) * time.Second
	m.token, m.fresh = granted.AccessToken, at.Add(life-min(life/10, 5*time.Minute))
	return m.token, nil
}

// grant is the token endpoint's answer, whichever it is.
type grant struct {
	TokenType        string `json:"token_type"`
	AccessToken      string `json:"access_token"`
	ExpiresIn        int    `json:"expires_in"`
	Error            string `json:"error"`
	ErrorDescription string `json:"error_description"`
	ErrorCode        string `json:"errorCode"`
	ErrorSummary     string `json:"errorSummary"`
}

// ask sends the one POST that no permission is needed for; nobody but it can
// send to this path. Each try has an assertion of its own, since Okta takes
// each only once. It passes no limiter: it is one request an hour.
func (m *minter) ask(ctx context.Context) (grant, time.Time, error) {
	var g grant
	var at time.Time
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, m.url.String(), nil)
	if err != nil {
		return g, at, m.fails(err)
	}
	resp, err := m.via.persist(req, true, m.via.patience(), func() (*http.Response, error) {
		at = m.via.limits.now()
		resp, err := m.askOnce(req, at)
		if err == nil && resp.StatusCode < 500 && resp.StatusCode != http.StatusTooManyRequests {
			g, err = readGrant(resp)
		}
		return resp, err
	})
	if err == nil {
		err = g.problem(resp.StatusCode)
	}
	if err != nil {
		return grant{}, at, m.fails(err)
	}
	m.hidden.keep(g.AccessToken)
	return g, at, nil
}

func (m *minter) askOnce(req *http.Request, now time.Time) (*http.Response, error) {
	assertion, err := m.sign.sign(now)
	if err != nil {
		return nil, err
	}
	m.hidden.keep(assertion)
	form := url.Values{
		"grant_type": {"client_credentials"}, "scope": {m.scopes},
		"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}, "client_assertion": {assertion},
	}.Encode()
	sent := req.Clone(req.Context())
	sent.Body, sent.ContentLength = io.NopCloser(strings.NewReader(form)), int64(len(form))
	sent.Header = http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Accept": {"application/json"}}
	count(req.Context())
	return m.via.whole(sent, "", func(*http.Response) {})
}

// readGrant takes an answer that is not JSON for one that was lost.
func readGrant(resp *http.Response) (grant, error) {
	var g grant
	if err := json.NewDecoder(resp.Body).Decode(&g); err != nil {
		return g, lost("an answer that is not JSON (%s), with status %d", resp.Header.Get("Content-Type"), resp.StatusCode)
	}
	return g, nil
}

// problem is why an answer grants nothing, and what to do about it.
// https://developer.okta.com/docs/reference/api/oidc/#possible-errors
func (g grant) problem(status int) error {
	said := strings.TrimRight(cmp.Or(g.ErrorDescription, g.ErrorSummary, "no reason given"), ". ")
	proof := "the service app requires DPoP, which rollcall does not do; turn off \"Require Demonstrating Proof of Possession (DPoP)\" in the app's general settings"
	switch {
	case g.Error == "invalid_dpop_proof", g.Error == "use_dpop_nonce", strings.EqualFold(g.TokenType, "DPoP"):
		return errors.New(proof)
	case g.Error == "invalid_client":
		return fmt.Errorf("%d invalid_client: %s; check the client id, and that this key's public half and key id are among the app's keys", status, said)
	case g.Error == "consent_required", g.Error == "invalid_scope":
		return fmt.Errorf("%d %s: %s; grant the scopes to the app (Okta API Scopes)", status, g.Error, said)
	case status != http.StatusOK:
		return fmt.Errorf("%d %s: %s", status, cmp.Or(g.Error, g.ErrorCode, "no code"), said)
	case g.AccessToken == "" || g.ExpiresIn <= 0 || !strings.EqualFold(g.TokenType, "Bearer"):
		return errors.New("the answer holds no bearer token with its lifetime, though with status 200")
	}
	return nil
}

func (m *minter) fails(err error) error {
	return &tokenError{fmt.Sprintf("ask okta for an access token for client %s: %s", m.clientID, m.hidden.redact(err.Error()))}
}
