package collectors_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"rollcall/collectors"
)

func TestOnlyGoodAnswersThatSayWhenTheyWereGivenAreHeard(t *testing.T) {
	at := time.Date(2041, 3, 4, 1, 0, 0, 0, time.UTC)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Date"] = r.URL.Query()["date"]
		if r.URL.Path == "/refused" {
			w.WriteHeader(http.StatusForbidden)
		}
	}))
	defer server.Close()
	var heard []time.Time
	client := http.Client{Transport: collectors.Heard(func(at time.Time) { heard = append(heard, at) }).Through(http.DefaultTransport)}
	for _, path := range []string{"/?date=Mon,+04+Mar+2041+01:00:00+GMT", "/refused?date=Mon,+04+Mar+2041+02:00:00+GMT", "/", "/?date=yesterday"} {
		resp, err := client.Get(server.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
	}
	if len(heard) != 1 || !heard[0].Equal(at) {
		t.Errorf("heard %v", heard)
	}
	if collectors.Heard(nil).Through(http.DefaultTransport) != http.DefaultTransport {
		t.Error("nobody listens, and somebody is in between")
	}
}
