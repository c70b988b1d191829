package notify_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"rollcall/internal/access"
	"rollcall/notify"
)

const signingSecret = "whsec_Q0FOQVJZLXdlYmhvb2stc2VjcmV0LTAxMjM0NTY3ODk="

// receiver is a receiver as standardwebhooks.com tells people to write one: it checks
// the signature over the raw body, drops what it has by id, and here the body against
// the schema.
type receiver struct {
	t      *testing.T
	url    string
	verify *standardwebhooks.Webhook
	schema *jsonschema.Schema
	fail   int // how many requests are answered with 503 after having been taken

	got  []string // ids, each time that one arrives
	body map[string][]byte
}

func newReceiver(t *testing.T) *receiver {
	verify, err := standardwebhooks.NewWebhook(signingSecret)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(notify.WebhookSchema))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	if err := compiler.AddResource("webhook.schema.json", doc); err != nil {
		t.Fatal(err)
	}
	r := &receiver{t: t, verify: verify, schema: compiler.MustCompile("webhook.schema.json"), body: map[string][]byte{}}
	r.url = served(t, r.ServeHTTP) + "/hooks/WEBHOOKCANARY?token=TOKENCANARY"
	return r
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil || req.Method != http.MethodPost || req.Header.Get("Content-Type") != "application/json" {
		w.WriteHeader(400)
		return
	}
	// The clock of the tests stands in the past.
	if err := r.verify.VerifyIgnoringTimestamp(body, req.Header); err != nil {
		w.WriteHeader(401)
		return
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err == nil {
		err = r.schema.Validate(value)
	}
	if err != nil {
		r.t.Errorf("the body is not what the schema says: %v\n%s", err, body)
		w.WriteHeader(400)
		return
	}
	id := req.Header.Get("webhook-id")
	r.got, r.body[id] = append(r.got, id), body
	if r.fail--; r.fail >= 0 {
		w.WriteHeader(503)
		return
	}
	w.WriteHeader(204)
}

func hookTo(t *testing.T, address string, w notify.World) *notify.Webhook {
	t.Helper()
	c, err := notify.NewWebhook(notify.WebhookConfig{URL: address, Secret: signingSecret}, w)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestAWebhookIsSignedAndSaysWhatItsSchemaSays(t *testing.T) {
	r := newReceiver(t)
	id, err := hookTo(t, r.url, newClock().world()).Send(t.Context(), failedRevoke())
	if err != nil || len(r.got) != 1 || r.got[0] != id {
		t.Fatalf("%q, %v, got %q", id, err, r.got)
	}
	const want = `{"type":"notice.raised","timestamp":"2026-11-26T02:14:00Z","data":{"key":"prod/revoke_failed/E-10442","kind":"revoke_failed","urgency":"critical","title":"A leaver still has access: revoking failed","parts":[{"head":"What happened","lines":["okta: the session of E-10442 could not be ended","aws: 2 keys are still active"]},{"lines":["Tried 3 times until 02:14 UTC."]}],"links":[{"words":"Tonight's report","url":"https://reports.example.com/2026-11-26/index.html?a=1\u0026b=2"},{"words":"What to do","url":"https://reports.example.com/runbook/revocation-failed.html#step-1"},{"words":"Worksheet","url":"reports/2026-11-26/held_items.csv"}],"run_id":"20261126T020000Z-7f3a"}}`
	if got := string(r.body[id]); got != want {
		t.Errorf("got\n%s", got)
	}
	if strings.Contains(string(r.body[id]), "oncall@example.com") {
		t.Error("it names the recipients of other channels")
	}
}

func TestAReceiverKnowsASecondCopyByItsID(t *testing.T) {
	r := newReceiver(t)
	r.fail = 1
	c := hookTo(t, r.url, newClock().world())
	m := failedRevoke()
	for range 2 { // and the next run sends it again, not knowing that it arrived
		if _, err := c.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	if len(r.got) != 3 || len(r.body) != 1 {
		t.Errorf("ids %q", r.got)
	}
	m.Resolve = true
	id, err := c.Send(t.Context(), m)
	if err != nil || len(r.body) != 2 || !strings.Contains(string(r.body[id]), "notice.cured") {
		t.Errorf("%v, %d ids", err, len(r.body))
	}
}

func TestAnyMessageIsABodyThatTheSchemaAllows(t *testing.T) {
	r := newReceiver(t)
	c := hookTo(t, r.url, newClock().world())
	anyMessage(t, func(t *testing.T, m access.Message) {
		if m.Urgency == "odd" {
			m.Urgency = access.UrgencyHigh
		}
		id, err := c.Send(t.Context(), m)
		if err != nil {
			t.Fatal(err)
		}
		if !json.Valid(r.body[id]) || len(r.body[id]) > 1<<20 {
			t.Errorf("%d bytes", len(r.body[id]))
		}
	})
}

func TestAWebhookGoesNowhereElse(t *testing.T) {
	r := newReceiver(t)
	address, _ := answering(t, 307, "Location: "+r.url, "")
	_, err := hookTo(t, address+"/x", newClock().world()).Send(t.Context(), failedRevoke())
	if fault := failed(t, err); fault.Again || !strings.Contains(fault.Why, "redirect (307), which is not followed") || len(r.got) != 0 {
		t.Errorf("%+v, %d arrived elsewhere", fault, len(r.got))
	}
}

func TestAnAddressThatOthersCanReadAlongIsRefused(t *testing.T) {
	w := newClock().world()
	for _, address := range []string{"http://hooks.example.com/CANARY", "ftp://hooks.example.com/CANARY", "CANARY", "", "https:///CANARY", "http://127.0.0.1.example.com/CANARY", "https:CANARY", "http://[::1/CANARY", "//CANARY"} {
		_, slack := notify.NewSlack(address, w)
		_, hook := notify.NewWebhook(notify.WebhookConfig{URL: address, Secret: signingSecret}, w)
		_, heart := notify.NewHeartbeat(address, w)
		for _, err := range []error{slack, hook, heart} {
			if err == nil || strings.Contains(err.Error(), "CANARY") {
				t.Errorf("%q: %v", address, err)
			}
		}
	}
	for _, address := range []string{"https://hooks.example.com/x", "http://localhost:8080/x", "http://127.0.0.1/x", "http://[::1]:80/x"} {
		if _, err := notify.NewHeartbeat(address, w); err != nil {
			t.Errorf("%q: %v", address, err)
		}
	}
}

func TestASigningSecretThatIsNoneIsRefusedUnseen(t *testing.T) {
	for _, secret := range []string{"", "whsec_", "whsec_CANARY", "CANARY CANARY CANARY CANARY CANARY CANARY", "whsec_" + strings.Repeat("Q0FO", 40)} {
		_, err := notify.NewWebhook(notify.WebhookConfig{URL: "https://hooks.example.com/x", Secret: secret}, newClock().world())
		if err == nil || strings.Contains(err.Error(), "CANARY") || strings.Contains(err.Error(), "Q0FO") {
			t.Errorf("%q: %v", secret, err)
		}
	}
}
