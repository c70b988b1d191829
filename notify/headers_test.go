package notify_test

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"rollcall/internal/access"
	"rollcall/notify"
)

// broken are messages in which one thing from outside ends its line and goes on as
// headers, and a body, of its own.
func broken() map[string]access.Message {
	all := map[string]access.Message{}
	for _, end := range []string{"\r\n", "\n", "\r", "\r\n\r\n", "\u2028", "\u0085", "\v"} {
		evil := "Ann" + end + "Bcc: evil@example.com" + end + "X-Evil: 1"
		for field, set := range map[string]func(*access.Message){
			"company":         func(m *access.Message) { m.Key = evil + "/revoke_failed/E-10442" },
			"person":          func(m *access.Message) { m.Title = "A leaver still has access: " + evil },
			"kind":            func(m *access.Message) { m.Kind = evil },
			"urgency":         func(m *access.Message) { m.Urgency = access.Urgency(evil) },
			"run":             func(m *access.Message) { m.Run = access.RunID(evil) },
			"id":              func(m *access.Message) { m.ID = evil },
			"URL of a link":   func(m *access.Message) { m.Links[0].URL += evil },
			"words of a link": func(m *access.Message) { m.Links[0].Words = evil },
			"line":            func(m *access.Message) { m.Parts[0].Lines[0] = evil },
		} {
			m := failedRevoke()
			m.To = m.To[:1]
			set(&m)
			all[fmt.Sprintf("%s, %q", field, end)] = m
		}
	}
	return all
}

// headersOf are the names that a mail begins with, read by the lines as they came in and
// by no library that may mend them.
func headersOf(mail string) []string {
	head, _, _ := strings.Cut(mail, "\r\n\r\n")
	var names []string
	for line := range strings.SplitSeq(head, "\n") {
		if name, _, is := strings.Cut(line, ":"); is && !strings.HasPrefix(line, " ") && !strings.HasPrefix(line, "\t") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func TestNothingFromOutsideAddsAHeaderToAMail(t *testing.T) {
	s := startMail(t, withStartTLS)
	c := mailTo(t, s.config(), newClock().world())
	plain := failedRevoke()
	plain.To = plain.To[:1]
	if _, err := c.Send(t.Context(), plain); err != nil {
		t.Fatal(err)
	}
	want := headersOf(s.mails[0].body)
	for name, m := range broken() {
		if _, err := c.Send(t.Context(), m); err != nil {
			t.Errorf("%s: the notice is lost: %v", name, err)
			continue
		}
		got := s.mails[len(s.mails)-1]
		// an urgency that there is not is not urgent
		have := headersOf(got.body)
		if strings.HasPrefix(name, "urgency") {
			have = append(have, "Importance", "Priority", "X-MSMail-Priority", "X-Priority")
			slices.Sort(have)
		}
		if !slices.Equal(have, want) || !slices.Equal(got.to, plain.To) {
			t.Errorf("%s: headers %q to %q, want %q to %q", name, have, got.to, want, plain.To)
		}
	}
}

func TestARecipientOrSenderThatHoldsAHeaderIsRefused(t *testing.T) {
	s := startMail(t, withStartTLS)
	c := mailTo(t, s.config(), newClock().world())
	for _, to := range []string{
		"ann@example.com\r\nBcc: evil@example.com", "ann@example.com\nX-Evil: 1", "Ann\r\nX-Evil: 1 <ann@example.com>",
		"\"Ann\r\nX-Evil: 1\" <ann@example.com>", "ann@example.com\r\nRCPT TO:<evil@example.com>", "ann@example.com, evil@example.com",
	} {
		m := failedRevoke()
		m.To = []string{to}
		if _, err := c.Send(t.Context(), m); err == nil || !strings.Contains(err.Error(), "is no address") {
			t.Errorf("%q: %v", to, err)
		}
		cfg := s.config()
		cfg.From = to
		if _, err := notify.NewSMTP(cfg, newClock().world()); err == nil {
			t.Errorf("%q may send", to)
		}
	}
	if len(s.mails) != 0 {
		t.Errorf("%d mails went out", len(s.mails))
	}
}

// What comes from outside goes into the body. Were it in a header, Go would refuse the
// request and the notice would be lost: so each must arrive, with the headers of any other.
func TestNothingFromOutsideAddsAHeaderToARequestOrLosesANotice(t *testing.T) {
	for name, answer := range map[string]string{
		"slack": "ok", "webhook": "", "pagerduty": `{"status":"success","message":"Event processed","dedup_key":"k"}`,
		"sns": `<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>1</MessageId></PublishResult><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></PublishResponse>`,
	} {
		var arrived [][]string
		c := channelTo(t, name, served(t, func(w http.ResponseWriter, r *http.Request) {
			arrived = append(arrived, slices.Sorted(maps.Keys(r.Header)))
			if name == "pagerduty" {
				w.WriteHeader(http.StatusAccepted)
			}
			_, _ = io.WriteString(w, answer)
		}))
		if _, err := c.Send(t.Context(), failedRevoke()); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		want := arrived[0]
		for what, m := range broken() {
			before := len(arrived)
			if _, err := c.Send(t.Context(), m); err != nil || len(arrived) != before+1 {
				t.Errorf("%s, %s: %d requests, %v", name, what, len(arrived)-before, err)
			} else if got := arrived[before]; !slices.Equal(got, want) {
				t.Errorf("%s, %s: headers %q, want %q", name, what, got, want)
			}
		}
	}
}

func channelTo(t *testing.T, name, address string) notify.Channel {
	t.Helper()
	w := newClock().world()
	switch name {
	case "webhook":
		return hookTo(t, address, w)
	case "pagerduty":
		return pagerTo(t, address, w)
	case "sns":
		return topicTo(t, topicARN, address, w)
	}
	c, err := notify.NewSlack(address, w)
	if err != nil {
		t.Fatal(err)
	}
	return c
}
