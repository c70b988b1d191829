package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"

	"rollcall/internal/access"
	"rollcall/internal/config"
	"rollcall/internal/wholefile"
	"rollcall/jobs"
	"rollcall/reports/metrics"
)

// measuring is a run whose figures are kept for Prometheus.
type measuring struct {
	e       *environ
	file    string // empty: none are
	command string
	began   time.Time
	night   *access.Night // nil until it is known
	quiet   bool
	waiting map[access.Urgency]int // nil: it is not known
}

func (e *environ) measuring(cfg config.Config, command string) *measuring {
	return &measuring{e: e, file: cfg.Path(cfg.Metrics.File), command: command, began: e.now()}
}

// ended keeps the figures of a run that ended with err, and gives err on.
func (m *measuring) ended(err error) error {
	if m.file == "" || errors.Is(err, jobs.ErrLocked) {
		return err
	}
	if wrong := m.write(exitCode(err)); wrong != nil {
		return errors.Join(err, exitError{exitAborted, fmt.Errorf("write the figures for Prometheus (the run itself is as told): %w: make room, or correct metrics.file", wrong)})
	}
	return err
}

// figuresLock is for how long a run waits for another one that writes its figures.
const figuresLock = 10 * time.Second

// write adds the run's figures to those of the runs before. The file has a lock of its own:
// a run may end while another one is at work, or while nobody holds the archive's.
func (m *measuring) write(code int) (err error) {
	if err := os.MkdirAll(filepath.Dir(m.file), 0o750); err != nil {
		return err
	}
	if err := jobs.OwnFile(m.file + ".lock"); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), figuresLock)
	defer cancel()
	lock := flock.New(m.file + ".lock")
	if got, err := lock.TryLockContext(ctx, 20*time.Millisecond); err != nil || !got {
		return fmt.Errorf("wait for another run that writes %s: %w", m.file, err)
	}
	defer func() { err = errors.Join(err, lock.Unlock()) }()
	return m.merge(code)
}

func (m *measuring) merge(code int) error {
	before, err := readFrom(m.file, largestFigures)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	text, unread, err := metrics.After(before, metrics.Run{Command: m.command, Began: m.began, EndedAt: m.e.now(), ExitCode: code, Version: thisProgram().Version,
		Night: m.night, Quiet: m.quiet, Whole: m.night != nil && wholeNight(m.command) && m.command != "restore", Waiting: m.waiting})
	if unread != nil {
		m.e.log.Warn(fmt.Sprintf("%s is begun anew: %v", m.file, unread))
	}
	if err != nil {
		return err
	}
	return wholefile.Put(m.file, text, 0o644) // it names nobody, and another user's program reads it
}
