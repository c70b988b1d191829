//go:build unix && !race

// The race detector asks for memory of its own with every write.

package roster

import (
	"reflect"
	"runtime/debug"
	"strconv"
	"sync"
	"syscall"
	"testing"

	"rollcall/internal/access"
)

func TestThePagesOfAListAreAskedForOnce(t *testing.T) {
	const rows = 1 << 19
	pages := rows * int(reflect.TypeFor[access.Identity]().Size()) / pageBytes
	before := faults(t)
	list := roomForRows(rows, rows*leastRow)[:rows]
	room := faults(t) - before
	for i := range list {
		list[i].Row = i
	}
	if written := faults(t) - before - room; room > pages*11/10 || written > pages/10 {
		t.Errorf("%d pages: asked for %d times while room was made, and %d times when rows were written", pages, room, written)
	}
}

func TestThePagesOfALookupAreAskedForOnce(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // or it reads the rows
	const rows = 1 << 18
	list, hashes := make([]access.Identity, rows), make([]uint32, rows)
	for i := range hashes {
		hashes[i] = hashOf(strconv.Itoa(i))
	}
	before := faults(t)
	l := newLookup(list, idOf, hashes)
	if took, pages := faults(t)-before, len(l.slots)*8/pageBytes; took > pages*3/2 {
		t.Errorf("%d pages: asked for %d times", pages, took)
	}
}

func TestEmptyRowsTakeNoMemory(t *testing.T) {
	for _, one := range []struct {
		rows int
		text string
		want bool
	}{
		{1_000_000, "E0000001,ann.lee@example.com,Ann Lee,Engineer,Sales,E0000000,employee,Active,2020-01-02,,,Europe/Berlin,\n", true},
		{1_000_000, ",,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,\n", false}, // what Excel writes below a table of forty columns
		{1_000_000, "\n", false},
		{1_000, "E0000001,ann.lee@example.com,Ann Lee,Engineer,Sales,E0000000,employee,Active,2020-01-02,,,Europe/Berlin,\n", false},
		{0, "", false},
	} {
		if got := surelyFilled(one.rows, one.rows*len(one.text)); got != one.want {
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

// faults is how often this process asked the kernel for a page.
func faults(t *testing.T) int {
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		t.Fatal(err)
	}
	return int(use.Minflt)
}
