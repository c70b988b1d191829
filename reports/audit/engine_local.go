package audit

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"rollcall/reports/archive"
)

// DuckDB answers in this process, from copies whose bytes were checked. A rollcall
// built without cgo has none, and says how to get it.
type DuckDB struct {
	// Temp is where the files that a question needs are copied to; empty: the
	// system's folder.
	Temp string
}

// Answer implements Engine.
func (e DuckDB) Answer(ctx context.Context, store archive.Store, q Query) (_ *Answer, err error) {
	if errNoEngine != nil {
		return nil, errNoEngine
	}
	dir, err := os.MkdirTemp(e.Temp, "rollcall-audit-")
	if err != nil {
		return nil, fmt.Errorf("make a folder for copies: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	copies, err := fetch(ctx, store, dir, q.Files)
	if err != nil {
		return nil, err
	}
	return ask(ctx, dir, copies, q.SQL, q.Values)
}

// fetch copies the files into dir, laid out as in the archive, each table with one
// file more that has all columns and no rows, and gives them by table.
func fetch(ctx context.Context, store archive.Store, dir string, files []File) (map[string][]string, error) {
	copies := map[string][]string{}
	put := func(table, name string, fill func(*os.File) error) error {
		path := filepath.Join(dir, filepath.FromSlash(name))
		copies[table] = append(copies[table], path)
		return write(path, fill)
	}
	for _, table := range archive.TableNames() {
		name := table + "/date=1970-01-01/run=none/part-00000.parquet"
		if err := put(table, name, func(f *os.File) error { return archive.EmptyTable(table, f) }); err != nil {
			return nil, err
		}
	}
	for _, one := range files {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := put(one.Table, one.Path, func(f *os.File) error { return archive.CopyChecked(store, one.Entry, f) }); err != nil {
			return nil, err
		}
	}
	return copies, nil
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
