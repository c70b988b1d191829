package audit

import (
	"bytes"
	"strings"
	"testing"
	"unicode"
)

// A name may hold anything, and what is written for people is read in terminals, tickets
// and pages.
func TestAnAnswerAsTextHoldsNoMarkupAndNoEscape(t *testing.T) {
	name := "arn:aws:iam::*:role/*-admin ~~x~~ _y_ #12 !www.evil.example &lt; a\\|b [x](https://evil.example) @org/team <b>\x1b[2J\u009b31m\u202eevil\u2066\u2028\n::error::x\ufeff"
	a := &Answer{Title: "Who?", Columns: []string{"person", "right"}, Rows: [][]any{{name, name}}}
	var table, markdown bytes.Buffer
	if err := a.WriteTable(&table); err != nil {
		t.Fatal(err)
	}
	if err := a.WriteMarkdown(&markdown); err != nil {
		t.Fatal(err)
	}
	for l := range strings.Lines(table.String() + markdown.String()) {
		if strings.HasPrefix(l, "::") || strings.ContainsFunc(strings.TrimSuffix(l, "\n"), func(r rune) bool {
			return unicode.IsControl(r) || r >= 0x2028 && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0xfeff
		}) {
			t.Errorf("a terminal obeys %q", l)
		}
	}
	for l := range strings.Lines(markdown.String()) {
		if strings.Contains(l, "team") && (strings.ContainsAny(strings.ReplaceAll(l, `\|`, ""), `\[@<*~_!`) || strings.Contains(l, "://") || strings.Contains(l, "www.") || strings.Contains(l, " #") || strings.Contains(l, "&lt; a") || strings.Count(strings.ReplaceAll(l, `\|`, ""), "|") != 3) {
			t.Errorf("markup of somebody else's: %q", l)
		}
	}
}
