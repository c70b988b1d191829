// Command collect measures the collectors against the fewest requests and the
// shortest time that the vendors' limits allow. People read its report on
// stderr; on stdout is one line a figure (package figures).
//
// It must never judge a collector by what the collector says of itself: calls
// are counted by the server, memory by the kernel, and the minimum is computed
// from the population. Its one invariant: the sandbox and each collecting run
// are processes of their own, so that neither's memory is counted as the
// other's.
package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"rollcall/collectors"
	"rollcall/internal/bench/counted"
	"rollcall/internal/bench/figures"
)

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// run is the benchmark, or one of the two processes that it starts of itself.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	err := error(nil)
	switch first := strings.Join(args[:min(1, len(args))], ""); first {
	case "serve":
		err = counted.Serve(stdin, stdout)
	case "read":
		err = figures.Part(stdin, stdout, read)
	default:
		var o options
		if o, err = parse(args, stderr); err == nil {
			err = measure(o, stdout, stderr)
		}
	}
	if err != nil {
		fmt.Fprintln(stderr, "bench-collect:", err)
		return 1
	}
	return 0
}

// options say what is measured.
type options struct {
	only    string // a system, or system.size; empty is all
	prefer  []collectors.Prefer
	latency time.Duration
	wall    bool
	profile string
	python  string
}

func parse(args []string, stderr io.Writer) (options, error) {
	o := options{prefer: []collectors.Prefer{collectors.PreferTime, collectors.PreferCalls}}
	flags := figures.Flags("collect", stderr)
	flags.StringVar(&o.only, "only", "", "measure `what` alone: okta, aws, moto, or one size such as okta.5000")
	flags.DurationVar(&o.latency, "latency", 50*time.Millisecond, "of every answer in the runs that are timed")
	flags.BoolVar(&o.wall, "wall", false, "also run okta.5000 and aws.1000 under the published rate limits, in real time: ten minutes and more")
	flags.StringVar(&o.profile, "profile", "", "write a CPU and a heap profile of every run to this `folder`")
	prefer := flags.String("prefer", "", "measure one plan alone: time or calls")
	moto := flags.Bool("moto", false, "also measure against moto, run by the Python that ROLLCALL_PYTHON names")
	if err := figures.Parse(flags, args); err != nil {
		return o, err
	}
	switch p := collectors.Prefer(*prefer); {
	case p == collectors.PreferTime || p == collectors.PreferCalls:
		o.prefer = []collectors.Prefer{p}
	case p != "":
		return o, fmt.Errorf("-prefer %s is neither time nor calls", p)
	}
	if *moto {
		if o.python = os.Getenv("ROLLCALL_PYTHON"); o.python == "" {
			return o, fmt.Errorf("moto needs a Python that has moto[server]; name it in ROLLCALL_PYTHON, or leave -moto out")
		}
	}
	return o, nil
}
