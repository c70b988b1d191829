package reports

import "github.com/xuri/excelize/v2"

// looks are the styles of a workbook. Colour never says anything that words
// do not say too.
type looks struct {
	title, heading, label, body, number, id, head, answerHead int

	row    [2]rowLooks // the rows of one person are shaded alike
	answer int

	conditional struct{ urgent, wanting, done, removed int }
}

type rowLooks struct{ text, date, strong, formula int }

const (
	colourInk    = "1F2933"
	colourHead   = "2F4B6E"
	colourAnswer = "3B6B57"
	colourLine   = "D5DBE3"
	colourBand   = "F4F6F9"
	colourPaper  = "FFFFFF"
	colourInput  = "FFFDF2"
)

func (b *book) newLooks() looks {
	var l looks
	l.title = b.style(font(16, true, colourHead), excelize.Style{})
	l.heading = b.style(font(12, true, colourHead), excelize.Style{Border: border("bottom")})
	l.label = b.style(font(10, true, colourInk), excelize.Style{NumFmt: 49, Alignment: top(true)})
	l.body = b.style(font(10, false, colourInk), excelize.Style{NumFmt: 49, Alignment: top(true)})
	l.number = b.style(font(10, true, colourInk), excelize.Style{NumFmt: 1, Alignment: &excelize.Alignment{Horizontal: "left", Vertical: "top"}})
	l.id = b.style(font(9, false, colourInk), excelize.Style{NumFmt: 49, Alignment: top(false)})
	head := excelize.Style{NumFmt: 49, Alignment: &excelize.Alignment{Vertical: "center", WrapText: true}, Border: border("bottom", "right")}
	l.head = b.style(font(10, true, colourPaper), filled(head, colourHead))
	l.answerHead = b.style(font(10, true, colourPaper), filled(head, colourAnswer))
	for i, shade := range []string{colourPaper, colourBand} {
		l.row[i] = b.rowLooks(shade)
	}
	open := excelize.Style{NumFmt: 49, Alignment: top(true), Border: border("bottom", "right"), Protection: &excelize.Protection{Locked: false}}
	l.answer = b.style(font(10, false, colourInk), filled(open, colourInput))
	l.conditional.urgent = b.conditional("9B2C20", "FBE7E4", true)
	l.conditional.wanting = b.conditional("7A5200", "FFF1CF", true)
	l.conditional.done = b.conditional("2E6B4A", "E8F3EC", false)
	l.conditional.removed = b.conditional("7B8794", "ECEFF2", false)
	return l
}

func (b *book) rowLooks(shade string) rowLooks {
	cell := excelize.Style{NumFmt: 49, Alignment: top(true), Border: border("bottom", "right")}
	date, format := cell, "yyyy-mm-dd"
	date.NumFmt, date.CustomNumFmt = 0, &format
	date.Alignment = &excelize.Alignment{Horizontal: "left", Vertical: "top"}
	formula := cell
	formula.NumFmt = 0
	return rowLooks{
		text:    b.style(font(10, false, colourInk), filled(cell, shade)),
		date:    b.style(font(10, false, colourInk), filled(date, shade)),
		strong:  b.style(font(10, true, colourInk), filled(cell, shade)),
		formula: b.style(font(10, true, colourInk), filled(formula, shade)),
	}
}

func (b *book) style(f *excelize.Font, s excelize.Style) int {
	s.Font = f
	id, err := b.NewStyle(&s)
	b.try(err)
	return id
}

func (b *book) conditional(ink, paper string, bold bool) int {
	id, err := b.NewConditionalStyle(&excelize.Style{Font: &excelize.Font{Color: ink, Bold: bold},
		Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{paper}}})
	b.try(err)
	return id
}

func font(size float64, bold bool, colour string) *excelize.Font {
	return &excelize.Font{Family: "Calibri", Size: size, Bold: bold, Color: colour}
}

func top(wrap bool) *excelize.Alignment {
	return &excelize.Alignment{Vertical: "top", WrapText: wrap}
}

func filled(s excelize.Style, colour string) excelize.Style {
	s.Fill = excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{colour}}
	return s
}

func border(sides ...string) []excelize.Border {
	var out []excelize.Border
	for _, side := range sides {
		out = append(out, excelize.Border{Type: side, Color: colourLine, Style: 1})
	}
	return out
}
