package notify

import (
	"context"
	"net/http"
	"strings"
	"unicode/utf8"
)

// heartbeatLimit is what healthchecks.io keeps of a body.
const heartbeatLimit = 100_000

// Heartbeat tells a watchman that a run went well: whoever hears nothing for too
// long raises the alarm. The address is a secret, as
// https://healthchecks.io/docs/http_api/ has it.
type Heartbeat struct {
	side
	url   string
	world World
}

// NewHeartbeat reads the address. It connects to nothing.
func NewHeartbeat(address string, w World) (*Heartbeat, error) {
	u, s, err := secretURL("heartbeat", address)
	if err != nil {
		return nil, err
	}
	return &Heartbeat{side: s, url: u.String(), world: w.withDefaults()}, nil
}

// Beat asks for the address, by POST where there is a note to keep with it. Its
// error is to be told and to change nothing else: the run went well, and who waits for
// the heartbeat notices by himself.
func (h *Heartbeat) Beat(ctx context.Context, note string) error {
	return h.world.insist(ctx, func() error {
		try, cancel := h.world.limit(ctx, 1)
		defer cancel()
		w := &watch{next: h.world.Transport}
		return asError(h.judge(ctx, w, h.beat(try, w, note), h.world.Now(), noWords))
	})
}

func (h *Heartbeat) beat(ctx context.Context, w *watch, note string) error {
	method := http.MethodGet
	if note != "" {
		method = http.MethodPost
	}
	req, err := http.NewRequestWithContext(ctx, method, h.url, strings.NewReader(cut(note, heartbeatLimit, utf8.RuneLen, "...")))
	if err != nil {
		return err
	}
	req.Header.Set("User-Agent", "rollcall")
	if note != "" {
		req.Header.Set("Content-Type", "text/plain; charset=utf-8")
	}
	return ask(w, req)
}
