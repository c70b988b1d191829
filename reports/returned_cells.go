package reports

import (
	"encoding/xml"
	"errors"
	"fmt"
	"path"
	"regexp"
	"strconv"
	"strings"
	"time"
)

type sheetBack struct{ name, part string }

type relationships struct {
	Relationship []struct {
		ID     string `xml:"Id,attr"`
		Type   string `xml:"Type,attr"`
		Target string `xml:"Target,attr"`
		Mode   string `xml:"TargetMode,attr"`
	}
}

// open finds the sheets and their texts.
func (w *workbookBack) open() error {
	var top, own relationships
	if err := w.decode("_rels/.rels", &top); err != nil {
		return err
	}
	book := "xl/workbook.xml"
	for _, r := range top.Relationship {
		if strings.HasSuffix(r.Type, "/officeDocument") {
			book = strings.TrimPrefix(path.Clean("/"+r.Target), "/")
		}
	}
	dir, file := path.Split(book)
	if err := w.decode(dir+"_rels/"+file+".rels", &own); err != nil {
		return err
	}
	target := map[string]string{}
	for _, r := range own.Relationship {
		to := r.Target
		if !strings.HasPrefix(to, "/") {
			to = path.Join("/", dir, to)
		}
		target[r.ID] = to
		if strings.HasSuffix(r.Type, "/sharedStrings") {
			if err := w.shared(to); err != nil {
				return err
			}
		}
	}
	var x struct {
		Pr struct {
			Date1904 string `xml:"date1904,attr"`
		} `xml:"workbookPr"`
		Sheets []struct {
			Name string `xml:"name,attr"`
			ID   string `xml:"id,attr"`
		} `xml:"sheets>sheet"`
		Names []struct {
			Name string `xml:"name,attr"`
			To   string `xml:",chardata"`
		} `xml:"definedNames>definedName"`
	}
	if err := w.decode(book, &x); err != nil {
		return err
	}
	w.from1904 = x.Pr.Date1904 == "1" || x.Pr.Date1904 == "true"
	for _, s := range x.Sheets {
		if to := target[s.ID]; to != "" {
			w.sheets = append(w.sheets, sheetBack{s.Name, to})
		}
	}
	for _, n := range x.Names {
		if n.Name == "signed_by" {
			w.signed = n.To
		}
	}
	if len(w.sheets) == 0 {
		return errors.New("it has no sheets")
	}
	return nil
}

// richText is a text in one piece or in several, without what only says how it is
// pronounced.
type richText struct {
	T string `xml:"t"`
	R []struct {
		T string `xml:"t"`
	} `xml:"r"`
}

func (t richText) text() string {
	var all strings.Builder // millions of parts are not copied anew for each
	all.WriteString(t.T)
	for _, r := range t.R {
		all.WriteString(r.T)
	}
	return unescaped(all.String())
}

// numbered is a character written by its number; see escaped.
var numbered = regexp.MustCompile(`_x[0-9A-Fa-f]{4}_`)

func unescaped(s string) string {
	if !strings.Contains(s, "_x") {
		return s
	}
	return numbered.ReplaceAllStringFunc(s, func(m string) string {
		n, err := strconv.ParseUint(m[2:6], 16, 16)
		if err != nil || n >= 0xd800 && n < 0xe000 {
			return m
		}
		return string(rune(n))
	})
}

func (w *workbookBack) shared(name string) error {
	return w.each(name, "si", func(d *xml.Decoder, at *xml.StartElement) error {
		var t richText
		if err := d.DecodeElement(&t, at); err != nil {
			return err
		}
		w.strings = append(w.strings, t.text())
		return nil
	})
}

type rowXML struct {
	R     int
	Cells []rowCellXML
}

type rowCellXML struct {
	R string    `xml:"r,attr"`
	T string    `xml:"t,attr"`
	F *formula  `xml:"f"`
	V *string   `xml:"v"`
	I *richText `xml:"is"`
}

