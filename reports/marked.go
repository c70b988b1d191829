package reports

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"

	"rollcall/internal/access"
)

// headMend is the column that tells what to mend, as the sheet sheetMend does.
const headMend = sheetMend

// MarkedUp makes the copy of a returned file that goes back to the reviewer: the cells
// that keep a row from counting coloured, what to do in a column of its own and on a
// sheet in front, and the rows that count in grey. It is a workbook (ext is .xlsx)
// whatever came; of a file that was refused, and of a page's, it has the list alone.
func MarkedUp(original []byte, back access.ReturnedSheet, f access.ReturnedFile) (b []byte, ext string, err error) {
	m := &marked{back: back, file: f, problems: map[string][]access.RowProblem{}, greys: map[int]int{}}
	for _, p := range f.Problems {
		m.problems[m.key(p.RowID, p.Line)] = append(m.problems[m.key(p.RowID, p.Line)], p)
	}
	switch {
	case f.Refused != nil || back.Refused != nil || back.Format == "html":
		m.File = excelize.NewFile()
		m.try(m.SetSheetName("Sheet1", sheetMend))
	case back.Format == "xlsx":
		if m.File, err = excelize.OpenReader(bytes.NewReader(original), excelize.Options{UnzipSizeLimit: maxUnpacked, UnzipXMLSizeLimit: maxUnpacked}); err != nil {
			return nil, "", fmt.Errorf("mark up %s: %w", back.File, err)
		}
		m.locate()
	default:
		m.File = excelize.NewFile()
		m.table()
	}
	defer m.Close() // nothing of it is on disk
	m.marks = m.looks()
	m.mark()
	m.list()
	out, err := m.bytes()
	if err != nil {
		return nil, "", fmt.Errorf("mark up %s: %w", back.File, err)
	}
	return out, ".xlsx", nil
}

// marked is a copy being made.
type marked struct {
	book
	back     access.ReturnedSheet
	file     access.ReturnedFile
	problems map[string][]access.RowProblem
	marks    markLooks
	greys    map[int]int // by the style that a cell had

	sheet   string // that has the rows; empty: none has
	head    int    // the line of its headings
	columns columnsBack
	width   int            // of the headings
	lines   map[string]int // where a row is, by key; nil: where the file had it
}

type markLooks struct{ head, wrong, counts, says, text int }

// key names a row of the file: by its line where it has one, since an id may be there twice.
func (m *marked) key(id string, line int) string {
	if line > 0 {
		return fmt.Sprint(line)
	}
	return "id " + id
}

func (m *marked) style(s excelize.Style) int {
	n, err := m.NewStyle(&s)
	m.try(err)
	return n
}

func (m *marked) looks() markLooks {
	wrap := &excelize.Alignment{WrapText: true, Vertical: "top"}
	fill := func(colour string) excelize.Fill {
		return excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{colour}}
	}
	open := &excelize.Protection{Locked: false}
	return markLooks{
		head:   m.style(excelize.Style{Font: &excelize.Font{Bold: true}, Fill: fill("FCE4D6"), Alignment: wrap}),
		wrong:  m.style(excelize.Style{Fill: fill("FFC7CE"), Alignment: wrap, Protection: open, NumFmt: 49}),
		counts: m.style(excelize.Style{Font: &excelize.Font{Color: "808080"}, Fill: fill("EDEDED"), Alignment: wrap}),
		says:   m.style(excelize.Style{Font: &excelize.Font{Bold: true, Color: "9C0006"}, Alignment: wrap}),
		text:   m.style(excelize.Style{Alignment: wrap, NumFmt: 49}),
	}
}

