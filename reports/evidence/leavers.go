package evidence

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// shown is how many rows a table of the page has; the files have all.
const shown = 25

// leaversSection tells how long the access of people who left outlived them.
func (p *pack) leaversSection() (section, verdict, error) {
	out := section{ID: "leavers", Title: "Did access end when people left?", Files: p.files(leavers, leaversActive)}
	if !p.begun {
		short := verdict{Text: "Whether access ended when people left is not known: there was no night on " + p.To + " or before.", Look: true}
		out.Says = []string{short.Text}
		return out, short, nil
	}
	s := p.sheet(leavers)
	all, people, none := endings(s)
	short := p.leaversVerdict(all, people, none)
	out.Says = []string{short.Text,
		fmt.Sprintf("The clock begins when access had to end, and stops when it was read back that nothing of the account can be used any more. The SLA is %s.", hoursText(p.sla()))}
	if len(all) > 0 {
		pictures, err := p.leaverPictures(all)
		if err != nil {
			return out, short, err
		}
		out.Parts = append(pictures, part{Table: bySystem(all)}, part{Table: leaversTable(s)})
	}
	out.Parts = append(out.Parts, part{Title: "Anything alive after the SLA, or used after the end", Says: []string{aliveSentence(p.sheet(leaversActive))}, Table: aliveTable(p.sheet(leaversActive))})
	return out, short, nil
}

// endings gives the accounts in the order of the answer, and counts the people, and
// those of them who have none.
func endings(s sheet) (all []ending, people, none int) {
	seen := map[string]bool{}
	for i := range s.rows {
		seen[s.text(i, "source")+"/"+s.text(i, "employee_id")] = true
		if s.text(i, "account_id") == "" {
			none++
			continue
		}
		h, blocked := s.hours(i, "hours_to_block")
		all = append(all, ending{person: s.person(i), system: systemOf(s, i), hours: h, blocked: blocked, within: s.yes(i, "within_sla")})
	}
	return all, len(seen), none
}

// person is how a person is called: by the name that HR has, else by the id.
func (s sheet) person(i int) string {
	if n := strings.TrimSpace(s.text(i, "name")); n != "" {
		return n
	}
	return s.text(i, "source") + "/" + s.text(i, "employee_id")
}

func systemOf(s sheet, i int) string {
	return strings.TrimSpace(s.text(i, "system") + " " + s.text(i, "scope"))
}

// noWayIn and notRead are what the question says of accounts that are enabled, and that
// nobody can use, or of which that was not read.
const noWayIn, notRead = "enabled, but no way in", "enabled, way in not read"

// aliveAfter counts what was alive or used when it must not have been, and what may have been.
func (p *pack) aliveAfter() (alive, unread int) {
	s := p.sheet(leaversActive)
	unread = len(s.where("what", notRead))
	return len(s.rows) - len(s.where("what", noWayIn)) - unread, unread
}

func (p *pack) leaversVerdict(all []ending, people, none int) verdict {
	alive, unread := p.aliveAfter()
	if people == 0 {
		return verdict{Text: "Nobody’s access had to end in the period." + aliveWords(alive, unread), Look: alive+unread > 0}
	}
	within, late, open := tally(all)
	text := fmt.Sprintf("%s had to lose access, with %s: %s blocked and verified within %s", count(people, "person", "people"), count(len(all), "account", "accounts"), number(within), hoursText(p.sla()))
	if late > 0 {
		text += fmt.Sprintf(", %s later", number(late))
	}
	if open > 0 {
		text += fmt.Sprintf(", %s not verified", number(open))
	}
	if none > 0 {
		text += fmt.Sprintf("; %s had no account", number(none))
	}
	return verdict{Text: text + "." + aliveWords(alive, unread), Look: late+open+alive+unread > 0}
}

func aliveWords(alive, unread int) string {
	said := " Nothing of theirs was seen alive after that, and nothing was used."
	if alive > 0 {
		said = fmt.Sprintf(" %s seen alive or used after that.", count(alive, "account or credential was", "accounts or credentials were"))
	}
	if unread > 0 {
		said += fmt.Sprintf(" Of %s it was not read whether one could still sign in.", count(unread, "enabled account", "enabled accounts"))
	}
	return said
}

func tally(all []ending) (within, late, open int) {
	for _, e := range all {
		switch {
		case !e.blocked:
			open++
		case e.within:
			within++
		default:
			late++
		}
	}
	return within, late, open
}

