// Package csvfile reads a CSV file that people edited, most often in a
// spreadsheet, into rows of text and problems that those people can mend.
//
// It works on bytes alone: it opens nothing, decides nothing about access and
// never guesses (a file that it cannot read for certain is refused as a whole).
// Its invariant: every row below the header that has anything in it is either
// one Record, or the file is refused.
package csvfile

import (
	"errors"
	"fmt"
	"io"

	"github.com/jszwec/csvutil"

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
}

// Form is what a file of one kind looks like.
type Form struct {
	Columns []Column
	// Mapping gives the heading that a file uses for a canonical name. It wins
	// over every alias.
	Mapping map[string]string
	// Refused and Held say what happens meanwhile when the file is refused and
	// when one line is held.
	Refused, Held string
	// Spare says what to do about columns that mean nothing to the form.
	Spare string
	// Renamed says what to do when a column is there under another heading.
	Renamed string
	// MaxBytes, when set, replaces DefaultMaxBytes.
	MaxBytes int
}

// Record is one row, its cells trimmed and in T's fields (all of them strings).
type Record[T any] struct {
	Row  int // as a spreadsheet counts
	Line T
	// Flaws are what is wrong with the row's cells as cells: formulas, too many
	// or too few of them. The caller adds whom they are about.
	Flaws []access.Problem
}

// Table is a file as read.
type Table[T any] struct {
	File     string
	Records  []Record[T]
	headings map[string]string
}

// Heading gives the file's own heading of a canonical column, which is what
// its editor knows, or the canonical name where the file has none.
func (t Table[T]) Heading(name string) string {
	if h := t.headings[name]; h != "" {
		return h
	}
	return name
}

// Has reports whether the file has the canonical column.
func (t Table[T]) Has(name string) bool {
	_, ok := t.headings[name]
	return ok
}

// Read reads b, the content of the file that people know by the name file. T
// is a struct of strings whose csv tags are the form's canonical names. When a
// problem is a Stop the table has no records.
func Read[T any](file string, b []byte, form Form) (Table[T], []access.Problem) {
	t := Table[T]{File: file}
	refuse := func(p access.Problem) (Table[T], []access.Problem) {
		p.Severity, p.File, p.Meanwhile = access.Stop, file, form.Refused
		return Table[T]{File: file, headings: t.headings}, []access.Problem{p}
	}
	text, wrong := decode(b, form.MaxBytes)
	if wrong != nil {
		return refuse(*wrong)
	}
	rows := newRows(text)
	header, headerRow, err := rows.next()
	if errors.Is(err, io.EOF) {
		return refuse(noHeader())
	}
	if err != nil {
		return refuse(unreadable(headerRow, err))
	}
	lay, wrong := form.layout(header, headerRow)
	if wrong != nil {
		return refuse(*wrong)
	}
	t.headings = lay.headings
	if row, err := t.fill(rows, lay, form); err != nil {
		return refuse(unreadable(row, err))
	}
	return t, lay.notes(file, form)
}

// fill decodes every row that is left; it gives the row it could not read.
func (t *Table[T]) fill(rows *rows, lay layout, form Form) (int, error) {
	feed := &feed{cells: make([]string, len(lay.names))}
	dec, err := csvutil.NewDecoder(feed, lay.names...)
	if err != nil {
		return 0, fmt.Errorf("decode rows: %w", err)
	}
	for {
		raw, row, err := rows.next()
		if errors.Is(err, io.EOF) {
			return 0, nil
		}
		if err != nil {
			return row, err
		}
		rec := Record[T]{Row: row}
		rec.Flaws = lay.take(raw, feed.cells, form)
		for i := range rec.Flaws {
			rec.Flaws[i].File, rec.Flaws[i].Row = t.File, row
		}
		if err := dec.Decode(&rec.Line); err != nil {
			return row, fmt.Errorf("decode row: %w", err)
		}
		t.Records = append(t.Records, rec)
	}
}

// feed hands csvutil one row at a time.
type feed struct{ cells []string }

func (f *feed) Read() ([]string, error) { return f.cells, nil }

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
