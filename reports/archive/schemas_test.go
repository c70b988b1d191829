package archive

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
)

// testdata/schemas has a whole archive of each schema that was ever released, written
// by the rollcall of then: 1 is of before docs/adr/0009, 2 and 3 of before
// all was there that recalling a run without reading the systems takes, 4 of before the
// systems' own events, 5 of before who signed a worksheet.
var update = flag.Bool("update", false, "when columns were added: write an archive with them, as one schema more, into testdata/schemas")

const schemas = "testdata/schemas"

// recallable is the first schema that LastRun promises to recall.
const recallable = 4

func TestArchivesOfEveryReleasedSchemaAreVerifiedAndReadBack(t *testing.T) {
	for n := 1; n <= newestSchema(t); n++ {
		t.Run(strconv.Itoa(n), func(t *testing.T) {
			root := filepath.Join(schemas, strconv.Itoa(n))
			if report := mustVerify(t, root); report.Rows == 0 {
				t.Error("no row was verified")
			}
			m, err := New(NewFolder(root), testKey).Memory(decodeRoster)
			if err != nil {
				t.Fatal(err)
			}
			if len(m.GrantsSeen) != 6 || len(m.Accepted) != 1 || len(m.InForce["employees"]) != 2 || m.Previous == "" {
				t.Errorf("it remembers %d grants, %d lists, %d people, run %q", len(m.GrantsSeen), len(m.Accepted), len(m.InForce["employees"]), m.Previous)
			}
			last, err := New(NewFolder(root), testKey).LastRun()
			if n < recallable {
				if err == nil || !strings.Contains(err.Error(), "written by another version of rollcall") {
					t.Errorf("what it does not hold is recalled as if it did: %v", err)
				}
				return
			}
			if err != nil || len(last.Systems) != 2 || len(last.Systems[1].Grants) != 4 || last.Run.ID != runID(1) {
				t.Errorf("it recalls %d systems of run %q: %v", len(last.Systems), last.Run.ID, err)
			}
		})
	}
}

func TestColumnsWereOnlyEverAddedAtTheEnd(t *testing.T) {
	newest := newestSchema(t)
	for n := 1; n < newest; n++ {
		next := columnsOf(t, n+1)
		for table, columns := range columnsOf(t, n) {
			if len(next[table]) < len(columns) || !slices.Equal(columns, next[table][:len(columns)]) {
				t.Errorf("%s of schema %d is not what schema %d begins with: %v", table, n, n+1, next[table])
			}
		}
	}
}

// Whoever adds a column adds an archive that has it, so that it stays readable.
func TestTheNewestSchemaHasTodaysColumns(t *testing.T) {
	newest := newestSchema(t)
	stale := ""
	was := columnsOf(t, newest)
	for _, table := range TableNames() {
		if now := columnsToday(t, table); !slices.Equal(was[table], now) {
			stale = fmt.Sprintf("%s has the columns %v today, and %v in %s/%d", table, now, was[table], schemas, newest)
		}
	}
	if stale == "" {
		return
	}
	if !*update {
		t.Fatalf("%s: run go test ./reports/archive -run TheNewestSchema -args -update, which writes %s/%d, and commit that folder", stale, schemas, newest+1)
	}
	if err := os.CopyFS(filepath.Join(schemas, strconv.Itoa(newest+1)), os.DirFS(campaignBetween(t, false))); err != nil {
		t.Fatal(err)
	}
}

func newestSchema(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir(schemas)
	if err != nil || len(entries) == 0 {
		t.Fatalf("there are no archives of older schemas: %v", err)
	}
	return len(entries)
}

// columnsOf gives the columns of each table that an archive of a schema has.
func columnsOf(t *testing.T, schema int) map[string][]string {
	t.Helper()
	root := filepath.Join(schemas, strconv.Itoa(schema))
	all := map[string][]string{}
	files, err := filepath.Glob(filepath.Join(root, "*", "*", "*", "*.parquet"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s has no tables: %v", root, err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		relative, err := filepath.Rel(root, file)
		if err != nil {
			t.Fatal(err)
		}
		table, _, _ := strings.Cut(filepath.ToSlash(relative), "/")
		all[table] = columnNames(t, b)
	}
	return all
}

func columnsToday(t *testing.T, table string) []string {
	t.Helper()
	var b bytes.Buffer
	if err := EmptyTable(table, &b); err != nil {
		t.Fatal(err)
	}
	return columnNames(t, b.Bytes())
}

func columnNames(t *testing.T, b []byte) (names []string) {
	t.Helper()
	f, err := parquet.OpenFile(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	for _, column := range f.Schema().Columns() {
		names = append(names, strings.Join(column, "."))
	}
	return names
}
