// Package okta reads an Okta organisation (Collector), takes access away in it
// (Revoker) and gives back what was taken (Restorer). The three are separate types
// with separate credentials.
//
// It must never write while it reads, never erase a user (DELETE
// /api/v1/users/{id} cannot leave this package), never show a token, and never
// call a list whole that it did not see to its end. Its one invariant: every
// request passes the same transport, which knows what its client may send.
package okta

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/okta/okta-sdk-golang/v2/okta"

	"rollcall/collectors"
	"rollcall/internal/access"
)

// Config says which organisation to talk to, as whom, and how patiently.
type Config struct {
	System access.System
	// OrgURL is the organisation's address, such as https://example.okta.com.
	OrgURL string
	// Token is an SSWS API token. Either it is set, or ClientID and PrivateKey
	// are; none of them is ever logged or in an error.
	Token string
	// ClientID is that of an OAuth 2.0 service app, PrivateKey its RSA or EC key
	// as PEM (PKCS #1, SEC 1 or PKCS #8), KeyID the key's id at Okta, which
	// an app with several keys needs, and Scopes what tokens are asked for: see
	// CollectorScopes, RevokerScopes and RestorerScopes.
	// https://developer.okta.com/docs/guides/implement-oauth-for-okta-serviceapp/main/
	ClientID   string
	PrivateKey []byte
	KeyID      string
	Scopes     []string
	// Removes lets a Revoker send also what cannot be undone but a deactivation and
	// the end of API tokens; else its transport refuses that.
	Removes bool
	// HTTP sends the requests; nil is a transport of our own, which goes
	// through Proxy (nil: straight) and trusts RootCAs (nil: the machine's).
	HTTP    http.RoundTripper
	Proxy   func(*http.Request) (*url.URL, error)
	RootCAs *x509.CertPool
	// Heard is told the time of each answer by Okta's clock; nil: nobody is.
	Heard collectors.Heard

	Now   func() time.Time                           // nil: the real clock
	Sleep func(context.Context, time.Duration) error // nil: a timer that ends with the context
	// Share is the part of each rate limit to use, above 0 and up to 1; 0 is
	// 0.4. Okta lets one token use half of a limit by default.
	// https://developer.okta.com/docs/reference/rl2-token-oauth/
	Share float64
	// MaxWait is how long one request may pause in all between its tries, and how
	// long it may wait for a rate limit while no request of that limit is let
	// out; 0 is five minutes. A limit is for a minute: less cannot outwait one.
	MaxWait time.Duration
	// Timeout bounds one try, body included; 0 is a minute.
	Timeout time.Duration
	// AllowHTTP admits http:// to this machine, for the sandbox.
	AllowHTTP bool
	// Prefer chooses between plans that give the same facts; empty is
	// collectors.PreferTime. A Revoker has no plan.
	Prefer collectors.Prefer
	// Progress is told of each page; a page that is tried again counts once.
	Progress collectors.Progress
}

// Format keeps the token out of whatever prints a Config.
func (c Config) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "okta %s at %s", c.System, c.OrgURL)
}

// client is the SDK behind our own transport.
type client struct {
	sdk       *okta.Client
	org       *url.URL
	redact    func(string) string
	maxPages  int
	maxListed int64
	maxRows   int
}

// placeholder stands where the SDK wants a token: the transport puts the
// credential into each request, and the SDK never knows it.
const placeholder = "put-in-by-the-transport"

// newClient checks the configuration and sets up the SDK, all of it: whatever
// is left unset the SDK takes from OKTA_CLIENT_* or ~/.okta/okta.yaml.
func newClient(cfg Config, may permission) (*client, error) {
	cfg = cfg.withDefaults()
	org, err := orgURL(cfg.OrgURL, cfg.AllowHTTP)
	if err != nil {
		return nil, err
	}
	if err := cfg.check(); err != nil {
		return nil, err
	}
	hidden := &secrets{}
	sender, err := newTransport(cfg, org, may, hidden)
	if err != nil {
		return nil, err
	}
	_, sdk, err := okta.NewClient(context.Background(),
		okta.WithOrgUrl(org.String()), okta.WithAuthorizationMode("SSWS"), okta.WithToken(placeholder),
		okta.WithClientId(""), okta.WithClientAssertion(""), okta.WithScopes(nil), okta.WithPrivateKeyId(""),
		okta.WithCache(false), // the cache answers a list from before a change
		okta.WithHttpClientPtr(sender.client()),
		okta.WithRequestTimeout(0), okta.WithConnectionTimeout(0), // ours are in the transport
		okta.WithRateLimitMaxRetries(0), okta.WithRateLimitMaxBackOff(0), // so are our retries
		okta.WithProxyHost(""), okta.WithProxyPort(0), okta.WithProxyUsername(""), okta.WithProxyPassword(""),
		okta.WithUserAgentExtra("rollcall"), okta.WithTestingDisableHttpsCheck(cfg.AllowHTTP),
	)
	c := &client{sdk: sdk, org: org, redact: hidden.redact, maxPages: maxPages, maxListed: maxListed, maxRows: maxRows}
	if err != nil {
		return nil, fmt.Errorf("set up okta client: %s", c.redact(err.Error()))
	}
	return c, nil
}

