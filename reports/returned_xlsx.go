package reports

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"rollcall/internal/access"
)

// A workbook that comes back is read part by part, as text and numbers: nothing of it
// is calculated, fetched or run. https://ecma-international.org/publications-and-standards/standards/ecma-376/

// parts are the files of a workbook by name, none larger than it says.
type parts map[string]*zip.File

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
		return refused("Send the worksheet of the campaign.", "This is not a worksheet of a review campaign that this rollcall knows (%q): the lists of each night are only for looking at.", clip(oneLine(w.schema), 60))
	}
	return w.rows(back)
}

func unreadableBook(err error) *access.Problem {
	if errors.Is(err, errTooMuch) {
		return tooMuch()
	}
	return refused(mendSave, "The workbook cannot be read: it is damaged, or no program for spreadsheets saved it (%s).", clip(oneLine(err.Error()), 200))
}

func tooMuch() *access.Problem {
	return refused(mendSave, "The workbook is damaged, or unpacks to more than %d MB.", maxUnpacked>>20)
}

// unpack refuses what no worksheet is before anything of it is looked at.
func unpack(b []byte) (parts, *access.Problem) {
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return nil, refused(mendSave, "The workbook is damaged: it breaks off, or was changed on its way.")
	}
	if len(z.File) > maxParts {
		return nil, refused(mendSave, "The workbook has %d parts; a worksheet has a few dozen.", len(z.File))
	}
	p, left := parts{}, int64(maxUnpacked)
	for _, f := range z.File {
		name := strings.ToLower(strings.TrimPrefix(path.Clean("/"+strings.ReplaceAll(f.Name, "\\", "/")), "/"))
		if wrong := forbiddenPart(name); wrong != nil {
			return nil, wrong
		}
		if _, twice := p[name]; twice {
			return nil, refused(mendSave, "The workbook has the part %s twice, so we cannot tell which one counts.", clip(oneLine(name), 60))
		}
		n, err := unpacked(f, left)
		if err != nil {
			return nil, tooMuch()
		}
		left -= n
		p[name] = f
	}
	if _, ods := p["content.xml"]; ods {
		return nil, refused(`Open it in LibreOffice, choose File, Save As, the type "Excel 2007-365 (.xlsx)", and send that file.`, "The file is an OpenDocument (.ods).")
	}
	types, book := p["[content_types].xml"]
	if !book {
		return nil, refused(mendSave, "The file is an archive (.zip), no workbook.")
	}
	return p, forbiddenType(types, p)
}

// defaultType is what a workbook says of parts by the ending of their names.
var defaultType = regexp.MustCompile(`<default [^>]*extension="([^"]*)"[^>]*>`)

// forbiddenType refuses what forbiddenPart does where a part has another name. What is
// said of endings that no part has is said of nothing: some libraries always declare
// the type of macros.
func forbiddenType(types *zip.File, all parts) *access.Problem {
	r, err := types.Open()
	if err != nil {
		return unreadableBook(err)
	}
	defer r.Close()         // reading only
	b, err := io.ReadAll(r) // unpack measured it
	if err != nil {
		return unreadableBook(err)
	}
	b = defaultType.ReplaceAllFunc(bytes.ToLower(b), func(said []byte) []byte {
		for name := range all {
			if strings.HasSuffix(name, "."+string(defaultType.FindSubmatch(said)[1])) {
				return said
			}
		}
		return nil
	})
	for word, part := range map[string]string{"vbaproject": "vbaproject", "macroenabled": "vbaproject", "macrosheet": "vbaproject", "externallink": "externallinks/"} {
		if bytes.Contains(b, []byte(word)) {
			return forbiddenPart(part)
		}
	}
	return nil
}

