package storetest

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"

	"rollcall/reports/archive"
)

// Memory is a store that lives as long as the test: a quarter's nights in a second, where
// a folder syncs each of a thousand files. The zero one is empty.
type Memory struct {
	mu    sync.Mutex
	files map[string][]byte
}

// Create keeps a copy of b.
func (m *Memory) Create(name string, b []byte) error {
	if !fs.ValidPath(name) || name == "." || strings.ContainsAny(name, "\\\x00") {
		return fmt.Errorf("create %q: %w", name, fs.ErrInvalid)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, taken := m.files[name]; taken {
		return fmt.Errorf("create %s: %w", name, fs.ErrExist)
	}
	if m.files == nil {
		m.files = map[string][]byte{}
	}
	m.files[name] = bytes.Clone(b)
	return nil
}

// Stream holds all of it in memory meanwhile.
func (m *Memory) Stream(name string, fill func(io.Writer) error) error {
	var b bytes.Buffer
	if err := fill(&b); err != nil {
		return err
	}
	return m.Create(name, b.Bytes())
}

// Read gives the very bytes that are kept: whoever changes them changes the store.
func (m *Memory) Read(name string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	b, is := m.files[name]
	if !is {
		return nil, fmt.Errorf("read %s: %w", name, fs.ErrNotExist)
	}
	return b, nil
}

type content struct{ *bytes.Reader }

func (content) Close() error { return nil }

// Open is a view of what Read gives.
func (m *Memory) Open(name string) (archive.File, error) {
	b, err := m.Read(name)
	return content{bytes.NewReader(b)}, err
}

// All gives every name with the very bytes that are kept, once nobody writes any more.
func (m *Memory) All() iter.Seq2[string, []byte] { return maps.All(m.files) }

// List sorts what it gives.
func (m *Memory) List(prefix string) ([]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.DeleteFunc(slices.Sorted(maps.Keys(m.files)), func(name string) bool { return !strings.HasPrefix(name, prefix) }), nil
}
