package access

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// kindsInSource are the finding kinds as the source declares them, so that a new one
// cannot be left out of a list.
func kindsInSource(t *testing.T) (kinds []FindingKind) {
	t.Helper()
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), f.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, is := n.(*ast.ValueSpec)
			if !is || len(spec.Values) != 1 {
				return true
			}
			if name, is := spec.Type.(*ast.Ident); is && name.Name == "FindingKind" {
				word, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
				if err != nil {
					t.Fatal(err)
				}
				kinds = append(kinds, FindingKind(word))
			}
			return true
		})
	}
	return kinds
}

func TestEveryFindingKindHasARunbook(t *testing.T) {
	kinds := kindsInSource(t)
	if len(kinds) < 24 {
		t.Fatalf("only %d kinds were found", len(kinds))
	}
	for _, k := range kinds {
		if !slices.Contains(Runbooks, k.Runbook()) {
			t.Errorf("%s: there is no page %q", k, k.Runbook())
		}
	}
	for _, guard := range []string{"roster", "reads", "blast_radius", "concentration", "a guard of tomorrow"} {
		if !slices.Contains(Runbooks, GuardRunbook(guard)) {
			t.Errorf("guard %s: there is no page %q", guard, GuardRunbook(guard))
		}
	}
}
