package reconcile

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// inWords puts what a row is about in place of its id.
func (p *campaignPlay) inWords(text string) string {
	for _, row := range currentRows(p.rec) {
		text = strings.ReplaceAll(text, row.ID, rowWords(&row.Item))
	}
	return text
}

func (p *campaignPlay) due(at time.Time, result string) {
	for _, d := range Due(p.rec, StaffOf(p.w, p.delegates), p.rules, at) {
		p.say("to %s (%s)", d.Name, d.Recipient)
		for _, n := range d.Notices {
			p.say("  %s about %s: %d open, %d urgent, %d days late", n.Kind, n.Reviewer, n.Open, n.Urgent, n.DaysLate)
		}
		p.rec.Notices = append(p.rec.Notices, d.Recorded("file", at, cmp.Or(result, "written"))...)
	}
}

func (p *campaignPlay) progress(at time.Time) {
	g := Progress(p.rec, StaffOf(p.w, p.delegates), p.rules, at)
	unanswered := ""
	if g.Expired > 0 {
		unanswered = fmt.Sprintf(", nobody answered %d", g.Expired)
	}
	p.say("issued %d, answered %d, open %d%s, overdue %t", g.Issued, g.Answered, g.Open, unanswered, g.Overdue)
	for _, s := range g.Sheets {
		says := fmt.Sprintf("  %s: issued %d, answered %d, passed on %d, open %d, urgent %d", s.Reviewer, s.Issued, s.Answered, s.PassedOn, s.Open, s.Urgent)
		for name, is := range map[string]bool{"overdue": s.Overdue} {
			if is {
				says += ", " + name
			}
		}
		if s.Gone {
			says += ", gone"
		}
		if s.Delegate != "" {
			says += ", stands in: " + s.Delegate
		}
		p.say("%s", says)
	}
	for _, b := range g.Burndown {
		p.say("  %s: %d open, %d answered", b.Day, b.Open, b.Answered)
	}
}

func (p *campaignPlay) checks(at time.Time, which bool) {
	c := Checks(p.rec, p.removals, StaffOf(p.w, p.delegates), p.rules, at)
	for _, one := range c.Checks {
		p.say("%t %s: %s", one.Holds, one.Name, one.Says)
		for _, bad := range one.Which {
			if which {
				p.say("  %s", p.inWords(bad))
			}
		}
	}
	for _, s := range c.Signals {
		p.say("signal: %s: %s; sample of %d", s.Reviewer, strings.Join(s.Signs, "; "), len(s.Sample))
	}
	for _, b := range c.TieOut {
		if !b.Holds() {
			p.t.Errorf("%s do not add up: %d, of %v", b.What, b.Total, b.Parts)
		}
	}
	for _, h := range c.HandOver {
		p.say("handed over: %d rows to %s: %s", h.Rows, h.Reviewer, h.Because)
	}
	for _, name := range slices.Sorted(maps.Keys(c.Excluded)) {
		p.say("%d %s", c.Excluded[name], name)
	}
}
