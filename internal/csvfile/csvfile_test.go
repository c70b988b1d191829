package csvfile

import (
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"

	"rollcall/internal/access"
)

type pair struct {
	A string `csv:"a"`
	B string `csv:"b"`
}

var form = Form{Columns: []Column{{Name: "a", Required: true, Key: true, Aliases: []string{"Alpha"}}, {Name: "b", Missed: "No b."}},
	Refused: "Not used.", Held: "Held.", Spare: "Drop them."}

// read gives the rows as "row:a|b" and the problems as "SEVERITY row column".
func read(text string, f Form) (rows, problems string) {
	t, all := Read[pair]("f.csv", []byte(text), f)
	var r, p []string
	for _, rec := range t.Records {
		r = append(r, fmt.Sprintf("%d:%s|%s", rec.Row, rec.Line.A, rec.Line.B))
		all = append(all, rec.Flaws...)
	}
	for _, problem := range all {
		p = append(p, strings.TrimSpace(fmt.Sprintf("%s %d %s", problem.Severity, problem.Row, problem.Column)))
	}
	return strings.Join(r, " "), strings.Join(p, ", ")
}

func TestRowsCountAsASpreadsheetCounts(t *testing.T) {
	for name, c := range map[string]struct{ text, rows string }{
		"header is row one":          {"a,b\n1,2\n", "2:1|2"},
		"no line end at the end":     {"a,b\n1,2", "2:1|2"},
		"blank lines count":          {"\n\na,b\n\n1,2\n\n\n3,4\n", "5:1|2 8:3|4"},
		"lines of empty cells count": {"a,b\n,\n1,2\n , \u00a0\n3,4\n", "3:1|2 5:3|4"},
		"a quoted line end is one":   {"a,b\n\"x\n\ny\",2\n\n3,4\n", "2:x\n\ny|2 4:3|4"},
		"in the header too":          {"\"a\n\",b\n1,2\n", "2:1|2"},
		"CRLF":                       {"a,b\r\n\r\n1,2\r\n\"x\r\ny\",4\r\n", "3:1|2 4:x\ny|4"},
		"CR":                         {"a,b\r1,2\r\r3,4\r", "2:1|2 4:3|4"},
		"byte order mark":            {"\ufeffa,b\n1,2\n", "2:1|2"},
	} {
		rows, problems := read(c.text, form)
		if rows != c.rows || problems != "" {
			t.Errorf("%s: %q %q", name, rows, problems)
		}
	}
}

// Room is made ahead for what a sheet holds: rows of nothing but separators, as Excel writes them, hold nothing.
func TestASheetIsAsLongAsItsCellsAre(t *testing.T) {
	wide := "a,b" + strings.Repeat(",", 68) + "\n"
	for text, want := range map[string]int{"a,b\n": 0, "a,b\n1,2\n": 2, "a,b\n1,2\n333,\n": 5, "a,b\n,\n": 0, "a,b\n\n\n": 0, wide + strings.Repeat(strings.Repeat(",", 69)+"\n", 3): 0, wide + "1234," + strings.Repeat(",", 68) + "\n": 4} {
		if sheet, problems := Open("f.csv", []byte(text), form); sheet.Bytes != want || len(problems) > 0 {
			t.Errorf("%.20q: %d bytes, not %d (%v)", text, sheet.Bytes, want, problems)
		}
	}
}

func TestHeadingsAreFoundWhateverTheirDress(t *testing.T) {
	for name, c := range map[string]struct {
		text     string
		mapping  map[string]string
		rows     string
		problems string
	}{
		"case, spaces, punctuation": {" A.,-b-\n1,2\n", nil, "2:1|2", ""},
		"any order":                 {"b,a\n2,1\n", nil, "2:1|2", ""},
		"alias":                     {"ALPHA,b\n1,2\n", nil, "2:1|2", ""},
		"mapping wins":              {"a,Alpha,X #\n1,2,3\n", map[string]string{"a": "x number", "b": "Alpha"}, "2:3|2", "NOTE 1"},
		"mapping absent":            {"a,b\n1,2\n", map[string]string{"a": "x"}, "", "STOP 0 a"},
		"mapping unknown":           {"a,b\n1,2\n", map[string]string{"c": "a"}, "", "STOP 0 c"},
		"two for one":               {"a,Alpha,b\n1,2,3\n", nil, "", "STOP 0 a"},
		"same twice":                {"a,a,b\n1,2,3\n", nil, "", "STOP 0 a"},
		"required missing":          {"x,b\n1,2\n", nil, "", "STOP 0 a"},
		"optional missing":          {"a\n1\n", nil, "2:1|", "NOTE 1 b"},
		"extra":                     {"a,b,c\n1,2,3\n", nil, "2:1|2", "NOTE 1"},
		"empty headings, empty":     {"a,,b,,\n1,,2,,\n", nil, "2:1|2", ""},
		"empty heading, used":       {"a,,b\n1,x,2\n", nil, "2:1|2", "NOTE 1"},
	} {
		f := form
		f.Mapping = c.mapping
		rows, problems := read(c.text, f)
		if rows != c.rows || problems != c.problems {
			t.Errorf("%s: %q %q", name, rows, problems)
		}
	}
}

