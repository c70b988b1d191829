package roster

import (
	"reflect"
	"runtime"
	"slices"
	"sync"

	"rollcall/internal/access"
	"rollcall/internal/garbage"
)

// Memory that nobody has written to yet is dear to read: the kernel lends one page of
// zeros for it, and at the first write has to take that away again, for which it
// interrupts every core. The collector of garbage, which so large an allocation often
// sets off, reads all of it; and who looks for an empty slot reads before it writes.
// Both together were half of the time of a list of a million people.

// pageBytes is the least that a kernel hands out at a time.
const pageBytes = 4096

// leastRow is how many bytes of text each row has in its cells on average, at least, where
// room is written to at once: a sheet of which most rows are empty is to take no memory for
// rows that are not there.
const leastRow = 64

// manyRows are so many that the collector of garbage may well be set off by room for
// them.
const manyRows = 1 << 14

// roomForRows is room for so many rows of a text of so many bytes, written to before
// the collector of garbage can read it.
func roomForRows(most, bytes int) []access.Identity {
	if !surelyFilled(most, bytes) {
		return make([]access.Identity, 0, most)
	}
	var rows []access.Identity
	garbage.At(garbage.Off, func() { // some hundredths of a second
		rows = make([]access.Identity, most)
		var touched sync.WaitGroup
		for piece := range slices.Chunk(rows, most/runtime.GOMAXPROCS(0)+1) {
			touched.Go(func() { touch(piece) })
		}
		touched.Wait()
	})
	return rows[:0]
}

// surelyFilled reports whether room for so many rows is worth taking from the kernel at
// once: there are many of them, and too much text for most of them to be empty.
func surelyFilled(most, bytes int) bool { return most >= manyRows && bytes/most >= leastRow }

// touch writes to every page of an empty slice.
func touch[T any](s []T) {
	var empty T
	apart := max(1, pageBytes/int(reflect.TypeFor[T]().Size()))
	for i := 0; i < len(s); i += apart {
		s[i] = empty
	}
}
