package notify

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// answerLimit is how much of an answer is read: receipts and errors are short.
const answerLimit = 64 << 10

// watch lets a library make its one request, and keeps what came back: libraries
// drop the body, the headers or the cause.
type watch struct {
	next   http.RoundTripper
	status int
	header http.Header
	body   []byte
	err    error
}

// RoundTrip implements http.RoundTripper.
func (w *watch) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := w.next.RoundTrip(r)
	if err != nil {
		w.err = err
		return nil, err
	}
	defer resp.Body.Close()
	w.status, w.header = resp.StatusCode, resp.Header
	if w.body, w.err = io.ReadAll(io.LimitReader(resp.Body, answerLimit)); w.err != nil {
		return nil, w.err
	}
	resp.Body = io.NopCloser(bytes.NewReader(w.body))
	return resp, nil
}

// client follows no redirect: the message would go to whom nobody has named.
func (w *watch) client() *http.Client {
	return &http.Client{Transport: w, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// shut are the refusals that are about who asks, or for what place, and no message.
var shut = []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusGone}

// judge says what is wrong with an exchange; nil if nothing is. words explains a
// refusal in what the other side said.
func (s side) judge(caller context.Context, w *watch, called error, now time.Time, words func(*watch) string) *Error {
	switch {
	case caller.Err() != nil && called != nil:
		return s.stopped(caller)
	case w.err != nil:
		return s.unreached(w.err)
	case w.status == 0:
		return s.closed("the request could not be made: check the address")
	case w.status >= 300 && w.status < 400:
		return s.closed("%s answers with a redirect (%d), which is not followed: put the final address into the secret", s.host, w.status)
	case w.status == http.StatusTooManyRequests, w.status == http.StatusRequestTimeout, w.status == http.StatusTooEarly, w.status >= 500:
		f := s.later("%s answers with status %d%s", s.host, w.status, words(w))
		f.After = retryAfter(w.header.Get("Retry-After"), now)
		return f
	case slices.Contains(shut, w.status):
		return s.closed("%s refuses with status %d%s", s.host, w.status, words(w))
	case w.status >= 400:
		return s.refuse("%s refuses with status %d%s", s.host, w.status, words(w))
	case called != nil:
		return s.closed("%s answers with status %d and something that is no receipt: check the address", s.host, w.status)
	}
	return nil
}

// retryAfter reads both forms of RFC 9110, 10.2.3; what cannot be read asks for
// nothing.
func retryAfter(header string, now time.Time) time.Duration {
	header = strings.TrimSpace(header)
	if seconds, err := strconv.ParseUint(header, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(header); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}

// secretURL reads an address that is a secret: https, or this very machine. Its
// errors do not repeat it.
func secretURL(channel, text string) (*url.URL, side, error) {
	u, err := url.Parse(strings.TrimSpace(text))
	if err != nil || u.Hostname() == "" || u.Opaque != "" {
		return nil, side{}, &Error{Channel: channel, Why: "the secret is not an address: it starts with https:// and names a host"}
	}
	if u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())) {
		return nil, side{}, &Error{Channel: channel, Why: "the address does not start with https://: what goes there could be read on the way"}
	}
	return u, side{channel: channel, host: u.Host, secrets: secretsOf(u)}, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func noWords(*watch) string { return "" }
