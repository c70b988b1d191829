// Package garbage sets the pace of the collector of garbage for as long as something
// takes whose memory is known. It must never leave another pace behind than it found.
// Its invariant: only one sets it at a time, since the pace is one number of the whole process.
package garbage

import (
	"runtime/debug"
	"sync"
)

var pace sync.Mutex

// At does something while garbage may grow to so many percent of what is in use (as
// GOGC says it; Off: without end), and puts the pace back. Of several at once, one waits
// for another: the later one would otherwise take the other's pace for what was set.
// Nothing that is done may call At.
func At(percent int, do func()) {
	pace.Lock()
	defer pace.Unlock()
	defer debug.SetGCPercent(debug.SetGCPercent(percent))
	do()
}

// Off is no collection at all: for hundredths of a second.
const Off = -1
