package reports

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"rollcall/internal/access"
)

// As Excel saves a CSV in a country with a comma, without it, as Unicode, and as plain
// "CSV", which has western letters only.
func TestACSVIsReadWhateverExcelMakesOfIt(t *testing.T) {
	sheet, _, twin := sent(t)
	records := readCSVRecords(t, twin)
	day := func(form func(y, m, d string) string) func(string) string {
		return func(s string) string {
			if len(s) == 10 && s[4] == '-' && s[7] == '-' {
				return form(s[:4], strings.TrimLeft(s[5:7], "0"), strings.TrimLeft(s[8:], "0"))
			}
			if s != "" && strings.Trim(s, "0123456789") == "" {
				return strings.TrimLeft(s, "0") // a number has no zeros
			}
			return s
		}
	}
	german := day(func(y, m, d string) string { return fmt.Sprintf("%s.%s.%s", d, m, y) })
	american := day(func(y, m, d string) string { return m + "/" + d + "/" + y })
	plain := func(s string) string { return s }
	utf16, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().Bytes(saved(records, '\t', american))
	if err != nil {
		t.Fatal(err)
	}
	windows, err := charmap.Windows1252.NewEncoder().Bytes([]byte(strings.Map(func(r rune) rune {
		if _, ok := charmap.Windows1252.EncodeRune(r); !ok {
			return '?'
		}
		return r
	}, string(saved(records, ';', german)))))
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{
		"commas": saved(records, ',', plain), "semicolons": saved(records, ';', german), "Unicode Text": utf16, "plain CSV": windows,
		"said":   append([]byte("sep=;\r\n"), saved(records, ';', german)...),
		"a mark": append([]byte("\ufeff"), saved(records, ',', american)...),
	} {
		back := mustRead(t, name+".csv", b)
		Recognise(&back, []access.Sheet{sheet})
		want := wanted(sheet, true)
		for i := range want {
			if want[i].Line = back.Rows[min(i, len(back.Rows)-1)].Line; name != "said" && want[i].Line != i+2 {
				t.Errorf("%s: row %d is on line %d", name, i, want[i].Line)
			}
		}
		sameRows(t, name, want, back.Rows)
		if back.Format != "csv" {
			t.Errorf("%s: %s", name, back.Format)
		}
	}
}

func TestTheReviewSheetOfAWorkbookSavedAsCSVIsReadWithoutSeals(t *testing.T) {
	sheet, book, _ := sent(t)
	f, err := excelize.OpenReader(bytes.NewReader(filledIn(t, book)))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	records, err := f.GetRows(sheetReview)
	if err != nil {
		t.Fatal(err)
	}
	for n := range records { // excelize leaves empty cells at the end out, Excel does not
		records[n] = slices.Concat(records[n], make([]string, len(records[0])-len(records[n])))
	}
	want := wanted(sheet, true)
	for n := range want {
		want[n].MAC = ""
	}
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	w.Comma, w.UseCRLF = ';', true
	if err := w.WriteAll(records); err != nil {
		t.Fatal(err)
	}
	back := mustRead(t, "Review.csv", out.Bytes())
	Recognise(&back, []access.Sheet{sheet})
	sameRows(t, "the sheet as CSV", want, back.Rows)
}

func readCSVRecords(t *testing.T, b []byte) [][]string {
	t.Helper()
	records, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(b, []byte("\ufeff")))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return records
}

// saved is a CSV as somebody filled it in and a program saved it.
func saved(records [][]string, comma rune, change func(string) string) []byte {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	w.Comma, w.UseCRLF = comma, true
	for n, r := range records {
		r = slices.Clone(r)
		for i := range r {
			r[i] = change(r[i])
		}
		for i, head := range []string{headDecision, headReason, headChange, headPass, headComment} {
			if n > 0 {
				r[campaignColumns.index(head)] = answered[r[0]][i]
			}
		}
		_ = w.Write(r) // into memory
	}
	w.Flush()
	return out.Bytes()
}

func TestOnlyWhatProgramsDoToACellIsRecognised(t *testing.T) {
	for _, c := range []struct {
		back, issued string
		same         bool
	}{
		{"4.3.2025", "2025-03-04", true}, {"04.03.25", "2025-03-04", true}, {"3/4/2025", "2025-03-04", true}, {"04/03/2025", "2025-03-04", true}, {"45720", "2025-03-04", true},
		{"2025-03-04 00:00:00", "2025-03-04", true}, {"4-Mar-25", "2025-03-04", true},
		{"5.3.2025", "2025-03-04", false}, {"3/5/2025", "2025-03-04", false}, {"45721", "2025-03-04", false}, {"", "2025-03-04", false}, {"4.3.2025", "2025-03-05", false},
		{"10442", "0010442", true}, {"0", "000", true}, {"10443", "0010442", false}, {"", "000", false}, {"0010442", "10442", false}, {"-10442", "0010442", false},
		{"?ukasz", "Łukasz", true}, {"Lukasz", "Łukasz", true}, {"=x", "_x003D_x", true}, {"?ukasy", "Łukasz", false}, {"?oe", "Zoe", false}, {"Standard", "Privileged", false},
	} {
		back := []string{c.back}
		recognise(back, []string{c.issued})
		if (back[0] == c.issued) != c.same {
			t.Errorf("%q for %q: %q", c.back, c.issued, back[0])
		}
	}
	for n, serial := range map[string]string{"45720": "2025-03-04", "45720.75": "2025-03-04", "0.5": "0.5", "3e6": "3e6"} {
		if got := dayOfSerial(n, false); got != serial {
			t.Errorf("%s is %s", n, got)
		}
	}
	if got := dayOfSerial("44258", true); got != "2025-03-04" {
		t.Errorf("counted from 1904: %s", got)
	}
}
