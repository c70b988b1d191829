package reconcile

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// The table of docs/notices.md is the one that the code goes by.
func TestTheDocumentedTableOfNoticesIsTheOneThatCounts(t *testing.T) {
	b, err := os.ReadFile("../docs/notices.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range noticeTable {
		var tell []string
		for _, one := range row.tell {
			tell = append(tell, fmt.Sprintf("%s %s", one.to, strings.ReplaceAll(string(one.how), "_", " ")))
		}
		line := fmt.Sprintf("| %s | `%s` | %s |", row.title, row.kind, strings.Join(tell, ", "))
		if !strings.Contains(string(b), line) {
			t.Errorf("docs/notices.md does not have the line\n%s", line)
		}
	}
}
