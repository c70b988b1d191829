package audit

import (
	"strconv"
	"strings"
	"testing"
	"time"
)

// FuzzCell: a cell of an answer holds what the engine wrote, or it is an error; a number is
// never another number, and a time never another time.
func FuzzCell(f *testing.F) {
	for _, kind := range []string{"boolean", "bigint", "decimal(10,2)", "double", "timestamp(3)", "varchar", "date", "row(a bigint)", "", "TIMESTAMP"} {
		for _, text := range []string{"", "true", "1", "-9223372036854775808", "9223372036854775808", "1e309", "NaN", "0x1p-2", "2026-03-31 01:00:00.500", "2026-03-31 01:00:00", "0000-00-00 00:00:00", "2026-03-31 01:00:00.9999999999"} {
			f.Add(kind, text)
		}
	}
	f.Fuzz(func(t *testing.T, kind, written string) {
		cell, err := Cell(kind, written)
		if err != nil {
			return
		}
		switch cell := cell.(type) {
		case int64:
			if n, err := strconv.ParseInt(strings.TrimPrefix(written, "+"), 10, 64); err != nil || n != cell {
				t.Fatalf("%s %q is %d", kind, written, cell)
			}
		case string:
			if name, _, _ := strings.Cut(strings.ToLower(kind), "("); name != "timestamp" {
				if cell != written {
					t.Fatalf("%s %q is %q", kind, written, cell)
				}
				return
			}
			at, err := time.Parse(timeForm, cell)
			if err != nil || !strings.HasPrefix(strings.ReplaceAll(written, ",", "."), at.Format("2006-01-02 15:04:05")) {
				t.Fatalf("%s %q is %q (%v)", kind, written, cell, err)
			}
		case bool, float64:
		default:
			t.Fatalf("%s %q is a %T", kind, written, cell)
		}
	})
}
