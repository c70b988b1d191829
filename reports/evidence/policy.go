package evidence

import (
	"fmt"
	"slices"
	"strings"

	"rollcall/internal/phrase"
	"rollcall/reports/picture"
)

// exceptionsSection tells of access that only an exception allows, and of exceptions
// that have ended while the access is still there.
func (p *pack) exceptionsSection() (section, verdict, error) {
	out := section{ID: "exceptions", Title: "Exceptions", Files: p.files(againstPolicy)}
	s := p.sheet(againstPolicy)
	live, ended, nothing := s.where("state", "excepted"), s.where("state", "exception has ended"), s.where("state", "nothing allows it")
	if p.find(againstPolicy).answer == nil {
		out.Says = []string{"No night stands at the end of the period, so no exception was judged."}
		return out, verdict{}, nil
	}
	out.Says = []string{fmt.Sprintf("At the end of the period %s only by an exception that lives, and %s although the exception has ended. For %s the role map has no rule, and there is no exception: reviewers decide about those.",
		count(len(live), "right was held", "rights were held"), count(len(ended), "right was still held", "rights were still held"), count(len(nothing), "right", "rights"))}
	if rows := append(ended, live...); len(rows) > 0 {
		g := &grid{Caption: "Rights by exception, ended ones first", Heads: heads("Exception", "State", "Person", "System", "Right", "Risk", "Ticket", "Approved by", "Last day")}
		for _, i := range rows[:min(len(rows), shown)] {
			over := s.text(i, "state") != "excepted"
			g.row(over, s.text(i, "exception"), yesOr(!over, "ended, still held"), holder(s, i), s.text(i, "system"), s.text(i, "entitlement"), s.text(i, "risk"), s.text(i, "ticket"), s.text(i, "approved_by"), s.text(i, "expires_on"))
			if !over {
				g.Rows[len(g.Rows)-1].Cells[1].Text = "lives"
			}
		}
		g.More = more(len(rows), shown)
		out.Parts = []part{{Table: g}}
	}
	var short verdict
	if len(ended) > 0 {
		short = verdict{Text: fmt.Sprintf("%s after the exception for it had ended.", count(len(ended), "right was held", "rights were held")), Look: true}
	}
	return out, short, nil
}

// holder is whose account it is, as far as it is known.
func holder(s sheet, i int) string {
	if id := s.text(i, "employee_id"); id != "" {
		return s.text(i, "source") + "/" + id
	}
	return s.text(i, "login")
}

// overridesSection tells what guards held back, and what people released, ordered or
// undid.
func (p *pack) overridesSection() (section, verdict, error) {
	out := section{ID: "overrides", Title: "Guards, and what people overrode", Files: p.files(overrides)}
	n, held, nights := p.sheet(nightsQuestion), 0, 0
	for i := range n.rows {
		if h := n.count(i, "held"); h > 0 {
			held, nights = held+h, nights+1
		}
	}
	s := p.sheet(overrides)
	out.Says = []string{fmt.Sprintf("A guard holds changes back when something looks wrong: a list of HR that shrank, too many leavers at once, a protected account. It held back %s on %s of the period.", count(held, "change", "changes"), count(nights, "night", "nights")),
		fmt.Sprintf("People signed %s, ordered %s and undid %s.", count(len(s.where("what", "approval")), "approval", "approvals"), count(len(s.where("what", "order")), "change", "changes"), count(len(s.where("what", "restore")), "change", "changes"))}
	if len(s.rows) > 0 {
		out.Parts = []part{{Table: overridesTable(s)}}
	}
	return out, verdict{}, nil
}

// overridesTable has a line for all that one person did about one other for one reason.
func overridesTable(s sheet) *grid {
	g := &grid{Caption: "Approvals, orders and restores", Heads: heads("When", "What", "Who", "About", "#Changes", "Outcome", "Reason", "Ticket")}
	at := map[string]int{}
	type sum struct {
		row, n   int
		outcomes []string
	}
	var all []sum
	for i := range s.rows {
		k := strings.Join([]string{minute(s.text(i, "happened_at"))[:10], s.text(i, "what"), s.text(i, "who"), s.text(i, "guard"), s.text(i, "source"), s.text(i, "employee_id"), s.text(i, "reason"), s.text(i, "ticket")}, "\x00")
		n, known := at[k]
		if !known {
			n, at[k] = len(all), len(all)
			all = append(all, sum{row: i})
		}
		all[n].n += s.count(i, "number")
		if o := s.text(i, "outcome"); o != "" && !slices.Contains(all[n].outcomes, o) {
			all[n].outcomes = append(all[n].outcomes, o)
		}
	}
	for _, one := range all[:min(len(all), shown)] {
		i := one.row
		about, outcome := s.text(i, "source")+"/"+s.text(i, "employee_id"), phrase.Listed(one.outcomes)
		if s.text(i, "what") == "approval" {
			about, outcome = "guard "+s.text(i, "guard"), yesOr(s.yes(i, "counted"), "did not count")
		}
		if outcome == "yes" {
			outcome = "counted"
		}
		g.row(false, minute(s.text(i, "happened_at")), s.text(i, "what"), s.text(i, "who"), about, number(one.n), outcome, s.text(i, "reason"), s.text(i, "ticket"))
	}
	g.More = more(len(all), shown)
	return g
}

