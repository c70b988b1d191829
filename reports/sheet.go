package reports

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/phrase"
	"rollcall/reconcile"
)

// sheet is one worksheet with all that its workbook, its CSV twin and its page
// tell: of a night, or of a campaign.
type sheet struct {
	Reviewer     access.PersonKey
	ReviewerName string
	ReviewerMail string
	Because      string

	night    *access.Night
	day      time.Time // on which the access was read, midnight UTC
	columns  layout
	issued   []access.Issued
	rows     [][]cell // as columns, one for each of issued
	nonHuman map[access.AccountKey]string
	glossary []term
	contacts []access.Contact
	campaign *asked // nil: a night's own worksheet
}

// term is one line of "What the access means".
type term struct {
	System, Name, Meaning, Risk, Owner, Roles string
}

// nightSheets prepares the worksheets of a night, each when it is written: all of them
// together are many times the night itself.
type nightSheets struct {
	*access.Night
	nonHuman map[access.AccountKey]string
	rules    map[right][]int32
}

func newNightSheets(n *access.Night) nightSheets {
	return nightSheets{n, nonHumanWords(n), rulesOf(n, askedOf(n))}
}

func (n nightSheets) sheet(i int) *sheet {
	w := &n.Worksheets[i]
	s := &sheet{Reviewer: w.Reviewer, ReviewerName: w.ReviewerName, ReviewerMail: w.ReviewerMail, Because: w.Because,
		night: n.Night, day: n.Run.StartedAt.UTC().Truncate(24 * time.Hour), columns: reviewColumns, nonHuman: n.nonHuman}
	s.issued = make([]access.Issued, len(w.Items))
	for j, item := range w.Items {
		s.issued[j] = access.Issued{ID: item.RowID, Item: item}
	}
	s.fill(n.rules)
	return s
}

// fill makes what the sheet shows of the rows that were issued.
func (s *sheet) fill(rules map[right][]int32) {
	s.rows = make([][]cell, len(s.issued))
	for i := range s.issued {
		s.rows[i] = s.row(&s.issued[i])
		for c := range s.rows[i] {
			if s.campaign != nil {
				s.rows[i][c].Text = cutUTF16(s.rows[i][c].Text, longestCell)
			}
		}
	}
	s.glossary = glossary(s.issued, rules, s.night.Policy)
	s.contacts = contactsFor(s.night.Policy.Contacts, systemsOf(s.issued))
}

func (s *sheet) row(i *access.Issued) []cell {
	row := make([]cell, len(s.columns))
	for c, col := range s.columns {
		row[c] = col.Value(s, i)
	}
	return row
}

// text is what a row says in a column, as text.
func (s *sheet) text(row int, head string) string { return s.rows[row][s.columns.index(head)].words() }

// first reports whether a row is to be decided first.
func (s *sheet) first(row int) bool {
	return s.text(row, headFlag) != "" || s.text(row, headRisk) == riskWord(access.RiskPrivileged)
}

// flagged counts the rows that say why they are flagged.
func (s *sheet) flagged() int {
	n := 0
	for r := range s.rows {
		if s.text(r, headFlag) != "" {
			n++
		}
	}
	return n
}

// urgent counts the rows that are to be decided first.
func (s *sheet) urgent() int {
	n := 0
	for r := range s.rows {
		if s.first(r) {
			n++
		}
	}
	return n
}

// discreet gives a text for a manager's eyes, or a neutral sentence where the
// text may tell of a departure ahead or of the kind of a leave.
func (s *sheet) discreet(i *access.Item, text string) string {
	const instead = "HR is checking this person's details"
	switch i.FindingKind {
	case access.HeldPerson, access.VanishedPerson:
		return instead
	}
	if i.Person.Status == access.StatusLeave && strings.Contains(strings.ToLower(text), "leave") {
		return instead
	}
	if !reconcile.LeavesAhead(i.Person, s.night.Run.StartedAt) {
		return text
	}
	for _, at := range []time.Time{i.Person.AccessEndsAt, i.Person.EndDate.At, i.Person.LastWorkingDay.At} {
		if !at.IsZero() && strings.Contains(text, phrase.Day(at)) {
			return instead
		}
	}
	lower := strings.ToLower(text)
	for _, word := range []string{"leav", "last working day", "contract end", "terminat", "resign", "dismiss", "garden"} {
		if strings.Contains(lower, word) {
			return instead
		}
	}
	return text
}

