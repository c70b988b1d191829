package csvfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"rollcall/internal/access"
)

// separators are what columns are separated by: Excel takes the one of the
// machine's country, and tabs for "Unicode Text".
var separators = []rune{',', ';', '\t', '|'}

// preamble is how many lines a report may have before its headings.
const preamble = 20

// located is where the table of a file begins.
type located struct {
	end    int    // where the headings end
	rest   []byte // what is behind them
	row    int    // of the headings
	comma  rune
	layout layout
	before []Remark
	wrong  *access.Problem
}

// locate finds the headings: the line, with the separator, in which most of the
// form's columns are. A line "sep=;" says it for Excel.
func (f Form) locate(text []byte) located {
	candidates := separators
	if own, rest, said := declared(text); said {
		candidates, text = []rune{own}, rest
	}
	head := string(text[:min(len(text), 2*maxRow)])
	best, most := f.headings(head, candidates[0])
	for _, separator := range candidates[1:] {
		if found, columns := f.headings(head, separator); columns > max(most, 0) {
			best, most = found, columns
		}
	}
	best.rest = text[best.end:]
	return best
}

// declared is the separator that the first line names.
func declared(text []byte) (separator rune, rest []byte, said bool) {
	line, rest, _ := bytes.Cut(text, []byte("\n"))
	name, value, ok := strings.Cut(string(line[:min(len(line), 16)]), "=")
	if !ok || !strings.EqualFold(strings.Trim(name, "\""), "sep") {
		return 0, text, false
	}
	for _, s := range separators {
		if strings.Trim(value, "\" ") == string(s) || strings.Trim(value, "\"") == string(s) {
			return s, rest, true
		}
	}
	return 0, text, false
}

// headings looks for the headings with one separator, and says how many columns
// of the form they have.
func (f Form) headings(head string, separator rune) (best located, most int) {
	most = -1
	lines := 1
	if f.Report {
		lines = preamble
	}
	rows := newRows(head, separator)
	var before []Remark
	for range lines {
		header, row, err := rows.next()
		if err != nil {
			if most < 0 {
				best.wrong = refusal(row, err)
			}
			break
		}
		if columns := f.columnsIn(header); columns > most {
			lay, wrong := f.layout(header, row)
			best, most = located{end: rows.at, row: row, comma: separator, layout: lay, before: before, wrong: wrong}, columns
			if wrong == nil {
				break
			}
		}
		before = append(before, Remark{row, words(header)})
	}
	return best, most
}

func refusal(row int, err error) *access.Problem {
	p := unreadable(row, err)
	if errors.Is(err, io.EOF) {
		p = noHeader()
	}
	return &p
}

// columnsIn counts the form's columns that a line names.
func (f Form) columnsIn(header []string) (n int) {
	shown := make([]string, len(header))
	for i, h := range header {
		shown[i] = Clean(h)
	}
	for _, c := range f.Columns {
		if len(f.find(c, shown)) > 0 {
			n++
		}
	}
	return n
}

// Remark is a line around the table: what its cells say, as one text.
type Remark struct {
	Row  int
	Text string
}

// Around are the lines before the headings and those from row end on, which Rows found to
// be behind the table.
func (s Sheet) Around(end int) []Remark {
	all := slices.Clone(s.before)
	for _, p := range s.parts {
		if p.row+p.Most < end {
			continue
		}
		rows := newRows(string(p.text), s.comma)
		rows.row = p.row
		for raw, row, err := rows.next(); err == nil; raw, row, err = rows.next() {
			if row >= end {
				all = append(all, Remark{row, words(raw)})
			}
		}
	}
	return all
}

// ends are the words of lines that stand behind tables.
var ends = regexp.MustCompile(`(?i)\b(grand )?(total|totals|count|records|rows|employees|workers|headcount|confidential|generated|printed|exported|report|page|end of|summe|gesamt|anzahl|vertraulich|totaal|aantal)\b`)

// behind reports whether a line is none of the table: a cell or two that say so
// in words, where the table has more. One that could be somebody's row is kept.
func (l *layout) behind(raw []string) bool {
	some := 0
	for _, c := range raw {
		if !filled(c) {
			continue
		}
		if some++; some > 2 {
			return false
		}
	}
	return l.width > 3 && ends.MatchString(words(raw))
}

// words are the cells of a line as one text.
func words(raw []string) string {
	var all []string
	for _, c := range raw {
		if c = Clean(c); c != "" {
			all = append(all, c)
		}
	}
	return strings.Join(all, " ")
}

// totals find the number in the line of a total, on either side of the word.
var totals = regexp.MustCompile(`(?i)(?:\b(?:total|totals|count|records|rows|employees|workers|headcount|summe|gesamt|anzahl|totaal|aantal)\b[^0-9]*([0-9][0-9.,' ]*))|(?:^([0-9][0-9.,']*)\s+(?:records|rows|employees|workers)\b)`)

// counted holds the number of rows against the total that the report gives. It is
// the cheapest proof there is that a list is whole.
func counted(tail []Remark, rows int) *access.Problem {
	for _, line := range tail {
		m := totals.FindStringSubmatch(line.Text)
		if m == nil {
			continue
		}
		digits := strings.Map(func(r rune) rune {
			if r < '0' || r > '9' {
				return -1
			}
			return r
		}, m[1]+m[2])
		if n, err := strconv.Atoi(digits); err == nil && n != rows {
			return &access.Problem{Row: line.Row, Value: line.Text,
				Says: fmt.Sprintf("Row %d says %d, and we counted %d rows.", line.Row, n, rows),
				Mend: "Check the filter of the report and send the whole list; if the total counts something else, take the line out."}
		}
	}
	return nil
}

// ignored tells of the lines around the table.
func ignored(file string, before, tail []Remark) (notes []access.Problem) {
	if len(before) > 0 {
		notes = append(notes, access.Problem{Severity: access.Note, File: file, Row: 1, Says: fmt.Sprintf("%s before the headings.", lines(len(before))),
			Meanwhile: "They are nobody's rows; the table begins with the headings.", Mend: "Nothing needs to be done."})
	}
	if len(tail) > 0 {
		notes = append(notes, access.Problem{Severity: access.Note, File: file, Row: tail[0].Row, Value: tail[0].Text, Says: fmt.Sprintf("%s after the table.", lines(len(tail))),
			Meanwhile: "They are nobody's rows and were not kept.", Mend: "Nothing needs to be done."})
	}
	return notes
}

func lines(n int) string {
	if n == 1 {
		return "There is 1 line"
	}
	return fmt.Sprintf("There are %d lines", n)
}
