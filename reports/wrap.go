package reports

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// columns is the widest line of a summary.
const columns = 100

// wrapped breaks text at spaces into lines of at most columns cells: the first
// begins with first, the others are indented to match.
func wrapped(first, text string) string {
	indent := strings.Repeat(" ", cells(first))
	var out strings.Builder
	at, begun := first, false
	for _, word := range strings.Fields(text) {
		for _, piece := range pieces(word, columns-cells(indent)) {
			if begun && cells(at)+1+cells(piece) > columns {
				out.WriteString(inert(at) + "\n")
				at, begun = indent, false
			}
			if begun {
				at += " "
			}
			at, begun = at+piece, true
		}
	}
	return out.String() + inert(strings.TrimRight(at, " ")) + "\n"
}

// pieces cuts a word that is longer than a line.
func pieces(word string, max int) []string {
	var out []string
	var at strings.Builder
	used := 0
	for _, r := range word {
		if w := runeCells(r); used+w > max {
			out, used = append(out, at.String()), 0
			at.Reset()
		}
		at.WriteRune(r)
		used += runeCells(r)
	}
	return append(out, at.String())
}

// inert keeps a line from being read as a command by a GitHub runner, which
// obeys lines of a log that begin with :: or hold ##[
// (https://docs.github.com/actions/reference/workflow-commands-for-github-actions).
func inert(l string) string {
	l = strings.ReplaceAll(l, "##[", "# #[")
	if trimmed := strings.TrimLeftFunc(l, unicode.IsSpace); strings.HasPrefix(trimmed, "::") {
		return l[:len(l)-len(trimmed)] + ": :" + trimmed[2:]
	}
	return l
}

// cells is how many columns of a terminal a text takes.
func cells(s string) int {
	n := 0
	for _, r := range s {
		n += runeCells(r)
	}
	return n
}

func runeCells(r rune) int {
	if r < utf8.RuneSelf {
		return 1 // most of what is written; the tables of Unicode are slow
	}
	switch k := width.LookupRune(r).Kind(); {
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	case k == width.EastAsianWide, k == width.EastAsianFullwidth:
		return 2
	}
	return 1
}
