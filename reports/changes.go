package reports

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/phrase"
)

// A change is one line of "What changed".
type change struct {
	What, Person, Employee, System, Name, When, Says string
}

var (
	changeHeads  = []string{"What", "Person", "Employee ID", "System", "Technical name", "When", "What happened"}
	changeWidths = []float64{15, 24, 13, 22, 36, 12, 60}
)

func (c change) texts() []string {
	return []string{c.What, c.Person, c.Employee, c.System, c.Name, c.When, c.Says}
}

// news writes "What changed".
func (b *book) news(s *sheet) {
	lines := make([][]string, len(s.campaign.changes))
	for i, c := range s.campaign.changes {
		lines[i] = c.texts()
	}
	b.list(sheetNews, changeWidths, changeHeads, lines)
}

// before knows the campaign before: what was listed in it and is there no more, and
// who has left since.
type before struct {
	last   *access.CampaignRecord // nil: there was none
	people map[access.PersonKey]access.Person
	// listed are the rows of the campaign before by their subject (Item.RowID).
	listed map[string]*access.Issued
	// gone are those that the night no longer has, by who was asked about them.
	gone map[reader][]*access.Issued
	// knew says about whom each reviewer was asked, and left who has left.
	knew    map[reader]map[access.PersonKey]bool
	left    []access.Person
	endings map[access.PersonKey][]access.Ending
	decided map[string]access.Decision
}

// reader is a reviewer, by HR's id or, failing that, by mail.
type reader struct {
	Key  access.PersonKey
	Mail string
}

func readerOf(k access.PersonKey, mail string) reader {
	if !k.Zero() {
		return reader{Key: k}
	}
	return reader{Mail: strings.ToLower(mail)}
}

func newBefore(b CampaignBook) *before {
	f := &before{last: b.Last, people: make(map[access.PersonKey]access.Person, len(b.Night.People)), listed: map[string]*access.Issued{},
		gone: map[reader][]*access.Issued{}, knew: map[reader]map[access.PersonKey]bool{}, endings: map[access.PersonKey][]access.Ending{}, decided: map[string]access.Decision{}}
	since := b.Campaign.OpenedAt.AddDate(0, 0, -90)
	if b.Last != nil {
		since = b.Last.Campaign.OpenedAt
		f.remember(b.Last, present(b.Night, b.Last))
	}
	for _, p := range b.Night.People {
		f.people[p.Key()] = p
		if p.Standing == access.StandingLeft && leftAt(p).After(since) {
			f.left = append(f.left, p)
		}
	}
	slices.SortFunc(f.left, func(a, b access.Person) int {
		return cmp.Or(leftAt(a).Compare(leftAt(b)), strings.Compare(a.Key().String(), b.Key().String()))
	})
	for _, e := range b.Night.Endings {
		f.endings[e.Person] = append(f.endings[e.Person], e)
	}
	for _, list := range f.endings {
		slices.SortFunc(list, func(a, b access.Ending) int { return strings.Compare(a.Account.String(), b.Account.String()) })
	}
	return f
}

// leftAt is when somebody who has left did so, as far as is known.
func leftAt(p access.Person) time.Time {
	if p.AccessEndsAt.IsZero() {
		return p.FirstSeenLeftAt
	}
	return p.AccessEndsAt
}

func (f *before) remember(last *access.CampaignRecord, there map[heldRight]bool) {
	for _, d := range last.Decisions {
		f.decided[d.RowID] = d // the last one counts
	}
	for s := range last.Sheets {
		sheet := &last.Sheets[s]
		who := readerOf(sheet.Reviewer, sheet.ReviewerMail)
		if f.knew[who] == nil {
			f.knew[who] = map[access.PersonKey]bool{}
		}
		for r := range sheet.Rows {
			row := &sheet.Rows[r]
			f.listed[row.Item.RowID] = row
			f.knew[who][row.Item.Person.Key()] = true
			if is, known := there[heldRightOf(&row.Item)]; known && !is {
				f.gone[who] = append(f.gone[who], row)
			}
		}
	}
}

// heldRight is a right of an account, or (without a kind) the account itself.
type heldRight struct {
	Account access.AccountKey
	right
}

func heldRightOf(i *access.Item) heldRight {
	h := heldRight{Account: i.Account.Key(), right: itemRight(i)}
	if i.Kind == "" {
		h.right = right{}
	}
	return h
}

// present says of each row of the campaign before whether the night still has it.
// What was not read to its end is not said to be gone: it is absent.
func present(n *access.Night, last *access.CampaignRecord) map[heldRight]bool {
	unread := map[access.System]bool{}
	for _, r := range n.Reads() {
		if !r.Complete {
			unread[r.System] = true
		}
	}
	there := map[heldRight]bool{}
	for s := range last.Sheets {
		for r := range last.Sheets[s].Rows {
			if i := &last.Sheets[s].Rows[r].Item; !unread[i.System] && !unread[i.Account.System] {
				there[heldRightOf(i)] = false
			}
		}
	}
	for s := range n.Systems {
		mark(there, &n.Systems[s])
	}
	return there
}

