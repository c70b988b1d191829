// Package csvfile reads a CSV file that people edited, most often in a
// spreadsheet, into rows of text and problems that those people can mend.
//
// It works on bytes alone: it opens nothing, decides nothing about access and
// never guesses (a file that it cannot read for certain is refused as a whole).
// Its invariant: every row below the header that has anything in it is either
// one Record, or the file is refused.
package csvfile

import (
	"cmp"
	"slices"

	"rollcall/internal/access"
)

// DefaultMaxBytes is the size above which a file is refused unread: several
// million rows, and well below what a runner's memory holds.
const DefaultMaxBytes = 1 << 30

// Column is one field that a form knows.
type Column struct {
	Name    string   // canonical, as in the documentation and in T's csv tag
	Aliases []string // other headings that mean the same, in any case and punctuation
	// Required: without it the file is refused.
	Required bool
	// Missed, when set, is what to say when an optional column is absent.
	Missed string
	// Key: the cell names somebody or something, so that a formula in it holds
	// the line instead of being noted.
	Key bool
	// Weak are headings that mean the column only where no other does.
	Weak []string
	// All: of every column that means it, what has an @ is read, one behind the other.
	All bool
}

// Form is what a file of one kind looks like.
type Form struct {
	Columns []Column
	// Mapping gives the heading that a file uses for a canonical name. It wins
	// over every alias.
	Mapping map[string]string
	// Strays is a column, of those that take All, that has every column whose heading means
	// nothing, where no heading means it. What a heading of Apart means is none of them.
	Strays string
	Apart  []Column
	// Refused and Held say what happens meanwhile when the file is refused and
	// when one line is held.
	Refused, Held string
	// Spare says what to do about columns that mean nothing to the form.
	Spare string
	// Renamed says what to do when a column is there under another heading.
	Renamed string
	// Report: the file may be a report, with lines before the headings and after
	// the table.
	Report bool
	// MaxBytes, when set, replaces DefaultMaxBytes.
	MaxBytes int
	// PartBytes, when set, replaces DefaultPartBytes.
	PartBytes int
}

// Record is one row, its cells trimmed and in T's fields (all of them strings).
type Record[T any] struct {
	Row  int // as a spreadsheet counts
	Line T
	// Flaws are what is wrong with the row's cells as cells: formulas, too many
	// or too few of them. The caller adds whom they are about.
	Flaws []access.Problem
	// Behind: it looks like a line behind the table, and is one if no row follows.
	Behind bool
}

// Sheet is a file whose headings were found.
type Sheet struct {
	File string
	// Most is how many rows it has at most: empty ones and those behind the table
	// count too.
	Most int
	// Bytes is how long they are together, as text, at least: without the separators that
	// as many rows of all columns have.
	Bytes int

	form   Form
	layout layout
	before []Remark // the lines before the headings
	note   *access.Problem
	parts  []Part
	comma  rune
}

// Heading gives the file's own heading of a canonical column, which is what
// its editor knows, or the canonical name where the file has none.
func (s Sheet) Heading(name string) string {
	if h := s.layout.headings[name]; h != "" {
		return h
	}
	return name
}

// Has reports whether the file has the canonical column.
func (s Sheet) Has(name string) bool {
	_, ok := s.layout.headings[name]
	return ok
}

// Open finds the headings of b, the content of the file that people know by the
// name file. Of a file that is refused it gives the one problem.
func Open(file string, b []byte, form Form) (Sheet, []access.Problem) {
	s := Sheet{File: file, form: form}
	text, note, wrong := decode(b, form.MaxBytes)
	if wrong != nil {
		return s, s.refused(*wrong)
	}
	found := form.locate(text)
	s.layout, s.before, s.note, s.comma = found.layout, found.before, note, found.comma
	if found.wrong != nil {
		return s, s.refused(*found.wrong)
	}
	s.parts = split(found.rest, found.row, cmp.Or(form.PartBytes, DefaultPartBytes))
	for _, p := range s.parts {
		s.Most += p.Most
		s.Bytes += len(p.text)
	}
	s.Bytes = max(0, s.Bytes-s.Most*s.layout.cells)
	return s, nil
}

func (s Sheet) refused(p access.Problem) []access.Problem {
	p.Severity, p.File, p.Meanwhile = access.Stop, s.File, s.form.Refused
	return []access.Problem{p}
}

// Table is a file as read.
type Table[T any] struct {
	Sheet
	Records []Record[T]
}

// Read reads the whole file at once. T is a struct of strings whose csv tags are
// the form's canonical names. When a problem is a Stop the table has no records.
func Read[T any](file string, b []byte, form Form) (Table[T], []access.Problem) {
	s, problems := Open(file, b, form)
	if Stopped(problems) {
		return Table[T]{Sheet: s}, problems
	}
	var parts []*[]Record[T]
	end, problems := Rows(s, func(p Part) func(*Record[T]) {
		records := make([]Record[T], 0, p.Most)
		parts = append(parts, &records)
		return func(r *Record[T]) { records = append(records, *r) }
	})
	if Stopped(problems) {
		return Table[T]{Sheet: s}, problems
	}
	t := Table[T]{Sheet: s, Records: make([]Record[T], 0, s.Most)}
	for _, p := range parts {
		t.Records = append(t.Records, *p...)
	}
	t.Records = slices.DeleteFunc(t.Records, func(r Record[T]) bool { return r.Row >= end })
	return t, problems
}

// Stopped reports whether a problem refuses the whole file, so that nothing
// that was read from it may be used.
func Stopped(problems []access.Problem) bool {
	for _, p := range problems {
		if p.Severity == access.Stop {
			return true
		}
	}
	return false
}
