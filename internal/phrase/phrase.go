// Package phrase is how numbers and names read in a sentence that a person gets. It must
// never decide what is said, and makes nothing safe for a page or a cell: who writes those
// does. Its invariant: the same is always said in the same words.
package phrase

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Counted is a number of things: 1 account, 2 accounts, 2 people.
func Counted(n int, noun string) string {
	switch {
	case n == 1:
		return "1 " + noun
	case noun == "person":
		return fmt.Sprintf("%d people", n)
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// OneLine makes outside text safe to stand on a line, of a terminal, a log or a message: valid
// UTF-8, no control characters, nothing that turns the direction of reading round, no
// blanks at its ends or in a row.
func OneLine(s string) string { return strings.Join(strings.Fields(AsItIs(s)), " ") }

// AsItIs is OneLine for what has to be told from what only looks like it: each blank stays.
func AsItIs(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r), r == '\u2028', r == '\u2029':
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r), r == '\uFEFF', r >= 0xE0000 && r <= 0xE007F:
			return -1
		case unicode.Is(unicode.Noncharacter_Code_Point, r):
			return unicode.ReplacementChar
		}
		return r
	}, strings.ToValidUTF8(s, string(unicode.ReplacementChar)))
}

// Clip shortens a text to at most so many characters.
func Clip(s string, most int) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most-1]) + "…"
}

// Named is somebody with the address they are written to, if it says more than the name.
func Named(name, mail string) string {
	if mail == "" || mail == name {
		return name
	}
	return name + " <" + mail + ">"
}

// AndMore names the first so many, and says how many more there are: a, b and 3 more.
func AndMore(names []string, most int) string {
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

// Listed names all of them: a, b and c.
func Listed(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

// Both is two remarks as one, or the one that there is: a; b.
func Both(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "; " + b
}

// Sentence begins a text with a capital and ends it with a full stop, unless it has an end
// already.
func Sentence(s string) string {
	s = Capital(strings.TrimSpace(s))
	if s == "" || strings.HasSuffix(s, ".") || strings.HasSuffix(s, "!") || strings.HasSuffix(s, "?") {
		return s
	}
	return s + "."
}

// Capital begins a text with a capital; an address or the name of a file stays as it is.
func Capital(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	if first, _, _ := strings.Cut(s, " "); size == 0 || r == utf8.RuneError || strings.ContainsAny(strings.TrimRight(first, ".:"), "@./") {
		return s
	}
	return string(unicode.ToUpper(r)) + s[size:]
}

// Day is the day of a moment for people: 2026-11-05.
func Day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// Minute is a moment for people: 2026-11-05 02:00 UTC.
func Minute(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 MST") }
