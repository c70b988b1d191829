package okta

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/cenkalti/backoff/v5"
)

const (
	inFlight   = 8        // well under Okta's 75 at once, https://developer.okta.com/docs/reference/rl2-concurrency/
	maxTries   = 5        // of a read that breaks
	maxRefused = 12       // of any request that is refused by a rate limit
	maxBody    = 64 << 20 // of one page
)

// permission says whether a request may leave.
type permission func(method, path string) error

// transport is the one way to Okta. It permits, keeps to the rate limits,
// reads every body whole, and retries what may be retried: a rate limit
// always, since Okta did not do what it refused; anything else only when
// the request reads.
type transport struct {
	next    http.RoundTripper
	org     *url.URL
	may     permission
	limits  *limiter
	slots   chan struct{}
	timeout time.Duration
	maxWait time.Duration
	sleep   func(context.Context, time.Duration) error
}

func newTransport(cfg Config, org *url.URL, may permission) *transport {
	return &transport{
		next: cfg.HTTP, org: org, may: may,
		limits: newLimiter(cfg.Share, cfg.Now), slots: make(chan struct{}, inFlight),
		timeout: cfg.Timeout, maxWait: cfg.MaxWait, sleep: cfg.Sleep,
	}
}

// client bounds the whole of a request, its waits included; the transport
// bounds each try.
func (t *transport) client() *http.Client {
	return &http.Client{
		Transport: t,
		Timeout:   t.maxWait + (maxTries+maxRefused)*t.timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return errors.New("redirects are not followed") // RoundTrip refuses them before this can
		},
	}
}

