package evidence

import (
	"fmt"
	"strings"
)

// campaign sums a review up.
type campaign struct {
	id                                              string
	sheets, issued, answered, open, late            int
	kept, changed, removed, passed, selves, signals int
	due                                             string
	gone, decided                                   int
}

// reviewsSection tells which reviews were held, and what became of what they decided.
func (p *pack) reviewsSection() (section, verdict, error) {
	out := section{ID: "reviews", Title: "Was access reviewed, and what was decided carried out?", Files: p.files(campaignQuestion, removals, neverReviewed)}
	all := p.campaigns()
	if len(all) == 0 {
		short := verdict{Text: "No review of access was held in the period.", Look: true}
		out.Says = []string{short.Text, "A review belongs to the period if one of its worksheets was given out, or due, in it."}
		return p.unreviewed(out), short, nil
	}
	g := &grid{Caption: "Reviews", Heads: heads("Review", "Due", "#Worksheets", "#Rights asked", "#Answered", "#Late", "#Open", "#Kept", "#Changed", "#Removed", "#Passed on", "#Tried to review themselves")}
	done := &grid{Caption: "What was to be removed or changed", Heads: heads("Review", "#Decided", "#Seen to be gone or changed", "#Still open")}
	for _, c := range all {
		g.row(c.open+c.late > 0, c.id, c.due, number(c.sheets), number(c.issued), number(c.answered), number(c.late), number(c.open), number(c.kept), number(c.changed), number(c.removed), number(c.passed), number(c.selves))
		if c.decided > 0 {
			done.row(c.gone < c.decided, c.id, number(c.decided), number(c.gone), number(c.decided-c.gone))
		}
	}
	short := p.reviewsVerdict(all)
	out.Says = []string{short.Text}
	out.Parts = []part{{Table: g}}
	if len(done.Rows) > 0 {
		out.Parts = append(out.Parts, part{Table: done})
	}
	if n := signals(all); n > 0 {
		out.Says = append(out.Says, fmt.Sprintf("%s nothing but Keep for 20 rights or more, and no reason: see the file.", count(n, "worksheet has", "worksheets have")))
	}
	return p.unreviewed(out), short, nil
}

func done(gone, decided int) string {
	switch gone {
	case 0:
		return "none was"
	case decided:
		return "all of it was"
	}
	return number(gone) + " " + were(gone)
}

func signals(all []campaign) (n int) {
	for _, c := range all {
		n += c.signals
	}
	return n
}

// campaigns gives the reviews of the period, in the order of the answer.
func (p *pack) campaigns() []campaign {
	s, byID := p.sheet(campaignQuestion), map[string]*campaign{}
	var order []string
	for i := range s.rows {
		id := s.text(i, "campaign_id")
		c := byID[id]
		if c == nil {
			c = &campaign{id: id}
			byID[id], order = c, append(order, id)
		}
		c.add(s, i, p.From, p.To)
	}
	r := p.sheet(removals)
	for i := range r.rows {
		if c := byID[r.text(i, "campaign_id")]; c != nil {
			c.decided++
			if r.text(i, "state") != "open" {
				c.gone++
			}
		}
	}
	var all []campaign
	for _, id := range order {
		if byID[id].sheets > 0 {
			all = append(all, *byID[id])
		}
	}
	return all
}

// add counts a worksheet, if it is of the period.
func (c *campaign) add(s sheet, i int, from, to string) {
	issued, due := s.text(i, "issued_at"), s.text(i, "due_on")
	if issued < from && due < from || len(issued) >= 10 && issued[:10] > to {
		return
	}
	c.sheets, c.due = c.sheets+1, max(c.due, due)
	for column, n := range map[string]*int{"issued": &c.issued, "answered": &c.answered, "open": &c.open, "late": &c.late, "kept": &c.kept, "changed": &c.changed,
		"removed": &c.removed, "passed_on": &c.passed, "self_review_attempts": &c.selves} {
		*n += s.count(i, column)
	}
	if s.text(i, "signal") != "" {
		c.signals++
	}
}

// reviewsVerdict calls rows that are open a fault once they should have been answered.
func (p *pack) reviewsVerdict(all []campaign) verdict {
	var sum campaign
	var ids []string
	overdue := 0
	for _, c := range all {
		ids = append(ids, c.id)
		if c.due <= p.To {
			overdue += c.open
		}
		sum.issued, sum.answered, sum.late, sum.open = sum.issued+c.issued, sum.answered+c.answered, sum.late+c.late, sum.open+c.open
		sum.decided, sum.gone = sum.decided+c.decided, sum.gone+c.gone
	}
	text := fmt.Sprintf("%s held (%s): %s of %s were answered", count(len(all), "review was", "reviews were"), strings.Join(ids, ", "), number(sum.answered), count(sum.issued, "right", "rights"))
	if sum.late > 0 {
		text += fmt.Sprintf(", %s of them late", number(sum.late))
	}
	if sum.open > overdue {
		text += fmt.Sprintf(", %s not due yet", number(sum.open-overdue))
	}
	if sum.decided > 0 {
		text += fmt.Sprintf("; %s to be removed or changed, and %s seen to be done", count(sum.decided, "right was", "rights were"), done(sum.gone, sum.decided))
	}
	return verdict{Text: text + ".", Look: overdue+sum.late > 0 || sum.gone < sum.decided}
}

// unreviewed adds the rights that no reviewer answered for.
func (p *pack) unreviewed(out section) section {
	s := p.sheet(neverReviewed)
	says := "Every right that was held on a night of the period was answered for in a review of the period."
	part := part{Title: "Rights that no reviewer answered for", Says: []string{says}}
	if len(s.rows) > 0 {
		part.Says[0] = fmt.Sprintf("%s held on a night of the period, and no reviewer answered for %s.", count(len(s.rows), "right was", "rights were"), map[bool]string{true: "it", false: "them"}[len(s.rows) == 1])
		part.Table = pivot(s, "why", "Why", "Rights by reason and risk", func(int) int { return 1 })
	} else if len(p.sheet(completeness).rows) == 0 {
		part.Says[0] = "There was no night, so no right was seen."
	}
	out.Parts = append(out.Parts, part)
	return out
}

// riskOrder is how risks are shown; others follow.
var riskOrder = []string{"privileged", "sensitive", "standard"}

// pivot counts rows by a column and by risk.
func pivot(s sheet, column, head, caption string, weight func(row int) int) *grid {
	g := &grid{Caption: caption, Heads: heads(head, "#Privileged", "#Sensitive", "#Standard", "#Other", "#All")}
	counts := map[string]*[5]int{}
	for i := range s.rows {
		k := s.text(i, column)
		if counts[k] == nil {
			counts[k] = new([5]int)
		}
		counts[k][riskPlace(s.text(i, "risk"))] += weight(i)
		counts[k][4] += weight(i)
	}
	for _, k := range s.kinds(column) {
		c := counts[k]
		g.row(false, plainWord(k), number(c[0]), number(c[1]), number(c[2]), number(c[3]), number(c[4]))
	}
	return g
}

func riskPlace(risk string) int {
	for i, r := range riskOrder {
		if r == risk {
			return i
		}
	}
	return len(riskOrder)
}
