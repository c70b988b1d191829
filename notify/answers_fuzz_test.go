package notify

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"rollcall/internal/access"
)

type answering func(*http.Request) (*http.Response, error)

func (a answering) RoundTrip(r *http.Request) (*http.Response, error) { return a(r) }

// Whatever PagerDuty answers, with whatever header: somebody was told only if it says
// success, no wait is longer than the longest, and nothing that is told has the key in it
// or a second line.
func FuzzPagerDutyAnswer(f *testing.F) {
	key := strings.Repeat("0a1b", 8)
	for _, body := range []string{`{"status":"success","message":"Event processed","dedup_key":"k"}`, `{"status":"success","dedup_key":"` + key + `\n::error::x"}`, `{"status":"invalid event","errors":["` + key + `"]}`,
		`{"status":"SUCCESS"}`, `{"Status":"success"}`, "", "null", "[]", "<html>", `{"status":1}`} {
		for _, status := range []int{202, 200, 204, 301, 400, 401, 429, 500} {
			f.Add(status, "30", []byte(body))
		}
	}
	for _, after := range []string{"-1", "2147483647", "99999999999999999999", "Fri, 31 Dec 9999 23:59:59 GMT", "Mon, 01 Jan 0001 00:00:00 GMT"} {
		f.Add(429, after, []byte("{}"))
	}
	now := time.Date(2026, 11, 26, 2, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, status int, after string, body []byte) {
		if status < 200 || status > 599 {
			return
		}
		world := World{Now: func() time.Time { return now }, Sleep: func(_ context.Context, d time.Duration) error {
			if d <= 0 || d > longestWait {
				t.Fatalf("it waits for %s", d)
			}
			return nil
		}, Transport: answering(func(r *http.Request) (*http.Response, error) {
			rec := httptest.NewRecorder()
			rec.Header()["Retry-After"] = []string{after}
			rec.WriteHeader(status)
			_, _ = rec.Write(body)
			resp := rec.Result()
			resp.Request = r
			return resp, nil
		})}
		c, err := NewPagerDuty(PagerDutyConfig{RoutingKey: key}, world)
		if err != nil {
			t.Fatal(err)
		}
		receipt, err := c.Send(t.Context(), access.Message{Key: "k", Title: "t"})
		said := receipt
		if fault := (*Error)(nil); errors.As(err, &fault) {
			said += fault.Error()
			if fault.After < 0 {
				t.Fatalf("%q is %s", after, fault.After)
			}
		}
		if strings.Contains(said, key) || strings.ContainsAny(said, "\n\r\x1b") {
			t.Fatalf("%q is told", said)
		}
		var plain struct{ Status any }
		decoded := json.NewDecoder(bytes.NewReader(body)).Decode(&plain)
		if err == nil && (status/100 != 2 || decoded != nil || plain.Status != any("success")) {
			t.Fatalf("somebody was told, by %d %s", status, body)
		}
	})
}
