package reports

import (
	"fmt"

	"rollcall/internal/access"
	"rollcall/internal/phrase"
)

// copies refuses a workbook of which another sheet has answers that the one with the rows
// has not: somebody copied the sheet, whole or in part, and nobody can tell which of the
// two they mean.
func (w *workbookBack) copies(part string, rows []access.ReturnedRow) *access.Problem {
	own := map[string]*access.ReturnedRow{}
	for i := range rows {
		own[rows[i].ID] = &rows[i]
	}
	for _, s := range w.sheets {
		if s.part == part || s.name == sheetLists {
			continue
		}
		first, columns, err := w.headings(s.part)
		if err != nil {
			return unreadableBook(err)
		}
		if first == 0 {
			continue
		}
		others, err := w.rowsOn(s.part, first, columns)
		if err != nil {
			return unreadableBook(err)
		}
		if other := moreThan(others, own); other != nil {
			return &access.Problem{Row: other.Line, Column: headDecision, Says: fmt.Sprintf("The sheet %q has other answers than the one with the rows, so we cannot tell which of them you mean.", phrase.Clip(phrase.OneLine(s.name), 40)),
				Mend: "Put all your answers on the sheet Review, delete the other one, save, and send the file again."}
		}
	}
	return nil
}

// moreThan is the first row of another sheet with an answer that the rows of the worksheet
// do not have; nil: none. Rows without an id can only be counted: those with a decision, and
// those with any answer.
func moreThan(others []access.ReturnedRow, own map[string]*access.ReturnedRow) *access.ReturnedRow {
	decided, answered := 0, 0
	count := func(r *access.ReturnedRow, by int) {
		if r.Decision != "" {
			decided += by
		}
		if answersOf(r) != (answers{}) {
			answered += by
		}
	}
	for _, r := range own {
		count(r, 1)
	}
	for i := range others {
		other, says := &others[i], answersOf(&others[i])
		if other.ID == "" {
			if count(other, -1); decided < 0 || answered < 0 {
				return other
			}
			continue
		}
		was, is := own[other.ID]
		for n, says := range says {
			if says != "" && (!is || says != answersOf(was)[n]) {
				return other
			}
		}
	}
	return nil
}

type answers [5]string

// answersOf are what the reviewer wrote on a row.
func answersOf(r *access.ReturnedRow) answers {
	return answers{r.Decision, r.Reason, r.ChangeTo, r.PassTo, r.Comment}
}
