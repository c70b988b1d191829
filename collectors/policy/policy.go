// Package policy reads the CSV files in which people write who may have what:
// the role map, exceptions, the register of non-human accounts, answers, links
// and contacts.
//
// It states what the files say; it judges nothing, matches nothing, opens no
// file and knows no clock. Its invariant: a line with a defect never gives
// anybody more than it plainly says. Such a line has no effect and is told as a
// problem; only where a line protects (nonhuman.csv, links.csv) and its defect
// is beside the point, it is kept, because dropping it would expose an account.
package policy

import (
	"rollcall/internal/access"
	"rollcall/internal/csvfile"
)

// sheet is what one kind of policy file looks like: L is a line as written, T
// what it means.
type sheet[L, T any] struct {
	columns []csvfile.Column
	// held says what follows from a line that has no effect.
	held string
	// protects: a line counts as far as it can be read, because an account would
	// be exposed without it.
	protects bool
	// parse makes a T and checks it; the line counts if no check held it.
	parse func(c *check, l L) T
}

// read reads one policy file.
func (s sheet[L, T]) read(file string, b []byte, known []access.System) ([]T, []access.Problem) {
	table, problems := csvfile.Read[L](file, b, csvfile.Form{
		Columns: s.columns,
		Refused: "Nothing of this file is used.",
		Held:    s.held,
		Spare:   "Correct the heading if one of them was meant to count; else leave it out.",
		Renamed: "If it is there under another heading, correct the heading.",
	})
	var lines []T
	for _, rec := range table.Records {
		c := &check{line: access.Line{File: file, Row: rec.Row}, heading: table.Heading, known: known, means: s.held}
		ragged := s.flaws(c, rec.Flaws)
		if ragged && !s.protects { // what else is wrong follows from it
			problems = append(problems, c.problems...)
			continue
		}
		if parsed := s.parse(c, rec.Line); !c.held {
			lines = append(lines, parsed)
		}
		problems = append(problems, c.problems...)
	}
	return lines, problems
}

// flaws passes on what csvfile found in the cells, and reports whether the row
// has too many of them or too few.
func (s sheet[L, T]) flaws(c *check, flaws []access.Problem) (ragged bool) {
	for _, p := range flaws {
		if s.protects && p.Severity == access.Hold {
			p.Severity, p.Meanwhile = access.Note, "The line counts as far as it can be read."
		}
		c.add(p)
		ragged = ragged || p.Column == ""
	}
	return ragged
}

// Stopped reports whether a file is refused as a whole.
func Stopped(problems []access.Problem) bool { return csvfile.Stopped(problems) }

// required and optional make columns. A column that narrows what a line grants
// is required: without it every line would grant more.
func required(names ...string) []csvfile.Column {
	var columns []csvfile.Column
	for _, n := range names {
		columns = append(columns, csvfile.Column{Name: n, Required: true, Key: keys[n]})
	}
	return columns
}

func optional(names ...string) []csvfile.Column {
	columns := required(names...)
	for i := range columns {
		columns[i].Required = false
	}
	return columns
}

// keys are the columns that name somebody or something.
var keys = map[string]bool{
	"id": true, "source": true, "employee_id": true, "owner_id": true, "same_as": true, "reviewer_id": true, "delegate_id": true,
	"system": true, "scope": true, "account": true, "account_id": true,
}
