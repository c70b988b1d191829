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
// stdout (Part). What it says on stderr goes to stderr.
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

// Part is the other end of Apart: it does one task and says what it measured.
func Part[Task, Took any](stdin io.Reader, stdout io.Writer, work func(Task) (Took, error)) error {
	var t Task
	if err := json.NewDecoder(stdin).Decode(&t); err != nil {
		return fmt.Errorf("read what to measure: %w", err)
	}
	out, err := work(t)
	if err != nil {
		return err
	}
	return json.NewEncoder(stdout).Encode(out)
}
