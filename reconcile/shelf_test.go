package reconcile_test

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"rollcall/reports/archive"
)

// shelf keeps an archive in memory.
type shelf map[string][]byte

func (s shelf) Create(name string, b []byte) error {
	if _, taken := s[name]; taken {
		return fmt.Errorf("create %s: %w", name, fs.ErrExist)
	}
	s[name] = bytes.Clone(b)
	return nil
}

func (s shelf) Stream(name string, fill func(io.Writer) error) error {
	var b bytes.Buffer
	if err := fill(&b); err != nil {
		return err
	}
	return s.Create(name, b.Bytes())
}

func (s shelf) Read(name string) ([]byte, error) {
	b, has := s[name]
	if !has {
		return nil, fmt.Errorf("read %s: %w", name, fs.ErrNotExist)
	}
	return b, nil
}

type volume struct{ *bytes.Reader }

func (volume) Close() error { return nil }

func (s shelf) Open(name string) (archive.File, error) {
	b, err := s.Read(name)
	return volume{bytes.NewReader(b)}, err
}

func (s shelf) List(prefix string) ([]string, error) {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(s)), func(name string) bool { return !strings.HasPrefix(name, prefix) }), nil
}