// findingsSection counts what the nights found.
func (p *pack) findingsSection() (section, verdict, error) {
	out := section{ID: "findings", Title: "What the nights found", Files: p.files("findings")}
	s := p.sheet("findings")
	if len(s.rows) == 0 {
		out.Says = []string{"The nights of the period found nothing, or there were none."}
		return out, verdict{}, nil
	}
	out.Says = []string{fmt.Sprintf("%s made on the nights of the period; %s still there on the last one. A finding keeps its number from night to night, and is counted once.", count(s.total("findings"), "finding was", "findings were"), number(s.total("standing"))+" "+were(s.total("standing")))}
	g := pivot(s, "kind", "Kind", "Findings by kind and by the risk of what they are about", func(i int) int { return s.count(i, "findings") })
	standing := map[string]int{}
	for i := range s.rows {
		standing[plainWord(s.text(i, "kind"))] += s.count(i, "standing")
	}
	g.Heads = append(g.Heads, cell{Text: "Still there", Number: true})
	for i := range g.Rows {
		g.Rows[i].Cells = append(g.Rows[i].Cells, cell{Text: number(standing[g.Rows[i].Cells[0].Text]), Number: true})
	}
	out.Parts = []part{{Says: []string{"Other: about an account or a person as a whole, or about a right that has no risk."}, Table: g}}
	return out, verdict{}, nil
}

// accessSection shows how much access there was.
func (p *pack) accessSection() (section, verdict, error) {
	out := section{ID: "access", Title: "How much access there was", Files: p.files("access-by-risk", "privileged")}
	s := p.sheet("access-by-risk")
	if len(s.rows) == 0 {
		out.Says = []string{"There was no night in the period, so no access was seen."}
		return out, verdict{}, nil
	}
	levels := map[string][]picture.Level{}
	for i := range s.rows {
		risk := s.text(i, "risk")
		levels[risk] = append(levels[risk], picture.Level{Day: dayOf(s.text(i, "day")), Count: s.count(i, "rights")})
	}
	series := make([]picture.Series, len(riskOrder))
	for i, risk := range riskOrder {
		series[i] = picture.Series{Name: risk, Levels: levels[risk]}
	}
	drawn, err := picture.Levels("risk", "Rights held, by risk, night by night", series, dayOf(p.From), dayOf(p.To))
	if err != nil {
		return out, verdict{}, err
	}
	out.Says = []string{"How many rights were held on each night, by the risk that the role map gives them. Each picture has a scale of its own. A dashed line: no night in between."}
	out.Parts = []part{{Picture: drawn, Label: "Rights held, by risk", Table: accessTable(s)}}
	return out, verdict{}, nil
}

func accessTable(s sheet) *grid {
	g := &grid{Caption: "Rights held, and by how many people", Fold: "The same numbers as a table",
		Heads: heads("Night", "#Privileged", "#people", "#Sensitive", "#people", "#Standard", "#people", "#Not rated", "#people")}
	byDay := map[string][]any{}
	for i := range s.rows {
		day := s.text(i, "day")
		if byDay[day] == nil {
			byDay[day] = []any{day, "0", "0", "0", "0", "0", "0", "0", "0"}
		}
		at := 1 + 2*riskPlace(s.text(i, "risk"))
		byDay[day][at], byDay[day][at+1] = number(s.count(i, "rights")), number(s.count(i, "people"))
	}
	for _, day := range s.kinds("day") {
		g.row(false, byDay[day]...)
	}
	return g
}

// reperformSection tells whether the decisions of the last night follow from its facts.
func (p *pack) reperformSection() (section, verdict, error) {
	out := section{ID: "reperform", Title: "Do the decisions follow from the facts?", Files: p.files(reperform)}
	s := p.sheet(reperform)
	if len(s.rows) == 0 {
		out.Says = []string{"No night stands at the end of the period with a decision to work out again."}
		return out, verdict{}, nil
	}
	cases, differs := s.total("cases"), s.total("differs")
	out.Says = []string{fmt.Sprintf("The rules were worked out again, in SQL, from the facts of the night that stands at the end of the period: %s, and in %s the record says something else.", count(cases, "case", "cases"), number(differs))}
	g := &grid{Caption: "Each rule, worked out again", Heads: heads("Rule", "#Cases", "#Agree", "#Differ", "First that differs")}
	for i := range s.rows {
		g.row(s.count(i, "differs") > 0, s.text(i, "rule"), number(s.count(i, "cases")), number(s.count(i, "agrees")), number(s.count(i, "differs")), s.text(i, "first_difference"))
	}
	out.Parts = []part{{Table: g}}
	var short verdict
	if differs > 0 {
		short = verdict{Text: out.Says[0], Look: true}
	}
	return out, short, nil
}

// plainWord makes words of a name: leaver_access is leaver access.
func plainWord(s string) string { return strings.ReplaceAll(s, "_", " ") }

// number writes a count with a comma at the thousands.
func number(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
