package access

import (
	"fmt"
	"testing"
	"time"
)

// What is read and written by hand is what package time reads and writes.
func TestDaysAreReadAndWrittenAsTimeDoes(t *testing.T) {
	for _, year := range []int{0, 1, 999, 1000, 1900, 2000, 2026, 2027, 2028, 9999} {
		for month := range 15 {
			for day := range 34 {
				s := fmt.Sprintf("%04d-%02d-%02d", year, month, day)
				want, wrong := time.Parse(time.DateOnly, s)
				got, err := ParseDay(s)
				if (err != nil) != (wrong != nil) || err == nil && (got != Day{At: want}) {
					t.Errorf("%s is read as %v, %v", s, got, err)
				}
				if err == nil && !got.IsZero() && got.String() != s {
					t.Errorf("%s is written as %s", s, got)
				}
			}
		}
	}
	for _, at := range []time.Time{time.Date(-1, 2, 3, 0, 0, 0, 0, time.UTC), time.Date(12026, 11, 12, 0, 0, 0, 0, time.UTC), time.Date(2026, 1, 1, 1, 0, 0, 0, time.FixedZone("", 7200))} {
		if got, want := (Day{At: at}).String(), at.Format(time.DateOnly); got != want {
			t.Errorf("%s is written as %s", want, got)
		}
	}
}
