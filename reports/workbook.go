package reports

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"rollcall/internal/phrase"

	"github.com/xuri/excelize/v2"
)

// The sheets of a workbook, in order.
const (
	sheetStart  = "Start here"
	sheetReview = "Review"
	sheetNews   = "What changed" // of a campaign only
	sheetTerms  = "What the access means"
	sheetSource = "Where this list came from"
	sheetLists  = "_lists"
)

// The layouts of a worksheet by name, so that a later reader of returned files
// knows which columns to expect: a night's, and a campaign's.
const (
	nightSchema    = "rollcall-worksheet-1"
	campaignSchema = "rollcall-worksheet-2"
)

// decisions is the vocabulary of the Decision column, with its meanings.
var decisions = []decisionWord{
	{"Keep", "They still need it for their work. Give a reason where To do asks for one."},
	{"Change", "They need something, but not this. Write under Change to what it should be, and why."},
	{"Remove", "They do not need it any more. No reason needed; say what you like under Comment."},
	{"Not mine", "You cannot judge it. Write under Pass to who can, and why."},
}

type decisionWord struct{ Word, Means string }

// book is a workbook being made. Outside data goes through text, which writes
// string cells only; the formulas are constants of this package.
type book struct {
	*excelize.File
	look looks
	errs []error
}

// newBook is a workbook with these sheets.
func newBook(sheets []string) *book {
	b := &book{File: excelize.NewFile()}
	b.try(b.SetSheetName("Sheet1", sheets[0]))
	for _, name := range sheets[1:] {
		_, err := b.NewSheet(name)
		b.try(err)
	}
	return b
}

func (b *book) try(err error) {
	if err != nil {
		b.errs = append(b.errs, err)
	}
}

// titled says of the file what it is, and as of when.
func (b *book) titled(title string, at time.Time) {
	stamp := at.UTC().Format(time.RFC3339)
	b.try(b.SetDocProps(&excelize.DocProperties{Creator: "rollcall", LastModifiedBy: "rollcall", Title: title, Created: stamp, Modified: stamp}))
}

