package csvfile

import (
	"bytes"
	"encoding/csv"
	"testing"
	"unicode/utf8"
)

func TestFormulaKnowsWhatASpreadsheetRuns(t *testing.T) {
	for s, want := range map[string]bool{
		"=1": true, "+cmd|x": true, "-2+3+cmd|x": true, "@SUM(A1)": true, "\tx": true, "\nx": true, " =1": true,
		"\u00a0=1": true, "\ufeff=1": true, "\uff1d1": true, "\uff0b1": true, "\uff20x": true,
		"": false, "a=b": false, "-": false, "-5.5": false, "+1 (555) 0100": false, "\t": false, " ": false, "é": false, "a\tb": false,
	} {
		if Formula(s) != want {
			t.Errorf("Formula(%q) = %v", s, !want)
		}
	}
}

func TestATextThatWeWriteStartsNoFormulaBehindWhatShowsNothing(t *testing.T) {
	for s, want := range map[string]bool{
		"=1": true, " =1": true, "\u200b\ufeff\u00a0@x": true, "\uff0b1": true, "-5": true, "\tx": true, "\nx": true,
		"": false, "a=b": false, "'=1": false, " ": false, "5-1": false,
	} {
		if StartsFormula(s) != want {
			t.Errorf("StartsFormula(%q) = %v", s, !want)
		}
	}
}

func TestWritableIsWhatIsReadAgainAsItIsAndNoSpreadsheetRuns(t *testing.T) {
	for _, s := range []string{"", "Staff", "Sales, EMEA", `The "A" team`, "12", "-5", "Groß"} {
		if !Writable(s) {
			t.Errorf("%q is not writable", s)
		}
	}
	for _, s := range []string{"=1", "@x", " Staff", "Staff\u00a0", "a\tb", "a\nb", "#N/A", "x;=cmd", "x,@y", `"=1"`, "Stra\u0308sse", "\u200b=1"} {
		if Writable(s) {
			t.Errorf("%q is writable", s)
		}
	}
}

func FuzzWhatIsWritableIsReadAgainAsItIs(f *testing.F) {
	for _, s := range []string{"Staff", "=1", " x", `a"b,c`, "0012", `="0012"`, "#REF!", "a;b", "+0\""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !Writable(s) || !utf8.ValidString(s) {
			return
		}
		var b bytes.Buffer
		w := csv.NewWriter(&b)
		if err := w.WriteAll([][]string{{"a", "b"}, {"x", s}}); err != nil {
			t.Fatal(err)
		}
		table, problems := Read[pair]("f.csv", b.Bytes(), Form{Columns: []Column{{Name: "a", Required: true}, {Name: "b", Required: true}}})
		if len(problems) > 0 || len(table.Records) != 1 || len(table.Records[0].Flaws) > 0 || table.Records[0].Line.B != s {
			t.Errorf("%q: %+v, %+v", s, table.Records, problems)
		}
	})
}

func TestCleanTrimsWhatNobodySees(t *testing.T) {
	for s, want := range map[string]string{
		"a": "a", " a b ": "a b", "\u00a0a\u00a0": "a", "\u200ba\ufeff": "a", "\u2060": "", "\x7fa\x01": "a", "é ": "é", "a\u200bb": "a\u200bb",
	} {
		if got := Clean(s); got != want {
			t.Errorf("Clean(%q) = %q", s, got)
		}
	}
}

func TestDayTakesNothingThatCouldMeanTwoDays(t *testing.T) {
	for s, want := range map[string]string{
		"": "", "2026-05-04": "2026-05-04", "2026-05-04T10:00:00.7+02:00": "2026-05-04T08:00:00Z", "9999-12-31": "9999-12-31",
		"04/05/2026": "no", "4.5.2026": "no", "45306": "no", "2026-5-4": "no", "2026-02-30": "no", "0001-01-01": "no",
		"9999-12-31T23:59:59-12:00": "no", "2026-05-04 10:00": "no",
	} {
		d, ok := Day(s)
		got := d.String()
		if !ok {
			got = "no"
		}
		if got != want {
			t.Errorf("Day(%q) = %s", s, got)
		}
	}
}

func TestScientificIsOnlyWhatExcelWrites(t *testing.T) {
	for s, want := range map[string]bool{"1.23E+05": true, "1,23E+05": true, "1e+9": true, "12E3": false, "E+5": false, "1.23": false, "1+2": false} {
		if Scientific(s) != want {
			t.Errorf("Scientific(%q) = %v", s, !want)
		}
	}
}
