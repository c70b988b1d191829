package okta

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// SDK defect 2: io.EOF is retried without pause and without end, writes too.
func TestAClosedConnectionIsTriedAFewTimesForReadsAndOnceForWrites(t *testing.T) {
	p := newPeer(t, revokes, nil, hangUp)
	if _, err := p.users(t); err == nil || p.hits.Load() != maxTries {
		t.Errorf("read: %d requests, error %v; want %d and an error", p.hits.Load(), err, maxTries)
	}
	p.hits.Store(0)
	if err := p.suspend(t); err == nil || p.hits.Load() != 1 {
		t.Errorf("write: %d requests, error %v; want 1 and an error", p.hits.Load(), err)
	}
	if total(p.Slept()) == 0 {
		t.Error("no pause between the tries")
	}
}

// SDK defect 1: nothing ends a request whose peer says nothing.
func TestAPeerThatSaysNothingIsLeftAfterTheTimeout(t *testing.T) {
	release := make(chan struct{})
	t.Cleanup(func() { close(release) })
	p := newPeer(t, readsOnly, func(c *Config) { c.Timeout = 30 * time.Millisecond },
		func(_ http.ResponseWriter, r *http.Request) {
			select {
			case <-r.Context().Done():
			case <-release:
			}
		})
	if _, err := p.users(t); err == nil || !strings.Contains(err.Error(), "no answer within 30ms") {
		t.Errorf("error %v", err)
	}
}

func TestABodyThatStopsHalfwayIsLeftAfterTheTimeout(t *testing.T) {
	p := newPeer(t, readsOnly, func(c *Config) { c.Timeout = 30 * time.Millisecond },
		func(w http.ResponseWriter, r *http.Request) {
			reply(w, `[{"id":`)
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		})
	if _, err := p.users(t); err == nil {
		t.Error("half a body was taken for a list")
	}
}

func TestABodyThatStopsHalfwayOnceIsAskedForAgain(t *testing.T) {
	var n atomic.Int64
	p := newPeer(t, readsOnly, func(c *Config) { c.Timeout = 100 * time.Millisecond },
		func(w http.ResponseWriter, r *http.Request) {
			if n.Add(1) == 1 {
				reply(w, `[{"id":`)
				_ = http.NewResponseController(w).Flush()
				<-r.Context().Done()
				return
			}
			reply(w, `[{"id":"x"},{"id":"y"}]`)
		})
	if rows, err := p.users(t); err != nil || len(rows) != 2 || p.hits.Load() != 2 {
		t.Errorf("%d rows after %d requests, error %v", len(rows), p.hits.Load(), err)
	}
}

// SDK defect 11: an empty 200 is nil and no error.
func TestASuccessThatSaysNothingIsAnError(t *testing.T) {
	for _, body := range []string{"", "  ", "null", "<html></html>", `[{"id":"x"}`, `[] []`, `{"id":"x"}`} {
		p := newPeer(t, readsOnly, nil, func(w http.ResponseWriter, _ *http.Request) { reply(w, body) })
		if rows, err := p.users(t); err == nil {
			t.Errorf("%q was taken for %d users", body, len(rows))
		}
	}
}

func TestAnAnswerThatSaysNothingOnceIsAskedForAgain(t *testing.T) {
	for _, body := range []string{"", "<html>Please log in</html>", `[{"id":`} {
		var n atomic.Int64
		p := newPeer(t, readsOnly, nil, func(w http.ResponseWriter, _ *http.Request) {
			if n.Add(1) == 1 {
				reply(w, body)
				return
			}
			reply(w, `[{"id":"x"}]`)
		})
		if rows, err := p.users(t); err != nil || len(rows) != 1 {
			t.Errorf("%q: rows %v, error %v", body, rows, err)
		}
	}
}

// SDK defect 5: a 5xx is never retried.
func TestAServerErrorIsRetriedForReadsOnly(t *testing.T) {
	var n atomic.Int64
	p := newPeer(t, revokes, nil, func(w http.ResponseWriter, r *http.Request) {
		if n.Add(1) < maxTries {
			http.Error(w, "<html>", http.StatusServiceUnavailable)
			return
		}
		reply(w, `[{"id":"x"}]`)
	})
	if rows, err := p.users(t); err != nil || len(rows) != 1 {
		t.Errorf("rows %v, error %v", rows, err)
	}
	n.Store(0)
	p.hits.Store(0)
	err := p.suspend(t)
	if statusOf(err) != http.StatusServiceUnavailable || p.hits.Load() != 1 {
		t.Errorf("write: %d requests, error %v", p.hits.Load(), err)
	}
}

