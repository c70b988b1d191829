package csvfile

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"rollcall/internal/access"
)

// rows walks the records of a file and counts as a spreadsheet does: a record
// is one row however many lines its quoted cells have, and an empty line is a
// row too, which encoding/csv skips without a word.
//
// A row without a quotation mark is its line cut at the separators, so that its cells
// are pieces of the text and no copies. Rows with one are left to encoding/csv.
type rows struct {
	text      string
	separator byte
	at        int    // behind the row that was given last
	row       int    // its number
	raw       string // it, as it is written, with its line end
	cells     []string
	mark      int // the first quotation mark from at on, len(text) if there is none
	quoted    *csv.Reader
	feed      strings.Reader // the row that quoted is to read
}

// maxRow is more bytes than any row has, its cells with lines in them included: 32,767
// characters fit into one cell of Excel. A cell costs many times its comma, so that a
// longer row is refused before it is taken apart.
const maxRow = 1 << 20

var errTooLong = errors.New("the row is too long")

func newRows(text string, separator rune) *rows {
	return &rows{text: text, separator: byte(separator), mark: -1}
}

// next gives the next row that has anything in it, and its number. The cells
// are valid until the next call.
func (r *rows) next() ([]string, int, error) {
	for {
		for r.at < len(r.text) && r.text[r.at] == '\n' {
			r.row++
			r.at++
		}
		r.row++
		if r.at == len(r.text) {
			return nil, r.row, io.EOF
		}
		end := lineEnd(r.text, r.at)
		if end-r.at > maxRow {
			return nil, r.row, errTooLong
		}
		cells, err := r.take(end)
		if err != nil {
			return nil, r.row, err
		}
		if !blank(cells) {
			return cells, r.row, nil
		}
	}
}

// take gives the cells of the row whose first line ends before end.
//
// A row that is CSV ends with the first line that leaves no quotation mark open, and one
// that is none is refused by encoding/csv at the same place whatever comes after it.
func (r *rows) take(end int) (cells []string, err error) {
	if r.mark < r.at {
		r.mark = len(r.text)
		if next := strings.IndexByte(r.text[r.at:], '"'); next >= 0 {
			r.mark = r.at + next
		}
	}
	if r.mark >= end {
		r.cells = cutAt(r.cells[:0], r.text[r.at:end], r.separator)
		r.give(end)
		return r.cells, nil
	}
	open := false // until its quotation marks are even, the row goes on
	for from := r.at; ; from, end = end+1, lineEnd(r.text, end+1) {
		open = open != (strings.Count(r.text[from:end], `"`)%2 == 1)
		if !open || end == len(r.text) {
			break
		}
	}
	r.give(end)
	return r.unquote()
}

// give takes the row that ends before end from the text.
func (r *rows) give(end int) {
	next := min(end+1, len(r.text))
	r.raw, r.at = r.text[r.at:next], next
}

// unquote has encoding/csv read the row.
func (r *rows) unquote() ([]string, error) {
	if r.quoted == nil {
		r.quoted = csv.NewReader(&r.feed)
		r.quoted.Comma = rune(r.separator)
		r.quoted.FieldsPerRecord = -1
		r.quoted.ReuseRecord = true
	}
	r.feed.Reset(r.raw)
	return r.quoted.Read()
}

// lineEnd is where the line ends in which at is.
func lineEnd(text string, at int) int {
	if n := strings.IndexByte(text[at:], '\n'); n >= 0 {
		return at + n
	}
	return len(text)
}

// cutAt adds the pieces of a line between separators to cells.
func cutAt(cells []string, line string, separator byte) []string {
	for {
		n := strings.IndexByte(line, separator)
		if n < 0 {
			return append(cells, line)
		}
		cells, line = append(cells, line[:n]), line[n+1:]
	}
}

func blank(cells []string) bool { return !slices.ContainsFunc(cells, filled) }

// unreadable tells of a row that is no CSV. Where a quotation mark is wrong,
// every later row may be another than it seems: the whole file is refused.
func unreadable(row int, err error) access.Problem {
	p := access.Problem{Row: row, Says: "We could not read the file from this row on.", Mend: saveAs}
	if errors.Is(err, errTooLong) {
		p.Says = fmt.Sprintf("This row has more than %d characters, which no row of a list has.", maxRow)
		p.Mend = "Check that it is the right file. " + saveAs
	}
	var parse *csv.ParseError
	if errors.As(err, &parse) {
		p.Says = `A quotation mark (") in this row is not closed, or stands inside a cell that is not quoted, so we cannot tell where the row ends.`
		p.Mend = "Remove or double the quotation mark. " + saveAs
	}
	return p
}
