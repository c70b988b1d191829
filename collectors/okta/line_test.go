package okta

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"rollcall/collectors"
	"rollcall/internal/sandbox/fakeokta"
)

// line is a wire of a known length to a sandbox, inside a bubble of time that
// passes only when everybody waits.
type line struct {
	handler   http.Handler
	there     time.Duration // from us to Okta
	back      time.Duration
	mu        sync.Mutex
	sent      []time.Time
	byMinute  map[string]int // of Okta's, by its reset
	statuses  map[int]int
	remaining int // the least ever told
	flying    int
	most      int
}

func (l *line) RoundTrip(req *http.Request) (*http.Response, error) {
	l.mu.Lock()
	l.sent = append(l.sent, time.Now())
	l.flying++
	l.most = max(l.most, l.flying)
	l.mu.Unlock()
	if err := collectors.Sleep(req.Context(), l.there); err != nil {
		return nil, err
	}
	rec := httptest.NewRecorder()
	l.handler.ServeHTTP(rec, req)
	err := collectors.Sleep(req.Context(), l.back)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.flying--
	resp := rec.Result()
	l.statuses[resp.StatusCode]++
	l.byMinute[resp.Header.Get("X-Rate-Limit-Reset")]++
	if told, ok := readRate(resp.Header); ok {
		l.remaining = min(l.remaining, told.remaining)
	}
	return resp, err
}

// busiest is the most that ever left within sixty seconds.
func (l *line) busiest() int {
	slices.SortFunc(l.sent, time.Time.Compare)
	most, from := 0, 0
	for i, at := range l.sent {
		for at.Sub(l.sent[from]) >= time.Minute {
			from++
		}
		most = max(most, i-from+1)
	}
	return most
}

// lines makes a transport over a line; it must be called inside the bubble.
func lines(t *testing.T, h http.Handler, latency time.Duration, adjust func(*Config)) (*transport, *line) {
	t.Helper()
	l := &line{handler: h, there: latency / 2, back: latency / 2, byMinute: map[string]int{}, statuses: map[int]int{}, remaining: math.MaxInt}
	cfg := Config{System: "okta", OrgURL: "https://okta.test", Token: readerToken, HTTP: l}
	if adjust != nil {
		adjust(&cfg)
	}
	tr, err := newTransport(cfg.withDefaults(), &url.URL{Scheme: "https", Host: "okta.test"}, readsOnly, &secrets{})
	if err != nil {
		t.Fatal(err)
	}
	return tr, l
}

// organisation is a sandbox that goes by the bubble's clock.
func organisation(limits map[fakeokta.Bucket]int) *fakeokta.Server {
	return fakeokta.New(fakeokta.Options{
		Now: time.Now, RateLimits: limits,
		Tokens: map[string]fakeokta.Token{readerToken: {Name: "reader"}, "other": {Name: "another client"}},
	})
}

func ask(ctx context.Context, tr *transport, path string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://okta.test"+path, nil)
	if err != nil {
		return err
	}
	resp, err := tr.RoundTrip(req)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("status %d", resp.StatusCode)
	}
	return err
}

// askAll sends n requests side by side and gives the errors.
func askAll(ctx context.Context, tr *transport, n int, path string) []error {
	errs := make([]error, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { errs[i] = ask(ctx, tr, path) })
	}
	all.Wait()
	return errs
}

// meanwhile lets another client send so many requests of its own.
func meanwhile(h http.Handler, n int, path string) {
	for range n {
		req := httptest.NewRequest(http.MethodGet, "https://okta.test"+path, nil)
		req.Header.Set("Authorization", "SSWS other")
		h.ServeHTTP(httptest.NewRecorder(), req)
	}
}

func noErrors(t *testing.T, errs []error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}
