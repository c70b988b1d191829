package collectors

import (
	"net/http"
	"time"
)

// Heard is told when each good answer was given, by the clock of the system that gave
// it (the header Date).
type Heard func(at time.Time)

// Through lets the answers of next be heard. A nil Heard hears nothing.
func (h Heard) Through(next http.RoundTripper) http.RoundTripper {
	if h == nil {
		return next
	}
	return ear{next, h}
}

type ear struct {
	next http.RoundTripper
	told Heard
}

// RoundTrip implements http.RoundTripper. Refusals are not heard: a proxy on the way
// gives them too, with a clock of its own.
func (e ear) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := e.next.RoundTrip(req)
	if err != nil || resp.StatusCode/100 != 2 {
		return resp, err
	}
	if at, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		e.told(at)
	}
	return resp, nil
}
