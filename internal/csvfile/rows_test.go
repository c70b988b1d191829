package csvfile

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// walked is every row with its number and its bytes, and what ended the reading.
func walked(next func() ([]string, int, error), raw func() string) string {
	var all strings.Builder
	for {
		cells, row, err := next()
		if err != nil {
			var parse *csv.ParseError
			if errors.As(err, &parse) {
				err = parse.Err
			}
			fmt.Fprintf(&all, "%d: %v", row, err)
			return all.String()
		}
		fmt.Fprintf(&all, "%d: %q of %q\n", row, cells, raw())
	}
}

// everyRowByCSV has encoding/csv read all there is, and finds by its offsets which row
// of a spreadsheet each is.
func everyRowByCSV(text string, separator rune) string {
	all := csv.NewReader(strings.NewReader(text))
	all.Comma, all.FieldsPerRecord = separator, -1
	row, raw := 0, ""
	var next func() ([]string, int, error)
	next = func() ([]string, int, error) {
		at := int(all.InputOffset())
		for ; at < len(text) && text[at] == '\n'; at++ {
			row++
		}
		row++
		cells, err := all.Read()
		if err == nil && blank(cells) {
			return next()
		}
		raw = text[min(at, int(all.InputOffset())):all.InputOffset()]
		return cells, row, err
	}
	return walked(next, func() string { return raw })
}

func compareRows(t *testing.T, text string, separator rune) (got string) {
	t.Helper()
	r := newRows(text, separator)
	got = walked(r.next, func() string { return r.raw })
	if d := cmp.Diff(everyRowByCSV(text, separator), got); d != "" {
		t.Fatalf("%q separated by %q (-encoding/csv +rows):\n%s", text, separator, d)
	}
	return got
}

// A row that is cut at its separators, and one that is left to encoding/csv, are what
// encoding/csv makes of the whole file: the cells, the rows' numbers and what is wrong.
func TestRowsAreThoseOfEncodingCSV(t *testing.T) {
	rng := rand.New(rand.NewPCG(13, 14))
	pieces := []string{"a", "12", `"`, `"`, `""`, ",", ",", ";", "\t", "|", "\n", "\n", "\n\n", " ", "é", "\xff", `"x,y"`, "\"l\n\nm\"", ",\"n\n\"\"\no\",", "\n\"p\"\n"}
	whole, multiline := 0, 0
	for range 20_000 {
		var text strings.Builder
		for range rng.IntN(25) {
			text.WriteString(pieces[rng.IntN(len(pieces))])
		}
		got := compareRows(t, text.String(), separators[rng.IntN(len(separators))])
		if strings.HasSuffix(got, io.EOF.Error()) {
			whole++
			if strings.Contains(got, `\nm"`) {
				multiline++
			}
		}
	}
	if whole < 2_000 || whole > 18_000 || multiline < 100 {
		t.Errorf("%d were CSV, %d with a cell of several lines: that looks at too little", whole, multiline)
	}
}

func FuzzRowsAreThoseOfEncodingCSV(f *testing.F) {
	for _, s := range []string{"a,b\n1,2\n", "\n\n,,\n\"x\n\ny\",2\n3,4", "\"1\n2", "1\"2,3\n", "\"a\"b,\n"} {
		f.Add(s, uint8(0))
	}
	f.Fuzz(func(t *testing.T, text string, separator uint8) {
		if strings.Contains(text, "\r") || len(text) > maxRow {
			return // decode leaves no carriage return, and rows refuses longer ones
		}
		compareRows(t, text, separators[int(separator)%len(separators)])
	})
}
