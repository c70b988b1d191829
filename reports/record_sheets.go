package reports

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"rollcall/internal/access"
)

func viewOf(grid bool, zoom float64) *excelize.ViewOptions {
	return &excelize.ViewOptions{ShowGridLines: &grid, ZoomScale: &zoom}
}

var (
	termWidths   = []float64{24, 38, 52, 12, 24, 42}
	sourceWidths = []float64{30, 30, 11, 12, 11, 13, 22, 22, 36, 36}
)

// A table is one of those that a record sheet holds, with a sentence below it.
type table struct {
	Title string
	Heads []string // an empty one is a gap
	Lines [][]any  // texts, and counts of ours
	Note  string
}

var termHeads = []string{"System", "Technical name", "What it lets people do", "Risk", "Owner", "Normal for these roles"}

// terms writes "What the access means".
func (b *book) terms(s *sheet) {
	lines := make([][]string, len(s.glossary))
	for i, t := range s.glossary {
		lines[i] = t.texts()
	}
	b.list(sheetTerms, termWidths, termHeads, lines)
}

func (t term) texts() []string {
	return []string{t.System, t.Name, t.Meaning, t.Risk, t.Owner, t.Roles}
}

// list writes a sheet that is one table of texts.
func (b *book) list(sheet string, widths []float64, heads []string, lines [][]string) {
	b.widths(sheet, widths...)
	b.headRow(sheet, 1, heads)
	b.below(sheet, widths, lines)
	b.try(b.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Titles", Scope: sheet,
		RefersTo: "'" + sheet + "'!$1:$1"}))
	b.protect(sheet)
}

// below writes lines of text below the heads in the first row, which stays in sight.
func (b *book) below(sheet string, widths []float64, lines [][]string) {
	for r, texts := range lines {
		for c, v := range texts {
			b.text(sheet, c+1, r+2, v, b.look.row[r%2].text)
		}
		b.fit(sheet, r+2, widths, texts)
	}
	b.try(b.SetPanes(sheet, &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}))
	b.page(sheet, 1, 0)
}

func (b *book) headRow(sheet string, row int, heads []string) {
	for c, h := range heads {
		if h != "" { // an empty head is a gap in the table
			b.text(sheet, c+1, row, h, b.look.head)
		}
	}
	b.try(b.SetRowHeight(sheet, row, 30))
}

// source writes "Where this list came from".
func (b *book) source(s *sheet) {
	b.widths(sheetSource, sourceWidths...)
	row := 1
	for _, t := range s.sources() {
		row = b.table(sheetSource, row, t)
	}
	b.try(b.SetSheetView(sheetSource, 0, viewOf(false, 100)))
	b.page(sheetSource, 1, 0)
	b.protect(sheetSource)
}

// sources is what an auditor needs to believe that the list is whole.
func (s *sheet) sources() []table {
	var out []table
	if s.campaign != nil {
		out = s.campaign.sources()
	}
	reads, elsewhere := readLines(s)
	read := table{Title: "What was read for this list", Lines: reads,
		Heads: []string{"Read", "Complete", "Requests", "Pages", "Records", "System says", "Started", "Finished", "Digest (SHA-256)", "Read as"}}
	if elsewhere > 0 {
		read.Note = fmt.Sprintf("The run read %d more scopes, which this list does not touch; the archive has them.", elsewhere)
	}
	return append(out,
		table{Title: "The run", Heads: []string{"What", "Value"}, Lines: runLines(s.night.Run)},
		table{Title: "The lists from HR", Lines: rosterLines(s.night.Rosters),
			Heads: []string{"List", "Tonight's file", "Rows read", "Rows in force", "", "", "List's own date", "In force since", "Digest (SHA-256) in force", "Digest of the file as received"}},
		read,
		table{Title: "The files of policy", Heads: []string{"File is", "File", "", "", "", "", "", "", "Digest (SHA-256)"}, Lines: inputLines(s.night.Inputs)},
		table{Title: "The books: every part adds up to its total", Heads: bookHeads, Lines: bookLines(employedTogether(s.night.Balances))})
}

var bookHeads = []string{"What", "Parts", "Total", "Verdict"}

