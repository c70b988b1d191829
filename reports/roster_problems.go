package reports

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/xuri/excelize/v2"

	"rollcall/internal/access"
)

// Question is what only a person can answer: about whom, why it is asked, and
// the line of answers.csv that answers it, but for the answer itself.
type Question struct {
	Person access.PersonKey
	Name   string
	Asks   string
}

// ProblemRow is a row of HR's list, in its own columns.
type ProblemRow struct {
	Row   int
	Cells []string
}

// RosterProblems is everything that HR has to look at in one list.
type RosterProblems struct {
	File      string
	At        time.Time
	Problems  []access.Problem
	Headings  []string
	Rows      []ProblemRow
	Questions []Question
}

// The sheets of roster_problems.xlsx, in order.
const (
	sheetMend  = "What to mend"
	sheetRows  = "Your rows"
	sheetAsked = "Please answer"
)

// Workbook makes roster_problems.xlsx: the problems in words, only the rows that
// they are about, with the cells marked, and the questions. It names people who
// leave later: it is for HR alone.
func (r RosterProblems) Workbook() ([]byte, error) {
	b := newBook([]string{sheetMend, sheetRows, sheetAsked})
	defer b.Close() // nothing of it is on disk
	b.titled("What to mend in "+line(r.File), r.At)
	b.look = b.newLooks()
	b.mend(r)
	b.rowsOf(r)
	b.asked(r)
	out, err := b.bytes()
	if err != nil {
		return nil, fmt.Errorf("make the list of problems: %w", err)
	}
	return out, nil
}

// grid writes headings and rows of text, and fits them.
func (b *book) grid(sheet string, headings []string, widths []float64, rows [][]string) {
	b.widths(sheet, widths...)
	for i, h := range headings {
		b.text(sheet, i+1, 1, h, b.look.head)
	}
	b.try(b.SetRowHeight(sheet, 1, 32))
	b.below(sheet, widths, rows)
}

// severities are in words what a problem does.
var severities = map[access.Severity]string{access.Stop: "STOP: the whole file", access.Hold: "HOLD: this person", access.Note: "For your information"}

func (b *book) mend(r RosterProblems) {
	var rows [][]string
	for _, p := range r.Problems {
		at := ""
		if p.Row > 0 {
			at = strconv.Itoa(p.Row)
		}
		rows = append(rows, []string{severities[p.Severity], at, string(p.Person.EmployeeID), p.Column, p.Value, p.Says, p.Meanwhile, p.Mend})
	}
	b.grid(sheetMend, []string{"How grave", "Row", "Employee ID", "Column", "What is there", "What is wrong", "What we did meanwhile", "How to mend it"},
		[]float64{20, 7, 13, 18, 20, 44, 36, 44}, rows)
}

// rowsOf writes the rows themselves; the cells that problems are about are in
// bold, on another ground.
func (b *book) rowsOf(r RosterProblems) {
	headings, widths := append([]string{"Row"}, r.Headings...), []float64{7}
	for range r.Headings {
		widths = append(widths, 18)
	}
	var rows [][]string
	for _, row := range r.Rows {
		rows = append(rows, append([]string{strconv.Itoa(row.Row)}, row.Cells...))
	}
	b.grid(sheetRows, headings, widths, rows)
	marked := b.style(font(10, true, "9B2C20"), filled(excelize.Style{NumFmt: 49, Alignment: top(true), Border: border("bottom", "right")}, "FBE7E4"))
	for n, row := range r.Rows {
		for _, p := range r.Problems {
			if at := slices.Index(r.Headings, p.Column); p.Row == row.Row && at >= 0 {
				b.try(b.SetCellStyle(sheetRows, b.at(at+2, n+2), b.at(at+2, n+2), marked))
			}
		}
	}
}

func (b *book) asked(r RosterProblems) {
	var rows [][]string
	for _, q := range r.Questions {
		rows = append(rows, []string{q.Name, string(q.Person.EmployeeID), q.Asks,
			fmt.Sprintf("%s,%s,left or active,,LAST WORKING DAY,YOUR NAME,TODAY", q.Person.Source, q.Person.EmployeeID)})
	}
	b.grid(sheetAsked, []string{"Person", "Employee ID", "What we ask", "The line for answers.csv: write one answer, and the days as 2026-05-04"}, []float64{24, 14, 60, 62}, rows)
}

// QuestionsOf are what HR is asked about the people of a source.
func QuestionsOf(source access.Source, people []access.Person) (all []Question) {
	for _, p := range people {
		if p.Source == source && (p.Standing == access.StandingVanished || p.Standing == access.StandingHeld) {
			all = append(all, Question{Person: p.Key(), Name: p.Name, Asks: fmt.Sprintf("Does %s still work here, or have they left, and when was their last working day? We ask because of this: %s.", p.Name, p.Why)})
		}
	}
	return all
}
