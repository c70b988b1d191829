package audit

import (
	"context"
	"errors"

	"rollcall/reports/archive"
)

// DuckDB answers in this process, from copies whose bytes were checked. A rollcall
// built without cgo has none, and says how to get it.
type DuckDB struct {
	// Temp is where the files that a question needs are copied to; empty: the
	// system's folder, and memory for small ones.
	Temp string
	// Tell, when not nil, is told how many files were checked.
	Tell func(what string, done, all int)
}

// Answer implements Engine.
func (e DuckDB) Answer(ctx context.Context, store archive.Store, q Query) (_ *Answer, err error) {
	if errNoEngine != nil {
		return nil, errNoEngine
	}
	copies, err := newRoom(e.Temp, q.Files)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, copies.clear()) }()
	paths, err := fetch(ctx, store, copies, q.Files, telling(e.Tell, "files"))
	if err != nil {
		return nil, err
	}
	return ask(ctx, copies.disk, paths, q.SQL, q.Values)
}
