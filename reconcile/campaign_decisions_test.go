package reconcile

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"rollcall/internal/access"
)

func by(d access.Decision) string {
	if d.ReviewerName == "" {
		return ""
	}
	return " by " + d.ReviewerName
}

// decided tells decisions, and records those that no file brought.
func (p *campaignPlay) decided(all []access.Decision) {
	rows := map[string]access.Item{}
	for _, row := range currentRows(p.rec) {
		rows[row.ID] = row.Item
	}
	for _, d := range all {
		i := rows[d.RowID]
		says := fmt.Sprintf("  %s: %s%s", rowWords(&i), d.Choice.Word(), by(d))
		for _, more := range []string{d.Reason, d.ChangeTo, d.PassTo, d.Until.String()} {
			if more != "" {
				says += " | " + more
			}
		}
		p.say("%s", says)
		if d.Sender == byRollcall {
			p.rec.Decisions = append(slices.Clone(p.rec.Decisions), d)
		}
	}
}

// rewrite changes the decision that counts of a row, in the record.
func (p *campaignPlay) rewrite(who, right string, opt map[string]string) {
	p.t.Helper()
	id := p.issuedRow(who, right, opt["duty"]).ID
	p.rec.Decisions = slices.Clone(p.rec.Decisions)
	for n := len(p.rec.Decisions) - 1; n >= 0; n-- {
		d := &p.rec.Decisions[n]
		if d.RowID != id {
			continue
		}
		if of, has := opt["reviewer"]; has {
			d.Reviewer = personKey(of)
		}
		d.ReviewerName = cmp.Or(opt["name"], d.ReviewerName)
		if at, has := opt["at"]; has {
			d.ReceivedAt = p.time(at)
		}
		for _, s := range p.rec.Sheets {
			if s.ReviewerName == opt["worksheet"] {
				d.Worksheet = s.ID
			}
		}
		if opt["worksheet"] == "none" {
			d.Worksheet = "none"
		}
		return
	}
	p.t.Fatalf("nobody decided about %s of %s", right, who)
}

func (p *campaignPlay) tellRemovals() {
	for _, r := range p.removals {
		says := fmt.Sprintf("  remove %s %s of %s by %s, says %s", r.Kind, r.Name, r.Login, r.Due, r.By)
		if !r.GoneAt.IsZero() {
			says += fmt.Sprintf("; gone in %s", r.GoneIn)
		}
		p.say("%s", says)
	}
}

func (p *campaignPlay) close(at time.Time, unanswered bool) {
	closed, err := CloseCampaign(p.rec, p.later, p.rules, "ann@host", at)
	if err == nil && !unanswered {
		err = closed.TooEarly(p.rules, at)
	}
	if err != nil {
		p.say("refused: %v", err)
		return
	}
	p.decided(closed.Decisions)
	p.rec.Campaign = closed.Campaign
	p.say("%d expired, %d gone, %d removed", closed.Expired, closed.Gone, closed.Removed)
}
