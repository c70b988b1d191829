package main

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"reflect"
	"strings"
	"unicode"

	"rollcall/internal/access"
	"rollcall/internal/phrase"
)

// page writes lines for people on stdout. What comes from outside cannot break a line,
// or steer the terminal.
type page struct{ w io.Writer }

func (e *environ) page() page { return page{e.stdout} }

func (p page) line(format string, args ...any) { _, _ = tellf(p.w, format+"\n", args...) } // run tells what was not written

// tellf is fmt.Fprintf for what comes from outside: no argument can break a line, steer
// the terminal, or turn what stands around it.
func tellf(w io.Writer, format string, args ...any) (int, error) {
	safe := make([]any, len(args))
	for n, a := range args {
		safe[n] = a
		switch reflect.ValueOf(a).Kind() {
		case reflect.Bool, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Float32, reflect.Float64:
		default:
			safe[n] = steady(fmt.Sprint(a))
		}
	}
	return fmt.Fprintf(w, format, safe...)
}

// steady is a text on one line that holds nothing which a terminal obeys.
func steady(s string) string { return strings.ReplaceAll(steadyLines(s), "\n", " ") }

// steadyLines is steady for a text of several lines.
func steadyLines(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case unicode.IsControl(r), r == '\u2028', r == '\u2029':
			return ' '
		case unicode.Is(unicode.Bidi_Control, r), r == 0xFEFF, r >= 0xE0000 && r <= 0xE007F:
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

// steadyCells is steady for a row of a table.
func steadyCells(row []string) []string {
	cells := make([]string, len(row))
	for n := range row {
		cells[n] = steady(row[n])
	}
	return cells
}

// list writes a heading and its lines; nothing where there are none.
func (p page) list(heading string, lines []string) {
	if len(lines) == 0 {
		return
	}
	const most = 20
	p.line("\n%s", heading)
	for _, l := range lines[:min(most, len(lines))] {
		p.line("  - %s", l)
	}
	if len(lines) > most {
		p.line("  and %d more", len(lines)-most)
	}
}

// exceptionLine is the line of exceptions.csv that says what a review allowed.
func exceptionLine(x access.Exception) string {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	_ = w.Write([]string{x.ID, string(x.Person.Source), string(x.Person.EmployeeID), x.System, x.Scope, x.Kind, x.Entitlement, x.Reason, x.Ticket, x.ApprovedBy, x.ApprovedOn.String(), x.ExpiresOn.String()}) // a buffer takes everything
	w.Flush()
	return strings.TrimSpace(b.String())
}

// sentences puts texts one after another, each with a capital and a full stop.
func sentences(texts ...string) string {
	var out []string
	for _, t := range texts {
		if s := phrase.Sentence(t); s != "" {
			out = append(out, s)
		}
	}
	return strings.Join(out, " ")
}
