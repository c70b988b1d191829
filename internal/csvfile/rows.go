package csvfile

import (
	"bytes"
	"encoding/csv"
	"errors"
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
	var parse *csv.ParseError
	if errors.As(err, &parse) {
		p.Says = `A quotation mark (") in this row is not closed, or stands inside a cell that is not quoted, so we cannot tell where the row ends.`
		p.Mend = "Remove or double the quotation mark. " + saveAs
	}
	return p
}
