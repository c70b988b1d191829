package csvfile

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"rollcall/internal/access"
)

// Clean trims what nobody sees from both ends of a cell: spaces of any kind,
// the no-break space, zero-width characters and byte order marks.
//
// A letter with its accent is one character then, whatever wrote it (Macs write
// two), so that the same name is the same text.
func Clean(s string) string {
	if s == "" {
		return s
	}
	if !visible(s[0]) || !visible(s[len(s)-1]) {
		s = strings.TrimFunc(s, Hidden)
	}
	if ascii(s) {
		return s
	}
	return norm.NFC.String(s)
}

// filled reports whether Clean leaves anything of a cell.
func filled(s string) bool { return s != "" && (visible(s[0]) || Clean(s) != "") }

// ordinary reports whether a cell of ASCII is as nearly all are, so that nothing has
// to be trimmed off it and it is no formula: it begins with a letter or a digit.
func ordinary(s string) bool {
	if s == "" {
		return true
	}
	c := s[0] | 0x20
	return (c >= 'a' && c <= 'z' || s[0] >= '0' && s[0] <= '9') && visible(s[len(s)-1])
}

// allASCII is ascii of a long text, eight bytes at a time.
func allASCII(s string) bool {
	for ; len(s) >= 8; s = s[8:] {
		if s[0]|s[1]|s[2]|s[3]|s[4]|s[5]|s[6]|s[7] >= utf8.RuneSelf {
			return false
		}
	}
	return ascii(s)
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// unwrap takes ="0012" for 0012: so systems keep Excel from taking the zeros.
func unwrap(s string) (string, bool) {
	if len(s) > 3 && strings.HasPrefix(s, `="`) && strings.HasSuffix(s, `"`) && !strings.Contains(s[2:len(s)-1], `"`) {
		return Clean(s[2 : len(s)-1]), true
	}
	return s, false
}

// failed reports whether a cell is what Excel shows where a formula has no
// value.
func failed(s string) bool {
	switch s {
	case "#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!":
		return true
	}
	return false
}

func visible(b byte) bool { return b > ' ' && b < utf8.RuneSelf-1 }

// Hidden reports whether a character is invisible: a space, a control or a
// zero-width character.
func Hidden(r rune) bool {
	switch r {
	case '\u00ad', '\u200b', '\u200c', '\u200d', '\u200e', '\u200f', '\u2060', '\ufeff':
		return true
	}
	return unicode.IsSpace(r) || unicode.IsControl(r)
}

// Formula reports whether a spreadsheet might run the cell: it begins, after
// spaces that nobody sees, with = + - @ (also full-width), a tab or a line end
// (https://owasp.org/www-community/attacks/CSV_Injection). Numbers with a sign,
// telephone numbers and a lone dash are only text.
func Formula(raw string) bool {
	if raw == "" || visible(raw[0]) && !strings.ContainsRune("=+-@", rune(raw[0])) {
		return false
	}
	s := strings.TrimLeftFunc(raw, func(r rune) bool {
		return r != '\t' && r != '\n' && r != '\r' && Hidden(r)
	})
	first, size := utf8.DecodeRuneInString(s)
	switch first {
	case '=', '@', '\uff1d', '\uff0b', '\uff0d', '\uff20':
		return true
	case '\t', '\n', '\r':
		return Clean(s) != ""
	case '+', '-':
		return strings.Trim(s[size:], "0123456789 .,()/-\u00a0") != ""
	}
	return false
}

// StartsFormula reports whether the first character that shows of a text that we write is
// one with which a formula may begin. It is stricter than Formula, which lets numbers
// with a sign be text.
func StartsFormula(s string) bool {
	for _, r := range s {
		switch {
		case strings.ContainsRune("=+-@\t\r\n＝＋－＠", r):
			return true
		case !unicode.In(r, unicode.Zs, unicode.Cf):
			return false
		}
	}
	return false
}

// Writable reports whether a text can stand in a cell: it is read again as it is,
// and no spreadsheet runs it, or a part of it where another separator is usual.
func Writable(s string) bool {
	if Clean(s) != s || failed(s) || Formula(s) || strings.ContainsFunc(s, unicode.IsControl) {
		return false
	}
	return !slices.ContainsFunc(strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(",;|\"", r) }), Formula)
}

// Fold brings headings and status words to one form: lower case, letters and
// digits only, so that "Employee_ID " and "employee id" are one. A # stands for
// the word number, as in "Employee #".
func Fold(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '#':
			b.WriteString("number")
		case unicode.IsLetter(r), unicode.IsDigit(r), unicode.IsMark(r):
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}

var scientific = regexp.MustCompile(`^[0-9]+([.,][0-9]+)?[eE]\+[0-9]+$`)

// Scientific reports whether a cell is a number as Excel writes it once it took
// an id for one: 1.23E+05. Digits are lost; nothing can bring them back.
func Scientific(s string) bool { return strings.ContainsRune(s, '+') && scientific.MatchString(s) }

// Day reads 2006-01-02 or an RFC 3339 instant, to the second; empty is no date.
// Anything else, and a year that is surely a slip, is refused: 04/05/2026 is
// April to some and May to others.
func Day(s string) (access.Day, bool) {
	if s == "" {
		return access.Day{}, true
	}
	d, err := access.ParseDay(s)
	if err != nil || d.At.Before(firstDay) || d.At.After(lastSecond) {
		return access.Day{}, false
	}
	if d.Exact {
		d.At = d.At.Truncate(time.Second)
	}
	return d, true
}

var (
	firstDay   = time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC)
	lastSecond = time.Date(10_000, 1, 1, 0, 0, 0, -1, time.UTC)
)
