package archive

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"

	"rollcall/internal/access"
)

// severalSystems is a night whose grants take many row groups of a few rows.
func severalSystems() *access.Night {
	n := fixtureNight(1)
	for s := range n.Systems {
		j := &n.Systems[s]
		for i := range 40 {
			account, key := j.Accounts[0], access.PersonKey{Source: "employees", EmployeeID: access.EmployeeID(string(rune('a' + i*7%26)))}
			account.ID += access.AccountID(strings.Repeat("x", i+1))
			j.Accounts, j.Matches = append(j.Accounts, account), append(j.Matches, access.Match{Person: key})
			for g := range 1 + i%5 {
				j.Grants = append(j.Grants, access.Grant{Account: uint32(len(j.Accounts) - 1), Entitlement: uint32(g % len(j.Entitlements)), LastUsed: uint32(g)})
				j.Verdicts = append(j.Verdicts, access.Verdict{By: int32(g % 3)})
				if j.Seen != nil {
					j.Seen = append(j.Seen, uint16(g))
				}
			}
		}
	}
	return n
}

func writtenIn(t *testing.T, n *access.Night, size int) []byte {
	t.Helper()
	var b bytes.Buffer
	if _, err := writeGrants(&b, n, size); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestRowGroupsAreOfOneSystemWithEachAccountWholeAndTheSameRowsInWhateverSize(t *testing.T) {
	n := severalSystems()
	read := func(b []byte) []GrantRow {
		rows, err := parquet.Read[GrantRow](bytes.NewReader(b), int64(len(b)))
		if err != nil {
			t.Fatal(err)
		}
		return rows
	}
	want := read(writtenIn(t, n, rowGroup))
	for size := 1; size < 60; size += 19 {
		b := writtenIn(t, n, size)
		if !bytes.Equal(b, writtenIn(t, n, size)) {
			t.Errorf("size %d: the same night is not the same bytes", size)
		}
		if got := read(b); !slices.Equal(got, want) {
			t.Errorf("size %d: %d rows, not the %d of one row group", size, len(got), len(want))
		}
		f, err := parquet.OpenFile(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			t.Fatal(err)
		}
		last, begin := GrantRow{}, int64(0)
		for _, group := range f.RowGroups() {
			rows := want[begin : begin+group.NumRows()]
			if rows[0].System != rows[len(rows)-1].System || rows[0].System == last.System && rows[0].AccountID == last.AccountID {
				t.Errorf("size %d: a row group from %s to %s follows one that ends with %s", size, rows[0].AccountID, rows[len(rows)-1].AccountID, last.AccountID)
			}
			last, begin = rows[len(rows)-1], begin+group.NumRows()
		}
		if groups := len(f.RowGroups()); size < 20 && groups < 10 {
			t.Errorf("size %d: only %d row groups", size, groups)
		}
	}
}

// fullDisk takes some bytes and no more.
type fullDisk struct{ left int }

var errFull = errors.New("no space left on device")

func (d *fullDisk) Write(b []byte) (int, error) {
	if d.left -= len(b); d.left < 0 {
		return 0, errFull
	}
	return len(b), nil
}

func TestGrantsThatCannotBeWrittenAreAnErrorWhereverItHappens(t *testing.T) {
	n := severalSystems()
	whole := len(writtenIn(t, n, 20))
	for left := 0; left < whole; left += whole / 7 {
		if _, err := writeGrants(&fullDisk{left}, n, 20); !errors.Is(err, errFull) {
			t.Errorf("after %d bytes: %v", left, err)
		}
	}
}

// A filter that says no to a value that is there would hide rows from readers.
func TestFiltersKnowEveryValueAndExcludeOthers(t *testing.T) {
	root := archiveOf(t, 1)
	for table, columns := range sought {
		b, err := NewFolder(root).Read(strings.TrimPrefix(tablePath(root, table, 1), root+"/"))
		if err != nil {
			t.Fatal(err)
		}
		f, err := parquet.OpenFile(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			t.Fatal(err)
		}
		for _, group := range f.RowGroups() {
			for _, column := range columns {
				leaf, ok := f.Schema().Lookup(column)
				if !ok {
					t.Fatalf("%s has no column %s", table, column)
				}
				filter := group.ColumnChunks()[leaf.ColumnIndex].BloomFilter()
				if filter == nil {
					t.Errorf("%s.%s has no filter", table, column)
					continue
				}
				if has, err := filter.Check(parquet.ByteArrayValue([]byte("nobody-has-this"))); has || err != nil {
					t.Errorf("%s.%s: has what nobody has: %v", table, column, err)
				}
				known, err := textOf(f, group, column)
				if err != nil {
					t.Fatal(err)
				}
				for _, value := range known.texts {
					if has, err := filter.Check(parquet.ByteArrayValue([]byte(value))); !has || err != nil {
						t.Errorf("%s.%s: does not have %q: %v", table, column, value, err)
					}
				}
			}
		}
	}
}
