package roster

import (
	"runtime/debug"
	"strings"
	"sync"
	"testing"
)

func TestEmptyRowsTakeNoMemory(t *testing.T) {
	for _, one := range []struct {
		rows int
		text string
		want bool
	}{
		{1_000_000, "E0000001,ann.lee@example.com,Ann Lee,Engineer,Sales,E0000000,employee,Active,2020-01-02,,,Europe/Berlin,\n", true},
		{1_000_000, ",,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,\n", false}, // what Excel writes below a table of forty columns
		{1_000_000, strings.Repeat(",", 69) + "\n", false},              // and of seventy
		{1_000_000, "E0000001,ann.lee@example.com,Ann Lee,Engineer,Sales,E0000000,employee,Active,2020-01-02,,,Europe/Berlin," + strings.Repeat(",", 60) + "\n", true},
		{1_000_000, "\n", false},
		{1_000, "E0000001,ann.lee@example.com,Ann Lee,Engineer,Sales,E0000000,employee,Active,2020-01-02,,,Europe/Berlin,\n", false},
		{0, "", false},
	} {
		if got := surelyFilled(one.rows, one.rows*(len(one.text)-strings.Count(one.text, ",")-1)); got != one.want {
			t.Errorf("memory for %d rows such as %q taken at once: %t", one.rows, one.text, got)
		}
	}
}

func TestTheCollectorOfGarbageIsAsItWasAfterLargeLists(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(77))
	for range 20 {
		var several sync.WaitGroup
		for range 4 {
			several.Go(func() { roomForRows(manyRows, manyRows*leastRow) })
		}
		several.Wait()
		if now := debug.SetGCPercent(77); now != 77 {
			t.Fatalf("it was at 77 and is at %d", now)
		}
	}
}
