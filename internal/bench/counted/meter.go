package main

import (
	"bytes"
	"io"
	"net/http"
	"sync"
	"time"
)

// meter counts every request by endpoint, as it arrives, and delays its answer.
type meter struct {
	next http.Handler
	name func(*http.Request, []byte) string
	// anew brings the system back to what it was before it was read; nil where
	// reading leaves no trace.
	anew func() error

	mu      sync.Mutex
	calls   plan
	latency time.Duration
}

func newMeter(next http.Handler, name func(*http.Request, []byte) string) *meter {
	return &meter{next: next, name: name, calls: plan{}}
}

// restart gives what was counted so far, and counts from nothing again.
func (m *meter) restart(latency time.Duration) (plan, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	counted := m.calls
	m.calls, m.latency = plan{}, latency
	if m.anew == nil {
		return counted, nil
	}
	return counted, m.anew()
}

func (m *meter) count(endpoint string) time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calls[endpoint]++
	return m.latency
}

func (m *meter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the client is gone
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	if latency := m.count(m.name(r, body)); latency > 0 {
		timer := time.NewTimer(latency)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-r.Context().Done():
			return
		}
	}
	m.next.ServeHTTP(w, r)
}
