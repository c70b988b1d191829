package reports

import (
	"cmp"
	"slices"
	"strings"

	"rollcall/internal/access"
	"rollcall/internal/phrase"
)

// seriousness says a severity to people, the gravest first.
var seriousness = []struct{ severity, words string }{
	{"critical", "Critical"}, {"high", "High"}, {"medium", "Medium"}, {"low", "Low"}, {"info", "For information"},
}

func seriousWord(severity string) string {
	for _, s := range seriousness {
		if s.severity == severity {
			return s.words
		}
	}
	return cmp.Or(line(severity), "Not rated")
}

// findings shows what was concluded, the gravest first. What is about somebody whose
// departure lies ahead is counted and no more: even that a reason is withheld would tell.
func (v *nightView) findings(n *access.Night, d discretion, f Footer) {
	var all []*access.Finding
	for i := range n.Findings {
		if d.ahead[n.Findings[i].Person] {
			v.Withheld++
			continue
		}
		all = append(all, &n.Findings[i])
	}
	slices.SortStableFunc(all, func(a, b *access.Finding) int {
		return cmp.Or(severityRank(a.Severity)-severityRank(b.Severity), strings.Compare(string(a.Kind), string(b.Kind)), a.Account.Compare(b.Account), strings.Compare(a.ID, b.ID))
	})
	v.Matrix = countPlaces(all)
	v.RowsMore = max(0, len(all)-mostRows)
	for i, one := range all[:min(len(all), mostRows)] {
		row := findingRow(one, d)
		row.Runbook, row.Later = runbookLink(f, one.Kind.Runbook()), i >= shownAtOnce
		v.Rows = append(v.Rows, row)
		v.Kinds, v.Nexts = appendNew(v.Kinds, row.Title), appendNew(v.Nexts, row.Next)
	}
	slices.Sort(v.Kinds)
	v.Serious = v.Matrix.Serious
	for _, l := range v.Matrix.Lines {
		v.Places = append(v.Places, l.Place)
	}
}

func findingRow(f *access.Finding, d discretion) findingView {
	row := findingView{Serious: seriousWord(f.Severity), Title: findingTitle(f.Kind), Who: d.who(f.Person), Place: placeOf(f), Next: nextWord(f.Disposition), ID: line(f.ID), Cites: line(f.Cites)}
	if f.Urgent() {
		row.Next = nextWord(access.ToUrgent)
	}
	if f.Account.ID != "" {
		row.Account = d.account(f.Person, f.Account, f.Login)
		if f.Account.Scope != "" {
			row.Account += " in " + line(f.Account.Scope)
		}
	}
	if f.EntitlementKind != "" || f.Entitlement != "" {
		row.Right = rightOf(f.EntitlementKind, cmp.Or(f.Entitlement, f.EntitlementID), f.GrantScope)
	}
	row.Why = phrase.Sentence(line(f.Reason))
	if says, secret := untold[f.Kind]; secret {
		row.Why = says
	} else if d.names(f.Reason + " " + f.Cites) {
		row.Why, row.Cites = "The archive has the reason.", ""
	}
	if !f.FirstSeen.IsZero() {
		row.Since = f.FirstSeen.String()
	}
	return row
}

// placeOf is the system that a finding is about; of none, it is about people alone.
func placeOf(f *access.Finding) string { return cmp.Or(line(string(f.Account.System)), "no system") }

// countPlaces counts findings by system and seriousness.
func countPlaces(all []*access.Finding) matrix {
	count := map[[2]string]int{}
	var m matrix
	places := []string{}
	for _, f := range all {
		place, serious := placeOf(f), seriousWord(f.Severity)
		if count[[2]string{place, ""}]++; count[[2]string{place, ""}] == 1 {
			places = append(places, place)
		}
		if count[[2]string{"", serious}]++; count[[2]string{"", serious}] == 1 {
			m.Serious = append(m.Serious, serious) // sorted by it already
		}
		count[[2]string{place, serious}]++
	}
	slices.Sort(places)
	for _, place := range places {
		l := matrixLine{Place: place, Total: count[[2]string{place, ""}]}
		for _, serious := range m.Serious {
			l.Cells = append(l.Cells, matrixCell{serious, count[[2]string{place, serious}]})
		}
		m.Lines = append(m.Lines, l)
	}
	return m
}

type matrix struct {
	Serious []string
	Lines   []matrixLine
}

type matrixLine struct {
	Place string
	Cells []matrixCell
	Total int
}

type matrixCell struct {
	Serious string
	Count   int
}

type findingView struct {
	Serious, Title, Who, Account, Place, Right, Why, Cites, Since, Next, ID, Runbook string
	Later                                                                            bool
}