func defaultTransport() http.RoundTripper {
	t, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return http.DefaultTransport
	}
	t = t.Clone()
	t.DialContext = (&net.Dialer{Timeout: 15 * time.Second, KeepAlive: 30 * time.Second}).DialContext
	t.ResponseHeaderTimeout = time.Minute
	t.MaxIdleConnsPerHost = inFlight
	return t
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// RoundTrip sends one request until it has an answer that can be believed.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := t.permit(req); err != nil {
		return nil, err
	}
	patience := &patience{left: t.maxWait, sleep: t.sleep}
	schedule := newSchedule()
	broken, refused := 0, 0
	for {
		resp, err := t.try(req, patience)
		if err == nil && resp.StatusCode == http.StatusTooManyRequests {
			refused++
			err = tooMany(req, resp)
			if refused >= maxRefused {
				return nil, err
			}
			if wait := patience.wait(req.Context(), pause(resp.Header, schedule)); wait != nil {
				return nil, errors.Join(err, wait)
			}
			continue
		}
		broken++
		if broken >= maxTries || !again(req, resp, err) {
			return resp, err
		}
		if wait := patience.wait(req.Context(), schedule.NextBackOff()); wait != nil {
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

// try sends once, within the rate limit, and reads the whole answer.
func (t *transport) try(req *http.Request, p *patience) (*http.Response, error) {
	bucket, err := t.limits.take(req, p)
	if err != nil {
		return nil, err
	}
	defer bucket.done()
	select {
	case t.slots <- struct{}{}:
		defer func() { <-t.slots }()
	case <-req.Context().Done():
		return nil, req.Context().Err()
	}
	count(req.Context())
	resp, err := t.whole(req)
	if err != nil {
		return nil, err
	}
	bucket.learn(resp.Header)
	if err := believable(req, resp); err != nil {
		return nil, err
	}
	return resp, nil
}

// whole gets an answer with its whole body inside the timeout.
func (t *transport) whole(req *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(req.Context(), t.timeout)
	defer cancel()
	resp, err := t.next.RoundTrip(req.Clone(ctx))
	if err != nil {
		return nil, t.cause(req, ctx, "no answer", err)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	_ = resp.Body.Close() // what was wanted has been read
	if err != nil {
		return nil, t.cause(req, ctx, "the answer broke off", err)
	}
	if len(body) > maxBody {
		return nil, fmt.Errorf("the answer is larger than %d bytes", maxBody)
	}
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	hideLinks(resp.Header)
	return resp, nil
}

// ownLink is where the Link headers are put out of the SDK's sight, which
// takes a folded one for a next page that is the page itself, and panics on
// one that is no URL.
const ownLink = "Rollcall-Link"

func hideLinks(h http.Header) {
	if links := h.Values("Link"); len(links) > 0 {
		h[ownLink] = links
		h.Del("Link")
	}
}

// cause keeps the end of the caller's context apart from a try that failed.
func (t *transport) cause(req *http.Request, try context.Context, what string, err error) error {
	switch {
	case req.Context().Err() != nil:
		return req.Context().Err()
	case try.Err() != nil:
		return lost("%s within %s", what, t.timeout)
	}
	return lost("%s: %s", what, err)
}

// believable refuses redirects, and answers of success that say nothing: the
// SDK takes an empty body for an empty list.
func believable(req *http.Request, resp *http.Response) error {
	if resp.StatusCode >= 300 && resp.StatusCode < 400 {
		return fmt.Errorf("okta redirects (%d), which is not followed; check the organisation's address", resp.StatusCode)
	}
	if !reads(req.Method) || resp.StatusCode != http.StatusOK {
		return nil
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return lost("the answer broke off: %s", err)
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	switch {
	case len(bytes.TrimSpace(body)) == 0:
		return lost("an empty answer, though with status 200")
	case !json.Valid(body):
		return lost("an answer that is not JSON (%s), though with status 200", resp.Header.Get("Content-Type"))
	}
	resp.Header.Set("Content-Type", "application/json") // the SDK decodes nothing else
	return nil
}

// again says whether a broken try may be repeated: only a read, and only when
// nothing was decided.
func again(req *http.Request, resp *http.Response, err error) bool {
	if !reads(req.Method) || req.Context().Err() != nil {
		return false
	}
	var gone *lostError
	return errors.As(err, &gone) || (err == nil && resp.StatusCode >= 500)
}

func reads(method string) bool { return method == http.MethodGet || method == http.MethodHead }

// tooMany is Okta's refusal by a rate limit, for when patience ends.
func tooMany(req *http.Request, resp *http.Response) error {
	return &apiError{
		method: req.Method, path: req.URL.EscapedPath(), status: resp.StatusCode, code: "E0000047",
		summary:   "the rate limit was hit again and again; lower the share, or run at a quieter time",
		requestID: resp.Header.Get("X-Okta-Request-Id"),
	}
}

// pause is how long to stay away after a 429: until the reset, measured
// against the answer's own date, so that no clock needs to be right. A limit
// of 0 is the concurrency limit, whose reset is only a hint: a short pause.
// https://developer.okta.com/docs/reference/rl2-monitor/
func pause(h http.Header, schedule *backoff.ExponentialBackOff) time.Duration {
	until, ok := untilReset(h)
	if !ok || h.Get("X-Rate-Limit-Limit") == "0" {
		return schedule.NextBackOff()
	}
	return max(until, 0) + time.Second
}

// untilReset is X-Rate-Limit-Reset minus Date.
func untilReset(h http.Header) (time.Duration, bool) {
	reset, err := strconv.ParseInt(h.Get("X-Rate-Limit-Reset"), 10, 64)
	if err != nil {
		return 0, false
	}
	date, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return 0, false
	}
	return time.Unix(reset, 0).Sub(date), true
}

// newSchedule pauses 0.5, 1, 2, 4 ... up to 15 seconds, without chance.
func newSchedule() *backoff.ExponentialBackOff {
	b := backoff.NewExponentialBackOff()
	b.InitialInterval, b.Multiplier, b.RandomizationFactor = 500*time.Millisecond, 2, 0
	b.MaxInterval = 15 * time.Second
	b.Reset()
	return b
}

// patience is the time that one request may still wait.
type patience struct {
	left  time.Duration
	sleep func(context.Context, time.Duration) error
}

func (p *patience) wait(ctx context.Context, d time.Duration) error {
	if d > p.left {
		return fmt.Errorf("would have to wait another %s, longer than allowed; raise the wait, or run at a quieter time",
			d.Round(time.Second))
	}
	p.left -= d
	return p.sleep(ctx, d)
}

// counterKey finds the count of a scope's requests in a context.
type counterKey struct{}

func count(ctx context.Context) {
	if c, ok := ctx.Value(counterKey{}).(*atomic.Int64); ok {
		c.Add(1)
	}
}
