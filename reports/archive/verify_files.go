package archive

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/parquet-go/parquet-go"
)

// file checks one listed file. It is opened once: in S3 that fetches it.
func (v *verifier) file(e Entry) {
	by := v.writer[e.Path]
	if x := v.gone.of(e.Path); x != nil {
		if !v.there[e.Path] {
			return
		}
		v.left(x)
	}
	v.report.Files++
	night := strings.HasPrefix(e.Path, "runs/") && by.owns(e.Path, "runs") && by.looked()
	f, err := v.store.Open(e.Path)
	if err != nil && night { // that it was is proven all the same
		v.nights = append(v.nights, by.CreatedAt)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		v.fault(e.Path, "is missing", by)
		return
	case err != nil:
		v.fault(e.Path, "cannot be read: "+err.Error(), by)
		return
	}
	same := v.content(e, f, by)
	switch {
	case night && same:
		v.began(f, by)
	case night: // what it says now counts for nothing; that the run was is proven all the same
		v.nights = append(v.nights, by.CreatedAt)
	}
	if err := f.Close(); err != nil {
		v.fault(e.Path, "cannot be read: "+err.Error(), by)
	}
}

// content reports whether a file is as its run wrote it.
func (v *verifier) content(e Entry, f File, by *head) bool {
	size, sum, err := measured(f)
	switch {
	case err != nil:
		v.fault(e.Path, "cannot be read: "+err.Error(), by)
	case size != e.Size:
		v.fault(e.Path, fmt.Sprintf("has %d bytes and had %d: it was altered", size, e.Size), by)
	case sum != e.SHA256:
		v.fault(e.Path, "was altered: its SHA-256 is "+sum+" and was "+e.SHA256, by)
	default:
		v.report.Bytes += size
		v.rows(e, f, by)
		return true
	}
	return false
}

// rows checks that a table has the rows that the run counted when it wrote it.
func (v *verifier) rows(e Entry, f File, by *head) {
	if e.Rows == nil {
		if strings.HasSuffix(e.Path, ".parquet") {
			v.fault(e.Path, "is listed without a number of rows", by)
		}
		return
	}
	n, err := rowsIn(f)
	switch {
	case err != nil:
		v.fault(e.Path, "is not a readable table: "+err.Error(), by)
	case n != *e.Rows:
		v.fault(e.Path, fmt.Sprintf("has %d rows, and the run counted %d", n, *e.Rows), by)
	default:
		v.report.Rows += n
	}
}

func countRows(store Store, name string) (n int64, err error) {
	f, err := store.Open(name)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return rowsIn(f)
}

func rowsIn(f File) (int64, error) {
	table, err := openParquet(f, f.Size(), parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return 0, err
	}
	return table.NumRows(), nil
}
