package reports

import (
	"bytes"
	"cmp"
	"fmt"
	"strings"

	"rollcall/internal/access"
	"rollcall/internal/csvfile"
)

// Limits of a file that comes back. A worksheet of 20,000 rows is a tenth of each.
const (
	maxReturned = 32 << 20  // bytes as received
	maxUnpacked = 128 << 20 // bytes of all parts of a workbook
	maxParts    = 2000      // of a workbook
	maxRows     = 1 << 20   // as many as a spreadsheet has
	maxColumns  = 1 << 14   // the same
)

// ReadReturned reads what a reviewer sent back: the workbook as saved by any
// spreadsheet program, a CSV, or the file that the page saves. Rows may be sorted,
// filtered or left out, columns moved, sheets and the file renamed. It judges no
// answer. What makes the whole file unusable is Refused, in words for the reviewer.
func ReadReturned(file string, b []byte) access.ReturnedSheet {
	back := access.ReturnedSheet{File: file, SHA256: access.Digest(b)}
	if wrong := readAny(&back, b); wrong != nil {
		back.Rows = nil
		back.Refused = &access.Problem{Severity: access.Stop, File: file, Row: wrong.Row, Column: wrong.Column, Value: wrong.Value, Says: wrong.Says,
			Meanwhile: "Nothing of this file was counted. What you sent before still counts.", Mend: wrong.Mend}
	}
	return back
}

const (
	mendSave  = `Open the worksheet that you were sent, put your answers there, save it as "Excel Workbook (.xlsx)", and send that file.`
	mendAgain = "Take the worksheet that you were sent, put your answers there, and send it back."
)

func refused(mend, says string, args ...any) *access.Problem {
	return &access.Problem{Says: fmt.Sprintf(says, args...), Mend: mend}
}

// readAny tells the formats apart by what is in the file, whatever it is called.
func readAny(back *access.ReturnedSheet, b []byte) *access.Problem {
	if len(b) > maxReturned {
		return refused(mendAgain, "The file has %d bytes; a worksheet has far less than the %d that are read.", len(b), maxReturned)
	}
	start := bytes.TrimLeft(bytes.TrimPrefix(b, []byte("\ufeff")), " \t\r\n")
	switch {
	case len(start) == 0:
		return refused(mendAgain, "The file is empty.")
	case bytes.HasPrefix(b, []byte("PK")):
		back.Format = "xlsx"
		return readWorkbook(back, b)
	case bytes.HasPrefix(b, []byte("\xd0\xcf\x11\xe0")):
		return oldBook(b)
	case start[0] == '{':
		back.Format = "html"
		return readPage(back, start)
	case bytes.Contains(bytes.ToLower(start[:min(len(start), 500)]), []byte("<html")):
		return refused(mendPage, "This is the page itself, and your answers are not in it: the browser keeps them.")
	}
	back.Format = "csv"
	return readCSV(back, b)
}

// oldBook refuses what is no workbook of today: of Excel before 2007, or encrypted.
func oldBook(b []byte) *access.Problem {
	if bytes.Contains(b, []byte("E\x00n\x00c\x00r\x00y\x00p\x00t\x00e\x00d\x00P\x00a\x00c\x00k\x00a\x00g\x00e")) {
		return refused("Open it, take the password away (in Excel: File, Info, Protect Workbook, Encrypt with Password, and leave it empty), save it, and send it again. If your company protects files by itself, send the CSV instead.",
			"The workbook is protected with a password or by a label, so nobody here can read it.")
	}
	return refused(`Open it, choose File, Save As, "Excel Workbook (.xlsx)", and send that file.`, "The workbook was saved in the form of an old Excel (.xls).")
}

// columnsBack finds the columns of a campaign's worksheet in a line of headings, by
// their names, wherever they stand.
type columnsBack struct {
	at   map[string]int // by head
	gone []string       // locked ones that are not there
	most string         // a head that is there twice
}

func findColumns(heads []string) columnsBack {
	byFold := map[string]string{csvfile.Fold(headCheck): headCheck, csvfile.Fold(headTodo): headTodo}
	for _, c := range campaignColumns {
		byFold[csvfile.Fold(c.Head)] = c.Head
	}
	out := columnsBack{at: map[string]int{}}
	for i, h := range heads {
		head, known := byFold[csvfile.Fold(h)]
		if !known {
			continue
		}
		if _, twice := out.at[head]; twice {
			out.most = cmp.Or(out.most, head)
			continue
		}
		out.at[head] = i
	}
	for _, c := range campaignColumns {
		if _, has := out.at[c.Head]; !has && (!c.Answer || c.Head == headDecision) {
			out.gone = append(out.gone, c.Head)
		}
	}
	return out
}

// headings reports whether a line is the headings of a worksheet, or was meant to be.
func (c columnsBack) headings() bool {
	_, row := c.at[headRow]
	_, decision := c.at[headDecision]
	return row || decision && len(c.at) > 2
}

// wrong says why a file with these headings cannot be used.
func (c columnsBack) wrong() *access.Problem {
	switch {
	case c.most != "":
		return &access.Problem{Column: c.most, Says: fmt.Sprintf("Two columns are called %q, so we cannot tell which one you mean.", c.most), Mend: "Keep the one that was there, and send the file again."}
	case len(c.gone) == 1 && c.gone[0] == headRow:
		return &access.Problem{Column: headRow, Says: `The column "Row ID" is missing, so we cannot tell which answer is about what.`, Mend: mendAgain}
	case len(c.gone) > 0:
		return &access.Problem{Column: c.gone[0], Says: "These columns are missing: " + strings.Join(c.gone, ", ") + ". Without them we cannot tell what you looked at when you decided.",
			Mend: "Put them back (hide columns instead of deleting them), or " + strings.ToLower(mendAgain[:1]) + mendAgain[1:]}
	}
	return nil
}

// cellBack is a cell as it came back.
type cellBack struct {
	text    string
	formula bool
}

// row makes one row of the file from its cells; ok: it has something in it.
func (c columnsBack) row(line int, cell func(at int) cellBack) (r access.ReturnedRow, ok bool) {
	r.Line = line
	take := func(head string) string {
		at, has := c.at[head]
		if !has {
			return ""
		}
		got := cell(at)
		if got.formula && head != headTodo {
			r.Formula = append(r.Formula, head)
		}
		got.text = csvfile.Clean(got.text)
		ok = ok || got.text != "" || got.formula
		return got.text
	}
	for _, col := range campaignColumns {
		if col.Answer {
			continue
		}
		text := take(col.Head)
		if col.Head == headRow {
			r.ID = normalCell(text)
		}
		r.Cells = append(r.Cells, normalCell(text))
	}
	r.Decision, r.Reason, r.ChangeTo, r.PassTo, r.Comment = take(headDecision), take(headReason), take(headChange), take(headPass), take(headComment)
	r.MAC = take(headCheck)
	return r, ok
}

// identified refuses a file of which no row says which one it is.
func identified(rows []access.ReturnedRow) *access.Problem {
	for i := range rows {
		if rows[i].ID != "" {
			return nil
		}
	}
	return &access.Problem{Column: headRow, Says: `No row has a "Row ID", so we cannot tell which answer is about what.`, Mend: mendAgain}
}