func nonHumanWords(n *access.Night) map[access.AccountKey]string {
	words := map[access.IdentityKind]string{
		access.KindService: "Service account", access.KindBreakGlass: "Break-glass account",
		access.KindShared: "Shared account", access.KindExternal: "External person",
	}
	out := map[access.AccountKey]string{}
	for _, sys := range n.Systems {
		for i, m := range sys.Matches {
			if m.How == access.MatchedNonHuman && m.NonHuman < len(n.Policy.NonHuman) && i < len(sys.Accounts) {
				out[sys.Accounts[i].Key()] = words[n.Policy.NonHuman[m.NonHuman].Kind]
			}
		}
	}
	return out
}

// right names an entitlement across the tables of a night.
type right struct {
	System access.System
	Scope  string
	Kind   access.EntitlementKind
	ID     string
}

func itemRight(i *access.Item) right { return right{i.System, i.Scope, i.Kind, i.EntitlementID} }

// askedOf gives the rights that the worksheets of a night ask about.
func askedOf(n *access.Night) map[right]bool {
	asked := map[right]bool{}
	for _, w := range n.Worksheets {
		for i := range w.Items {
			asked[itemRight(&w.Items[i])] = true
		}
	}
	return asked
}

// rulesOf finds the lines of the role map by which anybody holds each of the
// rights asked about, in the order of the file.
func rulesOf(n *access.Night, asked map[right]bool) map[right][]int32 {
	out := map[right][]int32{}
	for s := range n.Systems {
		sys := &n.Systems[s]
		wanted := make([]bool, len(sys.Entitlements))
		for i, e := range sys.Entitlements {
			wanted[i] = asked[right{sys.System, e.Scope, e.Kind, e.ID}]
		}
		for i, v := range sys.Verdicts {
			g := sys.Grants[i]
			if v.Rule() == 0 || !wanted[g.Entitlement] {
				continue
			}
			e := sys.Entitlements[g.Entitlement]
			key := right{sys.System, e.Scope, e.Kind, e.ID}
			if at, found := slices.BinarySearch(out[key], v.Rule()); !found {
				out[key] = slices.Insert(out[key], at, v.Rule())
			}
		}
	}
	return out
}

func glossary(rows []access.Issued, rules map[right][]int32, policy access.Policy) []term {
	var out []term
	seen := map[right]bool{}
	for i := range rows {
		it := &rows[i].Item
		key := itemRight(it)
		if seen[key] {
			continue
		}
		seen[key] = true
		t := term{System: systemWords(it), Name: technicalName(it), Meaning: meaning(it), Risk: riskWord(it.Risk)}
		var owners, roles []string
		for _, r := range rules[key] {
			if int(r) <= len(policy.RoleMap.Rules) {
				rule := policy.RoleMap.Rules[r-1]
				owners, roles = appendNew(owners, rule.Owner), appendNew(roles, rule.Role)
			}
		}
		if len(owners) == 0 {
			owners = ownersOf(policy.Contacts, string(it.System))
		}
		t.Owner = cmp.Or(strings.Join(owners, ", "), "No owner named")
		t.Roles = cmp.Or(strings.Join(roles, ", "), "No role has it by the role map")
		out = append(out, t)
	}
	slices.SortStableFunc(out, func(a, b term) int {
		return cmp.Or(strings.Compare(a.System, b.System), strings.Compare(a.Name, b.Name))
	})
	return out
}

func appendNew(list []string, s string) []string {
	if s == "" || slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

func systemsOf(rows []access.Issued) []string {
	var out []string
	for i := range rows {
		out = appendNew(out, string(rows[i].Item.System))
	}
	slices.Sort(out)
	return out
}
