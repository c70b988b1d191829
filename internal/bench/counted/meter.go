package counted

import (
	"bytes"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"

	"rollcall/internal/bench/fewest"
)

// Asked is what a system was asked for.
type Asked struct {
	Requests fewest.Requests
	// In and Out are the bytes of the bodies of requests and answers.
	In, Out int64
	// First is when the first request came, Last when the last answer was given.
	First, Last time.Time
	Calls       []Call // in the order in which they were answered
}

// Call is one request: what for, when it came, and when it was answered.
type Call struct {
	Endpoint      string
	Came, Replied time.Time
}

// Until are the requests that came before then.
func (a Asked) Until(then time.Time) []Call {
	return slices.DeleteFunc(slices.Clone(a.Calls), func(c Call) bool { return !c.Came.Before(then) })
}

// Since are the requests that came then or later.
func (a Asked) Since(then time.Time) []Call {
	return slices.DeleteFunc(slices.Clone(a.Calls), func(c Call) bool { return c.Came.Before(then) })
}

// meter counts every request by endpoint, as it arrives, and delays its answer.
type meter struct {
	next http.Handler
	name func(*http.Request, []byte) string
	// anew brings the system back to what it was before it was read; nil where
	// reading leaves no trace.
	anew func() error
	// judge says how it stands with people; nil where nobody may change anything.
	judge func(people map[string]bool) (Judged, error)

	mu      sync.Mutex
	asked   Asked
	latency time.Duration
}

func newMeter(next http.Handler, name func(*http.Request, []byte) string) *meter {
	return &meter{next: next, name: name, asked: Asked{Requests: fewest.Requests{}}}
}

// restart gives what was counted so far, and counts from nothing again.
func (m *meter) restart(latency time.Duration) (Asked, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	counted := m.asked
	m.asked, m.latency = Asked{Requests: fewest.Requests{}}, latency
	if m.anew == nil {
		return counted, nil
	}
	return counted, m.anew()
}

func (m *meter) count(endpoint string, bytes int) time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.asked.Requests[endpoint]++
	m.asked.In += int64(bytes)
	if m.asked.First.IsZero() {
		m.asked.First = time.Now()
	}
	return m.latency
}

func (m *meter) answered(call Call, bytes int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	call.Replied = time.Now()
	m.asked.Out += bytes
	m.asked.Last = call.Replied
	m.asked.Calls = append(m.asked.Calls, call)
}

func (m *meter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the client is gone
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	call := Call{Endpoint: m.name(r, body), Came: time.Now()}
	if latency := m.count(call.Endpoint, len(body)); latency > 0 {
		timer := time.NewTimer(latency)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-r.Context().Done():
			return
		}
	}
	out := &weighed{ResponseWriter: w}
	m.next.ServeHTTP(out, r)
	m.answered(call, out.bytes)
}

// weighed counts the bytes of an answer.
type weighed struct {
	http.ResponseWriter
	bytes int64
}

func (w *weighed) Write(b []byte) (int, error) {
	n, err := w.ResponseWriter.Write(b)
	w.bytes += int64(n)
	return n, err
}
