// Package wholefile writes files and folders. What takes the place of another file, and a
// folder, is there whole or not at all, also when the machine stops. It must never change
// what is in them. Its one invariant: no half of a file takes the place of a whole one.
package wholefile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
)

// Put writes a file in the place of one that may be there: temporary name, sync, rename.
// Whoever has written all files of a folder may sync it (SyncFolder).
func Put(path string, b []byte, perm fs.FileMode) error {
	folder := filepath.Dir(path)
	if err := os.MkdirAll(folder, 0o750); err != nil {
		return err
	}
	draft, err := os.CreateTemp(folder, ".rollcall-*")
	if err != nil {
		return err
	}
	defer os.Remove(draft.Name()) // after the rename there is nothing to remove
	_, err = draft.Write(b)
	if err = errors.Join(err, draft.Chmod(perm), draft.Sync(), draft.Close()); err != nil {
		return err
	}
	return os.Rename(draft.Name(), path)
}

// New writes a file that is not there yet, else the error is fs.ErrExist. One that cannot be
// written to its end is taken away again; of one whose writer is killed the half may be there.
func New(path string, b []byte, perm fs.FileMode) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, perm)
	if err != nil {
		return err
	}
	_, err = file.Write(b)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}

// NewFolder lets a folder be filled under a name of its own, which begins with a dot, and
// names it when all is written. Nobody but the owner may look into it.
func NewFolder(dir string, fill func(draft string) error) (err error) {
	parent, name := filepath.Dir(filepath.Clean(dir)), filepath.Base(dir)
	if err := os.MkdirAll(parent, 0o700); err != nil {
		return fmt.Errorf("make the folder around %s: %w", name, err)
	}
	draft, err := os.MkdirTemp(parent, "."+name+".partial-")
	if err != nil {
		return fmt.Errorf("make a folder for %s: %w", name, err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(draft)) }() // it is gone when all went well
	if err := errors.Join(fill(draft), syncAll(draft)); err != nil {
		return err
	}
	if err := os.Rename(draft, dir); err != nil {
		return fmt.Errorf("name %s: %w", name, err)
	}
	return SyncFolder(parent)
}

func syncAll(dir string) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		return SyncFolder(path)
	})
}

// SyncFolder makes durable which files a folder has. Windows, some shares and some file
// systems have no sync of folders (https://man7.org/linux/man-pages/man2/fsync.2.html, EINVAL);
// what was written is there all the same.
func SyncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	err = folder.Sync()
	if runtime.GOOS == "windows" || errors.Is(err, syscall.EINVAL) {
		err = nil
	}
	return errors.Join(err, folder.Close())
}
