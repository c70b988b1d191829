package reconcile

import (
	"strings"
	"testing"

	"rollcall/internal/access"
)

// TestAnAccountOfNobodyIsNamedByAnyOfItsAddresses, whichever of them the user has who is pushed,
// and once.
func TestAnAccountOfNobodyIsNamedByAnyOfItsAddresses(t *testing.T) {
	e := evaluation{upstreams: upstreams{stray: map[string][]string{}}}
	e.upstreams.strays(&access.Account{System: "okta", Login: "Ann.A@example.com", Email: "ann@example.com, ann.a@example.com"})
	for mail, named := range map[string]bool{"ann@example.com": true, "ann.a@example.com": true, "ben@example.com, ANN@example.com,ann.a@example.com": true, "ben@example.com": false, "": false} {
		got := e.likeness(&access.Account{Login: "u-1", Email: mail})
		if strings.Count(got, "Ann.A@example.com in okta") != map[bool]int{true: 1}[named] {
			t.Errorf("%q: %q", mail, got)
		}
	}
}
