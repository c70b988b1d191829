package counted

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"
)

// Sandbox is a running server process.
type Sandbox struct {
	Served
	process *exec.Cmd
	in      io.WriteCloser
	out     *json.Decoder
}

// Open starts this program again with the one argument "serve", on which it has to
// call Serve, and waits until the system is filled.
func Open(t Target, stderr io.Writer) (*Sandbox, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program to start it again: %w", err)
	}
	s := &Sandbox{process: exec.Command(self, "serve")}
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
	if err := s.ask(t, &s.Served); err != nil {
		s.Close()
		return nil, fmt.Errorf("fill %s.%s: %w", t.System, t.Size, err)
	}
	return s, nil
}

func (s *Sandbox) ask(question, answer any) error {
	if err := json.NewEncoder(s.in).Encode(question); err != nil {
		return err
	}
	return s.out.Decode(answer)
}

// Restart gives what was asked so far; the next answers have another latency. What
// nobody may change is as new then; of anything else a day has passed.
func (s *Sandbox) Restart(latency time.Duration) (asked Asked, err error) {
	if err := s.ask(question{Latency: latency}, &asked); err != nil {
		return asked, fmt.Errorf("ask the sandbox what it counted: %w", err)
	}
	return asked, nil
}

// Judge has the system itself say how it stands with some people, by their employee
// ids, and whether anybody else was touched since it was filled. Only of a size that
// somebody may change.
func (s *Sandbox) Judge(people []string) (j Judged, err error) {
	if err := s.ask(question{Judge: true, People: people}, &j); err != nil {
		return j, fmt.Errorf("ask the sandbox what became of people: %w", err)
	}
	return j, nil
}

// Close lets the server end by itself, which it does with its input.
func (s *Sandbox) Close() {
	_ = s.in.Close()     // it may be gone already
	_ = s.process.Wait() // its own stderr has said why it failed
}
