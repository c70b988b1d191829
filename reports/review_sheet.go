package reports

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
)

// The workbook has one column that the CSV has not: To do, a formula that says
// in words what a row still wants. It stands before Decision.

// book is where a column of the layout stands in the workbook, from 1.
func (l layout) book(index int) int {
	if index >= l.index(headDecision) {
		return index + 2
	}
	return index + 1
}

func (l layout) todo() int { return l.index(headDecision) + 1 }

// letter names the workbook's column of a head.
func (l layout) letter(head string) string {
	at := l.todo()
	if head != headTodo {
		at = l.book(l.index(head))
	}
	name, err := excelize.ColumnNumberToName(at)
	if err != nil {
		panic(err) // the columns are constants
	}
	return name
}

// lastRow is the last row of the Review sheet; a range needs one row at least.
func (s *sheet) lastRow() int { return max(2, len(s.rows)+1) }

// span is the range of a column's rows on the Review sheet.
func (s *sheet) span(head string) string {
	return fmt.Sprintf("$%s$2:$%[1]s$%d", s.columns.letter(head), s.lastRow())
}

func (b *book) review(s *sheet) {
	b.reviewHead(s.columns)
	shade, todo := 0, s.columns.todoFormula()
	for r, row := range s.rows {
		if r > 0 && s.issued[r].Item.Person.Key() != s.issued[r-1].Item.Person.Key() {
			shade = 1 - shade
		}
		b.reviewRow(s, r+2, row, b.look.row[shade])
		b.formula(sheetReview, s.columns.todo(), r+2, todo.at(r+2), b.look.row[shade].formula)
	}
	b.reviewRules(s)
	b.reviewView(s)
	b.protect(sheetReview)
}

func (b *book) reviewHead(l layout) {
	for i, c := range l {
		style := b.look.head
		if c.Answer {
			style = b.look.answerHead
		}
		b.text(sheetReview, l.book(i), 1, c.Head, style)
		b.try(b.SetColWidth(sheetReview, l.letter(c.Head), l.letter(c.Head), c.Width))
	}
	b.text(sheetReview, l.todo(), 1, headTodo, b.look.answerHead)
	b.try(b.SetColWidth(sheetReview, l.letter(headTodo), l.letter(headTodo), 13))
	b.try(b.SetRowHeight(sheetReview, 1, 32))
}

func (b *book) reviewRow(s *sheet, at int, row []cell, look rowLooks) {
	for i, c := range row {
		col := s.columns.book(i)
		switch head := s.columns[i]; {
		case head.Answer:
			b.text(sheetReview, col, at, "", b.look.answer)
		case !c.Date.IsZero():
			b.date(sheetReview, col, at, c.Date, look.date)
		case head.Head == headPerson:
			b.text(sheetReview, col, at, c.Text, look.strong)
		default:
			b.text(sheetReview, col, at, c.Text, look.text)
		}
	}
	widths, texts := make([]float64, len(row)), make([]string, len(row))
	for i, c := range row {
		widths[i], texts[i] = s.columns[i].Width, c.Text
	}
	b.fit(sheetReview, at, widths, texts)
}

// todoFormula says what a row still wants. It repeats, for the eye, the rules
// by which a returned worksheet is checked.
func (l layout) todoFormula() rowFormula {
	f := `IF(LEN(TRIM({D}))=0,IF(OR(LEN({F})>0,{K}="Privileged"),"Decide first","Open"),` +
		`IF(AND({D}="Change",LEN(TRIM({C}))=0),"Say what instead",` +
		`IF(AND({D}="Not mine",LEN(TRIM({P}))=0),"Say who",` +
		`IF(AND(LEN(TRIM({R}))<10,OR({D}="Change",{D}="Not mine",AND({D}="Keep",OR(LEN({F})>0,{K}="Privileged",AND(LEN({S})>0,{S}<>"Keep"))))),"Give a reason","Done"))))`
	var marks []string
	for _, m := range [][2]string{{"{D}", headDecision}, {"{F}", headFlag}, {"{K}", headRisk}, {"{C}", headChange},
		{"{P}", headPass}, {"{R}", headReason}, {"{S}", headSuggested}} {
		marks = append(marks, m[0], "$"+l.letter(m[1])+"#")
	}
	return rowFormula(strings.NewReplacer(marks...).Replace(f))
}

