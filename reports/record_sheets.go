package reports

import (
	"fmt"
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

// terms writes "What the access means".
func (b *book) terms(s *sheet) {
	heads := []string{"System", "Technical name", "What it lets people do", "Risk", "Owner", "Normal for these roles"}
	b.widths(sheetTerms, termWidths...)
	b.headRow(sheetTerms, 1, heads)
	for r, t := range s.glossary {
		texts := []string{t.System, t.Name, t.Meaning, t.Risk, t.Owner, t.Roles}
		for c, v := range texts {
			b.text(sheetTerms, c+1, r+2, v, b.look.row[r%2].text)
		}
		b.fit(sheetTerms, r+2, termWidths, texts)
	}
	b.try(b.SetPanes(sheetTerms, &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}))
	b.page(sheetTerms, 1, 0)
	b.try(b.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Titles", Scope: sheetTerms,
		RefersTo: "'" + sheetTerms + "'!$1:$1"}))
	b.protect(sheetTerms)
}

func (b *book) headRow(sheet string, row int, heads []string) {
	for c, h := range heads {
		if h != "" { // an empty head is a gap in the table
			b.text(sheet, c+1, row, h, b.look.head)
		}
	}
	b.try(b.SetRowHeight(sheet, row, 30))
}

// source writes "Where this list came from": what an auditor needs to believe
// that the list is whole.
func (b *book) source(s *sheet) {
	b.widths(sheetSource, sourceWidths...)
	row := b.table(sheetSource, 1, "The run", []string{"What", "Value"}, runLines(s.night.Run))
	row = b.table(sheetSource, row, "The lists from HR",
		[]string{"List", "Tonight's file", "Rows read", "Rows in force", "", "", "List's own date", "In force since", "Digest (SHA-256) in force", "Digest of the file as received"}, rosterLines(s.night.Rosters))
	reads, elsewhere := readLines(s)
	row = b.table(sheetSource, row, "What was read for this list",
		[]string{"Read", "Complete", "Requests", "Pages", "Records", "System says", "Started", "Finished", "Digest (SHA-256)", "Read as"}, reads)
	if elsewhere > 0 {
		b.text(sheetSource, 1, row-1, fmt.Sprintf("The run read %d more scopes, which this list does not touch; the archive has them.", elsewhere), b.look.id)
		row++
	}
	row = b.table(sheetSource, row, "The files of policy", []string{"File is", "File", "", "", "", "", "", "", "Digest (SHA-256)"}, inputLines(s.night.Inputs))
	b.table(sheetSource, row, "The books: every part adds up to its total", []string{"What", "Parts", "Total", "Verdict"}, bookLines(s.night.Balances))
	b.try(b.SetSheetView(sheetSource, 0, viewOf(false, 100)))
	b.page(sheetSource, 1, 0)
	b.protect(sheetSource)
}

// table writes a heading, heads and lines, and gives the row after a gap.
// Whatever is a count of ours is written as a number.
func (b *book) table(sheet string, row int, title string, heads []string, lines [][]any) int {
	b.text(sheet, 1, row, title, b.look.heading)
	b.headRow(sheet, row+1, heads)
	row += 2
	for _, l := range lines {
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
	return row + 1
}

func runLines(r access.Run) [][]any {
	return [][]any{
		{"Run ID", string(r.ID)},
		{"As of", stamp(r.StartedAt)},
		{"Mode", string(firstMode(r.Mode))},
		{"Started by", firstOf(r.Trigger, "unknown") + ", " + firstOf(r.Actor, "unknown")},
		{"Tool version", r.ToolVersion},
		{"Configuration (SHA-256)", r.ConfigSHA256},
		{"Run before this one", firstOf(string(r.Previous), "none: this is the first")},
	}
}

func firstMode(m access.Mode) access.Mode {
	if m == "" {
		return access.Observe
	}
	return m
}

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
		asOf := firstOf(stamp(v.InForce.AsOf), "the file does not say")
		out = append(out, []any{string(v.Source), firstOf(v.File, "no file") + ": " + state, v.Received, v.InForce.Rows, "", "", asOf,
			firstOf(stamp(v.InForce.AcceptedAt), "never accepted"), v.InForce.SHA256, v.InForce.Original})
	}
	return out
}

// readLines gives the reads on which this worksheet rests, and counts the
// others.
func readLines(s *sheet) (lines [][]any, elsewhere int) {
	scopes := map[[2]string]bool{}
	for _, i := range s.Items {
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
			complete = "NO: " + firstOf(r.Gap, "not read")
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
