package access

import (
	"testing"
	"unicode/utf8"

	"rollcall/internal/access/accesstest"
)

func FuzzGlobMeansWhatItSays(f *testing.F) {
	for _, c := range [][2]string{{"", "x"}, {"*", ""}, {"a*b?c", "aXXbéC"}, {"?", "é"}, {"**", "ab"}, {"*Engineer*", "Site Reliability Engineer"}, {"[a]", "a"}, {"a/*", "a/b/c"}} {
		f.Add(c[0], c[1])
	}
	f.Fuzz(func(t *testing.T, pattern, s string) {
		if len(pattern) > 12 || len(s) > 12 || !utf8.ValidString(pattern) || !utf8.ValidString(s) {
			return
		}
		if got := Glob(pattern, s); got != accesstest.Glob(pattern, s) {
			t.Errorf("Glob(%q, %q) = %t", pattern, s, got)
		}
	})
}

func TestAPatternIsAboutIDOrNameOfRightAndScope(t *testing.T) {
	e := Entitlement{System: "aws", Scope: "111122223333", ScopeName: "Production", Kind: PermissionSet, ID: "ps-1", Name: "ReadOnly"}
	for _, c := range []struct {
		p    Right
		want bool
	}{
		{Right{}, true},
		{Right{"AWS", "prod*", "permission_*", "readonly"}, true},
		{Right{"aws", "1111*", "", "PS-1"}, true},
		{Right{System: "okta"}, false},
		{Right{Scope: "staging"}, false},
		{Right{Kind: "group"}, false},
		{Right{Entitlement: "Read"}, false},
	} {
		if got := c.p.Covers(e); got != c.want {
			t.Errorf("%+v covers: %t", c.p, got)
		}
	}
}
