package main

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"strings"
	"unicode"

	"rollcall/internal/access"
	"rollcall/internal/phrase"
)

// page writes lines for people on stdout. What comes from outside cannot break a line,
// or steer the terminal.
type page struct{ w io.Writer }

func (e *environ) page() page { return page{e.stdout} }

func (p page) line(format string, args ...any) {
	for n, a := range args {
		if s, is := a.(string); is {
			args[n] = strings.Map(func(r rune) rune {
				if unicode.IsControl(r) {
					return ' '
				}
				return r
			}, s)
		}
	}
	fmt.Fprintf(p.w, format+"\n", args...)
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