func TestARedirectIsRefusedAndTheTokenStays(t *testing.T) {
	var leaked atomic.Bool
	other := serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { leaked.Store(true) }))
	p := newPeer(t, readsOnly, nil, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other+"/api/v1/users", http.StatusFound)
	})
	if _, err := p.users(t); err == nil || !strings.Contains(err.Error(), "redirect") {
		t.Errorf("error %v", err)
	}
	if leaked.Load() {
		t.Error("the redirect was followed")
	}
	p = newPeer(t, readsOnly, nil, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusMultipleChoices) // leads nowhere; the SDK takes it for a success
		_, _ = io.WriteString(w, `[]`)
	})
	if _, err := p.users(t); err == nil {
		t.Error("a 300 was taken for an empty list")
	}
}

func TestACollectorsTransportLetsNoWriteOut(t *testing.T) {
	p := newPeer(t, readsOnly, nil, func(w http.ResponseWriter, _ *http.Request) { reply(w, `{}`) })
	for _, method := range []string{"POST", "PUT", "PATCH", "DELETE", "get"} {
		if _, _, err := p.c.send(t.Context(), method, "/api/v1/users/"+someID+"/lifecycle/suspend", nil); err == nil {
			t.Errorf("%s was sent", method)
		}
	}
	if _, err := p.c.sdk.User.SuspendUser(t.Context(), someID); err == nil {
		t.Error("the SDK's own call was sent")
	}
	if n := p.hits.Load(); n != 0 {
		t.Errorf("%d requests left", n)
	}
}

func TestARevokersTransportLetsOutWhatItNeedsAndNothingElse(t *testing.T) {
	p := newPeer(t, revokes, nil, func(w http.ResponseWriter, _ *http.Request) { reply(w, `{}`) })
	for _, line := range []string{
		"DELETE /api/v1/users/" + someID,
		"DELETE /api/v1/users/" + someID + "?sendEmail=false",
		"DELETE /api/v1/users//sessions",
		"DELETE /api/v1/users/me/sessions",
		"POST /api/v1/users//lifecycle/deactivate",
		"POST /api/v1/users/" + someID + "/lifecycle/activate",
		"POST /api/v1/users/" + someID + "/lifecycle/../../" + someID + "/lifecycle/suspend",
		"DELETE /api/v1/api-tokens/",
		"DELETE /api/v1/api-tokens/current",
		"DELETE /api/v1/groups/00g00000000000000001",
		"PUT /api/v1/users/" + someID,
	} {
		method, path, _ := strings.Cut(line, " ")
		if _, _, err := p.c.send(t.Context(), method, path, nil); err == nil {
			t.Errorf("%s was sent", line)
		}
	}
	if n := p.hits.Load(); n != 0 {
		t.Errorf("%d requests left", n)
	}
	if err := p.suspend(t); err != nil || p.hits.Load() != 1 {
		t.Errorf("suspend: %d requests, error %v", p.hits.Load(), err)
	}
}

// SDK defect 7: its cache answers a list from before a change.
func TestAListReadTwiceIsReadTwice(t *testing.T) {
	p := newPeer(t, readsOnly, nil, func(w http.ResponseWriter, _ *http.Request) { reply(w, `[{"id":"x"}]`) })
	for range 2 {
		if _, err := p.users(t); err != nil {
			t.Fatal(err)
		}
	}
	if n := p.hits.Load(); n != 2 {
		t.Errorf("%d requests", n)
	}
}

func TestNothingLargerThanItMayBeIsKept(t *testing.T) {
	big := bytes.Repeat([]byte(" "), 1<<20)
	p := newPeer(t, readsOnly, nil, func(w http.ResponseWriter, _ *http.Request) {
		for range maxBody>>20 + 1 {
			if _, err := w.Write(big); err != nil {
				return
			}
		}
	})
	if _, err := p.users(t); err == nil || !strings.Contains(err.Error(), "larger than") || p.hits.Load() != 1 {
		t.Errorf("%d requests, error %v", p.hits.Load(), err)
	}
}
