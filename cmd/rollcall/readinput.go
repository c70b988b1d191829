package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"rollcall/internal/csvfile"
	"rollcall/reports/archive"
)

// How many bytes a file of its kind has at the most. Lists, policy and plans may have as
// many as a CSV, and a configuration as many as config says.
const (
	largestKey      = 1 << 20 // also of a secret, and of a SELECT
	largestBundle   = 16 << 20
	largestApproval = 16 << 20 // more than a cohort of a hundred thousand accounts needs
	largestFigures  = 16 << 20
	largestSummary  = 256 << 20
)

// readInput reads a list, a plan or a file of policy, which others may put there.
func readInput(name string) ([]byte, error) { return readFrom(name, csvfile.DefaultMaxBytes) }

// readKey reads a key, a secret or what else is a few lines.
func readKey(name string) ([]byte, error) { return readFrom(name, largestKey) }

// readFrom is how everything that a command reads is read. What is no file is refused: a
// night that waits for a pipe keeps every leaver in. What is larger than anything of its
// kind is refused before it takes memory, whatever size it says it has.
func readFrom(name string, most int64) (b []byte, err error) {
	f, info, err := archive.OpenFile(name)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	whole := &bytes.Buffer{}
	if info.Size() <= most {
		whole.Grow(int(info.Size()) + bytes.MinRead)
		if _, err := whole.ReadFrom(io.LimitReader(f, most+1)); err != nil {
			return nil, err
		}
	}
	if max(info.Size(), int64(whole.Len())) > most {
		return nil, &fs.PathError{Op: "read", Path: name, Err: fmt.Errorf("it has more than %d bytes, which are the most: look whether it is the right file", most)}
	}
	return whole.Bytes(), nil
}

// readSome reads a file, and one byte more than most at the most: of what a reviewer sent
// also the beginning is kept.
func readSome(name string, most int64) ([]byte, error) {
	f, _, err := archive.OpenFile(name)
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(io.LimitReader(f, most+1))
	return b, errors.Join(err, f.Close())
}
