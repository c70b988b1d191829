package notify_test

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"rollcall/internal/access"
)

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
