package fakeokta_test

import (
	"fmt"
	"net/url"
	"testing"
	"time"

	"rollcall/internal/sandbox/fakeokta"
)

// asked is one page of the log: its events by type, and whether it names a next.
func (s *sandbox) asked(parameters url.Values) (kinds []string, more bool) {
	s.t.Helper()
	var events []struct {
		EventType string `json:"eventType"`
	}
	resp := s.raw("GET", "/api/v1/logs?"+parameters.Encode(), &events)
	for _, e := range events {
		kinds = append(kinds, e.EventType)
	}
	return kinds, resp.HasNextPage()
}

func at(t time.Time) string { return t.Format(time.RFC3339) }

func TestALogIsPolledByWhenItHadAnEventAndBoundedByWhenThatHappened(t *testing.T) {
	now := start
	s, p := openPopulated(t, fakeokta.Options{Now: func() time.Time { return now }, LogDelay: time.Hour})
	s.SignOn(p.users[1].ID, p.saml.ID, now, fakeokta.Client{IP: "203.0.113.7"})
	mine := url.Values{"filter": {fmt.Sprintf(`(eventType eq "user.authentication.sso" or eventType sw "user.lifecycle.") and (actor.id eq %q or target.id eq %q)`, p.users[1].ID, p.users[1].ID)}}
	with := func(name string, values ...string) url.Values {
		q := url.Values{name: values}
		for k, v := range mine {
			q[k] = v
		}
		return q
	}
	now = start.Add(30 * time.Minute)
	got, more := s.asked(with("since", at(start.Add(-time.Hour))))
	equal(t, "what is delayed, and a next page of a poll", fmt.Sprint(got, more), "[] true")
	now = start.Add(2 * time.Hour)
	got, more = s.asked(with("since", at(start.Add(30*time.Minute))))
	equal(t, "a poll since before it was there", fmt.Sprint(got, more), "[user.authentication.sso] true")
	bounded := with("since", at(start.Add(30*time.Minute)))
	bounded.Set("until", at(now))
	got, more = s.asked(bounded)
	equal(t, "the time after it happened", fmt.Sprint(got, more), "[] false")
	bounded.Set("since", at(start))
	got, more = s.asked(bounded)
	equal(t, "the time when it happened", fmt.Sprint(got, more), "[user.authentication.sso] false")
	now = start.Add(91 * 24 * time.Hour)
	bounded.Set("until", at(now))
	got, _ = s.asked(bounded)
	equal(t, "what is older than 90 days", len(got), 0)
}

func TestALogRefusesWhatOktaDoes(t *testing.T) {
	s := open(t, fakeokta.Options{})
	for what, q := range map[string]url.Values{
		"published in a filter":         {"filter": {`published gt "2026-01-01T00:00:00Z"`}},
		"a group that does not end":     {"filter": {`(eventType eq "a" or eventType eq "b"`}},
		"an operator that there is not": {"filter": {`eventType eqq "a"`}},
	} {
		resp, err := s.try("GET", "/api/v1/logs?"+q.Encode(), nil)
		refused(t, what, resp, err, 400, "E0000031")
	}
	resp, err := s.try("GET", "/api/v1/logs?"+url.Values{"since": {at(start.AddDate(0, 0, -200))}}.Encode(), nil)
	refused(t, "a since of long ago", resp, err, 400, "E0000053")
}

func TestAChangeLeavesAnEventThatNamesItsRequest(t *testing.T) {
	s, p := openPopulated(t, fakeokta.Options{})
	resp := s.raw("POST", "/api/v1/users/"+p.users[2].ID+"/lifecycle/suspend", nil)
	for _, e := range s.EventsOf(p.users[2].ID) {
		equal(t, e.Type, e.Request, resp.Header.Get("X-Okta-Request-Id"))
		equal(t, e.Type, e.Outcome, "SUCCESS")
	}
}
