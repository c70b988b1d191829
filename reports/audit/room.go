package audit

import (
	"errors"
	"fmt"
	"os"

	"rollcall/reports/archive"
)

// room is where the copies lie that an answer is read from: large ones where the system
// keeps temporary files, small ones in memory where the system has files there. To make
// and to delete a thousand files on a disk takes longer than to ask them.
type room struct {
	disk   string
	memory string // empty: everything lies on the disk
}

// A file is small up to 64 KiB: most nights' actions are 15. So many bytes of them lie in
// memory at the most: all actions of six years.
const (
	smallFile   = 64 << 10
	smallInHand = 32 << 20
)

// newRoom makes a folder below temp (empty: the system's folder), and one in memory for
// those of the files that are small.
func newRoom(temp string, files []File) (r room, err error) {
	r.disk, err = os.MkdirTemp(temp, "rollcall-audit-")
	if err != nil {
		return r, fmt.Errorf("make a folder for copies: %w", err)
	}
	small := int64(0)
	for _, f := range files {
		if f.Size <= smallFile {
			small += f.Size + 4096 // what a file takes besides
		}
	}
	if parent := inMemory(4 * small); temp == "" && small <= smallInHand && parent != "" {
		if dir, err := os.MkdirTemp(parent, "rollcall-audit-"); err == nil { // where it may not be made, the disk serves
			r.memory = dir
		}
	}
	return r, nil
}

// of is the folder for a file of the archive.
func (r room) of(f archive.Entry) string {
	if r.memory != "" && f.Size <= smallFile {
		return r.memory
	}
	return r.disk
}

func (r room) clear() error {
	err := os.RemoveAll(r.disk)
	if r.memory != "" {
		err = errors.Join(err, os.RemoveAll(r.memory))
	}
	return err
}
