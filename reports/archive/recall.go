package archive

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/parquet-go/parquet-go"

	"rollcall/internal/access"
)

// eachRow gives every row of one table of the head's run. T names the columns that
// are needed, and no others are read.
func eachRow[T any](a *Archive, h head, table string, row func(T)) error {
	return eachGroup[T](a, h, table, func(_ *parquet.File, group parquet.RowGroup) error {
		return someRows(group, 0, group.NumRows(), row)
	})
}

// eachRowOf is eachRow for the rows about these employees, by id alone: who has
// the same id in another list is given too.
func eachRowOf[T any](a *Archive, h head, table string, ids []string, row func(T)) error {
	return eachGroup[T](a, h, table, func(file *parquet.File, group parquet.RowGroup) error {
		column, err := textOf(file, group, "employee_id")
		if err != nil {
			return err
		}
		for from, to := range column.runs(ids) {
			if err := someRows(group, from, to, row); err != nil {
				return err
			}
		}
		return nil
	})
}

// eachRowAbout is eachRow for the rows about these people.
func eachRowAbout[T any](a *Archive, h head, table string, people []access.PersonKey, of func(*T) (source, id string), row func(*T)) error {
	ids := []string{}
	for _, k := range people {
		ids = append(ids, string(k.EmployeeID))
	}
	return eachRowOf(a, h, table, ids, func(r T) {
		if slices.Contains(people, personKey(of(&r))) {
			row(&r)
		}
	})
}

// eachGroup gives the parts of the files of eachFile, one after another.
func eachGroup[T any](a *Archive, h head, table string, read func(*parquet.File, parquet.RowGroup) error) error {
	return eachFile[T](a, h, table, func(file *parquet.File) error {
		for _, group := range file.RowGroups() {
			if err := read(file, group); err != nil {
				return err
			}
		}
		return nil
	})
}

// eachFile opens the files of one table of the head's run. One that lacks a column
// of T is an error: what it would have said must not be read as no.
func eachFile[T any](a *Archive, h head, table string, read func(*parquet.File) error) error {
	found := false
	for _, f := range h.Files {
		if !h.owns(f.Path, table) {
			continue
		}
		found = true
		b, err := a.proven(h, f.Path)
		if err != nil {
			return err
		}
		file, err := openTable[T](b)
		if err == nil {
			err = read(file)
		}
		if err != nil {
			return fmt.Errorf("read %s: %w", f.Path, err)
		}
	}
	if !found {
		return fmt.Errorf("%s lists no table %s; run: rollcall audit verify", manifestName(h.Sequence), table)
	}
	return nil
}

// OlderError says that a table lacks what this rollcall needs of it, as another one
// wrote it.
type OlderError struct{ Schema, Lacks string }

func (e *OlderError) Error() string {
	return fmt.Sprintf("it was written by another version of rollcall (schema %q, this one knows %s; column %q); from its next night on this one can read what it wrote", e.Schema, schemaVersion, e.Lacks)
}

// openParquet is parquet.OpenFile for what may be anybody's: of some files that were
// altered parquet-go panics or takes gigabytes, and one of them must not end a night or a
// verification.
func openParquet(r io.ReaderAt, size int64, options ...parquet.FileOption) (file *parquet.File, err error) {
	defer func() {
		if p := recover(); p != nil {
			file, err = nil, fmt.Errorf("its index cannot be right: %v", p)
		}
	}()
	if err := footerClaims(r, size); err != nil {
		return nil, err
	}
	return parquet.OpenFile(r, size, options...)
}

// openWithPages takes the indexes of pages in too, once they are known to be there.
func openWithPages(b []byte) (*parquet.File, error) {
	r, size := bytes.NewReader(b), int64(len(b))
	file, err := openParquet(r, size, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err == nil {
		err = pageClaims(r, size, file)
	}
	if err == nil {
		err = takePages(file)
	}
	if err != nil {
		return nil, err
	}
	return file, nil
}

// takePages takes in where the pages are: the file keeps it, and a row is then found
// without those before it.
func takePages(file *parquet.File) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("its index cannot be right: %v", p)
		}
	}()
	for _, group := range file.RowGroups() {
		for _, c := range group.ColumnChunks() {
			if _, err := c.OffsetIndex(); err != nil && !errors.Is(err, parquet.ErrMissingOffsetIndex) {
				return err
			}
		}
	}
	return nil
}

func openTable[T any](b []byte) (*parquet.File, error) {
	file, err := openWithPages(b)
	if err != nil {
		return nil, err
	}
	version, _ := file.Lookup("rollcall.schema")
	if lacks := columnsLacking[T](file); version != schemaVersion || lacks != "" {
		return nil, &OlderError{version, lacks}
	}
	return file, nil
}

// someRows gives the rows from one number to before another.
func someRows[T any](group parquet.RowGroup, from, to int64, row func(T)) error {
	rows := parquet.NewGenericRowGroupReader[T](group)
	defer rows.Close()
	if from > 0 {
		if err := rows.SeekToRow(from); err != nil {
			return err
		}
	}
	some := make([]T, min(batch, to-from))
	for from < to {
		n, err := rows.Read(some[:min(int64(len(some)), to-from)])
		for _, one := range some[:n] {
			row(one)
		}
		if from += int64(n); from < to && err != nil {
			return err
		}
	}
	return nil
}

// newest are columns that the files of older rollcalls lack, which went by their zero
// wherever they read themselves back.
var newest = map[string]bool{"denies": true}

// columnsLacking names the first column of T that a file does not have, or "".
func columnsLacking[T any](file *parquet.File) string {
	for _, c := range parquet.SchemaOf(new(T)).Columns() {
		if _, has := file.Schema().Lookup(c...); !has && !newest[strings.Join(c, ".")] {
			return strings.Join(c, ".")
		}
	}
	return ""
}
