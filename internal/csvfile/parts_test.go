package csvfile

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// However a file is cut into parts, it says the same: also where quotation marks
// are not closed, cells have lines in them, and a report has lines behind its table.
func TestPartsReadAsTheWholeDoes(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	pieces := []string{"a", "1", `"`, `"`, `""`, ",", ",", "\n", "\n", "\n\n", " ", "é", `"x,y"`, "\"l\nm\"", "=1+1", "#REF!", "Total", "3 records", "\r\n"}
	report := form
	report.Report = true
	report.Columns = append(slices.Clone(form.Columns), Column{Name: "c"}, Column{Name: "d"})
	refused, behind := 0, 0
	for range 6_000 {
		text := "a,b,c,d\n"
		for range rng.IntN(40) {
			text += pieces[rng.IntN(len(pieces))]
		}
		whole, wholes := Read[pair4]("f.csv", []byte(text), report)
		report.PartBytes = 1 + rng.IntN(20)
		parted, parteds := Read[pair4]("f.csv", []byte(text), report)
		report.PartBytes = 0
		if d := cmp.Diff(whole.Records, parted.Records) + cmp.Diff(wholes, parteds); d != "" {
			t.Fatalf("%q: %s", text, d)
		}
		if Stopped(wholes) {
			refused++
		}
		if len(wholes) > 0 && strings.Contains(wholes[len(wholes)-1].Says, "after the table") {
			behind++
		}
	}
	if refused < 150 || refused > 5_850 || behind < 30 {
		t.Errorf("%d refused, %d with lines behind the table: that looks at too little", refused, behind)
	}
}

type pair4 struct {
	A string `csv:"a"`
	B string `csv:"b"`
	C string `csv:"c"`
	D string `csv:"d"`
}
