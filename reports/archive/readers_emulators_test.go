//go:build emulators

package archive

import (
	"cmp"
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

// reader is what DuckDB's own package and pyarrow say of a table.
type reader struct {
	Rows            int64
	Duckdb, Pyarrow map[string]string // the type of each column
	Unindexed       []string          // what pyarrow cannot skip by
	Differ          int               // files of which they see different cells
	Filters         map[string]struct {
		Excluded int // files that the filter says do not have what nobody has
		Lost     int // values that are there, and that it says are not
	}
}

// Nobody needs rollcall to read what it wrote: two readers that share no code with it
// see every table, every column with its type, every cell, and what they can skip by.
func TestReadersThatAreNotOursSeeEveryTable(t *testing.T) {
	root := campaignBetween(t, true)
	python := cmp.Or(os.Getenv("ROLLCALL_PYTHON"), "python3")
	said, err := exec.Command(python, filepath.Join("testdata", "readers.py"), root).Output()
	if err != nil {
		t.Fatalf("%v (set ROLLCALL_PYTHON to a Python that has duckdb and pyarrow): %s", err, stderrOf(err))
	}
	var got map[string]reader
	if err := json.Unmarshal(said, &got); err != nil {
		t.Fatal(err)
	}
	if names := slices.Sorted(maps.Keys(got)); !slices.Equal(names, TableNames()) {
		t.Errorf("the archive has the tables %v, want all of %v", names, TableNames())
	}
	listed := rowsListed(t, root)
	for table, r := range got {
		if r.Rows == 0 || r.Rows != listed[table] {
			t.Errorf("%s: %d rows, and the manifests list %d", table, r.Rows, listed[table])
		}
		if len(r.Unindexed) > 0 || r.Differ > 0 {
			t.Errorf("%s: without page index or statistics %v; %d files in which the two see different cells", table, r.Unindexed, r.Differ)
		}
		duckdb, pyarrow := typesOf(t, table)
		if diff := gocmp.Diff(duckdb, r.Duckdb); diff != "" {
			t.Errorf("%s in DuckDB: %s", table, diff)
		}
		if diff := gocmp.Diff(pyarrow, r.Pyarrow); diff != "" {
			t.Errorf("%s in pyarrow: %s", table, diff)
		}
		if filters := slices.Sorted(maps.Keys(r.Filters)); !slices.Equal(filters, slices.Sorted(slices.Values(sought[table]))) {
			t.Errorf("%s has filters on %v, want %v", table, filters, sought[table])
		}
		for column, f := range r.Filters {
			if f.Excluded == 0 || f.Lost > 0 {
				t.Errorf("the filter on %s.%s excludes nothing, or %d values that are there", table, column, f.Lost)
			}
		}
	}
}

// typesOf gives the columns of a table with their types as the contract has them.
func typesOf(t *testing.T, table string) (duckdb, pyarrow map[string]string) {
	t.Helper()
	arrow := map[string]string{"VARCHAR": "string", "BOOLEAN": "bool", "BIGINT": "int64", "DATE": "date32[day]", "TIMESTAMP WITH TIME ZONE": "timestamp[ms, tz=UTC]"}
	duckdb, pyarrow = map[string]string{}, map[string]string{}
	for _, column := range columnsToday(t, table) {
		duckdb[column] = duckType(table, column)
		pyarrow[column] = arrow[duckdb[column]]
	}
	return duckdb, pyarrow
}

func rowsListed(t *testing.T, root string) map[string]int64 {
	t.Helper()
	runs, err := Committed(NewFolder(root), testPub)
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]int64{}
	for _, r := range runs {
		for _, f := range r.Tables {
			rows[f.Table] += *f.Rows
		}
	}
	return rows
}

func stderrOf(err error) string {
	if exit, ok := err.(*exec.ExitError); ok {
		return strings.TrimSpace(string(exit.Stderr))
	}
	return ""
}
