package audit

import (
	"strings"
	"testing"
)

func TestFunctionsAreWrittenAsTheEngineDoes(t *testing.T) {
	forms := map[string]string{"f": "F(%[2]s; %[1]s)"}
	for in, want := range map[string]string{
		"SELECT f(a, b)":                                   "SELECT F(b; a)",
		"SELECT f(g(a, ','), f(b, 'x)') )":                 "SELECT F(F('x)'; b); g(a, ','))",
		"-- f(a, b)\nSELECT 'f(a, b)', f, xf(a, b), f2(a)": "-- f(a, b)\nSELECT 'f(a, b)', f, xf(a, b), f2(a)",
	} {
		if got, err := expand(in, forms); err != nil || got != want {
			t.Errorf("%s: %s, %v", in, got, err)
		}
	}
	if _, err := expand("SELECT f(a)", forms); err == nil {
		t.Error("a call with one value passes")
	}
}

func TestTablesOfAQueryComeBeforeItsOwn(t *testing.T) {
	for in, want := range map[string]string{
		"-- with a head\nSELECT 1":       "-- with a head\nWITH x AS (y)\nSELECT 1",
		"\n with a AS (SELECT 1) SELECT": "\n WITH x AS (y),\na AS (SELECT 1) SELECT",
		"WITH RECURSIVE a AS (b)":        "WITH RECURSIVE x AS (y),\na AS (b)",
		"withdraw":                       "WITH x AS (y)\nwithdraw",
	} {
		if got := within("x AS (y)", in); got != want {
			t.Errorf("%q: %q", in, got)
		}
	}
}

func TestACellIsWhatDuckDBWouldGive(t *testing.T) {
	for _, tt := range []struct {
		kind, written string
		want          any
	}{
		{"varchar(3)", "abc", "abc"}, {"boolean", "true", true}, {"bigint", "-7", int64(-7)}, {"double", "1.0E10", 1e10}, {"decimal(4,2)", "2.50", 2.5},
		{"timestamp(3)", "2026-03-31 01:00:00.120", "2026-03-31T01:00:00.12Z"}, {"timestamp", "2026-03-31 01:00:00", "2026-03-31T01:00:00Z"}, {"date", "2026-03-31", "2026-03-31"},
	} {
		if got, err := Cell(tt.kind, tt.written); err != nil || got != tt.want {
			t.Errorf("%s %s: %v, %v", tt.kind, tt.written, got, err)
		}
	}
	for kind, written := range map[string]string{"bigint": "x", "timestamp with time zone": "2026-03-31 01:00:00 UTC", "array(varchar)": "[]"} {
		if got, err := Cell(kind, written); err == nil || got == written {
			t.Errorf("%s is taken for %v", kind, got)
		}
	}
}

func TestLongListsOfDaysAreNamedByTheirEnds(t *testing.T) {
	var files []File
	for n := range mostDates + 1 {
		f := File{}
		f.Run.Date = "2026-" + string(rune('a'+n/26)) + string(rune('a'+n%26))
		files = append(files, f)
	}
	if got := trinoDates(files); got != `f."date" BETWEEN '2026-aa' AND '2026-dw'` {
		t.Error(got)
	}
	if got := trinoDates(files[:2]); !strings.HasSuffix(got, "IN ('2026-aa', '2026-ab')") {
		t.Error(got)
	}
}
