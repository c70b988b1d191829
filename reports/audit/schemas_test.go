//go:build cgo

package audit

import (
	"crypto/ed25519"
	"path/filepath"
	"strings"
	"testing"

	"rollcall/reports/archive"
)

// An archive of years was written by many rollcalls: each question is answered over
// the tables of each, whatever columns and tables they lack.
func TestEveryQuestionIsAnsweredOverArchivesOfEveryReleasedSchema(t *testing.T) {
	roots, err := filepath.Glob(filepath.Join("..", "archive", "testdata", "schemas", "*"))
	if err != nil || len(roots) < 6 {
		t.Fatalf("of the archives of older schemas %d are there: %v", len(roots), err)
	}
	for _, root := range roots {
		a, err := Open(archive.NewFolder(root), nil, testKey.Public().(ed25519.PublicKey))
		if err != nil {
			t.Fatal(err)
		}
		rows := 0
		for _, q := range mustQuestions(t) {
			answer, err := a.Ask(t.Context(), q, nil)
			if err != nil {
				t.Errorf("%s over %s: %v", q.Name, root, err)
				continue
			}
			rows += len(answer.Rows)
			if q.Name == "who-reaches" && !strings.Contains(string(answer.CSV()), "SUPER_ADMIN") && !strings.Contains(string(answer.CSV()), "Super admin") {
				t.Errorf("%s over %s does not know who is super admin:\n%s", q.Name, root, answer.CSV())
			}
		}
		if rows == 0 {
			t.Errorf("nothing is answered over %s", root)
		}
	}
}
