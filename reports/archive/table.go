package archive

import (
	"fmt"
	"io"
	"iter"
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/parquet-go/parquet-go"
)

const (
	// schemaVersion is raised when a column goes, moves or changes its meaning;
	// columns are added at the end (docs/adr/0009).
	schemaVersion = "1"
	// batch is how many rows are built at a time; rowGroup bounds what the
	// writer holds of a table and is what readers skip by.
	batch    = 1024
	rowGroup = 1 << 20
)

// sought are the columns by which rows are looked up: a filter tells readers which
// row groups cannot have a value.
var sought = map[string][]string{
	"identities": {"employee_id", "email"},
	"accounts":   {"account_id", "login", "employee_id"},
	"grants":     {"account_id", "employee_id", "entitlement_id"},
	"findings":   {"finding_id", "employee_id"},
	"actions":    {"employee_id", "account_id"},
}

func options(table string) []parquet.WriterOption {
	all := []parquet.WriterOption{
		parquet.Compression(&parquet.Zstd),
		parquet.DataPageStatistics(false), // the page index has them
		parquet.MaxRowsPerRowGroup(rowGroup),
		parquet.KeyValueMetadata("rollcall.schema", schemaVersion),
	}
	var filters []parquet.BloomFilterColumn
	for _, column := range sought[table] {
		filters = append(filters, parquet.SplitBlockFilter(10, column))
	}
	return append(all, parquet.BloomFilters(filters...))
}

// writeRows streams rows as one Parquet file and gives their number. Files
// without rows are whole files too.
func writeRows[T any](w io.Writer, table string, rows iter.Seq[T]) (int64, error) {
	out := parquet.NewGenericWriter[T](w, options(table)...)
	held := make([]T, 0, batch)
	total := int64(0)
	flush := func() error {
		n, err := out.Write(held)
		total, held = total+int64(n), held[:0]
		return err
	}
	for row := range rows {
		if held = append(held, row); len(held) < batch {
			continue
		}
		if err := flush(); err != nil {
			return total, err
		}
	}
	if err := flush(); err != nil {
		return total, err
	}
	return total, out.Close()
}

// readable mends text that is not UTF-8 in a row: Parquet text must be, and one
// bad byte from a vendor would make a whole table unreadable for DuckDB.
func readable[T any](rows iter.Seq[T]) iter.Seq[T] {
	return func(yield func(T) bool) {
		for row := range rows {
			mend(reflect.ValueOf(&row).Elem())
			if !yield(row) {
				return
			}
		}
	}
}

func mend(row reflect.Value) {
	for i := range row.NumField() {
		if f := row.Field(i); f.Kind() == reflect.String && !utf8.ValidString(f.String()) {
			f.SetString(text(f.String()))
		}
	}
}

// text gives s as valid UTF-8.
func text[S ~string](s S) string { return strings.ToValidUTF8(string(s), "\uFFFD") }

// put writes one table of the run.
func put[T any](s *Snapshot, table string, rows iter.Seq[T]) error {
	return s.putTable(table, func(w io.Writer) (int64, error) { return writeRows(w, table, rows) })
}

func (s *Snapshot) putTable(table string, fill func(io.Writer) (rows int64, err error)) error {
	name := fmt.Sprintf("%s/date=%s/run=%s/part-00000.parquet", table, s.date, s.run.ID)
	return s.write(name, func(w io.Writer) (*int64, error) {
		n, err := fill(w)
		return &n, err
	})
}
