package reconcile

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/phrase"
)

// longestKey is the most that a pager takes.
const longestKey = 255

// key is the name of a message: the same on every night on which it is told.
func (r NoticeRules) key(id string) string {
	k := id
	if r.Environment != "" {
		k = r.Environment + "/" + id
	}
	if len(k) <= longestKey {
		return k
	}
	kind, _, _ := strings.Cut(id, "/")
	return strings.TrimPrefix(r.Environment+"/"+kind+"/"+stableID("n", id), "/")
}

// ConcernOf is the ID of the concern that a key, or an ID, names.
func (r NoticeRules) ConcernOf(b access.NoticeBook, key string) (id string, found bool) {
	for _, c := range b.Open {
		if key == c.ID() || key == r.key(c.ID()) {
			return c.ID(), true
		}
	}
	return "", false
}

// Key is the name under which a concern is told.
func (r NoticeRules) Key(c access.Concern) string { return r.key(c.ID()) }

// Title is a concern's one line, which names nobody.
func Title(c access.Concern) string { return rowOf(c.Kind).title }

// about is the message about one concern. Only what is restricted to HR and security, by
// a channel that only they read, has more in it than what everybody may read.
func (r NoticeRules) about(c access.Concern, who recipient, how access.Urgency, purpose string, private bool, now time.Time) access.Message {
	row := rowOf(c.Kind)
	m := access.Message{Key: r.key(c.ID()), Kind: c.Kind, Urgency: how, Resolve: purpose == access.ToResolve, To: who.addresses(r, how, now),
		Title: titleFor(row.title, purpose), At: now, Run: c.SeenIn}
	if m.Resolve {
		m.Parts = []access.MessagePart{{Lines: []string{"A run that looked sees it no more. It was open since " + phrase.Minute(c.Since) + "."}}}
		return m
	}
	m.Parts = append(m.Parts, access.MessagePart{Lines: readable(c, who, private)})
	if purpose == access.ToRepeat || purpose == access.ToNext {
		m.Parts = append(m.Parts, access.MessagePart{Lines: []string{fmt.Sprintf("Open since %s, and nobody has taken it up: rollcall notices ack --key %s --by NAME", phrase.Minute(c.Since), m.Key)}})
	}
	m.Parts = append(m.Parts, r.places(c.SeenIn, row.page), r.callPart(c.System))
	m.Links = r.links(c.SeenIn, row.page)
	m.Parts = slices.DeleteFunc(m.Parts, func(p access.MessagePart) bool { return len(p.Lines) == 0 })
	return m
}

func titleFor(title, purpose string) string {
	switch purpose {
	case access.ToResolve:
		return "Cured: " + title
	case access.ToRepeat:
		return "Still: " + title
	}
	return title
}

// readable is what a recipient may read of a concern.
func readable(c access.Concern, who recipient, private bool) []string {
	out := slices.Clone(c.Open)
	if private && who.audience.Trusted() {
		for _, line := range c.Restricted {
			if line != "" {
				out = append(out, line)
			}
		}
	}
	return out
}

// daily is the message with all that is not urgent.
func (r NoticeRules) daily(g *digesting, how access.Urgency, key string, private bool, now time.Time) access.Message {
	m := access.Message{Key: r.key(key), Kind: "digest", Urgency: how, To: g.who.addresses(r, how, now), At: now}
	m.Title = fmt.Sprintf("rollcall: %d matters of today", len(g.items))
	if len(g.items) == 1 {
		m.Title = "rollcall: " + Title(g.items[0])
	}
	var system string
	for _, c := range g.items {
		part := access.MessagePart{Head: Title(c), Lines: readable(c, g.who, private)}
		if c.Kind == NoticeChainHead && r.Head != "" {
			part.Lines = append(part.Lines, "Head of the archive: "+r.Head)
		}
		m.Parts = append(m.Parts, part)
		if m.Run < c.SeenIn {
			m.Run = c.SeenIn
		}
		for _, l := range r.links(c.SeenIn, rowOf(c.Kind).page) {
			if !slices.Contains(m.Links, l) {
				m.Links = append(m.Links, l)
			}
		}
		system = c.System
	}
	if place := r.places(m.Run, ""); len(place.Lines) > 0 {
		m.Parts = append(m.Parts, place)
	}
	if call := r.callPart(system); len(call.Lines) > 0 {
		m.Parts = append(m.Parts, call)
	}
	return m
}

// places names what no address leads to.
func (r NoticeRules) places(run access.RunID, page access.Runbook) (p access.MessagePart) {
	if run != "" && r.Reports != "" && !isAddress(r.Reports) {
		p.Lines = append(p.Lines, "Report: "+path.Join(r.Reports, string(run)))
	}
	if page != "" && r.Runbooks != "" && !isAddress(r.Runbooks) {
		p.Lines = append(p.Lines, "What to do: "+path.Join(r.Runbooks, string(page)+".md"))
	}
	if run != "" {
		p.Lines = append(p.Lines, "Run: "+string(run))
	}
	return p
}

func (r NoticeRules) links(run access.RunID, page access.Runbook) (out []access.MessageLink) {
	if page != "" && isAddress(r.Runbooks) {
		out = append(out, access.MessageLink{Words: "What to do", URL: strings.TrimRight(r.Runbooks, "/") + "/" + string(page) + ".html"})
	}
	if run != "" && isAddress(r.Reports) {
		out = append(out, access.MessageLink{Words: "The report", URL: strings.TrimRight(r.Reports, "/") + "/" + string(run) + "/"})
	}
	return out
}

func isAddress(s string) bool {
	return strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "http://")
}

// callPart says whom to call, in and after hours, and what to say.
func (r NoticeRules) callPart(system string) access.MessagePart {
	p := access.MessagePart{Head: "Whom to call"}
	for _, a := range []access.Audience{access.ForOnCall, access.ForSecurity} {
		of := r.answering(a, system)
		if len(of) == 0 {
			of = r.answering(a, "")
		}
		for _, c := range of {
			line := fmt.Sprintf("%s: %s", c.Name, c.BusinessHours)
			if c.AfterHours != "" {
				line += "; after hours, if somebody must lose access now, was cut off by mistake, or misuse is possible: " + c.AfterHours
			}
			p.Lines = append(p.Lines, line)
		}
	}
	if len(p.Lines) > 0 {
		p.Lines = append(p.Lines, "Say: who (name and employee ID), what must happen, from when, why, who approved it, and the run ID. No passwords, nothing about health.")
	}
	return p
}

// TestMessage is one harmless message, to find out whether a channel works.
func (r NoticeRules) TestMessage(channel string, to []string, now time.Time) access.Message {
	return access.Message{Key: r.key("test/" + channel + "-" + now.UTC().Format("20060102T150405")), Kind: "test", Urgency: access.UrgencyDigest, To: to, At: now.UTC(),
		Title: "rollcall: a test of the channel " + channel,
		Parts: []access.MessagePart{{Lines: []string{"Somebody ran rollcall notices test. Nothing has happened, and nothing is to be done."}}}}
}

// Addresses are where an audience's mail goes in business hours.
func (r NoticeRules) Addresses(a access.Audience) (out []string) {
	for _, c := range r.Contacts {
		if c.Responsibility == string(a) {
			out = append(out, mailsIn(c.BusinessHours)...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
