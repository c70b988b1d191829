package reports

import (
	"fmt"
	"strings"

	"rollcall/internal/access"
	"rollcall/internal/phrase"
)

// copies refuses a workbook of which another sheet has answers that the one with the rows
// has not: somebody copied the sheet, and nobody can tell which of the two they mean.
func (w *workbookBack) copies(part string, rows []access.ReturnedRow) *access.Problem {
	said := map[string]string{}
	for i := range rows {
		said[rows[i].ID] = answerOf(&rows[i])
	}
	for _, s := range w.sheets {
		if s.part == part || s.name == sheetLists {
			continue
		}
		first, columns, err := w.headings(s.part)
		if err != nil {
			return unreadableBook(err)
		}
		if first == 0 || len(columns.gone) > 0 {
			continue
		}
		others, err := w.rowsOn(s.part, first, columns)
		if err != nil {
			return unreadableBook(err)
		}
		for i := range others {
			if a := answerOf(&others[i]); a != "" && a != said[others[i].ID] {
				return &access.Problem{Row: others[i].Line, Column: headDecision, Says: fmt.Sprintf("The sheet %q has other answers than the one with the rows, so we cannot tell which of them you mean.", phrase.Clip(oneLine(s.name), 40)),
					Mend: "Put all your answers on the sheet Review, delete the other one, save, and send the file again."}
			}
		}
	}
	return nil
}

// answerOf is all that the reviewer wrote on a row; empty: nothing.
func answerOf(r *access.ReturnedRow) string {
	if r.Decision+r.Reason+r.ChangeTo+r.PassTo+r.Comment == "" {
		return ""
	}
	return strings.Join([]string{r.Decision, r.Reason, r.ChangeTo, r.PassTo, r.Comment}, "\x00")
}
