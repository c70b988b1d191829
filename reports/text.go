package reports

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"rollcall/internal/csvfile"
	"rollcall/internal/phrase"
)

// maxCell is how many UTF-16 code units a cell holds:
// https://support.microsoft.com/office/excel-specifications-and-limits-1672b34d-7043-467e-8e27-269d656771c3
const maxCell = 32767

// neutral makes outside text safe for one cell of a spreadsheet: characters
// that XML cannot hold are dropped, a text that a spreadsheet could take for a
// formula gets a visible apostrophe, and what does not fit is cut with an
// ellipsis. https://owasp.org/www-community/attacks/CSV_Injection
func neutral(s string) string {
	s = xmlText(s)
	if csvfile.StartsFormula(s) {
		s = "'" + s
	}
	return cutUTF16(s, maxCell)
}

// neutralField is neutral for a CSV. In a country whose separator is not the
// comma, a program may split a field where its text holds a separator, so the
// start of each such piece is treated like the start of a cell.
func neutralField(s string) string {
	s = neutral(s)
	if !strings.ContainsAny(s, fieldEnds) {
		return s
	}
	var b strings.Builder
	for i, r := range s {
		b.WriteRune(r)
		if next := i + utf8.RuneLen(r); strings.ContainsRune(fieldEnds, r) && csvfile.StartsFormula(s[next:]) {
			b.WriteByte('\'')
		}
	}
	return cutUTF16(b.String(), maxCell)
}

// fieldEnds are the characters at which some program splits a line of text.
const fieldEnds = ",;|\t\r\n\""

// xmlText drops what XML 1.0 cannot hold: https://www.w3.org/TR/xml/#charsets
// Bytes that are not UTF-8 become U+FFFD.
func xmlText(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t', r == '\n', r == '\r':
			return r
		case r < 0x20, r == 0x7f, r == 0xFFFE, r == 0xFFFF:
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

// cutUTF16 shortens s to at most max UTF-16 code units.
func cutUTF16(s string, max int) string {
	if len(s) <= max {
		return s // a byte is never less than a code unit
	}
	units, end := 0, 0
	for i, r := range s {
		if units < max {
			end = i // the last place that leaves room for the ellipsis
		}
		if units += utf16.RuneLen(r); units > max {
			return s[:end] + "…"
		}
	}
	return s
}

// line makes outside text safe for a terminal or a log: one line, no control
// characters, none that reorder the text around them, and not endless.
func line(s string) string { return phrase.Clip(phrase.OneLine(s), 400) }

var markdownEntities = strings.NewReplacer(
	"&", "&amp;", "<", "&lt;", ">", "&gt;", "|", "&#124;", "\\", "&#92;", "`", "&#96;", "*", "&#42;", "_", "&#95;",
	"[", "&#91;", "]", "&#93;", "#", "&#35;", "~", "&#126;", "$", "&#36;", "@", "&#64;", ":", "&#58;", "!", "&#33;",
	"www.", "www&#46;",
)

// Markdown makes outside text safe inside a table cell or a line of GitHub's
// Markdown: no markup, no HTML, no link, no mention.
func Markdown(s string) string { return markdownEntities.Replace(phrase.Clip(phrase.OneLine(s), 2000)) }
