package reports

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"rollcall/internal/access"
)

// sheet is one worksheet with all that its sheets and its CSV twin tell.
type sheet struct {
	*access.Worksheet
	night    *access.Night
	day      time.Time // of the run, midnight UTC
	rows     [][]cell  // as reviewColumns
	nonHuman map[access.AccountKey]string
	glossary []term
	contacts []access.Contact
}

// term is one line of "What the access means".
type term struct {
	System, Name, Meaning, Risk, Owner, Roles string
}

// sheets prepares every worksheet of the night.
func sheets(n *access.Night) []*sheet {
	nonHuman, rules := nonHumanWords(n), rulesOf(n)
	all := make([]*sheet, len(n.Worksheets))
	for i := range n.Worksheets {
		s := &sheet{Worksheet: &n.Worksheets[i], night: n, nonHuman: nonHuman,
			day: n.Run.StartedAt.UTC().Truncate(24 * time.Hour)}
		for j := range s.Items {
			s.rows = append(s.rows, s.row(&s.Items[j]))
		}
		s.glossary = glossary(s.Items, rules, n.Policy)
		s.contacts = contactsFor(n.Policy.Contacts, systemsOf(s.Items))
		all[i] = s
	}
	return all
}

func (s *sheet) row(i *access.Item) []cell {
	row := make([]cell, len(reviewColumns))
	for c, col := range reviewColumns {
		row[c] = col.Value(s, i)
	}
	return row
}

// flagged counts the rows that say why they are flagged.
func (s *sheet) flagged() int {
	n, at := 0, columnOf(headFlag)
	for _, r := range s.rows {
		if r[at].Text != "" {
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
	if !leavesAhead(i.Person, s.night.Run.StartedAt) {
		return text
	}
	for _, at := range []time.Time{i.Person.AccessEndsAt, i.Person.EndDate.At, i.Person.LastWorkingDay.At} {
		if !at.IsZero() && strings.Contains(text, at.Format(time.DateOnly)) {
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
		access.KindService: "Service account", access.KindBreakGlass: "Emergency account",
		access.KindShared: "Shared account", access.KindExternal: "External person",
	}
	out := map[access.AccountKey]string{}
	for _, sys := range n.Systems {
		for i, m := range sys.Matches {
			if m.How == access.MatchedNonHum && m.NonHuman < len(n.Policy.NonHuman) && i < len(sys.Accounts) {
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

// rulesOf finds the lines of the role map by which anybody holds each of the
// rights that the worksheets ask about, in the order of the file.
func rulesOf(n *access.Night) map[right][]int32 {
	asked := map[right]bool{}
	for _, w := range n.Worksheets {
		for _, i := range w.Items {
			asked[right{i.System, i.Scope, i.Kind, i.EntitlementID}] = true
		}
	}
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

func glossary(items []access.Item, rules map[right][]int32, policy access.Policy) []term {
	var out []term
	seen := map[right]bool{}
	for i := range items {
		it := &items[i]
		key := right{it.System, it.Scope, it.Kind, it.EntitlementID}
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
		t.Owner = firstOf(strings.Join(owners, ", "), "No owner named")
		t.Roles = firstOf(strings.Join(roles, ", "), "No role has it by the role map")
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

func systemsOf(items []access.Item) []string {
	var out []string
	for _, i := range items {
		out = appendNew(out, string(i.System))
	}
	slices.Sort(out)
	return out
}

func columnOf(head string) int {
	return slices.IndexFunc(reviewColumns, func(c column) bool { return c.Head == head })
}
