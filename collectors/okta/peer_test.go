package okta

import (
	"io"
	"net/http"
	"sync/atomic"
	"testing"

	"rollcall/collectors/collectortest"
)

// someID has the shape of a user id.
const someID = "00u00000000000000001"

// peer is a server that says what a test wants it to say.
type peer struct {
	*clock
	c    *client
	hits atomic.Int64
}

func newPeer(t *testing.T, may permission, adjust func(*Config), h http.HandlerFunc) *peer {
	t.Helper()
	p := &peer{clock: collectortest.NewClock()}
	url := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.hits.Add(1)
		h(w, r)
	}))
	cfg := testConfig(url, readerToken, p.clock)
	if adjust != nil {
		adjust(&cfg)
	}
	c, err := newClient(cfg, may)
	if err != nil {
		t.Fatal(err)
	}
	p.c = c
	return p
}

func (p *peer) users(t *testing.T) ([]wireID, error) {
	t.Helper()
	rows, _, err := list[wireID](t.Context(), p.c, "/api/v1/users?limit=200", nil)
	return rows, err
}

func (p *peer) suspend(t *testing.T) error {
	t.Helper()
	_, _, err := p.c.send(t.Context(), http.MethodPost, "/api/v1/users/"+someID+"/lifecycle/suspend", nil)
	return err
}

func reply(w http.ResponseWriter, body string) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, body)
}

func hangUp(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