func TestWhatCannotBeReadForCertainIsRefused(t *testing.T) {
	for name, c := range map[string]struct{ text, says string }{
		"nothing":         {"", "empty"},
		"blank lines":     {"\n \n,,\n", "empty"},
		"half a letter":   {"\xff\xfea\x00,", "Unicode Text"},
		"UTF-16, no mark": {"a\x00,\x00b\x00", "Unicode Text"},
		"other letters":   {"a,b\nZo\x81,2\n", "neither UTF-8"},
		"a web page":      {"\n <HTML><body>", "web page"},
		"a PDF":           {"%PDF-1.7", "PDF"},
		"xlsx":            {"PK\x03\x04", "workbook"},
		"open quote":      {"a,b\n\"1,2\n3,4\n", "quotation mark"},
		"bare quote":      {"a,b\n1\"x,2\n", "quotation mark"},
		"too large":       {"a,b\n" + strings.Repeat("1,2\n", 100), "bytes"},
	} {
		f := form
		f.MaxBytes = 100
		table, problems := Read[pair]("f.csv", []byte(c.text), f)
		if len(table.Records) != 0 || !Stopped(problems) || len(problems) != 1 {
			t.Fatalf("%s: %v %v", name, table.Records, problems)
		}
		p := problems[0]
		if !strings.Contains(p.Says, c.says) || p.Meanwhile != "Not used." || p.Mend == "" || p.File != "f.csv" {
			t.Errorf("%s: %+v", name, p)
		}
	}
}

func TestWhateverExcelSeparatesAndEncodesWithIsReadAlike(t *testing.T) {
	for name, text := range map[string]string{
		"commas": "a,b\n1,2\n", "semicolons": "a;b\n1;2\n", "tabs": "a\tb\n1\t2\n", "bars": "a|b\n1|2\n", "said": "sep=;\r\na;b\r\n1;2\r\n", "said in quotes": "\"sep=;\"\na;b\n1;2\n",
		"UTF-16": "\xff\xfea\x00,\x00b\x00\n\x001\x00,\x002\x00\n\x00", "UTF-16, big end first": "\xfe\xff\x00a\x00,\x00b\x00\n\x001\x00,\x002\x00\n",
		"a text in the value": "a,b\n\"=\"\"1\"\"\",2\n",
	} {
		table, problems := Read[pair]("f.csv", []byte(text), form)
		if len(problems) != 0 || len(table.Records) != 1 || table.Records[0].Line != (pair{"1", "2"}) || table.Records[0].Row != 2 {
			t.Errorf("%s: %+v %+v", name, table.Records, problems)
		}
	}
	table, problems := Read[pair]("f.csv", []byte("a,b\nZo\xeb,2\n"), form)
	if len(problems) != 1 || problems[0].Severity != access.Note || !strings.Contains(problems[0].Says, "Zoë") || table.Records[0].Line.A != "Zoë" {
		t.Errorf("western letters: %+v %+v", table.Records, problems)
	}
}

func TestLinesAroundAReportAreTellable(t *testing.T) {
	report := form
	report.Report = true
	text := "People\nRun on 1 May\n\na,b,c,d\n1,2,,\n3,4,,\nTotal: 2,,,\nConfidential,,,\n"
	table, problems := Read[pair]("f.csv", []byte(text), report)
	if len(table.Records) != 2 || table.Records[0].Row != 5 || len(problems) != 3 || Stopped(problems) || problems[2].Row != 7 {
		t.Errorf("%+v %+v", table.Records, problems)
	}
	_, problems = Read[pair]("f.csv", []byte(strings.Replace(text, "Total: 2", "Total: 3", 1)), report)
	if !Stopped(problems) || !strings.Contains(problems[0].Says, "says 3, and we counted 2") {
		t.Errorf("a total of three and two rows: %+v", problems)
	}
	table, problems = Read[pair]("f.csv", []byte(strings.Replace(text, "Confidential,,,", "5,6,,", 1)), report)
	if len(table.Records) != 4 || Stopped(problems) {
		t.Errorf("what stands before a row is a row: %+v %+v", table.Records, problems)
	}
	if _, problems = Read[pair]("f.csv", []byte(text), form); !Stopped(problems) {
		t.Errorf("a register is no report: %+v", problems)
	}
}

func TestRowsWithTooManyOrTooFewCellsAreHeld(t *testing.T) {
	rows, problems := read("a,b\n1\n1,2,3\n1,2,\n1,2\n", form)
	if rows != "2:1| 3:1|2 4:1|2 5:1|2" || problems != "HOLD 2, HOLD 3, HOLD 4" {
		t.Errorf("%q %q", rows, problems)
	}
}

