// Package figures is how a benchmark tells what it measured: one line a figure on
// stdout, tab-separated (name, value, unit, target, met or short), and a report
// for people on stderr. It measures memory as the kernel counts it. It must never
// fail a run because a target is short.
package figures

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// NoTarget is the target of a figure that has none.
const NoTarget = -1.0

// Report writes figures to Out, and to Story what people want to read first. Err
// is the first write that failed.
type Report struct {
	Out, Story io.Writer
	Err        error
}

// Figure writes one line. A value at or below its target meets it.
func (r *Report) Figure(name string, value float64, unit string, target float64) {
	goal, verdict := "-", "-"
	if target != NoTarget {
		goal, verdict = "<="+number(target), "met"
		if value > target {
			verdict = "short"
		}
	}
	_, err := fmt.Fprintf(r.Out, "%s\t%s\t%s\t%s\t%s\n", name, number(value), unit, goal, verdict)
	r.Err = cmp.Or(r.Err, err)
}

// number writes up to three decimals.
func number(v float64) string {
	s := strconv.FormatFloat(v, 'f', 3, 64)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}

// Say tells people something.
func (r *Report) Say(format string, args ...any) {
	_, err := fmt.Fprintf(r.Story, format, args...)
	r.Err = cmp.Or(r.Err, err)
}

var (
	highWater = regexp.MustCompile(`VmHWM:\s*(\d+) kB`)
	resident  = regexp.MustCompile(`VmRSS:\s*(\d+) kB`)
)

// PeakKiB is the most memory that this process has had at once, since it began or
// since ForgetPeak. getrusage would give that of its parent where that was larger.
func PeakKiB() (int, error) { return status(highWater) }

// ResidentKiB is the memory that this process has now.
func ResidentKiB() (int, error) { return status(resident) }

// ForgetPeak makes the memory of now the peak (proc_pid_clear_refs(5)).
func ForgetPeak() error { return os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) }

// CPU is the time that processors worked for this process so far.
func CPU() time.Duration {
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		return 0
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}

func status(line *regexp.Regexp) (int, error) {
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, fmt.Errorf("memory is read from /proc, so run this on Linux: %w", err)
	}
	m := line.FindSubmatch(b)
	if m == nil {
		return 0, errors.New("/proc/self/status does not tell the memory; run this on a Linux that does")
	}
	return strconv.Atoi(string(m[1]))
}
