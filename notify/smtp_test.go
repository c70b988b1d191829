package notify_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"golang.org/x/net/html"

	"rollcall/internal/access"
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

// opened is a mail as a mail program shows it.
type opened struct {
	header     mail.Header
	text, html string
}

func open(t *testing.T, body string) opened {
	t.Helper()
	m, err := mail.ReadMessage(strings.NewReader(body))
	if err != nil {
		t.Fatalf("%v in\n%s", err, body)
	}
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("content type %q, %v", kind, err)
	}
	o := opened{header: m.Header}
	parts := multipart.NewReader(m.Body, params["boundary"])
	for _, want := range []struct {
		kind string
		into *string
	}{{"text/plain", &o.text}, {"text/html", &o.html}} {
		p, err := parts.NextRawPart()
		if err != nil {
			t.Fatal(err)
		}
		if kind, _, err := mime.ParseMediaType(p.Header.Get("Content-Type")); err != nil || kind != want.kind || p.Header.Get("Content-Disposition") != "" {
			t.Fatalf("part of type %q (%v), disposition %q", kind, err, p.Header.Get("Content-Disposition"))
		}
		b, err := io.ReadAll(quotedprintable.NewReader(p))
		if err != nil {
			t.Fatal(err)
		}
		*want.into = strings.ReplaceAll(string(b), "\r\n", "\n")
	}
	if _, err := parts.NextRawPart(); !errors.Is(err, io.EOF) {
		t.Fatalf("a third part: %v", err)
	}
	return o
}