// Where no quotation mark is in a row none is looked for; a wrong one is found
// between rows without any.
func TestAWrongQuotationMarkIsFoundInWhicheverRowItIs(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	lines := []string{"1,2\n", "1,2\n", "\"x\",2\n", "\"x\n\n1\",2\n", "\n", "a\"b,2\n", "\"x\"y,2\n", "1,\"\n"}
	refused := 0
	for range 3_000 {
		text := "a,b\n"
		for range rng.IntN(6) {
			text += lines[rng.IntN(len(lines))]
		}
		all := csv.NewReader(strings.NewReader(text))
		all.FieldsPerRecord = -1
		want, err := all.ReadAll()
		table, problems := Read[pair]("f.csv", []byte(text), form)
		if Stopped(problems) != (err != nil) {
			t.Fatalf("%q: %v, and encoding/csv says %v", text, problems, err)
		}
		if err != nil {
			refused++
			continue
		}
		for i, rec := range table.Records {
			if w := want[i+1]; rec.Line.A != Clean(w[0]) || rec.Line.B != Clean(w[1]) {
				t.Fatalf("%q: row %d is %q", text, i, rec.Line)
			}
		}
	}
	if refused < 500 || refused > 2_500 {
		t.Errorf("%d refused: that looks at too little", refused)
	}
}

// One letter beyond ASCII makes no difference to the cells beside it, wherever in the
// row it stands.
func TestALetterBeyondASCIIIsSeenWhereverItStands(t *testing.T) {
	for n := range 20 {
		for at := range n + 1 {
			cell := strings.Repeat("x", at) + "e\u0301" + strings.Repeat("y", n-at)
			rows, problems := read("a,b\n"+cell+",2\n1,"+cell+"\n", form)
			letter := strings.Replace(cell, "e\u0301", "\u00e9", 1)
			if want := "2:" + letter + "|2 3:1|" + letter; rows != want || problems != "" {
				t.Errorf("%q: %q %q", cell, rows, problems)
			}
		}
	}
}

func TestFormulasAreTextAndHoldAKey(t *testing.T) {
	rows, problems := read("a,b\n=1+1,=2\n \u200b@x,-\n", form)
	if rows != "2:=1+1|=2 3:@x|-" || problems != "HOLD 2 a, NOTE 2 b, HOLD 3 a" {
		t.Errorf("%q %q", rows, problems)
	}
}

func TestColumnsWithoutAHeadingAreNamedByTheirLetters(t *testing.T) {
	for i, want := range map[int]string{0: "A", 25: "Z", 26: "AA", 701: "ZZ", 702: "AAA"} {
		if got := letters(i); got != want {
			t.Errorf("letters(%d) = %s", i, got)
		}
	}
}

// Whatever the bytes: no panic, a refused file has no rows, and row numbers rise.
func FuzzRead(f *testing.F) {
	for _, s := range []string{"a,b\n1,2\n", "\ufeffAlpha;b\r\n", "a,b\r\n\"x\r\ny\",=1\r\r", "\n\n,,\na,b,,c\n1\n", "a,b\n\"1"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		table, problems := Read[pair]("f.csv", b, form)
		Message(problems, 0)
		if Stopped(problems) && len(table.Records) > 0 {
			t.Fatal("a refused file has rows")
		}
		last := 0
		for _, r := range table.Records {
			if r.Row <= last || r.Row > strings.Count(string(b), "\n")+strings.Count(string(b), "\r")+1 {
				t.Fatalf("row %d after %d", r.Row, last)
			}
			last = r.Row
		}
	})
}

// A row costs memory for each of its cells, many times what the file has: one that no
// list has is refused before it is taken apart.
func TestARowThatNoListHasIsRefusedBeforeItIsTakenApart(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		row  int
	}{
		"headings without end":       {strings.Repeat(",", 8<<20), 1},
		"a row without end":          {"a,b\n1,2\n" + strings.Repeat(",", 8<<20), 3},
		"cells over many lines":      {"a,b\n1,2\n" + strings.Repeat("\"x\n\",", 6<<20), 3},
		"headings over many lines":   {strings.Repeat("\"x\n\",", 6<<20), 1},
		"a quotation mark left open": {"a,b\n1,2\n\"3," + strings.Repeat("4\n", 7<<20), 3},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		table, problems := Read[pair]("f.csv", []byte(c.text), form)
		runtime.ReadMemStats(&after)
		if !Stopped(problems) || len(table.Records) > 0 || problems[0].Row != c.row {
			t.Errorf("%s: row %d, %.200s", name, problems[0].Row, problems[0].Says)
		}
		if cost := (after.TotalAlloc - before.TotalAlloc) >> 20; cost > 300 {
			t.Errorf("%s: %d MiB of memory for a file of %d", name, cost, len(c.text)>>20)
		}
	}
}
