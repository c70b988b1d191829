//go:build cgo

package evidence

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"rollcall/reports/archive"
)

// memory is a store in memory: a quarter's nights in a second, where a folder syncs each
// of a thousand files.
type memory struct {
	mu    sync.Mutex
	files map[string][]byte
}

func newMemory() *memory { return &memory{files: map[string][]byte{}} }

func (m *memory) Create(name string, b []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, taken := m.files[name]; taken {
		return fmt.Errorf("create %s: %w", name, fs.ErrExist)
	}
	m.files[name] = slices.Clone(b)
	return nil
}

func (m *memory) Stream(name string, fill func(io.Writer) error) error {
	var b bytes.Buffer
	if err := fill(&b); err != nil {
		return err
	}
	return m.Create(name, b.Bytes())
}

func (m *memory) Read(name string) ([]byte, error) {
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

func (m *memory) Open(name string) (archive.File, error) {
	b, err := m.Read(name)
	return content{bytes.NewReader(b)}, err
}

func (m *memory) List(prefix string) (names []string, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for name := range m.files {
		if strings.HasPrefix(name, prefix) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names, nil
}