func mark(there map[heldRight]bool, sys *access.Judged) {
	see := func(h heldRight) {
		if _, asked := there[h]; asked {
			there[h] = true
		}
	}
	for i := range sys.Accounts {
		see(heldRight{Account: sys.Accounts[i].Key()})
	}
	for _, g := range sys.Grants {
		e := &sys.Entitlements[g.Entitlement]
		see(heldRight{sys.Accounts[g.Account].Key(), right{sys.System, e.Scope, e.Kind, e.ID}})
	}
}

// mostChanges is how many lines "What changed" has: what is longer is in the archive.
const mostChanges = 500

// changes tells a reviewer what became different since the campaign before.
func (f *before) changes(s *sheet) []change {
	who := readerOf(s.Reviewer, s.ReviewerMail)
	var out []change
	if f.last == nil {
		out = append(out, change{What: "First review", Says: "No campaign before this one is on record: nothing can be compared."})
	} else {
		out = append(f.rows(s), f.removed(who)...)
	}
	out = append(out, f.leavers(s, who)...)
	if f.last != nil && len(out) == 0 {
		out = append(out, change{What: "Nothing", Says: "Nothing that you are asked about changed since " + string(f.last.Campaign.ID) + "."})
	}
	if more := len(out) - mostChanges; more > 0 {
		out = append(out[:mostChanges], change{What: "And more", Says: fmt.Sprintf("%d more changes are not listed here; the archive has them.", more)})
	}
	return out
}

// rows tells of the rows of the worksheet that are new or changed.
func (f *before) rows(s *sheet) []change {
	var granted, changed []change
	for r := range s.issued {
		i := &s.issued[r]
		c := changeOf(&i.Item)
		switch i.SinceLast {
		case access.RowNew:
			c.What, c.When, c.Says = "Granted", s.text(r, "Since"), "New since the last review. How they got it: "+s.text(r, "How they got it")
			granted = append(granted, c)
		case access.RowChanged:
			c.What, c.Says = "Changed", cmp.Or(f.difference(s, i), "Changed since the last review")
			changed = append(changed, c)
		}
	}
	return append(granted, changed...)
}

func changeOf(i *access.Item) change {
	return change{Person: personName(i), Employee: string(i.Person.EmployeeID), System: systemWords(i), Name: technicalName(i)}
}

// telling are the columns whose change says that a row is not what it was.
var telling = []string{"Job title", "Department", "Manager", "Account", "Technical name", "Also goes with it", headRisk, "How they got it"}

// difference says how a row differs from the one of the campaign before.
func (f *before) difference(s *sheet, i *access.Issued) string {
	old := f.listed[i.Item.RowID]
	if old == nil || len(old.Cells) != len(i.Cells) {
		return ""
	}
	var out []string
	at := 0
	for _, c := range s.columns {
		if c.Answer {
			continue
		}
		if old.Cells[at] != i.Cells[at] && slices.Contains(telling, c.Head) {
			out = append(out, fmt.Sprintf("%s was “%s”, is “%s”", c.Head, phrase.Clip(cmp.Or(old.Cells[at], "blank"), 200), phrase.Clip(cmp.Or(i.Cells[at], "blank"), 200)))
		}
		at++
	}
	return strings.Join(out, "; ")
}

// removed tells of rights that the reviewer was asked about and that are there no
// more, of people who still work here.
func (f *before) removed(who reader) []change {
	var out []change
	for _, i := range f.gone[who] {
		if f.people[i.Item.Person.Key()].Standing == access.StandingLeft {
			continue // told as a leaver
		}
		c := changeOf(&i.Item)
		c.What, c.Says = "Removed", "It was listed in "+string(f.last.Campaign.ID)+" and is not there any more"
		if d, ok := f.decided[i.ID]; ok && d.Choice.Word() != "" {
			c.Says += "; decided then: " + d.Choice.Word() + ", by " + cmp.Or(d.ReviewerName, d.Sender, "unknown") + ", on " + phrase.Day(d.ReceivedAt)
		}
		out = append(out, c)
	}
	return out
}

// leavers tells of people who have left since and whom the reviewer managed or was
// asked about, and what was done about their accounts.
func (f *before) leavers(s *sheet, who reader) []change {
	var out []change
	for _, p := range f.left {
		theirs := !s.Reviewer.Zero() && p.Source == s.Reviewer.Source && p.ManagerID == s.Reviewer.EmployeeID
		if !theirs && !f.knew[who][p.Key()] {
			continue
		}
		c := change{What: "Leaver handled", Person: cmp.Or(p.Name, p.Email, string(p.EmployeeID)), Employee: string(p.EmployeeID), When: phrase.Day(leftAt(p))}
		list := f.endings[p.Key()]
		if len(list) == 0 {
			c.Says = "No account of theirs is known"
			out = append(out, c)
		}
		for _, e := range list {
			c.System, c.Says = string(e.Account.System), endingWords(e)
			if e.Account.Scope != "" {
				c.System += ", account " + e.Account.Scope
			}
			out = append(out, c)
		}
	}
	return out
}

func endingWords(e access.Ending) string {
	switch {
	case !e.RemovedAt.IsZero():
		return "Access blocked, and all of it removed by " + stamp(e.RemovedAt)
	case !e.BlockedAt.IsZero():
		return "Access blocked by " + stamp(e.BlockedAt)
	}
	return "Access is not yet proven to be blocked: IT is on it"
}