func (o opened) get(t *testing.T, name string) string {
	t.Helper()
	if n := len(o.header[name]); n > 1 {
		t.Errorf("%d headers %s", n, name)
	}
	s, err := new(mime.WordDecoder).DecodeHeader(o.header.Get(name))
	if err != nil {
		t.Fatal(err)
	}
	return s
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

func TestTextAndHTMLOfAMailSayTheSame(t *testing.T) {
	s := startMail(t, withStartTLS)
	if _, err := mailTo(t, s.config(), newClock().world()).Send(t.Context(), failedRevoke()); err != nil {
		t.Fatal(err)
	}
	o := open(t, s.mails[0].body)
	const want = `A leaver still has access: revoking failed
Critical: act now

What happened
- okta: the session of E-10442 could not be ended
- aws: 2 keys are still active

- Tried 3 times until 02:14 UTC.

Tonight's report: https://reports.example.com/2026-11-26/index.html?a=1&b=2
What to do: https://reports.example.com/runbook/revocation-failed.html#step-1
Worksheet: reports/2026-11-26/held_items.csv

rollcall, run 20261126T020000Z-7f3a, 26 Nov 2026 02:14 UTC
`
	if o.text != want {
		t.Errorf("got\n%s", o.text)
	}
	page := pageOf(t, o.html)
	for _, line := range strings.Split(want, "\n") {
		line = strings.TrimPrefix(line, "- ")
		if words, _, linked := strings.Cut(line, ": https://"); linked {
			line = words
		}
		if !strings.Contains(page.text, line) {
			t.Errorf("the page lacks %q:\n%s", line, page.text)
		}
	}
	if !slices.Equal(page.links, []string{"https://reports.example.com/2026-11-26/index.html?a=1&b=2", "https://reports.example.com/runbook/revocation-failed.html#step-1"}) {
		t.Errorf("links %q", page.links)
	}
}

type htmlPage struct {
	text  string
	links []string
	tags  map[string]bool
	attrs map[string]bool
}

// pageOf reads a page as a browser does.
func pageOf(t *testing.T, text string) htmlPage {
	t.Helper()
	root, err := html.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	p := htmlPage{tags: map[string]bool{}, attrs: map[string]bool{}}
	for n := range root.Descendants() {
		switch n.Type {
		case html.TextNode:
			p.text += n.Data
		case html.ElementNode:
			p.tags[n.Data] = true
			for _, a := range n.Attr {
				p.attrs[a.Key] = true
				if a.Key == "href" {
					p.links = append(p.links, a.Val)
				}
			}
		}
	}
	return p
}

func TestTheSameMailHasTheSameIDAndAnotherTellingAnother(t *testing.T) {
	s := startMail(t, withStartTLS)
	c := mailTo(t, s.config(), newClock().world())
	m := failedRevoke()
	m.To = m.To[:1]
	again, tomorrow, cured := m, m, m
	tomorrow.At = m.At.AddDate(0, 0, 1)
	cured.Resolve = true
	var ids, threads []string
	for _, m := range []access.Message{m, again, tomorrow, cured} {
		if _, err := c.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		o := open(t, s.mails[len(s.mails)-1].body)
		ids, threads = append(ids, o.get(t, "Message-Id")), append(threads, o.get(t, "References"))
	}
	if ids[0] != ids[1] || ids[1] == ids[2] || ids[2] == ids[3] || ids[0] == ids[3] || !strings.HasSuffix(ids[0], "@example.com>") {
		t.Errorf("ids %q", ids)
	}
	if len(slices.Compact(threads)) != 1 {
		t.Errorf("conversations %q", threads)
	}
	if s.mails[0].body != s.mails[1].body {
		t.Error("the same message gives other bytes")
	}
}

func TestAnyMessageIsAMailWithItsHeadersAndNoMarkUp(t *testing.T) {
	s := startMail(t, withStartTLS)
	c := mailTo(t, s.config(), newClock().world())
	names := []string{"Auto-Submitted", "Content-Type", "Date", "From", "Importance", "Message-Id", "Mime-Version", "Priority", "References", "Subject", "To", "X-Auto-Response-Suppress", "X-Msmail-Priority", "X-Priority"}
	tags := []string{"a", "body", "h1", "h2", "head", "html", "li", "meta", "p", "strong", "title", "ul"}
	anyMessage(t, func(t *testing.T, m access.Message) {
		if _, err := c.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		got := s.mails[len(s.mails)-1]
		o := open(t, got.body)
		for name := range o.header {
			if !slices.Contains(names, name) {
				t.Errorf("a header %s: %q", name, o.header.Get(name))
			}
		}
		if !slices.Equal(got.to, m.To) {
			t.Errorf("it went to %q", got.to)
		}
		if subject := o.get(t, "Subject"); units16(subject) > 210 || strings.ContainsAny(subject, "\r\n\x00\u202e") || subject == "" {
			t.Errorf("subject %q", subject)
		}
		page := pageOf(t, o.html)
		for tag := range page.tags {
			if !slices.Contains(tags, tag) {
				t.Errorf("the page holds <%s>", tag)
			}
		}
		for attr := range page.attrs {
			if !slices.Contains([]string{"lang", "charset", "name", "content", "style", "href"}, attr) {
				t.Errorf("the page holds the attribute %s", attr)
			}
		}
		for _, link := range page.links {
			if !strings.HasPrefix(link, "https://") {
				t.Errorf("a link to %q", link)
			}
		}
	})
}

func TestALongSubjectInOtherLettersArrivesWhole(t *testing.T) {
	s := startMail(t, withStartTLS)
	m := failedRevoke()
	m.Title = "Zugänge: " + strings.Repeat("日本語🙂", 25)
	if _, err := mailTo(t, s.config(), newClock().world()).Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if got := open(t, s.mails[0].body).get(t, "Subject"); got != m.Title {
		t.Errorf("got %q", got)
	}
	for line := range strings.SplitSeq(s.mails[0].body, "\r\n") {
		if len(line) > 998 {
			t.Errorf("a line of %d bytes", len(line))
		}
		for _, b := range []byte(line) {
			if b > 126 {
				t.Fatalf("a byte %d in %q", b, line)
			}
		}
	}
}

func TestAPasswordIsNeverSentInTheClear(t *testing.T) {
	s := startMail(t, withPlain)
	cfg := s.config()
	cfg.Encryption = notify.Plain
	if _, err := notify.NewSMTP(cfg, newClock().world()); err == nil || !strings.Contains(err.Error(), "a password is not sent") {
		t.Errorf("plain with a password: %v", err)
	}
	for _, encryption := range []notify.Encryption{"", notify.StartTLS, notify.TLS} {
		cfg.Encryption = encryption
		_, err := mailTo(t, cfg, newClock().world()).Send(t.Context(), failedRevoke())
		if err == nil {
			t.Errorf("%q: sent to a server without TLS", encryption)
		}
	}
	if s.tried != 0 || len(s.mails) != 0 {
		t.Errorf("%d logins, %d mails", s.tried, len(s.mails))
	}
	cfg.Encryption, cfg.Username, cfg.Password = notify.StartTLS, "", ""
	_, err := mailTo(t, cfg, newClock().world()).Send(t.Context(), failedRevoke())
	if fault := failed(t, err); fault.Again || !strings.Contains(fault.Why, "offers no STARTTLS") || len(s.mails) != 0 {
		t.Errorf("without a login: %+v, %d mails", fault, len(s.mails))
	}
	cfg.Encryption = notify.Plain
	if _, err := mailTo(t, cfg, newClock().world()).Send(t.Context(), failedRevoke()); err != nil || len(s.mails) != 2 || s.mails[0].tls {
		t.Errorf("to a relay, as configured: %v, %d mails", err, len(s.mails))
	}
}

func TestACertificateThatIsNotTrustedGetsNoMail(t *testing.T) {
	for how, encryption := range map[way]notify.Encryption{withStartTLS: notify.StartTLS, withTLS: notify.TLS} {
		s := startMail(t, how)
		cfg := s.config()
		cfg.TLS, cfg.Encryption = nil, encryption
		_, err := mailTo(t, cfg, newClock().world()).Send(t.Context(), failedRevoke())
		if fault := failed(t, err); !strings.Contains(fault.Why, "network.ca_bundle") || fault.Again {
			t.Errorf("%s: %+v", encryption, fault)
		}
		if s.tried != 0 {
			t.Errorf("%s: it logged in", encryption)
		}
	}
}

// Whoever stands between could read what TLS 1.0 and 1.1 carry, and the password with it;
// also where what a caller hands over would take them.
func TestAMailServerOfAnOldTLSGetsNoMailAndNoPassword(t *testing.T) {
	for how, encryption := range map[way]notify.Encryption{withOldStartTLS: notify.StartTLS, withOldTLS: notify.TLS} {
		s := startMail(t, how)
		cfg := s.config()
		cfg.Encryption = encryption
		cfg.TLS.MinVersion = tls.VersionTLS10
		_, err := mailTo(t, cfg, newClock().world()).Send(t.Context(), failedRevoke())
		if err == nil || s.tried != 0 || len(s.mails) != 0 {
			t.Errorf("%s: %v, %d logins, %d mails", encryption, err, s.tried, len(s.mails))
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
