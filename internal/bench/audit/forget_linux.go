package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

const dontNeed = 4 // POSIX_FADV_DONTNEED

// forget makes the kernel drop what it has of the files in a folder, so that the next
// reader takes them from the disk. Of files in memory (tmpfs) it drops nothing.
func forget(dir string) error {
	return filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		if _, _, failed := syscall.Syscall6(syscall.SYS_FADVISE64, f.Fd(), 0, 0, dontNeed, 0, 0); failed != 0 {
			err = failed
		}
		return errors.Join(err, f.Close())
	})
}
