package audit

import (
	"context"
	"errors"
	"fmt"
	"os"

	"rollcall/reports/archive"
)

// DuckDB answers in this process, from copies whose bytes were checked. A rollcall
// built without cgo has none, and says how to get it.
type DuckDB struct {
	// Temp is where the files that a question needs are copied to; empty: the
	// system's folder.
	Temp string
	// Tell, when not nil, is told how many files were checked.
	Tell func(what string, done, all int)
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
	copies, err := fetch(ctx, store, dir, q.Files, telling(e.Tell, "files"))
	if err != nil {
		return nil, err
	}
	return ask(ctx, dir, copies, q.SQL, q.Values)
}
