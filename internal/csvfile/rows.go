package csvfile

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"slices"

	"rollcall/internal/access"
)

// rows walks the records of a file and counts as a spreadsheet does: a record
// is one row however many lines its quoted cells have, and an empty line is a
// row too, which encoding/csv skips without a word.
type rows struct {
	text []byte
	csv  *csv.Reader
	row  int
	raw  []byte // the row that was given last, as it is written
}

// maxRow is more bytes than any row has, its cells with lines in them included: 32,767
// characters fit into one cell of Excel. A cell costs many times its comma, so that a
// longer row is refused before it is taken apart.
const maxRow = 1 << 20

var errTooLong = errors.New("the row is too long")

func newRows(text []byte, separator rune) *rows {
	r := csv.NewReader(bytes.NewReader(text))
	r.Comma = separator
	r.FieldsPerRecord = -1
	r.ReuseRecord = true
	return &rows{text: text, csv: r}
}

// next gives the next row that has anything in it, and its number. The cells
// are valid until the next call.
func (r *rows) next() ([]string, int, error) {
	for {
		at := r.csv.InputOffset()
		for int(at) < len(r.text) && r.text[at] == '\n' {
			r.row++
			at++
		}
		r.row++
		line, _, _ := bytes.Cut(r.text[at:], []byte{'\n'})
		if len(line) > maxRow {
			return nil, r.row, errTooLong
		}
		r.csv.LazyQuotes = bytes.IndexByte(line, '"') < 0 // no quotation mark can be wrong: none is looked for in each cell
		cells, err := r.csv.Read()
		if err != nil {
			return nil, r.row, err
		}
		r.raw = r.text[at:r.csv.InputOffset()]
		if !blank(cells) {
			return cells, r.row, nil
		}
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
