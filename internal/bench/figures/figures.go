// Package figures is how a benchmark tells what it measured: on stdout one line a
// figure in the format of Go's benchmarks, which benchstat reads, and for people a
// report on stderr. It must never fail a run because a target is short. Its one
// invariant: whatever is told parses (package figurestest).
package figures

import (
	"cmp"
	"fmt"
	"io"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// NoTarget is the target of a figure that has none.
const NoTarget = -1.0

// Report writes figures to Out, and to Story what people want to read first. Err
// is the first write that failed.
type Report struct {
	Out, Story io.Writer
	// Bench is the name of the bench, the last part of its package.
	Bench string
	Err   error
	begun bool
}

// header says what every figure was measured on. It must not differ between two runs
// on one machine: benchstat compares only what has the same header.
// https://pkg.go.dev/golang.org/x/perf/benchfmt
const header = "goos: %s\ngoarch: %s\npkg: rollcall/internal/bench/%s\nUnit ratio better=lower\n"

// units are Go's for what has one there, and how many of them it is.
var units = map[string]struct {
	name string
	each float64
}{"s": {"ns/op", float64(time.Second)}, "MiB": {"B", 1 << 20}, "KiB": {"B", 1 << 10}}

// Figure writes one line: evaluate.time_ratio becomes BenchmarkEvaluate/time_ratio.
// Where there is a target, a line that benchstat passes over says whether the value is
// at or below it: target, name, value, unit, target, met or short, with tabs between.
func (r *Report) Figure(name string, value float64, unit string, target float64) {
	if !r.begun {
		r.begun = true
		r.line(r.Out, header, runtime.GOOS, runtime.GOARCH, r.Bench)
	}
	name = strings.ReplaceAll(strings.ReplaceAll(name, ".", "/"), " ", "_")
	to, known := units[unit]
	if !known {
		to.name, to.each = strings.ReplaceAll(unit, " ", "-"), 1
	}
	r.line(r.Out, "Benchmark%s%s 1 %s %s\n", strings.ToUpper(name[:1]), name[1:], number(value*to.each), to.name)
	if target == NoTarget {
		return
	}
	verdict := "met"
	if value > target {
		verdict = "short"
	}
	r.line(r.Out, "target\t%s\t%s\t%s\t<=%s\t%s\n", name, number(value), unit, number(target), verdict)
}

// number writes up to three decimals.
func number(v float64) string {
	s := strconv.FormatFloat(v, 'f', 3, 64)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}

// Say tells people something.
func (r *Report) Say(format string, args ...any) { r.line(r.Story, format, args...) }

func (r *Report) line(to io.Writer, format string, args ...any) {
	_, err := fmt.Fprintf(to, format, args...)
	r.Err = cmp.Or(r.Err, err)
}
