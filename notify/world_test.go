package notify_test

import (
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/testclock"
	"rollcall/notify"
)

var (
	_ notify.Channel = (*notify.Slack)(nil)
	_ notify.Channel = (*notify.SMTP)(nil)
	_ notify.Channel = (*notify.SNS)(nil)
	_ notify.Channel = (*notify.PagerDuty)(nil)
	_ notify.Channel = (*notify.Webhook)(nil)
)

// clock stands still until somebody sleeps.
type clock struct{ *testclock.Clock }

func newClock() clock { return clock{testclock.At(time.Date(2026, 11, 26, 2, 0, 0, 0, time.UTC))} }

func (c clock) world() notify.World {
	return notify.World{Timeout: 10 * time.Second, Now: c.Now, Sleep: c.Sleep}
}

// failed gives the channel's own error.
func failed(t *testing.T, err error) *notify.Error {
	t.Helper()
	var fault *notify.Error
	if !errors.As(err, &fault) {
		t.Fatalf("the error is %T %v, want *notify.Error", err, err)
	}
	return fault
}

// served gives the address at which do answers, one request after another.
func served(t *testing.T, do http.HandlerFunc) string {
	t.Helper()
	var turn sync.Mutex
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		turn.Lock()
		defer turn.Unlock()
		do(w, r)
	}))
	t.Cleanup(srv.Close)
	return srv.URL
}

// answering is the address of a server that says the same to everybody, and counts.
func answering(t *testing.T, status int, header, body string) (address string, asked *int) {
	t.Helper()
	n := 0
	return served(t, func(w http.ResponseWriter, _ *http.Request) {
		n++
		if name, value, has := strings.Cut(header, ": "); has {
			w.Header().Set(name, value)
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}), &n
}

// failedRevoke is a message as the night makes it.
func failedRevoke() access.Message {
	return access.Message{
		Key: "prod/revoke_failed/E-10442", Kind: "revoke_failed", Urgency: access.UrgencyCritical,
		To:    []string{"oncall@example.com", "security@example.com"},
		Title: "A leaver still has access: revoking failed",
		Parts: []access.MessagePart{
			{Head: "What happened", Lines: []string{"okta: the session of E-10442 could not be ended", "aws: 2 keys are still active"}},
			{Lines: []string{"Tried 3 times until 02:14 UTC."}},
		},
		Links: []access.MessageLink{
			{Words: "Tonight's report", URL: "https://reports.example.com/2026-11-26/index.html?a=1&b=2"},
			{Words: "What to do", URL: "https://reports.example.com/runbook/revocation-failed.html#step-1"},
			{Words: "Worksheet", URL: "reports/2026-11-26/held_items.csv"},
		},
		At: time.Date(2026, 11, 26, 2, 14, 0, 0, time.UTC), Run: "20261126T020000Z-7f3a",
	}
}

// silentServer takes connections and says nothing.
func silentServer(t *testing.T) (port int) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var open []net.Conn
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			open = append(open, c)
			mu.Unlock()
		}
	}()
	t.Cleanup(func() {
		_ = l.Close()
		<-done
		for _, c := range open {
			_ = c.Close()
		}
	})
	return l.Addr().(*net.TCPAddr).Port
}
