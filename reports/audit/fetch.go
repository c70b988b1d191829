package audit

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"rollcall/reports/archive"
)

// copied is one file on its way into the folder of copies.
type copied struct {
	path string
	fill func(*os.File) error
}

// fetch copies the files into their room, in a folder for each table and date, each table with one
// file more that has all columns and no rows, and gives them by table. (A folder for each
// run too, as in the archive, would take longer to make than the file to copy.) A file is hashed
// while it is copied, and the engine reads the copy: what happens to the archive
// between the check and the answer changes neither.
func fetch(ctx context.Context, store archive.Store, room room, files []File, tell func(done, all int)) (map[string][]string, error) {
	copies, all := map[string][]string{}, []copied{}
	put := func(table, name, dir string, fill func(*os.File) error) {
		path := filepath.Join(dir, filepath.FromSlash(name))
		copies[table] = append(copies[table], path)
		all = append(all, copied{path, fill})
	}
	for _, table := range archive.TableNames() {
		put(table, table+"/date=1970-01-01/none.parquet", room.of(archive.Entry{}), func(f *os.File) error { return archive.EmptyTable(table, f) })
	}
	for _, one := range files {
		put(one.Table, oneFolder(one.Path), room.of(one.Entry), func(f *os.File) error { return archive.CopyChecked(store, one.Entry, f) })
	}
	err := archive.InParallel(len(all), func(n int) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		return write(all[n].path, all[n].fill)
	}, func(done int) { tell(done, len(all)) })
	return copies, err
}

// oneFolder makes <table>/date=D/run=ID/part of an archive's path the file
// <table>/date=D/run=ID-part.
func oneFolder(name string) string {
	end := strings.LastIndex(name, "/")
	return name[:end] + "-" + name[end+1:]
}

func write(path string, fill func(*os.File) error) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(fill(f), f.Close())
}
