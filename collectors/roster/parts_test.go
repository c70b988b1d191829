package roster

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jszwec/csvutil"

	"rollcall/internal/access"
	"rollcall/internal/goldentest"
)

// A large list is read in parts, side by side: each list of testdata says the same
// when it is read in parts of a row or two.
func TestAListSaysTheSameHoweverItIsCutIntoParts(t *testing.T) {
	for _, file := range append(goldentest.Files(t, "testdata/*.csv", 50), goldentest.Files(t, "testdata/wild/*.csv", 30)...) {
		b, src := goldentest.Read(t, file), source(goldentest.Name(file))
		whole, wholes := Read(src, b)
		for _, src.partBytes = range []int{1, 70, 150} {
			parted, parteds := Read(src, b)
			if d := cmp.Diff(whole, parted) + cmp.Diff(wholes, parteds); d != "" {
				t.Errorf("%s in parts of %d bytes (-whole +parts):\n%s", file, src.partBytes, d)
			}
		}
	}
}

// How a column writes its days is found from all of it: the order of the rows, and
// the parts they are in, settle nothing.
func TestHowDaysAreWrittenDoesNotDependOnTheOrderOfRows(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	ways := []string{"2026-05-04", "13/05/2026", "05/13/2026", "04/05/2026", "05/05/2026", "4 May 2026", "2026-05-04T00:00:00Z", "2026-05-04T10:00:00Z", "04.05.2026", "46146", "", "soon"}
	stopped := 0
	for range 800 {
		var rows []string
		for i := range 1 + rng.IntN(5) {
			rows = append(rows, fmt.Sprintf("E%d,p%d@example.com,Left,%s\n", i, i, ways[rng.IntN(len(ways))]))
		}
		ends := func() map[access.EmployeeID]string {
			list := "employee_id,email,status,end_date\n" + strings.Join(rows, "")
			got, problems := Read(Source{Name: "employees", File: "roster.csv", Today: today, partBytes: 1 + rng.IntN(80)}, []byte(list))
			of := map[access.EmployeeID]string{}
			if Stopped(problems) {
				of["all"] = "stopped"
			}
			for _, row := range got.Rows {
				of[row.EmployeeID] = fmt.Sprint(row.EndDate, row.Problem != "")
			}
			return of
		}
		before := ends()
		rng.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		if d := cmp.Diff(before, ends()); d != "" {
			t.Fatalf("%q: %s", rows, d)
		}
		if before["all"] != "" {
			stopped++
		}
	}
	if stopped < 30 {
		t.Errorf("only %d lists were refused", stopped)
	}
}

// What is encoded in the short way is what csvutil writes.
func TestRowsAreEncodedAsCSVUtilDoes(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	pieces := []string{"a", "B9", `"`, ",", "\n", " ", "=", "é", "\u00a0", ";", `\.`, "'", "@", "-"}
	text := func() string {
		if rng.IntN(3) > 0 {
			return "plain text"[:rng.IntN(11)]
		}
		var s strings.Builder
		for range rng.IntN(4) {
			s.WriteString(pieces[rng.IntN(len(pieces))])
		}
		return s.String()
	}
	rows := make([]access.Identity, 3*encodedAtOnce+7)
	for i := range rows {
		day, _ := access.ParseDay([]string{"", "2026-05-04", "2026-05-04T10:00:00Z"}[rng.IntN(3)])
		rows[i] = access.Identity{Source: "employees", EmployeeID: access.EmployeeID(text()), Email: text(), Name: text(), Title: text(), Status: "active", EndDate: day, TimeZone: text(), Row: i, Problem: text()}
	}
	got, err := Encode(rows)
	if err != nil {
		t.Fatal(err)
	}
	want, err := csvutil.Marshal(rows)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("the bytes differ")
	}
}
