package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"rollcall/collectors/roster"
	"rollcall/internal/access"
	"rollcall/reports"
)

// report writes the worksheets and notes their digests.
func (n *night) report(record *access.Night) error {
	files, err := reports.WriteWorksheets(filepath.Join(n.dir, "worksheets"), record)
	if err != nil {
		return err
	}
	for i := range files {
		record.Worksheets[i].File = files[i].XLSX
		record.Worksheets[i].SHA256 = files[i].XLSXSHA256
	}
	return n.rosterProblems(record)
}

// rosterProblems writes, for each HR list with something to mend or to answer,
// the workbook that goes back to whoever sent it.
func (n *night) rosterProblems(record *access.Night) error {
	for _, v := range record.Rosters {
		questions := reports.QuestionsOf(v.Source, record.People)
		grave := slices.ContainsFunc(v.Problems, func(p access.Problem) bool { return p.Severity != access.Note })
		if !grave && len(questions) == 0 {
			continue
		}
		b, err := problemsBook(v.File, record.Run.StartedAt, v.Problems, n.bad[v.Source], questions)
		if err != nil {
			return err
		}
		if err := writeFile(filepath.Join(n.dir, "hr", "roster_problems_"+string(v.Source)+".xlsx"), b); err != nil {
			return fmt.Errorf("write the problems of %s: %w", v.File, err)
		}
	}
	return nil
}

func problemsBook(file string, at time.Time, problems []access.Problem, bad roster.BadRows, questions []reports.Question) ([]byte, error) {
	r := reports.RosterProblems{File: file, At: at, Problems: problems, Headings: bad.Headings, Questions: questions}
	for _, row := range bad.Rows {
		r.Rows = append(r.Rows, reports.ProblemRow{Row: row.Row, Cells: row.Cells})
	}
	return r.Workbook()
}
