package garbage

import (
	"runtime/debug"
	"sync"
	"testing"
)

// set is the pace that the process is at; it is as it was afterwards.
func set() int {
	now := debug.SetGCPercent(100)
	debug.SetGCPercent(now)
	return now
}

func TestThePaceIsAsSaidWhileSomethingIsDoneAndAsItWasAfterwards(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(77))
	during := 0
	At(60, func() { during = set() })
	if during != 60 || set() != 77 {
		t.Errorf("%d meanwhile and %d afterwards: 60 was asked for, and it was 77", during, set())
	}
}

func TestOfSeveralAtOnceNoneTakesAnothersPaceForWhatWasSet(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(77))
	for range 50 {
		var several sync.WaitGroup
		for _, percent := range []int{Off, 60, 200, Off} {
			several.Go(func() {
				At(percent, func() {
					if now := set(); now != percent {
						t.Errorf("%d while %d was asked for", now, percent)
					}
				})
			})
		}
		several.Wait()
		if set() != 77 {
			t.Fatalf("it was at 77 and is at %d", set())
		}
	}
}

func TestThePaceIsAsItWasAfterAPanic(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(77))
	func() {
		defer func() { _ = recover() }()
		At(Off, func() { panic("what is done is broken") })
	}()
	At(60, func() {}) // it waits for nobody
	if set() != 77 {
		t.Errorf("it was at 77 and is at %d", set())
	}
}