// rowFormula is a formula of every row, with # in the place of its number.
type rowFormula string

func (f rowFormula) at(row int) string {
	return strings.ReplaceAll(string(f), "#", strconv.Itoa(row))
}

// reviewRules adds the dropdown, the hints and the colours.
func (b *book) reviewRules(s *sheet) {
	for _, c := range s.columns {
		if !c.Answer {
			continue
		}
		dv := excelize.NewDataValidation(true)
		dv.SetSqref(strings.ReplaceAll(s.span(c.Head), "$", ""))
		dv.SetInput(c.Head, c.Hint)
		if rights := len(s.rights()); c.Head == headChange && s.campaign != nil && rights > 0 {
			dv.SetSqrefDropList(fmt.Sprintf("%s!$F$2:$F$%d", sheetLists, rights+1))
			dv.ShowErrorMessage = false // another text is an answer too
		}
		if c.Head == headDecision {
			dv.SetSqrefDropList(fmt.Sprintf("%s!$A$2:$A$%d", sheetLists, len(decisions)+1))
			dv.SetError(excelize.DataValidationErrorStyleStop, "Not a decision", "Please choose Keep, Change, Remove or Not mine, or leave it blank.")
		}
		b.try(b.AddDataValidation(sheetReview, dv))
	}
	letter := s.columns.letter
	todo, risk, decision := "$"+letter(headTodo)+"2", "$"+letter(headRisk)+"2", "$"+letter(headDecision)+"2"
	b.colour(s.span(headTodo), b.look.conditional.urgent, todo+`="Decide first"`)
	b.colour(s.span(headTodo), b.look.conditional.done, todo+`="Done"`)
	b.colour(s.span(headTodo), b.look.conditional.wanting, `AND(`+todo+`<>"Open",`+todo+`<>"")`)
	b.colour(s.span(headRisk), b.look.conditional.urgent, `AND(`+risk+`="Privileged",`+decision+`="")`)
	b.colour(fmt.Sprintf("A2:%s%d", letter(headWhySuggested), s.lastRow()), b.look.conditional.removed, decision+`="Remove"`)
}

// colour adds a conditional format; where two apply, the first added wins.
func (b *book) colour(span string, style int, formula string) {
	b.try(b.SetConditionalFormat(sheetReview, strings.ReplaceAll(span, "$", ""),
		[]excelize.ConditionalFormatOptions{{Type: "formula", Criteria: formula, Format: &style, StopIfTrue: true}}))
}

// reviewView freezes the head and the person, adds filters, and sets printing.
func (b *book) reviewView(s *sheet) {
	b.try(b.SetPanes(sheetReview, &excelize.Panes{Freeze: true, XSplit: 2, YSplit: 1, TopLeftCell: "C2", ActivePane: "bottomRight",
		Selection: []excelize.Selection{{SQRef: "C2", ActiveCell: "C2", Pane: "bottomRight"}}}))
	b.try(b.AutoFilter(sheetReview, fmt.Sprintf("A1:%s%d", s.columns.letter(headComment), s.lastRow()), nil))
	zoom := 90.0
	b.try(b.SetSheetView(sheetReview, 0, &excelize.ViewOptions{ZoomScale: &zoom}))
	b.page(sheetReview, 3, 0)
	b.try(b.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Titles", Scope: sheetReview,
		RefersTo: sheetReview + "!$A:$B," + sheetReview + "!$1:$1"}))
}
