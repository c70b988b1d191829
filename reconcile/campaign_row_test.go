package reconcile

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"rollcall/internal/access"
)

// Excel makes a number of 0012 and of 1e5, and a formula of what begins with = + - or @.
func TestNoSpreadsheetTakesARowIDForANumber(t *testing.T) {
	for n := range 20000 {
		id := campaignRowID("2026-q4", &access.Item{RowID: fmt.Sprint(n)}, access.DutyManager)
		_, notNumber := strconv.ParseFloat(id, 64)
		if !strings.HasPrefix(id, "w-") || notNumber == nil || strings.ContainsAny(id[:1], "=+-@\t\r") {
			t.Fatalf("row id %s may be taken for something else", id)
		}
	}
}
