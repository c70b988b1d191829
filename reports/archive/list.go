package archive

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// List implements Store.
func (f Folder) List(prefix string) ([]string, error) {
	all, err := f.walk(prefix)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, isDraft), nil
}

// Drafts are the temporary files that a crash left behind. They may be deleted
// while no run is under way.
func (f Folder) Drafts() ([]string, error) {
	all, err := f.walk("")
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(name string) bool { return !isDraft(name) }), nil
}

func isDraft(name string) bool {
	return strings.HasPrefix(name[strings.LastIndexByte(name, '/')+1:], temporary)
}

// walk gives every name that begins with prefix. The archive as a whole may lie behind a
// link. A folder of it may not: what is behind it would be left out as if it were not
// there, or could be anything.
func (f Folder) walk(prefix string) ([]string, error) {
	var names []string
	root := f.root
	if real, err := filepath.EvalSymlinks(root); err == nil { // else the walk says what is wrong
		root = real
	}
	below := filepath.Join(root, filepath.FromSlash(prefix[:strings.LastIndexByte(prefix, '/')+1]))
	err := filepath.WalkDir(below, func(path string, entry fs.DirEntry, err error) error {
		if path == below && errors.Is(err, fs.ErrNotExist) && prefix != "" {
			return nil
		}
		if err != nil || entry.IsDir() {
			return err
		}
		if toFolder(path, entry) {
			return fmt.Errorf("%s is a link to a folder, so that what is there cannot be told apart from what was put there: move the folder itself to its place, then run: rollcall audit verify", path)
		}
		relative, err := filepath.Rel(root, path)
		if name := filepath.ToSlash(relative); strings.HasPrefix(name, prefix) {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", f.root, err)
	}
	slices.Sort(names)
	return names, nil
}

// toFolder reports whether an entry is a link to a folder.
func toFolder(path string, entry fs.DirEntry) bool {
	if entry.Type()&fs.ModeSymlink == 0 {
		return false
	}
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
