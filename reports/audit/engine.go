package audit

import (
	"context"

	"rollcall/reports/archive"
)

// Engine answers a SELECT. Engines differ in where they read and in what they can
// vouch for, never in what a query means.
type Engine interface {
	// Answer gives columns and rows, how the files were checked, and what else is to
	// be said of how it came about. Which runs they are of is filled in by the caller.
	Answer(ctx context.Context, store archive.Store, q Query) (*Answer, error)
}

// Query is one SELECT over the tables of an archive.
type Query struct {
	SQL    string
	Values map[string]string // of the parameters, :name in the SQL; nil: somebody's own query, which has none
	Files  []File            // what counts of each table, sorted by path; all else is as if it were not there
}

// File is one file that an answer rests on.
type File struct {
	archive.TableFile
	Run archive.CommittedRun
}
