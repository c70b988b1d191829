package archive

import (
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"
)

// emptyTables write each table with all its columns and without rows.
var emptyTables = map[string]func(io.Writer, string) error{
	"runs": noRows[RunRow], "reads": noRows[ReadRow], "identities": noRows[IdentityRow], "accounts": noRows[AccountRow],
	"entitlements": noRows[EntitlementRow], "grants": noRows[GrantRow], "findings": noRows[FindingRow], "actions": noRows[ActionRow],
	"rules": noRows[RuleRow], "exceptions": noRows[ExceptionRow], "nonhuman": noRows[NonHumanRow], "approvals": noRows[ApprovalRow],
	"endings": noRows[EndingRow], "events": noRows[EventRow], "worksheets": noRows[WorksheetRow], "items": noRows[ItemRow],
	"decisions": noRows[DecisionRow], "notices": noRows[NoticeRow],
}

func noRows[T any](w io.Writer, table string) error {
	_, err := writeRows(w, table, iter.Seq[T](func(func(T) bool) {}))
	return err
}

// TableNames are the tables of an archive, sorted.
func TableNames() []string { return slices.Sorted(maps.Keys(emptyTables)) }

// EmptyTable writes a table without rows: what readers take a table's columns from
// when no run has filled it, or when an older rollcall wrote it with fewer.
func EmptyTable(table string, w io.Writer) error {
	write, known := emptyTables[table]
	if !known {
		return fmt.Errorf("there is no table %q", table)
	}
	return write(w, table)
}
