package reconcile

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"rollcall/internal/access"
)

// CampaignCheck is one of the tests that an auditor makes of a review, made by us.
type CampaignCheck struct {
	Name  string
	Holds bool
	Bad   int    // how many of Of fail it
	Of    int    // what was tested
	Says  string // the result with its figures
	Which []string
}

// CampaignChecks is what the compliance pack tells of a campaign.
type CampaignChecks struct {
	Checks   []CampaignCheck
	Signals  []StampSignal
	TieOut   []access.Balance // the books, and that what was issued is what was answered and what is open
	HandOver []HandOver
	Figures  []ReviewerFigures
	Excluded map[string]int
}

// Checks makes all tests of a campaign. removals are those of the campaign as they were
// followed; of any that is not among them nobody has seen that it is gone.
func Checks(rec access.CampaignRecord, removals []access.Removal, st *Staff, rules CampaignRules, now time.Time) CampaignChecks {
	c := &checking{rec: rec, st: st, rules: rules, now: now, outcomes: Outcomes(rec), final: Final(rec), rows: map[string]*access.Issued{}, sheets: map[string]*access.Sheet{}}
	for _, row := range currentRows(rec) {
		c.rows[row.ID] = row
	}
	for n := range rec.Sheets {
		c.sheets[rec.Sheets[n].ID] = &rec.Sheets[n]
	}
	p := Progress(rec, st, rules, now)
	return CampaignChecks{
		Checks:  []CampaignCheck{c.reviewed(), c.selfReview(), c.allReviewed(), c.timely(), c.appropriate(), c.removed(removals)},
		Signals: Signals(rec), TieOut: tieOut(rec, p), HandOver: handOvers(rec), Figures: figures(rec, p), Excluded: Excluded(rec.Campaign.Books),
	}
}

type checking struct {
	rec      access.CampaignRecord
	st       *Staff
	rules    CampaignRules
	now      time.Time
	outcomes []CampaignOutcome
	final    map[string]access.Decision
	rows     map[string]*access.Issued
	sheets   map[string]*access.Sheet
}

func check(name string, of int, which []string, holds, fails string) CampaignCheck {
	slices.Sort(which)
	c := CampaignCheck{Name: name, Holds: len(which) == 0, Bad: len(which), Of: of, Which: which}
	if c.Holds {
		c.Says = fmt.Sprintf(holds, of)
	} else {
		c.Says = fmt.Sprintf(fails, len(which), of)
	}
	return c
}

// human reports whether a reviewer made a decision, and not rollcall for want of one.
func human(d access.Decision) bool {
	switch d.Choice {
	case access.ChooseKeep, access.ChooseChange, access.ChooseRemove:
		return d.Sender != byRollcall
	}
	return false
}

// unanswered reports whether a decision says that nobody answered until the close: the
// approver decides, or rollcall removes what is privileged, where the company chose so.
func unanswered(d access.Decision) bool {
	return d.Choice == access.ChoiceExpired || d.Choice == access.ChooseRemove && d.Sender == byRollcall
}

// holderOf names whose access a row is about.
func holderOf(i *access.Item) string {
	if i.Person.Key().Zero() {
		return "account " + i.Account.Key().String()
	}
	return fmt.Sprintf("%s (%s)", i.Person.Name, i.Person.Key())
}

// reviewed lists people and accounts of nobody of whom not one row was reviewed, and
// none had to be.
func (c *checking) reviewed() CampaignCheck {
	who := map[string]bool{}
	for _, row := range c.rows {
		d, answered := c.final[row.ID]
		name := holderOf(&row.Item)
		who[name] = who[name] || answered && (human(d) || d.Choice == access.ChoiceGone)
	}
	var missing []string
	for name, done := range who {
		if !done {
			missing = append(missing, name)
		}
	}
	return check("Everybody who was listed was reviewed", len(who), missing, "all %d who were listed were reviewed", "%d of %d who were listed were not reviewed")
}

// selfReview lists decisions that count and are about access of who made them.
func (c *checking) selfReview() CampaignCheck {
	var bad []string
	n, tried := 0, 0
	for _, d := range c.rec.Decisions {
		if d.Choice == access.ChoiceOwnCheck {
			tried++
		}
	}
	for id, d := range c.final {
		if !human(d) {
			continue
		}
		n++
		if row := c.rows[id]; row != nil && c.st.subject(&row.Item, c.answered(d)) {
			bad = append(bad, id+" by "+d.ReviewerName)
		}
	}
	out := check("Nobody reviewed themselves", n, bad, "none of %d decisions is about the reviewer's own access", "%d of %d decisions are about the reviewer's own access")
	if tried > 0 {
		out.Says += fmt.Sprintf("; %d such answers came in and did not count", tried)
	}
	return out
}

