package archive

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEveryColumnOfEveryTableHasATypeThatEnginesKnow(t *testing.T) {
	for _, table := range TableNames() {
		columns, err := Columns(table)
		if err != nil || len(columns) < 5 || columns[0] != (Column{"run_id", TextColumn}) {
			t.Errorf("%s: %v, %v", table, columns, err)
		}
	}
	columns, err := Columns("endings")
	want := []Column{{"run_id", TextColumn}, {"source", TextColumn}, {"employee_id", TextColumn}, {"system", TextColumn}, {"scope", TextColumn}, {"account_id", TextColumn},
		{"access_ends_at", TimeColumn}, {"first_seen_left_at", TimeColumn}, {"blocked_verified_at", TimeColumn}, {"removing_at", TimeColumn}, {"removed_verified_at", TimeColumn}}
	if diff := cmp.Diff(want, columns); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
}
