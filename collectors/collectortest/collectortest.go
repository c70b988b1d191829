// Package collectortest is the conformance suite that every collector passes:
// paging, faults, determinism, reading only, cancellation, no goroutine left.
//
// It must never excuse a collector: a fault may cost a scope its certificate,
// and nothing may cost a scope its records while it keeps the certificate. Its
// one invariant: whatever a collector calls complete equals what it says of the
// same system undisturbed.
package collectortest

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"rollcall/collectors"
	"rollcall/internal/sandbox/faults"
)

// Suite says how to set up one system and its collector.
type Suite struct {
	// Serve makes the system with the same population at each call. It answers
	// at most pageSize records a page; 0 is the vendor's maximum.
	Serve func(t *testing.T, pageSize int, clock *Clock) http.Handler
	// New makes a collector of the system at env.
	New func(t *testing.T, env Env) collectors.Collector
	// PageSize is for the runs of many pages; 0 is 1.
	PageSize int
	// Writes reports a request that changes something; nil: every method but
	// GET and HEAD.
	Writes func(*http.Request) bool
	// Key names a request, so that a fault can hit the same one in the next
	// run; nil: method, address, X-Amz-Target and body. It may read the body,
	// which is put back.
	Key func(*http.Request) string
	// Faults are what may go wrong; nil: Common.
	Faults []Fault
	// Leaks are options for goroutines of an SDK that outlive a collector.
	Leaks []goleak.Option
}

// Fault is one way to go wrong, tried on every single request, once and for
// ever. Match and Times of the rule are set by the suite.
type Fault struct {
	Name string
	Rule faults.Rule
}

// Env is where a collector under test finds the system and its time.
type Env struct {
	URL   string
	HTTP  http.RoundTripper // use this one: the suite closes its connections
	Clock *Clock
}

// Clock is a time that passes only by sleeping, so that waits cost none.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// Now is the time on the clock.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Sleep moves the clock on at once.
func (c *Clock) Sleep(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(max(d, 0))
	return ctx.Err()
}

// Common are the faults of any HTTP service.
func Common() []Fault {
	html := func(a *faults.Answer) {
		a.Header.Set("Content-Type", "text/html")
		a.Header.Del("Content-Length")
		a.Code, a.Body = http.StatusOK, []byte("<html><body>Please log in</body></html>")
	}
	return []Fault{
		{"500", faults.Rule{Kind: faults.Status, Code: http.StatusInternalServerError, Body: `{}`}},
		{"503 in HTML", faults.Unavailable()},
		{"cut body", faults.Rule{Kind: faults.CutBody}},
		{"empty body", faults.Rule{Kind: faults.EmptyBody}},
		{"HTML body", faults.Rule{Kind: faults.Rewrite, Rewrite: html}},
		{"connection closed", faults.Rule{Kind: faults.CloseBeforeReply}},
		{"answer lost", faults.Rule{Kind: faults.CloseAfterWork}},
		{"folded link", faults.Rule{Kind: faults.FoldedLink}},
		{"repeated cursor", faults.Rule{Kind: faults.RepeatedCursor}},
	}
}

// bench is one running system.
type bench struct {
	Suite
	env      Env
	injector *faults.Injector

	mu     sync.Mutex
	keys   []string // of the requests, in order of arrival
	writes []string
}

// start serves the system, with faults before it and a recorder before these.
func (s Suite) start(t *testing.T, pageSize int) *bench {
	t.Helper()
	clock := &Clock{now: time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)}
	b := &bench{Suite: s, injector: faults.New(s.Serve(t, pageSize, clock))}
	server := httptest.NewUnstartedServer(b.record(b.injector))
	server.Config.ErrorLog = quiet()
	server.Start()
	transport := &http.Transport{}
	b.env = Env{URL: server.URL, HTTP: transport, Clock: clock}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		server.Close()
	})
	return b
}

func (b *bench) record(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key, writes := b.key(r), b.changes(r)
		b.mu.Lock()
		b.keys = append(b.keys, key)
		if writes {
			b.writes = append(b.writes, key)
		}
		b.mu.Unlock()
		next.ServeHTTP(w, r)
	})
}

// key names a request and leaves its body as it was.
func (b *bench) key(r *http.Request) string {
	var body []byte
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body) // a client that breaks off has no key to match
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	if b.Key != nil {
		key := b.Key(r)
		r.Body = io.NopCloser(bytes.NewReader(body))
		return key
	}
	return strings.Join([]string{r.Method, r.URL.RequestURI(), r.Header.Get("X-Amz-Target"), string(body)}, " ")
}

func (b *bench) changes(r *http.Request) bool {
	if b.Writes != nil {
		return b.Writes(r)
	}
	return r.Method != http.MethodGet && r.Method != http.MethodHead
}

// distinct gives the keys seen so far, each once.
func (b *bench) distinct() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	seen := map[string]bool{}
	var out []string
	for _, key := range b.keys {
		if !seen[key] {
			seen[key] = true
			out = append(out, key)
		}
	}
	return out
}
