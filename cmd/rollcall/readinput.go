package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"

	"rollcall/internal/csvfile"
	"rollcall/reports/archive"
)

// readInput reads a list or a file of policy, which others may put there. What is no
// file is refused: a night that waits for a pipe keeps every leaver in.
func readInput(name string) (b []byte, err error) {
	f, info, err := archive.OpenFile(name)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if info.Size() > csvfile.DefaultMaxBytes {
		return nil, &fs.PathError{Op: "read", Path: name, Err: fmt.Errorf("it has %d bytes, and %d are the most", info.Size(), csvfile.DefaultMaxBytes)}
	}
	whole := bytes.NewBuffer(make([]byte, 0, info.Size()+bytes.MinRead))
	_, err = whole.ReadFrom(f)
	return whole.Bytes(), err
}