// UnmarshalXML reads a row cell by cell: a hundred kilobytes may hold millions of them.
func (r *rowXML) UnmarshalXML(d *xml.Decoder, at xml.StartElement) (err error) {
	for _, a := range at.Attr {
		if a.Name.Local == "r" {
			if r.R, err = strconv.Atoi(strings.TrimSpace(a.Value)); err != nil {
				return err
			}
		}
	}
	for {
		t, err := d.Token()
		if err != nil {
			return err
		}
		switch part := t.(type) {
		case xml.EndElement:
			return nil // of the row: what is in it was read to its own end
		case xml.StartElement:
			var c rowCellXML
			switch {
			case part.Name.Local != "c":
				err = d.Skip()
			case len(r.Cells) == maxColumns:
				err = fmt.Errorf("it has a row of more than %d cells", maxColumns)
			default:
				err = d.DecodeElement(&c, &part)
				r.Cells = append(r.Cells, c)
			}
			if err != nil {
				return err
			}
		}
	}
}

// cellXML is a cell of a sheet: its text, or its number.
type cellXML struct {
	cellBack
	number bool
}

var (
	errEnough  = errors.New("enough")
	errTooMuch = errors.New("its cells say too much")
)

// each row of a sheet, with its number and its cells by column from 0.
func (w *workbookBack) eachRow(part string, row func(line int, cells map[int]cellXML) error) error {
	line, says := 0, 0 // many cells may say one text, which stands in the file once
	var over formulaAreas
	err := w.each(part, "row", func(d *xml.Decoder, at *xml.StartElement) error {
		var r rowXML
		if err := d.DecodeElement(&r, at); err != nil {
			return err
		}
		if line++; r.R > 0 {
			line = r.R
		}
		if line > maxRows {
			return fmt.Errorf("it has a row %d", line)
		}
		cells, column := make(map[int]cellXML, len(r.Cells)), -1
		for _, c := range r.Cells {
			if column++; c.R != "" {
				column = columnOfRef(c.R)
			}
			got := cellXML{number: c.T == "" || c.T == "n"}
			if err := over.add(c.F, line); err != nil {
				return err
			}
			got.formula = c.F != nil || over.has(column, line)
			switch {
			case c.I != nil:
				got.text = c.I.text()
			case c.V == nil:
			case c.T == "s":
				n, err := strconv.Atoi(strings.TrimSpace(*c.V))
				if err != nil || n < 0 || n >= len(w.strings) {
					return fmt.Errorf("cell %s has no text", c.R)
				}
				got.text = w.strings[n]
			case c.T == "str":
				got.text = unescaped(*c.V)
			case c.T == "d":
				got.text = (*c.V)[:min(len(*c.V), len(time.DateOnly))]
			default:
				got.text = *c.V
			}
			got.number = got.number && got.text != ""
			if says += len(got.text); says > maxUnpacked {
				return errTooMuch
			}
			cells[column] = got
		}
		return row(line, cells)
	})
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}

// columnOfRef is the column, from 0, of a cell such as AB12; -1: none.
func columnOfRef(ref string) int {
	n := 0
	for _, r := range strings.ToUpper(ref) {
		if r < 'A' || r > 'Z' || n > 1<<20 {
			break
		}
		n = n*26 + int(r-'A') + 1
	}
	return n - 1
}

func refOf(column, line int) string {
	s := ""
	for n := column + 1; n > 0; n = (n - 1) / 26 {
		s = string(rune('A'+(n-1)%26)) + s
	}
	return s + strconv.Itoa(line)
}

// plain is a cell as text: a date is a number in a spreadsheet, whatever it looks like.
func (w *workbookBack) plain(columns columnsBack, at int, c cellXML) cellBack {
	for _, head := range []string{headHeldSince, headLastUsed} {
		if own, has := columns.at[head]; c.number && has && own == at {
			c.text = dayOfSerial(c.text, w.from1904)
		}
	}
	return c.cellBack
}

// dayOfSerial is the day that a spreadsheet counts as a number.
func dayOfSerial(s string, from1904 bool) string {
	n, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	if err != nil || n < 1 || n > 2958465 { // 9999-12-31
		return s
	}
	epoch := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	if from1904 {
		epoch = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	return epoch.AddDate(0, 0, int(n)).Format(time.DateOnly)
}
