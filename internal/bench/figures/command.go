package figures

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"strings"
)

// Start runs a bench, or with the one argument of a part that part, which is measured
// in a process of its own (Apart), and gives the exit code.
func Start(name string, args []string, stderr io.Writer, parts map[string]func() error, whole func() error) int {
	run := whole
	if len(args) == 1 && parts[args[0]] != nil {
		run = parts[args[0]]
	}
	if err := run(); err != nil {
		fmt.Fprintf(stderr, "bench-%s: %v\n", name, err)
		return 1
	}
	return 0
}

// Flags are those of a bench, which tells on stderr what is wrong with them.
func Flags(name string, stderr io.Writer) *flag.FlagSet {
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	flags.SetOutput(stderr)
	return flags
}

// Parse takes flags and nothing else.
func Parse(flags *flag.FlagSet, args []string) error {
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("%q is no flag; see -help", strings.Join(flags.Args(), " "))
	}
	return nil
}

// Profile writes where processors spend their time until stop, and what is in memory
// then, to two files of a name: .cpu.pprof and .heap.pprof. Without a name it does
// nothing.
func Profile(name string) (stop func() error, err error) {
	if name == "" {
		return func() error { return nil }, nil
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return nil, fmt.Errorf("make the folder of the profiles: %w", err)
	}
	cpu, err := os.Create(name + ".cpu.pprof")
	if err != nil {
		return nil, fmt.Errorf("make a profile: %w", err)
	}
	if err := pprof.StartCPUProfile(cpu); err != nil {
		return nil, errors.Join(fmt.Errorf("profile: %w", err), cpu.Close())
	}
	return func() error {
		pprof.StopCPUProfile()
		heap, err := os.Create(name + ".heap.pprof")
		if err != nil {
			return errors.Join(err, cpu.Close())
		}
		runtime.GC() // so that in use means in use
		return errors.Join(pprof.WriteHeapProfile(heap), heap.Close(), cpu.Close())
	}, nil
}