// answered is who made a decision: the reviewer of the worksheet, or who stood in.
func (c *checking) answered(d access.Decision) asked {
	a := asked{key: d.Reviewer, name: d.ReviewerName}
	if s := c.sheets[d.Worksheet]; s != nil && s.Reviewer == d.Reviewer {
		a.mail = s.ReviewerMail
	}
	return a
}

// byPeople are the decisions that stand and that somebody made, by row.
func (c *checking) byPeople() map[string]access.Decision {
	decided := maps.Clone(c.final)
	maps.DeleteFunc(decided, func(_ string, d access.Decision) bool { return !human(d) })
	return decided
}

// allReviewed lists rows without a decision of a reviewer.
func (c *checking) allReviewed() CampaignCheck {
	var bad []string
	for id := range c.rows {
		if d, answered := c.final[id]; !answered || unanswered(d) {
			bad = append(bad, id)
		}
	}
	return check("Every row was reviewed", len(c.rows), bad, "all %d rows have a decision, or were gone before one", "%d of %d rows have no reviewer's decision")
}

// timely lists decisions that came after the due date.
func (c *checking) timely() CampaignCheck {
	var bad []string
	decided := c.byPeople()
	for id, d := range decided {
		if localDay(d.ReceivedAt, c.rules.zone()).At.After(c.rec.Campaign.Due.At) {
			bad = append(bad, id)
		}
	}
	out := check("The review was timely", len(decided), bad, "all %d decisions came by the due date", "%d of %d decisions came after the due date")
	if open := len(c.rows) - len(c.final); open > 0 && localDay(c.now, c.rules.zone()).At.After(c.rec.Campaign.Due.At) {
		out.Holds = false
		out.Says += fmt.Sprintf("; %d rows are open and late", open)
	}
	return out
}

// appropriate lists decisions by somebody who was not asked, nor stood in for who was,
// and privileged rights of which one person answered both rows.
func (c *checking) appropriate() CampaignCheck {
	var bad []string
	decided := c.byPeople()
	for id, d := range decided {
		if why := c.wrongReviewer(d); why != "" {
			bad = append(bad, id+": "+why)
		}
	}
	for _, o := range c.outcomes {
		if len(o.Answers) > 1 && human(o.Answers[0]) && human(o.Answers[1]) && c.answered(o.Answers[0]).id() == c.answered(o.Answers[1]).id() {
			bad = append(bad, o.Answers[1].RowID+": one person answered for both duties of privileged access")
		}
	}
	return check("The reviewers were the right ones", len(decided), bad, "all %d decisions are by who was asked, or stood in", "%d of %d decisions are not plainly by the right reviewer")
}

func (c *checking) wrongReviewer(d access.Decision) string {
	s := c.sheets[d.Worksheet]
	if s == nil {
		return "its worksheet is not on record"
	}
	reviewer := reviewerOf(s)
	if c.answered(d).id() != reviewer.id() && d.Reviewer != reviewer.key {
		if stood, ok := c.st.delegate(s.Reviewer, d.ReceivedAt); (!ok || stood.key != d.Reviewer) && d.Reviewer != s.Delegate {
			return d.ReviewerName + " was not asked, and did not stand in"
		}
	}
	if row := c.rows[d.RowID]; row != nil && row.Item.Risk == access.RiskPrivileged && c.st.administers(row.Item.System, c.answered(d)) {
		return d.ReviewerName + " administers " + string(row.Item.System)
	}
	return ""
}

// removed lists Removes that no complete night has seen done.
func (c *checking) removed(followed []access.Removal) CampaignCheck {
	gone := map[string]access.Removal{}
	for _, r := range followed {
		if r.Campaign == c.rec.Campaign.ID {
			gone[r.Subject] = r
		}
	}
	var bad []string
	all := CampaignRemovals(c.rec, c.rules)
	late := 0
	for _, r := range all {
		is := gone[r.Subject]
		switch {
		case is.GoneAt.IsZero():
			bad = append(bad, fmt.Sprintf("%s of %s, due %s", r.Name, cmp.Or(r.Login, r.Account.String()), r.Due))
		case localDay(is.GoneAt, c.rules.zone()).At.After(r.Due.At):
			late++
		}
	}
	out := check("Every Remove was verified absent", len(all), bad, "all %d were seen to be gone by a complete night", "%d of %d were not seen to be gone yet")
	if late > 0 {
		out.Says += fmt.Sprintf("; %d were gone after the day that they were due", late)
	}
	return out
}