// locate finds the rows in the workbook as it came back.
func (m *marked) locate() {
	m.try(m.DeleteSheet(sheetMend)) // of a copy that was marked up before
	order := m.GetSheetList()
	slices.SortStableFunc(order, func(a, b string) int { return cmp.Compare(boolInt(a != sheetReview), boolInt(b != sheetReview)) })
	for _, name := range order {
		if name == sheetLists || !m.locateOn(name) {
			continue
		}
		return
	}
	m.try(errors.New("no sheet has the rows"))
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (m *marked) locateOn(name string) bool {
	rows, err := m.Rows(name)
	if err != nil {
		return false // no sheet of cells
	}
	defer rows.Close() // reading only
	for line := 1; line <= headLines && rows.Next(); line++ {
		heads, err := rows.Columns()
		if err != nil {
			m.try(err)
			return false
		}
		if c := findColumns(heads); c.headings() && c.wrong() == nil {
			m.sheet, m.head, m.columns, m.width = name, line, c, len(heads)
			if at := slices.Index(heads, headMend); at >= 0 {
				m.width = at // of a copy that was marked up before
			}
			return true
		}
	}
	return false
}

// table makes the rows of a CSV a sheet: what a spreadsheet program may have made of a
// CSV is not to be sent back once more.
func (m *marked) table() {
	m.try(m.SetSheetName("Sheet1", sheetReview))
	m.sheet, m.head, m.lines = sheetReview, 1, map[string]int{}
	var heads []string
	for _, c := range campaignColumns {
		heads = append(heads, c.Head)
		name, err := excelize.ColumnNumberToName(len(heads))
		m.try(err)
		m.try(m.SetColWidth(sheetReview, name, name, c.Width))
	}
	heads = append(heads, headCheck)
	m.columns, m.width = findColumns(heads), len(heads)
	strong, plain := m.style(excelize.Style{Font: &excelize.Font{Bold: true}, NumFmt: 49}), m.style(excelize.Style{NumFmt: 49, Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}})
	for i, h := range heads {
		m.text(sheetReview, i+1, 1, h, strong)
	}
	for n, r := range m.back.Rows {
		m.lines[m.key(r.ID, r.Line)] = n + 2
		locked := 0
		for i, c := range campaignColumns {
			text := answersBack(&r)[c.Head]
			if !c.Answer && locked < len(r.Cells) {
				text = r.Cells[locked]
				locked++
			}
			m.text(sheetReview, i+1, n+2, text, plain)
		}
		m.text(sheetReview, len(heads), n+2, r.MAC, plain)
	}
}

// answersBack are the answers of a row by their heads.
func answersBack(r *access.ReturnedRow) map[string]string {
	return map[string]string{headDecision: r.Decision, headReason: r.Reason, headChange: r.ChangeTo, headPass: r.PassTo, headComment: r.Comment}
}

// mark colours the rows.
func (m *marked) mark() {
	if m.sheet == "" {
		return
	}
	column := m.width + 1
	name, err := excelize.ColumnNumberToName(column)
	m.try(err)
	m.try(m.SetColWidth(m.sheet, name, name, 60))
	m.text(m.sheet, column, m.head, headMend, m.marks.head)
	for i := range m.back.Rows {
		r := &m.back.Rows[i]
		line, has := r.Line, true
		if m.lines != nil {
			line, has = m.lines[m.key(r.ID, r.Line)]
		}
		if !has || line <= m.head {
			continue
		}
		switch wrong := m.problems[m.key(r.ID, r.Line)]; {
		case len(wrong) > 0:
			m.markWrong(r, line, column, wrong)
		case r.Decision == "":
			m.text(m.sheet, column, line, "Open: nothing is decided yet.", m.marks.text)
		default:
			for c := 1; c < column; c++ {
				m.grey(m.at(c, line))
			}
			m.text(m.sheet, column, line, "This counts.", m.marks.counts)
		}
	}
}

// grey colours a cell, and leaves it else as it is: a day stays one, and an answer may
// still be changed.
func (m *marked) grey(cell string) {
	had, err := m.GetCellStyle(m.sheet, cell)
	m.try(err)
	style, known := m.greys[had]
	if !known {
		own, err := m.GetStyle(had)
		m.try(err)
		if own == nil {
			own = &excelize.Style{}
		}
		own.Font, own.Fill = &excelize.Font{Color: "808080"}, excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"EDEDED"}}
		style = m.style(*own)
		m.greys[had] = style
	}
	m.try(m.SetCellStyle(m.sheet, cell, cell, style))
}

func (m *marked) markWrong(r *access.ReturnedRow, line, column int, wrong []access.RowProblem) {
	var says []string
	for _, p := range wrong {
		says = append(says, inColumn(p))
		at, has := m.columns.at[p.Column]
		if !has {
			continue
		}
		cell := m.at(at+1, line)
		if slices.Contains(r.Formula, p.Column) { // nothing that runs goes back
			m.try(m.SetCellFormula(m.sheet, cell, ""))
			m.text(m.sheet, at+1, line, answersBack(r)[p.Column], m.marks.wrong)
		}
		m.try(m.SetCellStyle(m.sheet, cell, cell, m.marks.wrong))
	}
	m.text(m.sheet, column, line, strings.Join(says, "\n"), m.marks.says)
}

// inColumn says what is wrong, and where.
func inColumn(p access.RowProblem) string {
	if p.Column == "" {
		return p.Says
	}
	return p.Column + ": " + p.Says
}
