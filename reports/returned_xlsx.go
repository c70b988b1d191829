package reports

import (
	"slices"
	"strconv"
	"strings"

	"rollcall/internal/access"
	"rollcall/internal/phrase"
)

func readWorkbook(back *access.ReturnedSheet, b []byte) *access.Problem {
	p, wrong := unpack(b)
	if wrong != nil {
		return wrong
	}
	w := workbookBack{parts: p}
	if err := w.open(); err != nil {
		return unreadableBook(err)
	}
	if err := w.lists(back); err != nil {
		return unreadableBook(err)
	}
	if w.schema != "" && w.schema != campaignSchema {
		return refused("Send the worksheet of the campaign.", "This is not a worksheet of a review campaign that this rollcall knows (%q): the lists of each night are only for looking at.", phrase.Clip(phrase.OneLine(w.schema), 60))
	}
	return w.rows(back)
}

// workbookBack is a workbook that is being read.
type workbookBack struct {
	parts
	sheets   []sheetBack
	strings  []string
	from1904 bool
	signed   string // where the name of who signed stands: a sheet's name and a cell
	schema   string
	macs     map[string]string // by row id
}

// lists reads the hidden sheet: what the file says of itself, and the proof of each
// row. A workbook that was put together anew may lack it.
func (w *workbookBack) lists(back *access.ReturnedSheet) error {
	w.macs = map[string]string{}
	for _, s := range w.sheets {
		switch {
		case s.name == sheetLists:
			err := w.eachRow(s.part, func(_ int, cells map[int]cellXML) error {
				switch value := cells[3].text; cells[2].text {
				case "schema":
					w.schema = value
				case "campaign":
					back.Campaign = access.CampaignID(value)
				case "worksheet":
					back.Worksheet = value
				}
				if id := normalCell(cells[1].text); id != "" && cells[4].text != "" {
					w.macs[id] = cells[4].text
				}
				return nil
			})
			if err != nil {
				return err
			}
		case w.signedOn(s.name) != "":
			at := w.signedOn(s.name)
			err := w.eachRow(s.part, func(line int, cells map[int]cellXML) error {
				if strings.HasSuffix(at, strconv.Itoa(line)) && at == refOf(columnOfRef(at), line) {
					back.SignedBy = strings.TrimSpace(cells[columnOfRef(at)].text)
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// signedOn is the cell of a sheet in which the reviewer wrote their name.
func (w *workbookBack) signedOn(sheet string) string {
	name, cell, ok := strings.Cut(w.signed, "!")
	if !ok || strings.ReplaceAll(strings.Trim(name, "'"), "''", "'") != sheet {
		return ""
	}
	return strings.ReplaceAll(cell, "$", "")
}

// headLines is how many lines somebody may have written above the headings.
const headLines = 20

// review finds the sheet with the rows by its headings, whatever it is called now: the
// one that has most of them.
func (w *workbookBack) review() (part string, line int, columns columnsBack, err error) {
	order := slices.Clone(w.sheets)
	if own := slices.IndexFunc(order, func(s sheetBack) bool { return s.name == sheetReview }); own > 0 {
		order[0], order[own] = order[own], order[0]
	}
	for _, s := range order {
		if s.name == sheetLists {
			continue
		}
		n, c, err := w.headings(s.part)
		if len(c.at) > len(columns.at) {
			part, line, columns = s.part, n, c
		}
		if err != nil || part != "" && len(columns.gone) == 0 {
			return part, line, columns, err
		}
	}
	return part, line, columns, nil
}

// headings finds the line of a sheet that has most of the headings.
func (w *workbookBack) headings(part string) (line int, columns columnsBack, err error) {
	err = w.eachRow(part, func(n int, cells map[int]cellXML) error {
		if n > headLines {
			return errEnough
		}
		if c := findColumns(textsOf(cells)); c.headings() && len(c.at) > len(columns.at) {
			line, columns = n, c
		}
		return nil
	})
	return line, columns, err
}

func textsOf(cells map[int]cellXML) []string {
	var out []string
	for at, c := range cells {
		if at < 0 || at > 16383 { // more columns than a spreadsheet has
			continue
		}
		if at >= len(out) {
			out = append(out, make([]string, at+1-len(out))...)
		}
		out[at] = c.text
	}
	return out
}

// rows reads the answers.
func (w *workbookBack) rows(back *access.ReturnedSheet) *access.Problem {
	part, first, columns, err := w.review()
	if err == nil && part == "" {
		return refused(mendAgain, `No sheet of the workbook has the columns "Row ID" and "Decision", so it is another file than the worksheet, or its headings were taken away.`)
	}
	if wrong := columns.wrong(); err == nil && wrong != nil {
		wrong.Row = first
		return wrong
	}
	if err == nil {
		back.Rows, err = w.rowsOn(part, first, columns)
	}
	if err != nil {
		return unreadableBook(err)
	}
	if wrong := identified(back.Rows); wrong != nil {
		return wrong
	}
	return w.copies(part, back.Rows)
}

// rowsOn are the rows of a sheet, below its headings.
func (w *workbookBack) rowsOn(part string, first int, columns columnsBack) (rows []access.ReturnedRow, err error) {
	err = w.eachRow(part, func(line int, cells map[int]cellXML) error {
		if line <= first {
			return nil
		}
		r, ok := columns.row(line, func(at int) cellBack { return w.plain(columns, at, cells[at]) })
		if r.MAC == "" {
			r.MAC = w.macs[r.ID]
		}
		if ok {
			rows = append(rows, r)
		}
		return nil
	})
	return rows, err
}
