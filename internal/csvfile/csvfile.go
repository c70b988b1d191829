// Package csvfile reads a CSV file that people edited, most often in a
// spreadsheet, into rows of text and problems that those people can mend.
//
// It works on bytes alone: it opens nothing, decides nothing about access and
// never guesses (a file that it cannot read for certain is refused as a whole).
// Its invariant: every row below the header that has anything in it is either
// one Record, or the file is refused.
package csvfile

import (
	"bytes"
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
	// Weak are headings that mean the column only where no other does.
	Weak []string
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
	// Report: the file may be a report, with lines before the headings and after
	// the table.
	Report bool
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
	text, note, wrong := decode(b, form.MaxBytes)
	if wrong != nil {
		return refuse(*wrong)
	}
	found := form.locate(text)
	if found.wrong != nil {
		return refuse(*found.wrong)
	}
	lay := found.layout
	t.headings = lay.headings
	// A row has a line, and at least a separator for each of its cells.
	t.Records = make([]Record[T], 0, min(bytes.Count(text, []byte("\n")), len(text)/max(1, len(lay.names)))+1)
	tail, row, err := t.fill(found.rows, lay, form)
	if err != nil {
		return refuse(unreadable(row, err))
	}
	if wrong := t.counted(tail); wrong != nil {
		return refuse(*wrong)
	}
	notes := append(lay.notes(file, form), found.ignored(file, tail)...)
	if note != nil {
		note.File = file
		notes = append([]access.Problem{*note}, notes...)
	}
	return t, notes
}

// fill decodes every row that is left; it gives the rows behind the table, and
// the number of a row that it could not read.
func (t *Table[T]) fill(rows *rows, lay layout, form Form) (tail []trailer, row int, err error) {
	feed := &feed{cells: make([]string, len(lay.names))}
	dec, err := csvutil.NewDecoder(feed, lay.names...)
	if err != nil {
		return nil, 0, fmt.Errorf("decode rows: %w", err)
	}
	for {
		raw, row, err := rows.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, row, err
		}
		rec := Record[T]{Row: row}
		if form.Report && lay.behind(raw) {
			tail = append(tail, trailer{row: row, at: len(t.Records), text: words(raw)})
		} else {
			tail = nil // a row of the table: what looked like its end was none
		}
		rec.Flaws = lay.take(raw, feed.cells, form)
		for i := range rec.Flaws {
			rec.Flaws[i].File, rec.Flaws[i].Row = t.File, row
		}
		if err := dec.Decode(&rec.Line); err != nil {
			return nil, row, fmt.Errorf("decode row: %w", err)
		}
		t.Records = append(t.Records, rec)
	}
	if len(tail) > 0 {
		t.Records = t.Records[:tail[0].at]
	}
	return tail, 0, nil
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
