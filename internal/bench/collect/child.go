package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"

	"rollcall/internal/bench/figures"
)

// sandbox is a running server process.
type sandbox struct {
	served
	process *exec.Cmd
	in      io.WriteCloser
	out     *json.Decoder
}

// open starts this program again as a server, and waits until it is filled.
func open(t target, stderr io.Writer) (*sandbox, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program to start it again: %w", err)
	}
	s := &sandbox{process: exec.Command(self, "serve")}
	s.process.Stderr = stderr
	if s.in, err = s.process.StdinPipe(); err != nil {
		return nil, fmt.Errorf("start the sandbox: %w", err)
	}
	out, err := s.process.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start the sandbox: %w", err)
	}
	if err := s.process.Start(); err != nil {
		return nil, fmt.Errorf("start the sandbox: %w", err)
	}
	s.out = json.NewDecoder(out)
	if err := s.ask(t, &s.served); err != nil {
		s.close()
		return nil, fmt.Errorf("fill %s.%s: %w", t.System, t.Size, err)
	}
	return s, nil
}

func (s *sandbox) ask(question, answer any) error {
	if err := json.NewEncoder(s.in).Encode(question); err != nil {
		return err
	}
	return s.out.Decode(answer)
}

// restart gives the requests so far; the next ones have another latency.
func (s *sandbox) restart(latency time.Duration) (plan, error) {
	var counted plan
	if err := s.ask(latency, &counted); err != nil {
		return nil, fmt.Errorf("ask the sandbox what it counted: %w", err)
	}
	return counted, nil
}

// close lets the server end by itself, which it does with its input.
func (s *sandbox) close() {
	_ = s.in.Close()     // it may be gone already
	_ = s.process.Wait() // its own stderr has said why it failed
}

// collect starts this program again to read once.
func collect(t task, stderr io.Writer) (result took, err error) {
	if err := figures.Apart("read", t, &result, stderr); err != nil {
		return took{}, fmt.Errorf("collect from %s: %w", t.System, err)
	}
	return result, nil
}
