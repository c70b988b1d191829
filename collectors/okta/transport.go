package okta

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"
)

const (
	maxTries   = 5  // of a read that breaks
	maxRefused = 12 // of any request that is refused by a rate limit
)

// permission says whether a request may leave.
type permission func(method, path string) error

// credential is what a request is authorised with.
type credential interface {
	// header gives the Authorization of a request; to have one, Okta may have
	// to be asked first.
	header(ctx context.Context) (string, error)
	// refused hears that Okta answered 401 to such a header, and says whether
	// another one can be had.
	refused(header string) bool
}

// apiToken never changes.
type apiToken string

func (a apiToken) header(context.Context) (string, error) { return "SSWS " + string(a), nil }
func (a apiToken) refused(string) bool                    { return false }

// transport is the one way to Okta. It permits, authorises, keeps to the rate
// limits, reads every body whole, and retries what may be retried: a rate limit
// always, and a token that ended once, since Okta did not do what it refused;
// anything else only when the request reads.
type transport struct {
	next    http.RoundTripper
	org     *url.URL
	may     permission
	limits  *limiter
	timeout time.Duration
	auth    credential
}

func newTransport(cfg Config, org *url.URL, may permission, hidden *secrets) (*transport, error) {
	t := &transport{next: cfg.HTTP, org: org, may: may, limits: newLimiter(cfg), timeout: cfg.Timeout}
	if cfg.Token != "" {
		hidden.keep(cfg.Token)
		t.auth = apiToken(cfg.Token)
		return t, nil
	}
	minter, err := newMinter(cfg, t, hidden)
	t.auth = minter
	return t, err
}

// client has no timeout of its own: the transport bounds each try and each
// wait, and the run's context bounds the whole.
func (t *transport) client() *http.Client {
	return &http.Client{
		Transport: t,
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return errors.New("redirects are not followed") // RoundTrip refuses them before this can
		},
	}
}

// RoundTrip sends one request until it has an answer that can be believed. A
// 401 to a token that can be renewed is asked once more with the new one.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := t.permit(req); err != nil {
		return nil, err
	}
	p, renewed := t.patience(), false
	return t.persist(req, reads(req.Method), p, func() (*http.Response, error) {
		resp, used, err := t.try(req, p)
		if err == nil && resp.StatusCode == http.StatusUnauthorized && t.auth.refused(used) && !renewed {
			renewed = true
			resp, _, err = t.try(req, p)
		}
		return resp, err
	})
}

// persist repeats a try until it is answered, with pauses, so often as it may.
func (t *transport) persist(req *http.Request, harmless bool, p *patience, try func() (*http.Response, error)) (*http.Response, error) {
	ctx, breaks, crowded := req.Context(), newSchedule(0), newCrowdSchedule()
	var refusal *apiError
	broken, refused := 0, 0
	for {
		resp, err := try()
		if err == nil && resp.StatusCode == http.StatusTooManyRequests {
			refused++
			refusal = tooMany(req, resp)
			if refused >= maxRefused {
				return nil, refusal
			}
			if wait := p.stayAway(ctx, awayFor(resp.Header, crowded)); wait != nil {
				return nil, refusal.but(wait)
			}
			continue
		}
		var closed *closedError
		if refusal != nil && errors.As(err, &closed) {
			return nil, refusal.but(err)
		}
		broken++
		if broken >= maxTries || !again(ctx, harmless, resp, err) {
			return resp, err
		}
		if wait := p.wait(ctx, breaks.NextBackOff()); wait != nil {
			return nil, wait
		}
	}
}

// permit refuses what must not leave: another host, a body, a write that is
// not this client's to send.
func (t *transport) permit(req *http.Request) error {
	switch {
	case req.URL.Scheme != t.org.Scheme || req.URL.Host != t.org.Host:
		return fmt.Errorf("refuse to send the token to %s", req.URL.Host)
	case req.Body != nil && req.Body != http.NoBody:
		return errors.New("refuse to send a body: no request of rollcall has one")
	}
	return t.may(req.Method, req.URL.EscapedPath())
}

// try sends once, within the rate limit, and reads the whole answer. A token
// is had before the wait for the limit, and again if it ended meanwhile.
func (t *transport) try(req *http.Request, p *patience) (resp *http.Response, used string, err error) {
	ctx := req.Context()
	if _, err := t.auth.header(ctx); err != nil {
		return nil, "", err
	}
	pass, err := t.limits.take(ctx, bucketOf(req.Method, req.URL.EscapedPath()), p.since)
	if err != nil {
		return nil, "", err
	}
	defer pass.done()
	if used, err = t.auth.header(ctx); err != nil {
		return nil, "", err
	}
	count(ctx)
	resp, err = t.whole(req, used, pass.learn)
	if err != nil {
		return nil, used, err
	}
	if err := believable(req, resp); err != nil {
		return nil, used, err
	}
	return resp, used, nil
}

func reads(method string) bool { return method == http.MethodGet || method == http.MethodHead }

// tooMany is Okta's refusal by a rate limit, for when patience ends.
func tooMany(req *http.Request, resp *http.Response) *apiError {
	return &apiError{
		method: req.Method, path: req.URL.EscapedPath(), status: resp.StatusCode, code: "E0000047",
		summary:   "the rate limit was hit again and again; lower the share, or run at a quieter time",
		requestID: resp.Header.Get("X-Okta-Request-Id"),
	}
}

// counterKey finds the count of a scope's requests in a context.
type counterKey struct{}

func count(ctx context.Context) {
	if c, ok := ctx.Value(counterKey{}).(*atomic.Int64); ok {
		c.Add(1)
	}
}
