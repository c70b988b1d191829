package figures

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
)

// Apart starts this program again with one argument, so that nobody else's memory
// is counted as its own: it reads the question as JSON from stdin and answers on
// stdout. What it says on stderr goes to stderr.
func Apart(argument string, question, answer any, stderr io.Writer) error {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program to start it again: %w", err)
	}
	b, err := json.Marshal(question)
	if err != nil {
		return fmt.Errorf("word the task: %w", err)
	}
	process := exec.Command(self, argument)
	process.Stdin, process.Stderr = bytes.NewReader(b), stderr
	out, err := process.Output()
	if err != nil {
		return fmt.Errorf("%w; the lines before say why", err)
	}
	if err := json.Unmarshal(out, answer); err != nil {
		return fmt.Errorf("read what was measured: %w", err)
	}
	return nil
}

// Start runs a bench, or with the one argument verb the part of it that is measured in
// a process of its own (Apart), and gives the exit code.
func Start(name, verb string, args []string, stderr io.Writer, part, whole func() error) int {
	run := whole
	if len(args) == 1 && args[0] == verb {
		run = part
	}
	if err := run(); err != nil {
		fmt.Fprintf(stderr, "bench-%s: %v\n", name, err)
		return 1
	}
	return 0
}
