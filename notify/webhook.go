package notify

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"rollcall/internal/access"
)

// WebhookSchema describes the body that a webhook is sent, as JSON Schema.
//
//go:embed webhook.schema.json
var WebhookSchema string

// WebhookConfig is somebody's own receiver.
type WebhookConfig struct {
	URL    string // a secret
	Secret string // whsec_ and base64 of 24 to 64 bytes, with which the receiver checks the signature
}

// Webhook posts JSON that is signed as https://www.standardwebhooks.com says.
type Webhook struct {
	side
	url    string
	signer *standardwebhooks.Webhook
	world  World
}

// NewWebhook reads the settings. It connects to nothing.
func NewWebhook(cfg WebhookConfig, w World) (*Webhook, error) {
	u, s, err := secretURL("webhook", cfg.URL)
	if err != nil {
		return nil, err
	}
	secret := strings.TrimSpace(cfg.Secret)
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil || len(key) < 24 || len(key) > 64 {
		return nil, &Error{Channel: "webhook", Why: "the signing secret is not whsec_ followed by the base64 of 24 to 64 bytes: make one with  echo whsec_$(openssl rand -base64 32)"}
	}
	s.secrets = append(s.secrets, spelled(secret, strings.TrimPrefix(secret, "whsec_"))...)
	signer, err := standardwebhooks.NewWebhookRaw(key)
	if err != nil {
		return nil, s.refuse("the signing secret is not accepted: make a new one")
	}
	return &Webhook{side: s, url: u.String(), signer: signer, world: w.withDefaults()}, nil
}

// webhookBody is described by webhook.schema.json: a field is added, never renamed
// or taken away.
type webhookBody struct {
	Type      string      `json:"type"` // notice.raised or notice.cured
	Timestamp time.Time   `json:"timestamp"`
	Data      webhookData `json:"data"`
}

type webhookData struct {
	Key     string               `json:"key"`
	Kind    string               `json:"kind"`
	Urgency access.Urgency       `json:"urgency"`
	Title   string               `json:"title"`
	Parts   []access.MessagePart `json:"parts"`
	Links   []access.MessageLink `json:"links"`
	Run     access.RunID         `json:"run_id"`
}

// Send implements Channel. The id is the same whenever the same message is sent, so
// that a receiver can drop a second copy; the receipt is that id.
func (c *Webhook) Send(ctx context.Context, m access.Message) (string, error) {
	body, err := json.Marshal(webhookOf(clean(m)))
	if err != nil {
		return "", c.refuse("the message cannot be written as JSON: this is a mistake in rollcall")
	}
	id := "msg_" + occasion(m)
	if m.ID == "" {
		id = "msg_" + fingerprint(occasion(m), string(body))
	}
	err = c.world.insist(ctx, func() error {
		try, cancel := c.world.limit(ctx, 1)
		defer cancel()
		w := &watch{next: c.world.Transport}
		return asError(c.judge(ctx, w, c.post(try, w, id, body), c.world.Now(), noWords))
	})
	if err != nil {
		return "", err
	}
	return id, nil
}

func (c *Webhook) post(ctx context.Context, w *watch, id string, body []byte) error {
	now := c.world.Now()
	signature, err := c.signer.Sign(id, now, body)
	if err != nil {
		return fmt.Errorf("sign the message: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "rollcall")
	req.Header.Set(standardwebhooks.HeaderWebhookID, id)
	req.Header.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(now.Unix(), 10))
	req.Header.Set(standardwebhooks.HeaderWebhookSignature, signature)
	return ask(w, req)
}

func webhookOf(m access.Message) webhookBody {
	b := webhookBody{Type: "notice." + state(m), Timestamp: m.At.UTC(), Data: webhookData{
		Key: dedupKey(m.Key), Kind: m.Kind, Urgency: m.Urgency, Title: m.Title, Parts: shorten(m.Parts, bodyLimit), Links: m.Links, Run: m.Run,
	}}
	if b.Data.Parts == nil {
		b.Data.Parts = []access.MessagePart{}
	}
	for i := range b.Data.Parts {
		if b.Data.Parts[i].Lines == nil {
			b.Data.Parts[i].Lines = []string{}
		}
	}
	if b.Data.Links == nil {
		b.Data.Links = []access.MessageLink{}
	}
	return b
}

// ask makes the request; what came back is in the watch.
func ask(w *watch, req *http.Request) error {
	resp, err := w.client().Do(req)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

// asError keeps a nil *Error from becoming an error that is not nil.
func asError(fault *Error) error {
	if fault == nil {
		return nil
	}
	return fault
}