// unpacked measures what a part really unpacks to.
func unpacked(f *zip.File, most int64) (int64, error) {
	r, err := f.Open()
	if err != nil {
		return 0, err
	}
	defer r.Close() // reading only
	n, err := io.Copy(io.Discard, io.LimitReader(r, most+1))
	if err == nil && n > most {
		err = errors.New("it is too large")
	}
	return n, err
}

// forbiddenPart refuses what could run or fetch something.
func forbiddenPart(name string) *access.Problem {
	switch {
	case strings.Contains(name, "vbaproject"), strings.Contains(name, "macrosheets/"), strings.Contains(name, "/activex/"):
		return refused(`Save it as "Excel Workbook (.xlsx)", which has no macros, and send that file. If you did not add any, tell IT.`, "The workbook has macros. The worksheet that you were sent had none, and none are opened here.")
	case strings.Contains(name, "externallinks/"), strings.HasSuffix(name, "xl/connections.xml"), strings.Contains(name, "/querytables/"):
		return refused("Replace each formula that looks into another file by its value (in Excel: Data, Edit Links, Break Link), save, and send it again.", "The workbook has links to other files or to data elsewhere.")
	case strings.Contains(name, "/embeddings/"):
		return refused("Take the embedded object out, save, and send it again.", "Another file is embedded in the workbook.")
	case strings.HasPrefix(name, "encryptedpackage"):
		return oldBook(nil)
	}
	return nil
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

type sheetBack struct{ name, part string }

func (p parts) decode(name string, into any) error {
	f, has := p[strings.ToLower(strings.TrimPrefix(path.Clean("/"+name), "/"))]
	if !has {
		return fmt.Errorf("it has no %s", name)
	}
	r, err := f.Open()
	if err != nil {
		return err
	}
	defer r.Close() // reading only
	if err := xml.NewDecoder(r).Decode(into); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

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
	s := t.T
	for _, r := range t.R {
		s += r.T
	}
	return unescaped(s)
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

// each gives every element of a name in a part.
func (p parts) each(name, element string, one func(*xml.Decoder, *xml.StartElement) error) error {
	f, has := p[strings.ToLower(strings.TrimPrefix(path.Clean("/"+name), "/"))]
	if !has {
		return fmt.Errorf("it has no %s", name)
	}
	r, err := f.Open()
	if err != nil {
		return err
	}
	defer r.Close() // reading only
	d := xml.NewDecoder(r)
	for {
		t, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if at, is := t.(xml.StartElement); is && at.Name.Local == element {
			if err := one(d, &at); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
	}
}

type rowXML struct {
	R     int `xml:"r,attr"`
	Cells []struct {
		R string    `xml:"r,attr"`
		T string    `xml:"t,attr"`
		F *struct{} `xml:"f"`
		V *string   `xml:"v"`
		I *richText `xml:"is"`
	} `xml:"c"`
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
			got.formula = c.F != nil
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

func refOf(column, line int) string {
	s := ""
	for n := column + 1; n > 0; n = (n - 1) / 26 {
		s = string(rune('A'+(n-1)%26)) + s
	}
	return s + strconv.Itoa(line)
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
		err = w.eachRow(s.part, func(n int, cells map[int]cellXML) error {
			if n > headLines {
				return errEnough
			}
			if c := findColumns(textsOf(cells)); c.headings() && len(c.at) > len(columns.at) {
				part, line, columns = s.part, n, c
			}
			return nil
		})
		if err != nil || part != "" && len(columns.gone) == 0 {
			return part, line, columns, err
		}
	}
	return part, line, columns, nil
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
		err = w.eachRow(part, func(line int, cells map[int]cellXML) error {
			if line <= first {
				return nil
			}
			r, ok := columns.row(line, func(at int) cellBack { return w.plain(columns, at, cells[at]) })
			if r.MAC == "" {
				r.MAC = w.macs[r.ID]
			}
			if ok {
				back.Rows = append(back.Rows, r)
			}
			return nil
		})
	}
	if err != nil {
		return unreadableBook(err)
	}
	return identified(back.Rows)
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
