package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"rollcall/internal/access"
	"rollcall/reconcile"
)

// outside is a name as somebody may give it who wants to steer the terminal of whoever
// reads it, break its line or turn what stands around it.
const outsideName = "Ann\x1b[2J\x1b]0;x\x07\u009b31m\u202eevil\u2066\u2028\n::error::x\r\ty\u0085\ufeff\u200f7\u061c8\u200e\U000e0041"

func steers(s string) bool {
	return strings.ContainsFunc(strings.ReplaceAll(s, "\n", ""), func(r rune) bool {
		return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == 0x2028 || r == 0x2029 || r == 0xfeff || r >= 0xe0000 && r <= 0xe007f
	})
}

func TestWhatIsPrintedForPeopleSteersNoTerminalAndKeepsItsLine(t *testing.T) {
	var b bytes.Buffer
	for _, arg := range []any{outsideName, access.Source(outsideName), errors.New(outsideName), access.PersonKey{Source: "employees", EmployeeID: outsideName}, []string{outsideName}} {
		b.Reset()
		tellf(&b, "%d of %v\n", 1, arg)
		page{&b}.line("%d of %v", 1, arg)
		if s := b.String(); steers(s) || strings.Count(s, "\n") != 2 || !strings.Contains(s, "1 of ") || !strings.Contains(s, "evil") {
			t.Errorf("%T: %q", arg, s)
		}
	}
	b.Reset()
	e := &environ{stdout: &b, stderr: &b}
	e.printWhy(reconcile.Explanation{Who: outsideName, Stands: outsideName, Lacks: outsideName, Accounts: []reconcile.ExplainedAccount{{Account: outsideName, Because: outsideName, Rights: []string{outsideName}}},
		Past: &reconcile.History{Nights: 1, Rights: []reconcile.PastRight{{}}, Findings: []reconcile.PastFinding{{Reason: outsideName}}}}, "")
	if err := printDifference(&b, reconcile.Difference{Allowed: []reconcile.GrantChange{{Name: outsideName, Entitlement: outsideName}}}, false); err != nil {
		t.Fatal(err)
	}
	e.tellError(errors.New(strings.ReplaceAll(outsideName, "\n", "")))
	if steers(b.String()) || strings.Contains(b.String(), "\n::") {
		t.Errorf("%q", b.String())
	}
}

// A table of Markdown is put under a change: no markup in it, no link, no mention of a team.
func TestADifferenceAsMarkdownHoldsNoMarkupFromOutside(t *testing.T) {
	var b bytes.Buffer
	name := `a\|b [x](https://evil.example) @org/team ![](https://evil.example/p.png) <b>`
	if err := printDifference(&b, reconcile.Difference{Allowed: []reconcile.GrantChange{{Name: name, Entitlement: name}}}, true); err != nil {
		t.Fatal(err)
	}
	for l := range strings.Lines(b.String()) {
		if strings.Contains(l, "team") && (strings.Count(l, "|") != 6 || strings.ContainsAny(l, `\[@!<`) || strings.Contains(l, "://")) {
			t.Errorf("%q", l)
		}
	}
}

// Only what writes texts of rollcall's own, or texts that were made safe, prints without
// tellf or page.
func TestCommandsPrintWhatComesFromOutsideOnlyThroughWhatMakesItSafe(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		own := file == "check.go" || strings.HasPrefix(file, "demo") || strings.HasPrefix(file, "init") && file != "init_missing.go"
		if own || strings.HasSuffix(file, "_test.go") {
			continue
		}
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(b), "fmt.Fprintf(e.stdout,") {
			t.Errorf("%s prints to stdout with fmt.Fprintf: print it with tellf or page.line", file)
		}
	}
}
