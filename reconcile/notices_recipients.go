package reconcile

import (
	"slices"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/zones"
)

// recipient is somebody, or those who answer for something, to whom a message goes.
type recipient struct {
	name     string // as the archive records it
	audience access.Audience
	contacts []access.Contact
	mail     string // of a person of HR's lists
}

// recipients are those who are told as an audience; none if no channel reaches it.
func (r NoticeRules) recipients(c access.Concern, a access.Audience) (out []recipient) {
	if len(r.Tell[a]) == 0 {
		return nil
	}
	if a == access.ForManager || a == access.ForReviewer {
		for _, to := range c.To {
			if to.Audience == a {
				out = append(out, recipient{name: to.Mail, audience: a, mail: to.Mail})
			}
		}
		return out
	}
	own, every := r.answering(a, c.System), r.answering(a, "")
	switch {
	case c.System != "" && len(own) > 0:
		return []recipient{{name: string(a) + ":" + c.System, audience: a, contacts: own}}
	case a == access.ForOwner && len(every) == 0:
		return nil // nobody owns it; the linter of contacts.csv says so
	}
	return []recipient{{name: string(a), audience: a, contacts: every}}
}

// answering are the contacts of exactly this system.
func (r NoticeRules) answering(a access.Audience, system string) (out []access.Contact) {
	for _, c := range r.Contacts {
		if c.Responsibility == string(a) && c.System == system {
			out = append(out, c)
		}
	}
	return out
}

// zone is where a recipient is.
func (w recipient) zone(r NoticeRules) *time.Location {
	if len(w.contacts) > 0 && w.contacts[0].TimeZone != "" {
		if z, err := zones.Load(w.contacts[0].TimeZone); err == nil {
			return z
		}
	}
	return r.zone()
}

// inHours reports whether it is a recipient's business hours. Where contacts.csv names
// several, the first one's count.
func (w recipient) inHours(r NoticeRules, now time.Time) bool {
	h := usualHours
	if len(w.contacts) > 0 {
		h, _ = ParseHours(w.contacts[0].Hours) // what cannot be read is as usual; check tells it
	}
	return h.Open(now.In(w.zone(r)))
}

// addresses are the e-mail addresses in what contacts.csv says of a recipient: of
// business hours or, for what cannot wait, of the hours after.
func (w recipient) addresses(r NoticeRules, u access.Urgency, now time.Time) (out []string) {
	if w.mail != "" {
		return []string{w.mail}
	}
	after := Urgent(u) && !w.inHours(r, now)
	for _, c := range w.contacts {
		text := c.BusinessHours
		if after && len(mailsIn(c.AfterHours)) > 0 {
			text = c.AfterHours
		}
		out = append(out, mailsIn(text)...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// channels are those by which a recipient is told, in their order. What is not urgent
// wakes nobody: it goes by what does not wake, or waits for business hours.
func (r NoticeRules) channels(w recipient, u access.Urgency, now time.Time) (out []string) {
	var waking []string
	for _, name := range r.Tell[w.audience] {
		if r.Channels[name].Wakes && !Urgent(u) {
			waking = append(waking, name)
			continue
		}
		out = append(out, name)
	}
	if w.inHours(r, now) {
		out = append(out, waking...)
	}
	return out
}
