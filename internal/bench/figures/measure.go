package figures

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"time"
)

// Cost is what a piece of work took.
type Cost struct {
	// Time is by the clock; CPU is how long it kept cores busy.
	Time, CPU time.Duration
	// GrownKiB is the most resident memory at once beyond what was resident before;
	// PeakKiB is all of it.
	GrownKiB, PeakKiB int
}

// Measure does the work once. What Go has no use for any more is given back first.
func Measure(work func() error) (c Cost, err error) {
	runtime.GC()
	debug.FreeOSMemory()
	if err := ForgetPeak(); err != nil {
		return c, fmt.Errorf("measure memory: %w", err)
	}
	before, err := ResidentKiB()
	if err != nil {
		return c, err
	}
	began, spent := time.Now(), CPU()
	if err := work(); err != nil {
		return c, err
	}
	c.Time, c.CPU = time.Since(began), CPU()-spent
	c.PeakKiB, err = PeakKiB()
	c.GrownKiB = c.PeakKiB - before
	return c, err
}
