package access

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"testing"
)

// declared are the values of all constants of a type in this package.
func declared(t *testing.T, of string) (values []string) {
	t.Helper()
	for _, file := range []string{"entitlement.go", "verb.go"} {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			spec, is := n.(*ast.ValueSpec)
			if !is {
				return true
			}
			if name, is := spec.Type.(*ast.Ident); is && name.Name == of {
				for _, v := range spec.Values {
					if literal, is := v.(*ast.BasicLit); is {
						text, err := strconv.Unquote(literal.Value)
						if err != nil {
							t.Fatal(err)
						}
						values = append(values, text)
					}
				}
			}
			return true
		})
	}
	return values
}

func TestEveryKindOfEntitlementHasWords(t *testing.T) {
	var known []string
	for _, k := range EntitlementKinds {
		known = append(known, string(k.Kind))
		if k.Words == "" || k.Kind.Words() != k.Words {
			t.Errorf("%s is called %q", k.Kind, k.Kind.Words())
		}
	}
	want := declared(t, "EntitlementKind")
	slices.Sort(known)
	slices.Sort(want)
	if len(want) < 15 || !slices.Equal(known, want) {
		t.Errorf("in the table %v\ndeclared     %v", known, want)
	}
}

func TestEveryVerbThatHasAnEffectIsDeclared(t *testing.T) {
	verbs := declared(t, "Verb")
	for v := range effects {
		if !slices.Contains(verbs, string(v)) {
			t.Errorf("%s is no verb", v)
		}
	}
	if !OktaSuspend.Stops() || OktaSuspend.Takes() || OktaClearSessions.Stops() || !SSODeleteAssignment.Takes() {
		t.Error("the effects are mixed up")
	}
}
