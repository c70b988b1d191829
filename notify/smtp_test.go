package notify_test

import (
	"context"
	"crypto/tls"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"rollcall/notify"
)

func (s *mailServer) config() notify.SMTPConfig {
	return notify.SMTPConfig{
		Host: s.host, Port: s.port, From: "Rollcall <rollcall@example.com>", Username: mailUser, Password: mailPassword,
		TLS: &tls.Config{RootCAs: s.pool},
	}
}

func mailTo(t *testing.T, cfg notify.SMTPConfig, w notify.World) *notify.SMTP {
	t.Helper()
	c, err := notify.NewSMTP(cfg, w)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestEveryRecipientGetsAMailOfHisOwnOverTLSAfterALogin(t *testing.T) {
	for _, tt := range []struct {
		how        way
		encryption notify.Encryption
	}{{withStartTLS, ""}, {withStartTLS, notify.StartTLS}, {withTLS, notify.TLS}} {
		s := startMail(t, tt.how)
		cfg := s.config()
		cfg.Encryption, cfg.ReplyTo = tt.encryption, "it@example.com"
		receipt, err := mailTo(t, cfg, newClock().world()).Send(t.Context(), failedRevoke())
		if err != nil {
			t.Fatal(err)
		}
		if strings.Count(receipt, "250") != 0 && !strings.Contains(receipt, "queued") {
			t.Errorf("receipt %q", receipt)
		}
		if len(s.mails) != 2 || len(s.logins) != 1 || s.logins[0] != "rollcall PLAIN" {
			t.Fatalf("%d mails, logins %q", len(s.mails), s.logins)
		}
		ids := map[string]bool{}
		for i, to := range []string{"oncall@example.com", "security@example.com"} {
			m := s.mails[i]
			o := open(t, m.body)
			if m.from != "rollcall@example.com" || !slices.Equal(m.to, []string{to}) || o.get(t, "To") != "<"+to+">" || !m.tls {
				t.Errorf("from %s to %s (%q), encrypted %v", m.from, m.to, o.get(t, "To"), m.tls)
			}
			if other := failedRevoke().To[1-i]; strings.Contains(m.body, other) {
				t.Errorf("the mail to %s names %s", to, other)
			}
			for name, want := range map[string]string{
				"Subject": "A leaver still has access: revoking failed", "From": `"Rollcall" <rollcall@example.com>`, "Reply-To": "<it@example.com>",
				"Date": "Thu, 26 Nov 2026 02:14:00 +0000", "Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All", "Importance": "high",
			} {
				if got := o.get(t, name); got != want {
					t.Errorf("%s: %q, want %q", name, got, want)
				}
			}
			ids[o.get(t, "Message-Id")] = true
		}
		if len(ids) != 2 {
			t.Errorf("ids %v", ids)
		}
	}
}

func TestWhoHasHisMailIsNotSentAnotherWhenTheRestIsTriedAgain(t *testing.T) {
	s := startMail(t, withStartTLS)
	busy := &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 7, 1}, Message: "greylisted, try again"}
	s.refuse["security@example.com"] = []*smtp.SMTPError{busy, busy}
	if _, err := mailTo(t, s.config(), newClock().world()).Send(t.Context(), failedRevoke()); err != nil {
		t.Fatal(err)
	}
	if len(s.mails) != 2 {
		t.Errorf("%d mails", len(s.mails))
	}
}

func TestOneRecipientWhoIsRefusedKeepsNobodyElseWaiting(t *testing.T) {
	s := startMail(t, withStartTLS)
	never := &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such mailbox"}
	s.refuse["oncall@example.com"] = []*smtp.SMTPError{never, never, never}
	receipt, err := mailTo(t, s.config(), newClock().world()).Send(t.Context(), failedRevoke())
	if err != nil || !strings.Contains(receipt, "1 of 2 recipients have their message") || !strings.Contains(receipt, "oncall@example.com") || !strings.Contains(receipt, "no such mailbox") {
		t.Errorf("%s, %v", receipt, err)
	}
	if len(s.mails) != 1 || s.mails[0].to[0] != "security@example.com" {
		t.Errorf("%+v", s.mails)
	}
}

func TestAMailThatTheServerTookIsDeliveredHoweverTheSessionEnds(t *testing.T) {
	s := startMail(t, withStartTLS)
	s.hangUp = true
	m := failedRevoke()
	m.To = m.To[:1]
	clock := newClock()
	if _, err := mailTo(t, s.config(), clock.world()).Send(t.Context(), m); err != nil || len(s.mails) != 1 || len(clock.Slept()) != 0 {
		t.Errorf("%v, %d mails, waited %v", err, len(s.mails), clock.Slept())
	}
}

func TestMailSettingsAreRefusedInWords(t *testing.T) {
	for _, tt := range []struct {
		change func(*notify.SMTPConfig)
		says   string
	}{
		{func(c *notify.SMTPConfig) { c.Host = "" }, "no mail server is named"},
		{func(c *notify.SMTPConfig) { c.Encryption = "ssl" }, `"ssl" is no way to protect mail`},
		{func(c *notify.SMTPConfig) { c.Username = "" }, "one of them is missing"},
		{func(c *notify.SMTPConfig) { c.From = "rollcall\r\nBcc: x@y" }, "is no address"},
		{func(c *notify.SMTPConfig) { c.ReplyTo = "nobody" }, `"nobody", is none`},
	} {
		cfg := (&mailServer{host: "mail.example.com"}).config()
		tt.change(&cfg)
		if _, err := notify.NewSMTP(cfg, newClock().world()); err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%v, want %q", err, tt.says)
		}
	}
	c := mailTo(t, (&mailServer{host: "mail.example.com"}).config(), newClock().world())
	for _, to := range [][]string{nil, {"a@example.com\r\nRCPT TO:<b@example.com>"}, {"two@example.com, three@example.com"}} {
		m := failedRevoke()
		m.To = to
		if _, err := c.Send(t.Context(), m); err == nil || failed(t, err).Again {
			t.Errorf("%q: %v", to, err)
		}
	}
}

func TestAMailServerThatSaysNothingIsLeftInTime(t *testing.T) {
	silent := silentServer(t)
	world := newClock().world()
	world.Timeout = 50 * time.Millisecond
	_, err := mailTo(t, notify.SMTPConfig{Host: "127.0.0.1", Port: silent, Encryption: notify.Plain, From: "r@example.com"}, world).Send(t.Context(), failedRevoke())
	if fault := failed(t, err); !fault.Again || !strings.Contains(fault.Why, "no answer") {
		t.Errorf("%+v", fault)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	world.Timeout = time.Hour
	_, err = mailTo(t, notify.SMTPConfig{Host: "127.0.0.1", Port: silent, Encryption: notify.Plain, From: "r@example.com"}, world).Send(ctx, failedRevoke())
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the caller's own end: %v", err)
	}
}
