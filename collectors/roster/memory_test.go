//go:build unix && !race

// The race detector asks for memory of its own with every write.

package roster

import (
	"reflect"
	"runtime/debug"
	"strconv"
	"syscall"
	"testing"

	"rollcall/internal/access"
)

func TestThePagesOfAListAreAskedForOnce(t *testing.T) {
	const rows = 1 << 19
	pages := rows * int(reflect.TypeFor[access.Identity]().Size()) / pageBytes
	debug.FreeOSMemory() // or it gets memory that an earlier test wrote to
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
	debug.FreeOSMemory()
	before := faults(t)
	l := newLookup(list, idOf, hashes)
	if took, pages := faults(t)-before, len(l.slots)*8/pageBytes; took > pages*3/2 {
		t.Errorf("%d pages: asked for %d times", pages, took)
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
