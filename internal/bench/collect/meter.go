package main

import (
	"bytes"
	"io"
	"maps"
	"net/http"
	"sync"
	"time"
)

// meter counts every request by endpoint, as it arrives, and delays its answer.
type meter struct {
	next http.Handler
	name func(*http.Request, []byte) string

	mu      sync.Mutex
	calls   plan
	latency time.Duration
}

func newMeter(next http.Handler, name func(*http.Request, []byte) string) *meter {
	return &meter{next: next, name: name, calls: plan{}}
}

// restart gives what was counted so far and counts anew.
func (m *meter) restart(latency time.Duration) plan {
	m.mu.Lock()
	defer m.mu.Unlock()
	counted := m.calls
	m.calls, m.latency = plan{}, latency
	return maps.Clone(counted)
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
