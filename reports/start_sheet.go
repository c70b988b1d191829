package reports

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// steps is what to do, in five lines.
var steps = []string{
	"1.  Open the sheet Review. The rows marked “Decide first” come first, and matter most.",
	"2.  For each row choose a Decision: Keep, Change, Remove or Not mine. Nothing is chosen for you.",
	"3.  Give a reason where To do asks for one. A row that you leave blank stays open: it never means Keep.",
	"4.  Do not add, delete or move rows or columns. You can filter with the arrows in the head.",
	"5.  Save the file under the same name and send it back to whoever sent it to you.",
}

var startWidths = []float64{2, 26, 34, 38, 38}

// startPage writes the Start here sheet from top to bottom.
type startPage struct {
	*book
	row int
}

func (b *book) start(s *sheet) {
	b.widths(sheetStart, startWidths...)
	p := &startPage{book: b, row: 1}
	b.text(sheetStart, 2, 1, "Access review", b.look.title)
	b.try(b.SetRowHeight(sheetStart, 1, 26))
	p.row = 2
	p.pair("For", firstOf(s.ReviewerName, s.ReviewerMail, s.Reviewer.String()))
	p.pair("Why you", firstOf(s.Because, "You are the reviewer of these rows"))
	p.pair("Run date", s.night.Run.StartedAt.UTC().Format("2006-01-02 15:04")+" UTC")
	p.heading("What to do")
	for _, step := range steps {
		p.pair("", step)
	}
	p.heading("What the decisions mean")
	for _, d := range decisions {
		p.pair(d.Word, d.Means)
	}
	p.heading("How far you are")
	p.counters(s)
	p.heading("Who to ask")
	p.contacts(s)
	p.heading("What to say when you call")
	for i, give := range cardGive {
		p.pair("", strconv.Itoa(i+1)+".  "+give)
	}
	for _, more := range []string{cardAfter, cardDoNot, cardPromise, cardLadder} {
		p.pair("", more)
	}
	grid, zoom := false, 100.0
	b.try(b.SetSheetView(sheetStart, 0, viewOf(grid, zoom)))
	b.page(sheetStart, 1, 1)
	b.protect(sheetStart)
}

func (p *startPage) heading(s string) {
	p.row++ // a blank line above
	for col := 2; col <= 5; col++ {
		p.text(sheetStart, col, p.row, "", p.look.heading)
	}
	p.text(sheetStart, 2, p.row, s, p.look.heading)
	p.try(p.SetRowHeight(sheetStart, p.row, 20))
	p.row++
}

// pair writes a label and a text that spans the rest of the page. Programs do
// not fit the height of merged cells, so it is set here.
func (p *startPage) pair(label, text string) {
	const perLine, lineHeight = 105, 14.5
	p.text(sheetStart, 2, p.row, label, p.look.label)
	p.text(sheetStart, 3, p.row, text, p.look.body)
	p.try(p.MergeCell(sheetStart, p.at(3, p.row), p.at(5, p.row)))
	lines := min(8, 1+utf8.RuneCountInString(text)/perLine)
	p.try(p.SetRowHeight(sheetStart, p.row, float64(lines)*lineHeight))
	p.row++
}

// counters are formulas over the Review sheet, each shown with the value that
// it has before anything is decided.
func (p *startPage) counters(s *sheet) {
	first := 0
	for _, row := range s.rows {
		if row[columnOf(headFlag)].Text != "" || row[columnOf(headRisk)].Text == "Privileged" {
			first++
		}
	}
	for _, c := range counterFormulas(s) {
		value := 0
		switch c.Label {
		case "Rows":
			value = len(s.rows)
		case "Still open":
			value = len(s.rows)
		case "Open, decide first":
			value = first
		}
		p.text(sheetStart, 2, p.row, c.Label, p.look.label)
		p.count(sheetStart, 3, p.row, value, p.look.number)
		p.formula(sheetStart, 3, p.row, c.Formula, p.look.number)
		p.row++
	}
}

type counter struct{ Label, Formula string }

func counterFormulas(s *sheet) []counter {
	on := func(head string) string { return sheetReview + "!" + s.span(head) }
	rows, decided := "COUNTA("+on("Row ID")+")", "COUNTIF("+on(headDecision)+`,"?*")`
	out := []counter{
		{"Rows", rows},
		{"Still open", rows + "-" + decided},
		{"Open, decide first", "COUNTIF(" + on(headTodo) + `,"Decide first")`},
		{"Decided, but incomplete", decided + "-COUNTIF(" + on(headTodo) + `,"Done")`},
	}
	for _, d := range decisions {
		out = append(out, counter{d.Word, "COUNTIF(" + on(headDecision) + `,"` + d.Word + `")`})
	}
	return out
}

func (p *startPage) contacts(s *sheet) {
	if len(s.contacts) == 0 {
		p.pair("", "Nobody is named in contacts.csv: ask whoever sent you this file.")
		return
	}
	for col, head := range []string{"For", "Who", "In business hours", "After hours"} {
		p.text(sheetStart, col+2, p.row, head, p.look.head)
	}
	p.row++
	for _, c := range s.contacts {
		hours := c.BusinessHours
		if h := contactHours(c); h != "" {
			hours += " (" + h + ")"
		}
		texts := []string{responsibilityWord(c.Responsibility) + ", " + contactSystem(c), c.Name, phone(hours),
			firstOf(phone(c.AfterHours), "wait for business hours")}
		for col, v := range texts {
			p.text(sheetStart, col+2, p.row, v, p.look.body)
		}
		p.fit(sheetStart, p.row, startWidths[1:], texts)
		p.row++
	}
}

// phone keeps the plus of an international number from being taken for the
// start of a formula.
func phone(s string) string {
	if len(s) > 1 && s[0] == '+' && s[1] >= '0' && s[1] <= '9' {
		return "tel. " + s
	}
	return s
}

// stamp is a time as the record sheets show it.
func stamp(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return strings.TrimSuffix(at.UTC().Format("2006-01-02 15:04:05"), ":00") + " UTC"
}
