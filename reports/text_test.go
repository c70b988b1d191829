package reports

import (
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"rollcall/internal/csvfile"
)

func TestTextThatCouldBeAFormulaGetsAnApostrophe(t *testing.T) {
	for _, lead := range []string{"=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"} {
		for _, before := range []string{"", " ", "\u00a0", "\ufeff", "\u200b", " \u200b\ufeff ", "\x00", "\x01 "} {
			in := before + lead + "x"
			if got := neutral(in); !strings.HasPrefix(got, "'") {
				t.Errorf("neutral(%q) = %q: no apostrophe", in, got)
			}
		}
	}
}

func TestOrdinaryTextIsLeftAlone(t *testing.T) {
	for _, in := range []string{"", "Ann", "a=b", "1-2", "'quoted", nameCJK, "a\tb", "  x", "_x003D_1"} {
		if got := neutral(in); got != in {
			t.Errorf("neutral(%q) = %q", in, got)
		}
	}
}

func TestAFieldCannotOpenAnotherCell(t *testing.T) {
	for in, want := range map[string]string{
		"a;=1":       "a;'=1",
		"a,  +1":     "a,'  +1",
		"a\"=1":      "a\"'=1",
		"a\r\n=1":    "a\r'\n'=1",
		"a\n@x":      "a\n'@x",
		"a; b, c-d":  "a; b, c-d",
		"=1;=2":      "'=1;'=2",
		"a\t\u200b=": "a\t'\u200b=",
	} {
		if got := neutralField(in); got != want {
			t.Errorf("neutralField(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestControlCharactersDoNotReachXML(t *testing.T) {
	if got := neutral("a\x00b\x1bc\x7fd\ufffee\xffz"); got != "abcde\ufffdz" {
		t.Errorf("got %q", got)
	}
}

func TestACellHoldsNoMoreThanItCan(t *testing.T) {
	for _, in := range []string{strings.Repeat("a", 32767), strings.Repeat("a", 32768), strings.Repeat("漢", 32768), strings.Repeat("😀", 16384), "=" + strings.Repeat("x", 40000)} {
		got := neutral(in)
		if n := len(utf16.Encode([]rune(got))); n > maxCell {
			t.Errorf("%d code units", n)
		}
		if whole := len(utf16.Encode([]rune(in))) <= maxCell; whole != (got == in) || !whole && !strings.HasSuffix(got, "…") {
			t.Errorf("cut wrongly: %d bytes in, %d out", len(in), len(got))
		}
	}
}

func TestALineHoldsNoEscapeAndKeepsItsOrder(t *testing.T) {
	if got := line("a\x1b[31m\u202eb\n c\u2066\x00\td"); got != "a[31mb c d" {
		t.Errorf("got %q", got)
	}
}

func TestMarkdownHoldsNoMarkup(t *testing.T) {
	got := Markdown("<img src=x> | `a` [b](http://c) @all *x* _y_ www.evil.example\n# h")
	if strings.ContainsAny(got, "<>|`[]@*_\n") || strings.Contains(got, "://") || strings.Contains(got, "www.") {
		t.Errorf("got %q", got)
	}
}

func TestNoLineIsACommandOfTheRunner(t *testing.T) {
	long := strings.Repeat("x", columns)
	for _, in := range []string{"::error::x", long + " ::set-output name=a::b", "##[error]x", long + "##[add-mask]x"} {
		for l := range strings.Lines(wrapped("    ", in)) {
			if strings.HasPrefix(strings.TrimSpace(l), "::") || strings.Contains(l, "##[") {
				t.Errorf("a runner obeys %q", l)
			}
		}
	}
}

func TestWrappedLinesFitTheTerminal(t *testing.T) {
	text := strings.Repeat("漢字 ", 80) + strings.Repeat("w", 350) + " end"
	out := wrapped("  label ", text)
	for l := range strings.Lines(out) {
		if n := cells(strings.TrimSuffix(l, "\n")); n > columns {
			t.Errorf("%d columns: %q", n, l)
		}
	}
	if got, want := strings.Join(strings.Fields(out), ""), strings.Join(strings.Fields("label "+text), ""); got != want {
		t.Errorf("text was lost: %q", got)
	}
}

func FuzzNeutral(f *testing.F) {
	for _, s := range []string{nameFormula, nameScript, nameRTL, nameCJK, nameControl, " \ufeff=1", "a;=1", "\xff\xfe", "'=1", "a\"\"-"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, got := range []string{neutral(s), neutralField(s)} {
			if csvfile.StartsFormula(got) {
				t.Errorf("%q became %q, which is live", s, got)
			}
			if !utf8.ValidString(got) || xmlText(got) != got {
				t.Errorf("%q became %q, which XML cannot hold", s, got)
			}
			if len(utf16.Encode([]rune(got))) > maxCell {
				t.Errorf("%q became too long", s)
			}
		}
		field := neutralField(s)
		for i, r := range field {
			if strings.ContainsRune(",;|\t\r\n\"", r) && csvfile.StartsFormula(field[i+1:]) {
				t.Errorf("%q became %q, which opens a live cell", s, field)
			}
		}
		if plain := neutral(s); len(s) < 30000 && strings.TrimPrefix(plain, "'") != strings.TrimPrefix(xmlText(s), "'") {
			t.Errorf("%q became %q: text was lost", s, plain)
		}
	})
}
