package csvfile

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"rollcall/internal/access"
)

const saveAs = `In Excel choose File, Save As, "CSV UTF-8 (Comma delimited)", and send that file.`

var utf8BOM = []byte("\ufeff")

// foreign are the first bytes of what people send instead of a CSV file.
var foreign = []struct{ magic, what string }{
	{"\xff\xfe", `It looks like Excel saved it as "Unicode Text".`},
	{"\xfe\xff", `It looks like it was saved as "Unicode Text" (UTF-16).`},
	{"PK\x03\x04", "It is an Excel workbook, not a CSV file."},
	{"\xd0\xcf\x11\xe0", "It is an old Excel workbook, not a CSV file."},
}

// decode gives the text of a file with one kind of line end and without its
// byte order mark, or says why there is none.
func decode(b []byte, limit int) ([]byte, *access.Problem) {
	if limit <= 0 {
		limit = DefaultMaxBytes
	}
	if len(b) > limit {
		return nil, cannot(fmt.Sprintf("It has %d bytes; at most %d are read.", len(b), limit),
			"Check that it is the right file. If it is, split it or ask IT to raise the limit.")
	}
	for _, f := range foreign {
		if bytes.HasPrefix(b, []byte(f.magic)) {
			return nil, cannot(f.what, saveAs)
		}
	}
	b = bytes.TrimPrefix(b, utf8BOM)
	if bytes.IndexByte(b, 0) >= 0 {
		return nil, cannot(`It looks like it was saved as "Unicode Text", or it is not a text file.`, saveAs)
	}
	if !utf8.Valid(b) {
		return nil, cannot(`Its letters are not UTF-8: it looks like Excel saved it as plain "CSV".`, saveAs)
	}
	return oneLineEnd(b), nil
}

// oneLineEnd turns CRLF and CR (old Macs) into LF, so that a line is a line
// whatever wrote it.
func oneLineEnd(b []byte) []byte {
	if bytes.IndexByte(b, '\r') < 0 {
		return b
	}
	b = bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n"))
	return bytes.ReplaceAll(b, []byte("\r"), []byte("\n"))
}

func cannot(why, mend string) *access.Problem {
	return &access.Problem{Says: "We could not read the file. " + why, Mend: mend}
}

func noHeader() access.Problem {
	return access.Problem{Says: "The file is empty.", Mend: "Send the file with its header row and its rows."}
}
