package archive

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"rollcall/internal/wholefile"
)

// Store keeps bytes under names, for ever: what is there is never changed and
// never replaced. Names are relative slash paths.
type Store interface {
	// Create writes b durably under a name that is free. A taken name is an
	// error that wraps fs.ErrExist, also when two callers race for it.
	Create(name string, b []byte) error
	// Stream is Create for what does not fit in memory. When fill fails,
	// nothing exists under the name.
	Stream(name string, fill func(io.Writer) error) error
	// Read gives the whole content; a name that is not there is an error that
	// wraps fs.ErrNotExist.
	Read(name string) ([]byte, error)
	// Open is Read for what does not fit in memory.
	Open(name string) (File, error)
	// List gives the names that begin with prefix, sorted as text.
	List(prefix string) ([]string, error)
}

// File is stored content, open for reading.
type File interface {
	io.ReaderAt
	io.Closer
	Size() int64
}

// Folder is a Store in one folder of a local file system that has hard links.
type Folder struct{ root string }

// temporary begins the names of files that are still being written. They have
// no standing, and List does not show them.
const temporary = ".tmp-"

// NewFolder is the store in the folder root, which must exist.
func NewFolder(root string) Folder { return Folder{root} }

// Create implements Store.
func (f Folder) Create(name string, b []byte) error {
	return f.Stream(name, func(w io.Writer) error {
		_, err := io.Copy(w, bytes.NewReader(b))
		return err
	})
}

// Stream implements Store. The content is synced under a temporary name in the
// same folder and then linked, since link(2) is the one call that cannot
// overwrite; the folder is synced last, so that the name survives a crash too.
func (f Folder) Stream(name string, fill func(io.Writer) error) error {
	target, err := f.path(name)
	if err != nil {
		return err
	}
	if _, err := os.Lstat(target); err == nil {
		return &fs.PathError{Op: "create", Path: name, Err: fs.ErrExist}
	}
	folder := filepath.Dir(target)
	if err := makeFolder(folder); err != nil {
		return err
	}
	draft, err := writeDraft(folder, fill)
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	linked := os.Link(draft, target)
	// A draft that stays behind has no standing, so this error may be ignored.
	_ = os.Remove(draft)
	if linked != nil {
		return fmt.Errorf("create %s: %w", name, linked)
	}
	return wholefile.SyncFolder(folder)
}

// writeDraft writes a synced temporary file and gives its path.
func writeDraft(folder string, fill func(io.Writer) error) (string, error) {
	draft, err := os.CreateTemp(folder, temporary+"*")
	if err != nil {
		return "", err
	}
	w := bufio.NewWriterSize(draft, 64<<10)
	err = fill(w)
	if err == nil {
		err = w.Flush()
	}
	if err == nil {
		err = draft.Chmod(0o640)
	}
	if err == nil {
		err = draft.Sync()
	}
	if err = errors.Join(err, draft.Close()); err != nil {
		_ = os.Remove(draft.Name()) // has no standing either way
		return "", err
	}
	return draft.Name(), nil
}

// LargestRead is the most that is read into memory at once, from whichever store: the
// tables of tens of millions of grants are a tenth of it.
const LargestRead = 4 << 30

// LargestRecord is the most of a manifest, which lists each file of a run in 150 bytes, of
// its signature, and of a record: they are read before anything vouches for them.
const LargestRecord = 256 << 20

// Largest is the most that is read at once of what has a name.
func Largest(name string) int64 {
	switch folder, _, _ := strings.Cut(name, "/"); folder {
	case "manifests", "journal", "outbox", "spent":
		return LargestRecord
	}
	return LargestRead
}

// TooLarge is how a store refuses what is larger than anything that rollcall writes.
func TooLarge(name string, size int64) error {
	return fmt.Errorf("%s is %d bytes large, and nothing that rollcall wrote is: run: rollcall audit verify", name, size)
}

// Read implements Store.
func (f Folder) Read(name string) ([]byte, error) {
	opened, size, err := f.open(name)
	if err != nil {
		return nil, err
	}
	defer opened.Close()
	if size > Largest(name) {
		return nil, TooLarge(name, size)
	}
	b := make([]byte, size)
	if _, err := io.ReadFull(opened, b); err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return b, nil
}

// Open implements Store.
func (f Folder) Open(name string) (File, error) {
	opened, size, err := f.open(name)
	if err != nil {
		return nil, err
	}
	return folderFile{opened, size}, nil
}

// open opens a file, and nothing else that may lie under a name.
func (f Folder) open(name string) (*os.File, int64, error) {
	path, err := f.path(name)
	if err != nil {
		return nil, 0, err
	}
	opened, info, err := OpenFile(path)
	if errors.Is(err, ErrNoFile) {
		return nil, 0, fmt.Errorf("%s is no file (%s): somebody put it there; run: rollcall audit verify", name, info.Mode().Type())
	}
	if err != nil {
		return nil, 0, err
	}
	return opened, info.Size(), nil
}

// ErrNoFile is of what lies under a name and is no file.
var ErrNoFile = errors.New("it is a folder, a pipe or a device, and no file")

// OpenFile opens a file to read it, and nothing else: for a pipe or a device a night would
// wait for ever. What was opened is looked at, so that nothing can take its place between.
func OpenFile(path string) (*os.File, fs.FileInfo, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0) // a pipe without a writer would hold up even this
	if err != nil {
		return nil, nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = &fs.PathError{Op: "read", Path: path, Err: ErrNoFile}
	}
	if err != nil {
		_ = f.Close() // nothing was read
		return nil, info, err
	}
	return f, info, nil
}

type folderFile struct {
	*os.File
	size int64
}

func (f folderFile) Size() int64 { return f.size }

// CheckName refuses what is no name in an archive: every store keeps all names
// inside its root.
func CheckName(name string) error {
	if !fs.ValidPath(name) || name == "." || strings.ContainsAny(name, "\\\x00") {
		return fmt.Errorf("%q is not a name in an archive", name)
	}
	return nil
}

func (f Folder) path(name string) (string, error) {
	if err := CheckName(name); err != nil {
		return "", err
	}
	return filepath.Join(f.root, filepath.FromSlash(name)), nil
}

// makeFolder makes a folder and those above it, each durably in its parent.
func makeFolder(path string) error {
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	parent := filepath.Dir(path)
	if err := makeFolder(parent); err != nil {
		return err
	}
	if err := os.Mkdir(path, 0o750); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return wholefile.SyncFolder(parent)
}

// Erase implements Eraser. Folders that are empty afterwards go too.
func (f Folder) Erase(name string) error {
	path, err := f.path(name)
	if err != nil {
		return err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("delete %s: %w", name, err)
	}
	folder := filepath.Dir(path)
	for root := filepath.Clean(f.root); folder != root && os.Remove(folder) == nil; { // one that is not empty stays
		folder = filepath.Dir(folder)
	}
	if err := wholefile.SyncFolder(folder); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("delete %s: %w", name, err)
	}
	return nil
}

// Changed is when a file was changed last, as its file system has it. Of one that is
// missing it is when something went from its folder, where only one run writes to that.
func (f Folder) Changed(name string) (time.Time, bool) {
	path, err := f.path(name)
	if err != nil {
		return time.Time{}, false
	}
	if info, err := os.Lstat(path); err == nil {
		return info.ModTime(), true
	}
	folder := filepath.Dir(path)
	info, err := os.Stat(folder)
	if err != nil || !strings.HasPrefix(filepath.Base(folder), "run=") {
		return time.Time{}, false
	}
	return info.ModTime(), true
}
