package csvfile

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"rollcall/internal/access"
)

// DefaultShown is how many problems a message shows when not told otherwise;
// more are not read by anyone.
const DefaultShown = 20

// sections of a message, the gravest first.
var sections = []struct {
	severity access.Severity
	title    string
}{
	{access.Stop, "STOP - the file cannot be used as it is:"},
	{access.Hold, "HOLD - has no effect until it is mended:"},
	{access.Wide, "WIDE - counts, and allows more than it plainly says:"},
	{access.Note, "NOTE - for your information:"},
}

// Message writes the problems for the person who sent the file: what stops the
// file first, then in file and row order, at most max of them (0: DefaultShown)
// and always how many there are.
func Message(problems []access.Problem, max int) string {
	if len(problems) == 0 {
		return "Nothing to mend.\n"
	}
	if max <= 0 {
		max = DefaultShown
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s.\n", total(problems))
	left := max
	for _, s := range sections {
		of := pick(problems, s.severity)
		shown := of[:min(left, len(of))]
		left -= len(shown)
		if len(shown) > 0 {
			fmt.Fprintf(&b, "\n%s\n", s.title)
		}
		for _, p := range shown {
			fmt.Fprintf(&b, "- %s\n", sentence(p))
		}
	}
	if len(problems) > max {
		fmt.Fprintf(&b, "\nShown: %d of %d.\n", max, len(problems))
	}
	return b.String()
}

func total(problems []access.Problem) string {
	var parts []string
	for _, s := range sections {
		if n := len(pick(problems, s.severity)); n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, s.severity))
		}
	}
	if len(problems) == 1 {
		return "1 thing to look at: " + parts[0]
	}
	return fmt.Sprintf("%d things to look at: %s", len(problems), strings.Join(parts, ", "))
}

func pick(problems []access.Problem, severity access.Severity) []access.Problem {
	var of []access.Problem
	for _, p := range problems {
		if p.Severity == severity {
			of = append(of, p)
		}
	}
	slices.SortStableFunc(of, func(a, b access.Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Row, b.Row))
	})
	return of
}

// sentence is one problem on one line: where, whom, what was there, what is
// wrong, what we did meanwhile, what to do.
func sentence(p access.Problem) string {
	where := []string{p.File}
	if p.Row > 0 {
		where = append(where, fmt.Sprintf("row %d", p.Row))
	}
	if p.Person.EmployeeID != "" {
		where = append(where, "ID "+Shown(string(p.Person.EmployeeID)))
	}
	if p.Column != "" && p.Row > 0 {
		where = append(where, "column "+Shown(p.Column))
		if p.Value != "" {
			where = append(where, quote(p.Value))
		}
	}
	said := []string{p.Says}
	for _, s := range []string{p.Meanwhile, p.Mend} {
		if s != "" {
			said = append(said, s)
		}
	}
	return strings.Join(where, ", ") + ": " + strings.Join(said, " ")
}

// Shown makes outside text fit to stand in a sentence: on one line, without
// control characters, not longer than a line.
func Shown(s string) string {
	q := quote(s)
	return q[1 : len(q)-1]
}

func quote(s string) string {
	const most = 80
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "…"
	}
	return strings.ReplaceAll(strconv.Quote(s), `\"`, `"`)
}
