package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"

	"rollcall/internal/csvfile"
)

// readInput reads a list or a file of policy, which others may put there. What is no
// file is refused: a night that waits for a pipe keeps every leaver in.
func readInput(name string) (b []byte, err error) {
	f, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0) // a pipe without a writer would hold up even this
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, &fs.PathError{Op: "read", Path: name, Err: errors.New("it is a folder, a pipe or a device, and no file")}
	case info.Size() > csvfile.DefaultMaxBytes:
		return nil, &fs.PathError{Op: "read", Path: name, Err: fmt.Errorf("it has %d bytes, and %d are the most", info.Size(), csvfile.DefaultMaxBytes)}
	}
	whole := bytes.NewBuffer(make([]byte, 0, info.Size()+bytes.MinRead))
	_, err = whole.ReadFrom(f)
	return whole.Bytes(), err
}
