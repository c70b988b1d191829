package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// sample is what the kernel says of the night at one moment.
type sample struct {
	at      time.Time
	cpu     time.Duration
	peakKiB int
	writes  bool // the archive's tables are being written
}

// tick is a hundredth of a second on every Linux (proc_pid_stat(5)).
const tick = time.Second / 100

// look reads a process' account; it is gone when it has ended.
func look(pid int) (s sample, err error) {
	s.at = time.Now()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return s, err
	}
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:])) // the name may have spaces
	for _, field := range fields[11:13] {                                     // in user mode, in the kernel
		n, err := strconv.Atoi(field)
		if err != nil {
			return s, fmt.Errorf("read /proc/%d/stat: %w", pid, err)
		}
		s.cpu += time.Duration(n) * tick
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return s, err
	}
	if _, rest, ok := strings.Cut(string(status), "VmHWM:"); ok { // not of one that ended and was not waited for
		_, err = fmt.Sscan(rest, &s.peakKiB)
	}
	return s, err
}

// watch samples a process until it is gone or stop is closed.
func watch(pid int, archive string, stop <-chan struct{}) (all []sample) {
	before := tables(archive)
	every := time.NewTicker(50 * time.Millisecond)
	defer every.Stop()
	for {
		s, err := look(pid)
		if err != nil {
			return all
		}
		s.writes = tables(archive) > before
		all = append(all, s)
		select {
		case <-stop:
			return all
		case <-every.C:
		}
	}
}

// tables is how many folders of runs the archive has.
func tables(archive string) int {
	runs, err := filepath.Glob(filepath.Join(archive, "*", "date=*", "run=*"))
	if err != nil {
		return 0
	}
	return len(runs)
}

// cpuAt is what processors had worked by then.
func cpuAt(all []sample, at time.Time) (cpu time.Duration) {
	for _, s := range all {
		if s.at.After(at) {
			break
		}
		cpu = s.cpu
	}
	return cpu
}
