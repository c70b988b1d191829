package roster

import (
	"testing"

	"rollcall/internal/access"
	"rollcall/internal/csvfile"
	"rollcall/internal/goldentest"
)

// Whatever the bytes: no panic, the rows add up, a stopped list has no rows,
// every held row says why, and the archived form comes back.
func FuzzRead(f *testing.F) {
	for _, file := range goldentest.Files(f, "testdata/*.csv", 50) {
		f.Add(goldentest.Read(f, file))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		src := Source{Name: "employees", File: "roster.csv", Today: today}
		roster, problems := Read(src, b)
		csvfile.Message(problems, 0)
		if Stopped(problems) {
			if roster.Rows != nil || roster.SHA256 != "" {
				t.Fatal("a stopped list has rows")
			}
			return
		}
		table, _ := csvfile.Read[line](src.File, b, form(src))
		if got := Count(roster, problems); got.Received != len(table.Records) {
			t.Fatalf("%+v of %d rows", got, len(table.Records))
		}
		for _, row := range roster.Rows {
			if row.Status == access.StatusUnknown && row.Problem == "" {
				t.Fatalf("row %d has an unknown status and is not held", row.Row)
			}
		}
		roundTrip(t, roster.Rows)
	})
}

// FuzzDecode: the archived form of a list, whatever lies in its place, is refused or read;
// what was read and can be written comes back the same.
func FuzzDecode(f *testing.F) {
	for _, file := range goldentest.Files(f, "testdata/*.csv", 50) {
		b := goldentest.Read(f, file)
		if list, problems := Read(Source{Name: "employees", File: "roster.csv", Today: today}, b); !Stopped(problems) {
			var err error
			if b, err = Encode(list.Rows); err != nil {
				f.Fatal(err)
			}
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		rows, err := Decode(b)
		if err != nil {
			return
		}
		if len(rows) > len(b) {
			t.Fatalf("%d rows in %d bytes", len(rows), len(b))
		}
		if _, err := Encode(rows); err == nil {
			roundTrip(t, rows)
		}
	})
}
