package csvfile

import (
	"errors"
	"io"

	"rollcall/internal/access"
)

// Names are the form's columns that the file has, in the form's order.
func (s Sheet) Names() []string { return s.layout.names }

// Lines gives every row of a sheet that has anything in it, with its number as a
// spreadsheet counts: the cells in the order of Names, trimmed, as text whatever they
// hold. They are its own only until it returns. A row with fewer or more cells than
// the headings is given like any other, and what it lacks is empty. The problem, if
// there is one, refuses the whole file.
func Lines(s Sheet, each func(row int, cells []string)) *access.Problem {
	cells := make([]string, len(s.layout.names))
	for _, p := range s.parts {
		rows := newRows(string(p.text), s.comma)
		rows.row = p.row
		for {
			raw, row, err := rows.next()
			if errors.Is(err, io.EOF) && p.endless {
				err = errTooLong
			}
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return &s.refused(unreadable(row, err))[0]
			}
			for i, at := range s.layout.at {
				cells[i] = ""
				if at < len(raw) {
					cells[i], _ = unwrap(Clean(raw[at]))
				}
			}
			each(row, cells)
		}
	}
	return nil
}