func (p *pack) leaverPictures(all []ending) ([]part, error) {
	first := all[:min(len(all), shown)]
	worst, err := worstFirst(first, p.sla())
	if err != nil {
		return nil, err
	}
	buckets := spread(all, p.sla())
	how, err := distribution(buckets)
	if err != nil {
		return nil, err
	}
	title := "Hours to the verified block, worst first"
	if len(all) > len(first) {
		title += fmt.Sprintf(" (the first %d of %d)", len(first), len(all))
	}
	g := &grid{Caption: "Accounts by the time it took", Fold: "The same numbers as a table", Heads: heads("Time to the verified block", "#Accounts", "Within the SLA")}
	for _, b := range buckets {
		g.row(false, b.head, b.count, yesOr(!b.late, "no"))
	}
	return []part{{Title: title, Picture: worst, Label: title}, {Title: "How many took how long", Picture: how, Label: "How many took how long", Table: g}}, nil
}

// bySystem sums the accounts of each system up.
func bySystem(all []ending) *grid {
	g := &grid{Caption: "By system", Heads: heads("System", "#Accounts", "#Within the SLA", "#Later", "#Not verified", "#Median", "#Longest")}
	groups := map[string][]ending{}
	var names []string
	for _, e := range all {
		if groups[e.system] == nil {
			names = append(names, e.system)
		}
		groups[e.system] = append(groups[e.system], e)
	}
	slices.Sort(names)
	for _, name := range names {
		within, late, open := tally(groups[name])
		middle, longest := middleOf(groups[name])
		g.row(late+open > 0, name, number(len(groups[name])), number(within), number(late), number(open), middle, longest)
	}
	return g
}

// middleOf gives the median and the longest of what was blocked.
func middleOf(all []ending) (middle, longest string) {
	var hours []float64
	for _, e := range all {
		if e.blocked {
			hours = append(hours, e.hours)
		}
	}
	if len(hours) == 0 {
		return "none", "none"
	}
	slices.Sort(hours)
	half := len(hours) / 2
	m := hours[half]
	if len(hours)%2 == 0 {
		m = (hours[half-1] + hours[half]) / 2
	}
	return hoursText(m), hoursText(hours[len(hours)-1])
}

func leaversTable(s sheet) *grid {
	g := &grid{Caption: "Leavers, worst first", Heads: heads("Person", "Id", "System", "Access ended", "Blocked, verified", "#Hours", "Removed, verified", "Within the SLA")}
	for i := range s.rows[:min(len(s.rows), shown)] {
		if s.text(i, "account_id") == "" {
			g.row(false, s.person(i), s.text(i, "source")+"/"+s.text(i, "employee_id"), "no account", minute(s.text(i, "access_ends_at")), "", "", "", "")
			continue
		}
		within := s.yes(i, "within_sla")
		g.row(!within, s.person(i), s.text(i, "source")+"/"+s.text(i, "employee_id"), systemOf(s, i), minute(s.text(i, "access_ends_at")), orNot(minute(s.text(i, "blocked_verified_at"))),
			orNot(s.text(i, "hours_to_block")), orNot(minute(s.text(i, "removed_verified_at"))), yesOr(within, "no"))
	}
	g.More = more(len(s.rows), shown)
	return g
}

// more says where the rest of a table is.
func more(all, shown int) string {
	if all <= shown {
		return ""
	}
	return fmt.Sprintf("The first %d of %s; the file has all.", shown, number(all))
}

// minute writes a time as people read it.
func minute(t string) string {
	if len(t) < len("2006-01-02T15:04") {
		return t
	}
	return t[:10] + " " + t[11:16]
}

func orNot(t string) string { return cmp.Or(t, "not yet") }

func aliveSentence(s sheet) string {
	if len(s.rows) == 0 {
		return "Nothing: no account and no credential of anybody who had left was seen alive later than the SLA on any night of the period, and none was used."
	}
	return fmt.Sprintf("%s found on the nights of the period. Enabled, but no way in: nothing of the account can be used, because what one signs in with is blocked. Enabled, way in not read: the system through which one signs in was not read to its end, or nobody knows which account there is theirs.", count(len(s.rows), "case was", "cases were"))
}

func aliveTable(s sheet) *grid {
	if len(s.rows) == 0 {
		return nil
	}
	g := &grid{Caption: "Alive after the SLA, or used after the end", Heads: heads("Person", "What", "System", "Login", "Detail", "First night", "Last night", "#Nights")}
	for i := range s.rows[:min(len(s.rows), shown)] {
		g.row(s.text(i, "what") != noWayIn, s.person(i), s.text(i, "what"), s.text(i, "system"), s.text(i, "login"), s.text(i, "detail"), s.text(i, "first_night"), s.text(i, "last_night"), s.count(i, "nights"))
	}
	g.More = more(len(s.rows), shown)
	return g
}