// table writes a heading, heads and lines, and gives the row after a gap.
// Whatever is a count of ours is written as a number.
func (b *book) table(sheet string, row int, t table) int {
	b.text(sheet, 1, row, t.Title, b.look.heading)
	b.headRow(sheet, row+1, t.Heads)
	row += 2
	for _, l := range t.Lines {
		texts := make([]string, len(l))
		for c, v := range l {
			switch v := v.(type) {
			case int:
				b.count(sheet, c+1, row, v, b.look.number)
			case string:
				b.text(sheet, c+1, row, v, b.look.body)
				texts[c] = v
			}
		}
		b.fit(sheet, row, sourceWidths, texts)
		row++
	}
	if t.Note != "" {
		b.text(sheet, 1, row, t.Note, b.look.id)
		row++
	}
	return row + 1
}

func runLines(r access.Run) [][]any {
	return [][]any{
		{"Run ID", string(r.ID)},
		{"As of", stamp(r.StartedAt)},
		{"Mode", string(firstMode(r.Mode))},
		{"Started by", cmp.Or(r.Trigger, "unknown") + ", " + cmp.Or(r.Actor, "unknown")},
		{"Tool version", r.ToolVersion},
		{"Configuration (SHA-256)", r.ConfigSHA256},
		{"Run before this one", cmp.Or(string(r.Previous), "none: this is the first")},
	}
}

func firstMode(m access.Mode) access.Mode { return cmp.Or(m, access.Observe) }

func rosterLines(verdicts []access.RosterVerdict) [][]any {
	var out [][]any
	for _, v := range verdicts {
		state := "accepted"
		switch {
		case !v.Accepted:
			state = "refused; the one before stays in force"
		case v.Same:
			state = "the same as before"
		}
		asOf := cmp.Or(stamp(v.InForce.AsOf), "the file does not say")
		if !v.InForce.AsOfOr.IsZero() {
			asOf += " or " + stamp(v.InForce.AsOfOr)
		}
		out = append(out, []any{string(v.Source), cmp.Or(v.File, "no file") + ": " + state, v.Received, v.InForce.Rows, "", "", asOf,
			cmp.Or(stamp(v.InForce.AcceptedAt), "never accepted"), v.InForce.SHA256, v.InForce.Original})
	}
	return out
}

// readLines gives the reads on which this worksheet rests, and counts the
// others.
func readLines(s *sheet) (lines [][]any, elsewhere int) {
	scopes := map[[2]string]bool{}
	for r := range s.issued {
		i := &s.issued[r].Item
		scopes[[2]string{string(i.System), ""}] = true
		scopes[[2]string{string(i.System), i.Scope}] = true
		scopes[[2]string{string(i.Account.System), i.Account.Scope}] = true
	}
	for _, r := range s.night.Reads() {
		if !scopes[[2]string{string(r.System), r.Scope}] {
			elsewhere++
			continue
		}
		complete, claimed := "yes", any(r.ClaimedTotal)
		if !r.Complete {
			complete = "NO: " + cmp.Or(r.Gap, "not read")
		}
		if r.ClaimedTotal < 0 {
			claimed = "does not say"
		}
		lines = append(lines, []any{r.Name(), complete, r.Requests, r.Pages, r.Records, claimed,
			stamp(r.StartedAt), stamp(r.FinishedAt), r.SHA256, r.Caller})
	}
	return lines, elsewhere
}

func inputLines(inputs []access.Input) [][]any {
	var out [][]any
	for _, i := range inputs {
		out = append(out, []any{i.Name, i.File, "", "", "", "", "", "", i.SHA256})
	}
	return out
}

func bookLines(balances []access.Balance) [][]any {
	var out [][]any
	for _, b := range balances {
		out = append(out, []any{b.What, partWords(b), b.Total, holdsWord(b)})
	}
	return out
}

// employedTogether counts all who are employed as one part. In a small company that
// somebody is on garden leave, or leaves soon, tells a manager who it is.
func employedTogether(balances []access.Balance) []access.Balance {
	out := slices.Clone(balances)
	for n, b := range out {
		employed := access.BalancePart{Name: "employed"}
		var parts []access.BalancePart
		for _, p := range b.Parts {
			switch access.Standing(p.Name) {
			case access.StandingActive, access.StandingScheduled, access.StandingGarden:
				employed.Count += p.Count
			default:
				parts = append(parts, p)
			}
		}
		if len(parts) < len(b.Parts) {
			out[n].Parts = append([]access.BalancePart{employed}, parts...)
		}
	}
	return out
}

func partWords(b access.Balance) string {
	var parts []string
	for _, p := range b.Parts {
		parts = append(parts, strconv.Itoa(p.Count)+" "+p.Name)
	}
	return strings.Join(parts, " + ")
}

func holdsWord(b access.Balance) string {
	if b.Holds() {
		return "holds"
	}
	return "DOES NOT BALANCE"
}