func (c Config) withDefaults() Config {
	if c.HTTP == nil {
		c.HTTP = newDialer(c)
	}
	c.HTTP = c.Heard.Through(c.HTTP)
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Sleep == nil {
		c.Sleep = collectors.Sleep
	}
	if c.Share == 0 {
		c.Share = 0.4
	}
	if c.MaxWait == 0 {
		c.MaxWait = 5 * time.Minute
	}
	if c.Timeout == 0 {
		c.Timeout = time.Minute
	}
	return c
}

func (c Config) check() error {
	switch {
	case c.System == "":
		return errors.New("okta has no system name; set it in the configuration")
	case c.Share < 0 || c.Share > 1:
		return fmt.Errorf("rate limit share %v of %s is not between 0 and 1; set it to 0.4, say", c.Share, c.System)
	case c.MaxWait < 0 || c.Timeout < 0:
		return fmt.Errorf("a negative wait or timeout for %s; set a duration such as 5m", c.System)
	}
	return c.checkCredential()
}

// checkCredential wants one way to sign in, and all of it.
func (c Config) checkCredential() error {
	app := c.ClientID != "" || len(c.PrivateKey) > 0
	switch {
	case app && c.Token != "":
		return fmt.Errorf("%s has both an API token and a service app; set one of them", c.System)
	case !app && (c.Token == "" || strings.ContainsAny(c.Token, blanks)):
		return fmt.Errorf("the API token of %s is empty or holds a blank; set it as Okta showed it, or a service app's client id and private key", c.System)
	case app && (c.ClientID == "" || strings.ContainsAny(c.ClientID, blanks)):
		return fmt.Errorf("the service app of %s has a private key and no client id, or one with a blank; set it as Okta shows it", c.System)
	case app && len(c.PrivateKey) == 0:
		return fmt.Errorf("the service app of %s has a client id and no private key; set the key as PEM", c.System)
	case app && len(c.Scopes) == 0:
		return fmt.Errorf("the service app of %s asks for no scope; to read it needs %s", c.System, strings.Join(CollectorScopes(), ", "))
	}
	return nil
}

const blanks = " \t\r\n"

// orgURL accepts https://host, and http://127.0.0.1:port when told so.
func orgURL(raw string, allowHTTP bool) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSuffix(raw, "/"))
	if err != nil {
		return nil, fmt.Errorf("okta address %q is no URL; write it as https://example.okta.com", raw)
	}
	bare := u.Host != "" && u.Path == "" && u.RawQuery == "" && u.Fragment == "" && u.User == nil
	loopback := u.Hostname() == "localhost" || net.ParseIP(u.Hostname()).IsLoopback()
	if !bare || (u.Scheme != "https" && !(u.Scheme == "http" && allowHTTP && loopback)) {
		return nil, fmt.Errorf("okta address %q must be https and nothing but a host; write it as https://example.okta.com", u.Redacted())
	}
	return u, nil
}

// page is one answer, whole and known to be JSON.
type page struct {
	body   []byte
	header http.Header
}

// get reads one page through the SDK's executor. The typed calls decode whole
// users and drop fields that we need, so the body is decoded by the caller.
func (c *client) get(ctx context.Context, path string, header http.Header) (page, error) {
	executor := c.sdk.CloneRequestExecutor()
	req, err := executor.NewRequest(http.MethodGet, path, nil)
	if err != nil {
		return page{}, c.failure(http.MethodGet, path, nil, err)
	}
	for name, values := range header {
		req.Header[name] = values
	}
	resp, err := executor.Do(ctx, req, nil)
	if err != nil {
		return page{}, c.failure(http.MethodGet, path, resp, err)
	}
	body, err := io.ReadAll(resp.Body) // the SDK put the bytes back
	if err != nil {
		return page{}, c.failure(http.MethodGet, path, resp, err)
	}
	return page{body: body, header: resp.Header}, nil
}

// getInto reads one answer that is not paged.
func (c *client) getInto(ctx context.Context, path string, out any) error {
	p, err := c.get(ctx, path, nil)
	if err != nil {
		return err
	}
	return decode(path, p.body, out)
}

// decode refuses null, which would pass for an empty list.
func decode(path string, body []byte, out any) error {
	if bytes.Equal(bytes.TrimSpace(body), []byte("null")) {
		return fmt.Errorf("read answer of %s: it is null", path)
	}
	if err := json.Unmarshal(body, out); err != nil {
		return fmt.Errorf("read answer of %s: %w", path, err)
	}
	return nil
}

// send makes one change through the SDK's executor; only a Revoker's
// or a Restorer's transport lets it out.
func (c *client) send(ctx context.Context, method, path string, header http.Header) (access.Receipt, time.Time, error) {
	executor := c.sdk.CloneRequestExecutor()
	req, err := executor.NewRequest(method, path, nil)
	if err != nil {
		return access.Receipt{}, time.Time{}, c.failure(method, path, nil, err)
	}
	for name, values := range header {
		req.Header[name] = values
	}
	resp, err := executor.Do(ctx, req, nil)
	if err != nil {
		return access.Receipt{}, time.Time{}, c.failure(method, path, resp, err)
	}
	date, _ := http.ParseTime(resp.Header.Get("Date")) // zero when Okta does not say
	return access.Receipt{
		RequestID: c.redact(resp.Header.Get("X-Okta-Request-Id")),
		Detail:    fmt.Sprintf("okta answers %d", resp.StatusCode),
	}, date, nil
}
