package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"rollcall/internal/access"
	"rollcall/internal/config"
	"rollcall/reports"
)

// siem tells each change of access to whoever watches from outside. Where it cannot,
// the run goes on: nobody stays in because a log is full. The first fault is kept.
type siem struct {
	e      *environ
	run    access.Run
	file   string // empty: none
	stderr bool
	wrong  error
}

func (e *environ) siem(cfg config.Config, run access.Run) *siem {
	return &siem{e: e, run: run, file: cfg.Path(cfg.SIEM.File), stderr: cfg.SIEM.Stderr}
}

// told tells one outcome, if it is of a change.
func (s *siem) told(o access.Outcome) {
	line, err := reports.AccessChange(s.run, o, s.e.now())
	if err == nil && line != nil && s.stderr {
		_, err = s.e.stderr.Write(line)
	}
	if err == nil && line != nil && s.file != "" {
		err = appendLine(s.file, line)
	}
	if err != nil && s.wrong == nil {
		s.wrong = err
		s.e.log.Warn(fmt.Sprintf("changes of access are not told to the SIEM: %v; the run goes on, and the archive has them", err))
	}
}

// ended is what a run ends with that could not tell all. Nil tells all that it is told.
func (s *siem) ended() error {
	if s == nil || s.wrong == nil {
		return nil
	}
	return exitError{exitAborted, fmt.Errorf("the run itself is committed, but a change of access was not told to the SIEM: %w: make room, or correct siem.file; the changes are in the table actions of run %s", s.wrong, s.run.ID)}
}

// appendLine adds one line in one write, and returns when it would survive a power cut.
// The file is opened each time, so that it may be moved away at any time.
func appendLine(name string, line []byte) error {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_APPEND|os.O_CREATE, 0o640)
	if err != nil {
		return err
	}
	if torn(f) { // by a full disk: what follows is a line of its own
		line = append([]byte{'\n'}, line...)
	}
	_, err = f.Write(line)
	return errors.Join(err, f.Sync(), f.Close())
}

// torn reports whether the last line of a file has no end.
func torn(f *os.File) bool {
	end, err := f.Seek(0, io.SeekEnd)
	if err != nil || end == 0 {
		return false
	}
	last := make([]byte, 1)
	_, err = f.ReadAt(last, end-1)
	return err == nil && last[0] != '\n'
}
