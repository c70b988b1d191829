package notify

import (
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"rollcall/internal/access"
	"rollcall/internal/phrase"
)

// seeReport ends a text of which a channel takes no more.
const seeReport = "... see the report"

// What a message may hold at most, far above what people write; lines are cut by each
// channel.
const (
	shortLimit = 300 // kind, run, heading, words of a link
	titleLimit = 1024
	urlLimit   = 2000
	linksLimit = 20
)

// clean gives the message with every text on a line of its own, and without what is
// empty.
func clean(m access.Message) access.Message {
	m.Kind, m.Run = short(m.Kind), access.RunID(short(string(m.Run)))
	m.Title = cut(phrase.OneLine(m.Title), titleLimit, units, "...")
	if m.Title == "" {
		m.Title = "rollcall has something to tell"
	}
	var parts []access.MessagePart
	for _, p := range m.Parts {
		if p = cleanPart(p); p.Head != "" || len(p.Lines) > 0 {
			parts = append(parts, p)
		}
	}
	m.Parts = parts
	m.Links = cleanLinks(m.Links)
	return m
}

func short(s string) string { return cut(phrase.OneLine(s), shortLimit, units, "...") }

func cleanPart(p access.MessagePart) access.MessagePart {
	out := access.MessagePart{Head: short(p.Head)}
	for _, l := range p.Lines {
		if l = phrase.OneLine(l); l != "" {
			out.Lines = append(out.Lines, l)
		}
	}
	return out
}

// cleanLinks drops what leads nowhere: also an address too long to be one, half of
// which would lead astray.
func cleanLinks(links []access.MessageLink) []access.MessageLink {
	var out []access.MessageLink
	for _, l := range links {
		l.Words, l.URL = short(l.Words), phrase.OneLine(l.URL)
		if l.URL == "" || len(l.URL) > urlLimit || len(out) == linksLimit {
			continue
		}
		if l.Words == "" {
			l.Words = short(l.URL)
		}
		out = append(out, l)
	}
	return out
}

// bodyLimit is what a mail or a webhook is given of the parts: a message points to a
// report, it is none.
const bodyLimit = 100_000

// shorten keeps as many lines as there is room for, and says that the rest is missing.
func shorten(parts []access.MessagePart, room int) []access.MessagePart {
	var out []access.MessagePart
	for _, p := range parts {
		kept := access.MessagePart{Head: p.Head}
		room -= len(p.Head) + 100 // what a format adds
		for _, l := range p.Lines {
			if room -= len(l) + 20; room < 0 {
				kept.Lines = append(kept.Lines, seeReport)
				return append(out, kept)
			}
			kept.Lines = append(kept.Lines, l)
		}
		if room < 0 {
			return append(out, access.MessagePart{Lines: []string{seeReport}})
		}
		out = append(out, kept)
	}
	return out
}

// href gives a page that a browser may be sent to; everything else, such as a file's
// path, is shown as text.
func href(link string) (string, bool) {
	u, err := url.Parse(link)
	if err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && u.Scheme != "http" {
		return "", false
	}
	return u.String(), true
}

// urgent is how each urgency is said to people.
var urgent = map[access.Urgency]string{
	access.UrgencyCritical: "Critical: act now",
	access.UrgencyHigh:     "High: somebody has to look",
	access.UrgencySameDay:  "Today",
	access.UrgencyDigest:   "For your information",
}

// standing is the line that says how the message is to be taken.
func standing(m access.Message) string {
	if m.Resolve {
		return "Cured"
	}
	return urgent[m.Urgency]
}

// title is the first line; of what is cured it says so.
func title(m access.Message) string {
	if m.Resolve && !strings.HasPrefix(m.Title, "Cured") {
		return "Cured: " + m.Title
	}
	return m.Title
}

// source is the last line: where this came from.
func source(m access.Message) string {
	s := "rollcall"
	if run := string(m.Run); run != "" {
		s += ", run " + run
	}
	if !m.At.IsZero() {
		s += ", " + m.At.UTC().Format("2 Jan 2006 15:04 UTC")
	}
	return s
}

// plain is the whole message as text, for channels that know nothing else.
func plain(m access.Message) string {
	var b strings.Builder
	b.WriteString(title(m) + "\n")
	if s := standing(m); s != "" && !m.Resolve {
		b.WriteString(s + "\n")
	}
	for _, p := range m.Parts {
		b.WriteString("\n" + partText(p) + "\n")
	}
	if len(m.Links) > 0 {
		b.WriteString("\n")
	}
	for _, l := range m.Links {
		b.WriteString(linkText(l) + "\n")
	}
	b.WriteString("\n" + source(m) + "\n")
	return b.String()
}

func partText(p access.MessagePart) string {
	lines := make([]string, 0, len(p.Lines)+1)
	if p.Head != "" {
		lines = append(lines, p.Head)
	}
	for _, l := range p.Lines {
		lines = append(lines, "- "+l)
	}
	return strings.Join(lines, "\n")
}

func linkText(l access.MessageLink) string {
	if l.Words == l.URL {
		return l.URL
	}
	return l.Words + ": " + l.URL
}

// cut shortens the text to at most max, counted by size, between two characters.
// What was cut ends in tail.
func cut(s string, max int, size func(rune) int, tail string) string {
	room := max - length(tail, size)
	end, total := 0, 0
	for i, r := range s {
		if total += size(r); total <= room {
			end = i + utf8.RuneLen(r)
		}
		if total > max {
			return strings.TrimRight(s[:end], " \n") + tail
		}
	}
	return s
}

func length(s string, size func(rune) int) int {
	n := 0
	for _, r := range s {
		n += size(r)
	}
	return n
}

// units counts as JavaScript does, which is never less than a count of characters:
// no vendor says how it counts.
func units(r rune) int { return utf16.RuneLen(r) }

// fingerprint is short enough for every id, and the same for the same texts.
func fingerprint(texts ...string) string {
	h := sha256.New()
	for _, t := range texts {
		sum := sha256.Sum256([]byte(t)) // each on its own: no two lists run together
		h.Write(sum[:])
	}
	return hex.EncodeToString(h.Sum(nil))[:40]
}

// occasion tells one telling of a key from the next: the same when it is sent again.
func occasion(m access.Message) string {
	if m.ID != "" {
		return fingerprint(m.ID)
	}
	state := "raised"
	if m.Resolve {
		state = "cured"
	}
	return fingerprint(m.Key, state, string(m.Run), m.At.UTC().Format("2006-01-02T15:04:05.999999999Z"), m.Title, partsText(m.Parts))
}

func partsText(parts []access.MessagePart) string {
	var b strings.Builder
	for _, p := range parts {
		b.WriteString(partText(p) + "\n\n")
	}
	return b.String()
}
