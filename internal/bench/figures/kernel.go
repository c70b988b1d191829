package figures

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"syscall"
	"time"
)

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