// bytes gives the file, or everything that went wrong while it was made.
func (b *book) bytes() ([]byte, error) {
	if err := errors.Join(b.errs...); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if _, err := b.WriteTo(&out); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// workbook makes the XLSX file of a worksheet.
func (s *sheet) workbook() ([]byte, error) {
	b := newBook(s.tabs())
	defer b.Close() // nothing of it is on disk
	b.properties(s.madeAt())
	b.look = b.newLooks()
	b.lists(s)
	b.review(s)
	b.start(s)
	if s.campaign != nil {
		b.news(s)
	}
	b.terms(s)
	b.source(s)
	out, err := b.bytes()
	if err != nil {
		return nil, fmt.Errorf("make workbook: %w", err)
	}
	return out, nil
}

// tabs are the workbook's sheets, in order.
func (s *sheet) tabs() []string {
	if s.campaign == nil {
		return []string{sheetStart, sheetReview, sheetTerms, sheetSource, sheetLists}
	}
	return []string{sheetStart, sheetReview, sheetNews, sheetTerms, sheetSource, sheetLists}
}

// madeAt is the time that the file says it was made.
func (s *sheet) madeAt() time.Time {
	if s.campaign != nil {
		return s.campaign.sheet.IssuedAt
	}
	return s.night.Run.StartedAt
}

// properties fixes what would otherwise differ from one making to the next.
func (b *book) properties(at time.Time) {
	b.titled("Access review", at)
	recalculate := true
	b.try(b.SetCalcProps(&excelize.CalcPropsOptions{FullCalcOnLoad: &recalculate}))
	b.try(b.SetSheetVisible(sheetLists, false, true))
	b.SetActiveSheet(0)
}

// lists fills the hidden sheet: what the dropdown offers, and which rows were
// issued.
func (b *book) lists(s *sheet) {
	b.text(sheetLists, 1, 1, "decision", 0)
	for i, d := range decisions {
		b.text(sheetLists, 1, i+2, d.Word, 0)
	}
	b.text(sheetLists, 2, 1, "row_id", 0)
	for i := range s.issued {
		b.text(sheetLists, 2, i+2, s.issued[i].ID, b.look.id)
	}
	about := [][2]string{{"schema", nightSchema}, {"run_id", string(s.night.Run.ID)}}
	if s.campaign != nil {
		about = [][2]string{{"schema", campaignSchema}, {"run_id", string(s.campaign.Campaign.Night)},
			{"campaign", string(s.campaign.Campaign.ID)}, {"worksheet", s.campaign.sheet.ID}}
		b.proofs(s)
	}
	for i, pair := range about {
		b.text(sheetLists, 3, i+1, pair[0], 0)
		b.text(sheetLists, 4, i+1, pair[1], 0)
	}
	b.protect(sheetLists)
}

// proofs writes the MAC of each row beside its id, and what Change to offers.
func (b *book) proofs(s *sheet) {
	b.text(sheetLists, 5, 1, "mac", 0)
	for i := range s.issued {
		b.text(sheetLists, 5, i+2, s.issued[i].MAC, b.look.id)
	}
	b.text(sheetLists, 6, 1, "right", 0)
	for i, r := range s.rights() {
		b.text(sheetLists, 6, i+2, r, b.look.id)
	}
}

// rights are what Change to offers, beside whatever the reviewer writes: the other
// rights that the worksheet is about.
func (s *sheet) rights() []string {
	var out []string
	for _, t := range s.glossary {
		out = appendNew(out, t.System+": "+t.Name)
	}
	return out
}

// escaped is how the format writes a character by its number
// (ECMA-376 part 1, 22.9.2.19). A text that holds it is escaped itself, or
// _x003D_ would come back as an equals sign.
var escaped = regexp.MustCompile(`_x[0-9A-Fa-f]{4}_`)

// text writes outside data: always a string, never a formula or a link.
func (b *book) text(sheet string, col, row int, s string, style int) {
	at := b.at(col, row)
	if s != "" {
		if s = neutral(s); strings.Contains(s, "_x") {
			s = cutUTF16(escaped.ReplaceAllString(s, "_x005F$0"), maxCell)
		}
		b.try(b.SetCellStr(sheet, at, s))
	}
	b.try(b.SetCellStyle(sheet, at, at, style))
}

// count writes a number of our own.
func (b *book) count(sheet string, col, row, n, style int) {
	at := b.at(col, row)
	b.try(b.SetCellInt(sheet, at, int64(n)))
	b.try(b.SetCellStyle(sheet, at, at, style))
}

// date writes a day as spreadsheets count them: from 1899-12-30.
func (b *book) date(sheet string, col, row int, day time.Time, style int) {
	epoch := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	b.count(sheet, col, row, int(day.Sub(epoch).Hours()/24), style)
}

// formula writes one of our own formulas, over the number that the cell holds
// already, if any: a viewer that does not calculate shows that.
func (b *book) formula(sheet string, col, row int, formula string, style int) {
	at := b.at(col, row)
	b.try(b.SetCellFormula(sheet, at, formula))
	b.try(b.SetCellStyle(sheet, at, at, style))
}

func (b *book) at(col, row int) string {
	name, err := excelize.CoordinatesToCellName(col, row)
	b.try(err)
	return name
}

// protect keeps a sheet from being changed by mistake. It has no password:
// https://support.microsoft.com/office/protect-a-worksheet-3179efdb-1285-4d49-a9c3-f4ca36276de6
// says that this is no security; the check is on what comes back.
func (b *book) protect(sheet string) {
	b.try(b.ProtectSheet(sheet, &excelize.SheetProtectionOptions{AutoFilter: true, FormatColumns: true,
		FormatRows: true, SelectLockedCells: true, SelectUnlockedCells: true}))
}

// page sets how a sheet is printed: on how many pages side by side, and on how
// many below each other (0: as many as it takes). The footer holds nothing from outside.
func (b *book) page(sheet string, wide, high int) {
	a4, turned, order := 9, "landscape", "overThenDown"
	if sheet == sheetStart {
		turned = "portrait"
	}
	b.try(b.SetPageLayout(sheet, &excelize.PageLayoutOptions{Size: &a4, Orientation: &turned,
		FitToWidth: &wide, FitToHeight: &high, PageOrder: &order}))
	fit := true
	b.try(b.SetSheetProps(sheet, &excelize.SheetPropsOptions{FitToPage: &fit}))
	side, edge := 0.4, 0.6
	b.try(b.SetPageMargins(sheet, &excelize.PageLayoutMarginsOptions{Left: &side, Right: &side, Top: &edge, Bottom: &edge}))
	b.try(b.SetHeaderFooter(sheet, &excelize.HeaderFooterOptions{OddFooter: "&L&A&CConfidential: personal data&RPage &P of &N"}))
}

func (b *book) widths(sheet string, widths ...float64) {
	for i, w := range widths {
		name, err := excelize.ColumnNumberToName(i + 1)
		b.try(err)
		b.try(b.SetColWidth(sheet, name, name, w))
	}
}

// fit sets a row's height to what its texts need in columns of these widths,
// within reason: programs disagree about fitting a height by themselves.
func (b *book) fit(sheet string, row int, widths []float64, texts []string) {
	const most, lineHeight = 9, 13.2
	lines := 1
	for i, t := range texts {
		n := 0
		for _, part := range strings.Split(phrase.Clip(t, 2000), "\n") {
			n += 1 + int(float64(cells(part))/(0.92*widths[i]))
		}
		lines = max(lines, n)
	}
	b.try(b.SetRowHeight(sheet, row, float64(min(lines, most))*lineHeight+2))
}
