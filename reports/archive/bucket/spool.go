package bucket

import (
	"errors"
	"io"
	"os"
)

// inMemory is how much of one object is held in memory before it goes to a file.
const inMemory = 8 << 20

// spool holds the bytes of one object: in memory while they are few, then in a
// temporary file, which Close removes.
type spool struct {
	small []byte
	file  *os.File
	size  int64
}

func newSpool() *spool { return &spool{} }

// Write appends.
func (s *spool) Write(b []byte) (int, error) {
	if s.file == nil && len(s.small)+len(b) <= inMemory {
		s.small = append(s.small, b...)
		s.size += int64(len(b))
		return len(b), nil
	}
	if err := s.spill(); err != nil {
		return 0, err
	}
	n, err := s.file.Write(b)
	s.size += int64(n)
	return n, err
}

// spill moves what is in memory to a file.
func (s *spool) spill() error {
	if s.file != nil {
		return nil
	}
	file, err := os.CreateTemp("", "rollcall-*")
	if err != nil {
		return err
	}
	s.file = file
	_, err = file.Write(s.small)
	s.small = nil
	return err
}

// ReadAt implements io.ReaderAt.
func (s *spool) ReadAt(p []byte, at int64) (int, error) {
	if s.file != nil {
		return s.file.ReadAt(p, at)
	}
	if at >= int64(len(s.small)) {
		return 0, io.EOF
	}
	n := copy(p, s.small[at:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// Size is how much was written.
func (s *spool) Size() int64 { return s.size }

// Reset forgets everything.
func (s *spool) Reset() error {
	err := s.Close()
	*s = spool{}
	return err
}

// Close gives the temporary file back.
func (s *spool) Close() error {
	if s.file == nil {
		return nil
	}
	file := s.file
	s.file = nil
	return errors.Join(file.Close(), os.Remove(file.Name()))
}
