package csvfile

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"rollcall/internal/access"
)

const saveAs = `In Excel choose File, Save As, "CSV UTF-8 (Comma delimited)", and send that file.`

var utf8BOM = []byte("\ufeff")

// foreign are the first bytes of what people send instead of a CSV file.
var foreign = []struct{ magic, what string }{
	{"PK\x03\x04", "It is an Excel workbook, not a CSV file."},
	{"\xd0\xcf\x11\xe0", "It is an old Excel workbook, not a CSV file."},
	{"%PDF", "It is a PDF, not a CSV file."},
}

// pages are how a web page begins: what a report's address gives once the login
// has ended, and what some systems call a workbook.
var pages = [][]byte{[]byte("<!doctype"), []byte("<html"), []byte("<table"), []byte("<?xml"), []byte("<head")}

// decode gives the text of a file with one kind of line end and without its
// byte order mark, or says why there is none. A note says how the letters were
// read where the file does not say it beyond doubt.
func decode(b []byte, limit int) (text []byte, note, wrong *access.Problem) {
	if limit <= 0 {
		limit = DefaultMaxBytes
	}
	if len(b) > limit {
		return nil, nil, cannot(fmt.Sprintf("It has %d bytes; at most %d are read.", len(b), limit),
			"Check that it is the right file. If it is, split it or ask IT to raise the limit.")
	}
	for _, f := range foreign {
		if bytes.HasPrefix(b, []byte(f.magic)) {
			return nil, nil, cannot(f.what, saveAs)
		}
	}
	if bytes.HasPrefix(b, []byte("\xff\xfe")) || bytes.HasPrefix(b, []byte("\xfe\xff")) {
		text, err := unicode.UTF16(unicode.BigEndian, unicode.ExpectBOM).NewDecoder().Bytes(b)
		if err != nil || len(b)%2 != 0 {
			return nil, nil, cannot(`It was saved as "Unicode Text", and it breaks off in the middle of a letter.`, "Send it again. "+saveAs)
		}
		return page(oneLineEnd(text), nil)
	}
	b = bytes.TrimPrefix(b, utf8BOM)
	if bytes.IndexByte(b, 0) >= 0 {
		return nil, nil, cannot(`It looks like it was saved as "Unicode Text", or it is not a text file.`, saveAs)
	}
	if utf8.Valid(b) {
		return page(oneLineEnd(b), nil)
	}
	text, ok := western(b)
	if !ok {
		return nil, nil, cannot("Its letters are neither UTF-8 nor those of western Windows.", saveAs)
	}
	return page(oneLineEnd(text), &access.Problem{Severity: access.Note, Value: sample(text),
		Says:      fmt.Sprintf("It was saved as plain \"CSV\", which does not say which letters it has. We read them as western ones, such as in %q.", sample(text)),
		Meanwhile: "The file was read.", Mend: "If that looks wrong: " + saveAs})
}

// page refuses a web page.
func page(text []byte, note *access.Problem) ([]byte, *access.Problem, *access.Problem) {
	start := bytes.ToLower(bytes.TrimLeft(text[:min(len(text), 200)], " \t\n\ufeff"))
	for _, p := range pages {
		if bytes.HasPrefix(start, p) {
			return nil, nil, cannot("It is a web page, not a list: a login may have ended while it was fetched, or a system calls it a workbook.", "Fetch the report again, as CSV. "+saveAs)
		}
	}
	return text, note, nil
}

// western reads Windows-1252, in which five bytes mean nothing: with one of
// them it is something else.
func western(b []byte) ([]byte, bool) {
	for _, c := range []byte{0x81, 0x8d, 0x8f, 0x90, 0x9d} {
		if bytes.IndexByte(b, c) >= 0 {
			return nil, false
		}
	}
	text, err := charmap.Windows1252.NewDecoder().Bytes(b)
	return text, err == nil
}

// sample is the first word that has a letter beyond ASCII.
func sample(text []byte) string {
	for _, word := range bytes.FieldsFunc(text, func(r rune) bool { return r < 'A' && r != '\'' && r != '-' && r != '.' || r == '"' }) {
		if bytes.IndexFunc(word, func(r rune) bool { return r >= utf8.RuneSelf }) >= 0 {
			return string(word[:min(len(word), 40)])
		}
	}
	return ""
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
