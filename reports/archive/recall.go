package archive

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/parquet-go/parquet-go"
)

// eachRow gives every row of one table of the head's run. T names the columns that
// are needed, and no others are read.
func eachRow[T any](a *Archive, h head, table string, row func(T)) error {
	return eachRowOf(a, h, table, nil, row)
}

// eachRowOf is eachRow without such parts of the table as can hold none of these
// people. Others than them are given too.
func eachRowOf[T any](a *Archive, h head, table string, people []string, row func(T)) error {
	found := false
	for _, f := range h.Files {
		if !strings.HasPrefix(f.Path, table+"/") || !strings.Contains(f.Path, "/run="+string(h.RunID)+"/") {
			continue
		}
		found = true
		b, err := a.proven(h, f.Path)
		if err != nil {
			return err
		}
		if err := rowsIn(b, people, row); err != nil {
			return fmt.Errorf("read %s: %w", f.Path, err)
		}
	}
	if !found {
		return fmt.Errorf("%s lists no table %s; run: rollcall audit verify", manifestName(h.Sequence), table)
	}
	return nil
}

func rowsIn[T any](b []byte, people []string, row func(T)) error {
	file, err := parquet.OpenFile(bytes.NewReader(b), int64(len(b)), parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return err
	}
	version, _ := file.Lookup("rollcall.schema")
	if lacks := columnsLacking[T](file); version != schemaVersion || lacks != "" {
		return fmt.Errorf("it was written by another version of rollcall (schema %q, this one knows %s; column %q); after its next night this one can read it", version, schemaVersion, lacks)
	}
	some := make([]T, batch)
	for _, group := range file.RowGroups() {
		if people != nil && !mayHold(file, group, people) {
			continue
		}
		if err := rowsOfGroup(group, some, row); err != nil {
			return err
		}
	}
	return nil
}

func rowsOfGroup[T any](group parquet.RowGroup, some []T, row func(T)) error {
	rows := parquet.NewGenericRowGroupReader[T](group)
	defer rows.Close()
	for {
		n, err := rows.Read(some)
		for _, one := range some[:n] {
			row(one)
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// mayHold reports whether a row group may have a row of one of these people, by
// the bounds that it gives of its employee ids. Without bounds it may.
func mayHold(file *parquet.File, group parquet.RowGroup, people []string) bool {
	leaf, ok := file.Schema().Lookup("employee_id")
	if !ok {
		return true
	}
	chunk, ok := group.ColumnChunks()[leaf.ColumnIndex].(*parquet.FileColumnChunk)
	if !ok {
		return true
	}
	least, most, ok := chunk.Bounds()
	if !ok {
		return true
	}
	for _, id := range people {
		if least.String() <= id && id <= most.String() {
			return true
		}
	}
	return false
}

// columnsLacking names the first column of T that a file does not have, or "": what
// it would have said must not be read as no.
func columnsLacking[T any](file *parquet.File) string {
	for _, c := range parquet.SchemaOf(new(T)).Columns() {
		if _, has := file.Schema().Lookup(c...); !has {
			return strings.Join(c, ".")
		}
	}
	return ""
}
