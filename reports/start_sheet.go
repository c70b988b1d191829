package reports

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"rollcall/internal/phrase"
)

// steps is what to do, in five lines.
func (s *sheet) steps() []string {
	last := "5.  Save the file under the same name and send it back to whoever sent it to you."
	if s.campaign != nil {
		last = "5.  Put your name under Sign-off, save the file under the same name, and send it back by " + s.campaign.Campaign.Due.String() + "."
	}
	return []string{
		"1.  Open the sheet Review. The rows marked “Decide first” come first, and matter most.",
		"2.  For each row choose a Decision: Keep, Change, Remove or Not mine. Nothing is chosen for you.",
		"3.  Give a reason where To do asks for one. A row that you leave blank stays open: it never means Keep.",
		"4.  Do not add, delete or move rows or columns. You can filter with the arrows in the head.",
		last,
	}
}

// head is what the first lines of a worksheet say of it.
func (s *sheet) head() [][2]string {
	who := cmp.Or(s.ReviewerName, s.ReviewerMail, s.Reviewer.String())
	because := cmp.Or(s.Because, "You are the reviewer of these rows")
	if s.campaign != nil {
		return s.campaign.head(who, because)
	}
	return [][2]string{{"For", who}, {"Why you", because}, {"Run date", phrase.Minute(s.night.Run.StartedAt)}}
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
	for _, line := range s.head() {
		p.pair(line[0], line[1])
	}
	p.heading("What to do")
	for _, step := range s.steps() {
		p.pair("", step)
	}
	p.heading("What the decisions mean")
	for _, d := range decisions {
		p.pair(d.Word, d.Means)
	}
	p.heading("How far you are")
	p.counters(s)
	if s.campaign != nil {
		p.heading("Sign-off")
		p.signOff()
	}
	p.heading("Who to ask")
	p.contacts(s)
	p.heading("What to say when you call")
	for i, give := range s.cardGive() {
		p.pair("", strconv.Itoa(i+1)+".  "+give)
	}
	for _, more := range s.cardRest() {
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
	first := s.urgent()
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

// signOff leaves room for the reviewer's name and the date. Whoever reads the file
// finds the cells by their names, signed_by and signed_on.
func (p *startPage) signOff() {
	p.pair("", signStatement)
	for _, l := range [][2]string{{"Your name", "signed_by"}, {"Date", "signed_on"}} {
		from, to := p.at(3, p.row), p.at(5, p.row)
		p.pair(l[0], "")
		p.try(p.SetCellStyle(sheetStart, from, to, p.look.answer))
		p.try(p.SetDefinedName(&excelize.DefinedName{Name: l[1], RefersTo: fmt.Sprintf("'%s'!$C$%d", sheetStart, p.row-1)}))
		p.try(p.SetRowHeight(sheetStart, p.row-1, 18))
	}
}

// signStatement is what a reviewer signs.
const signStatement = "I have looked at each row that I decided, and decided it myself, to the best of my knowledge. I did not decide about my own access."

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
	for _, texts := range s.contactLines() {
		for col, v := range texts {
			p.text(sheetStart, col+2, p.row, v, p.look.body)
		}
		p.fit(sheetStart, p.row, startWidths[1:], texts)
		p.row++
	}
}

// contactLines says whom to call: for what, who, in business hours, after hours.
func (s *sheet) contactLines() [][]string {
	var out [][]string
	for _, c := range s.contacts {
		hours := c.BusinessHours
		if h := contactHours(c); h != "" {
			hours += " (" + h + ")"
		}
		out = append(out, []string{ResponsibilityWord(c.Responsibility) + ", " + contactSystem(c), c.Name, phone(hours),
			cmp.Or(phone(c.AfterHours), "wait for business hours")})
	}
	return out
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
