package collectortest

import (
	"bytes"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/faults"
)

// patient is a timeout that no honest answer exceeds.
const patient = time.Minute

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
func (s Suite) start(t *testing.T, pageSize int, timeout time.Duration) *bench {
	t.Helper()
	clock := NewClock()
	b := &bench{Suite: s, injector: faults.New(s.Serve(t, pageSize, clock))}
	server := httptest.NewUnstartedServer(b.record(b.injector))
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // the faults cut connections
	server.Start()
	transport := &http.Transport{}
	b.env = Env{URL: server.URL, HTTP: transport, Clock: clock, Timeout: timeout}
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

// wrote gives the requests that changed something.
func (b *bench) wrote() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.writes
}

// collect runs a fresh collector undisturbed.
func (b *bench) collect(t *testing.T) access.Observation {
	t.Helper()
	obs, err := b.New(t, b.env).Collect(t.Context())
	if err != nil {
		t.Fatalf("collect undisturbed: %v", err)
	}
	for _, r := range obs.Reads {
		if !r.Complete {
			t.Fatalf("undisturbed, and yet %s has a gap: %s", r.Name(), r.Gap)
		}
	}
	if len(obs.Accounts) < 2 || len(obs.Grants) == 0 {
		t.Fatalf("the population is too small to prove anything: %d accounts, %d grants", len(obs.Accounts), len(obs.Grants))
	}
	return obs
}
