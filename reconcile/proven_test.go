package reconcile

import (
	"testing"

	"rollcall/internal/access"
)

func TestAnAccountRestsOnTheReadsOfItsOwnScope(t *testing.T) {
	o := access.Observation{System: "aws", Accounts: []access.Account{{Scope: "111"}, {Scope: "222"}},
		Reads: []access.Read{{Scope: "111", Kind: "iam", Complete: true}, {Scope: "222", Kind: "iam", Complete: true}, {Scope: "222", Kind: "credentials"}}}
	e := &evaluation{systems: []access.Judged{{Observation: o}}}
	if !e.whole(0, 0) || e.whole(0, 1) {
		t.Errorf("of 111 all was read and of 222 not, and it says %t and %t", e.whole(0, 0), e.whole(0, 1))
	}
	for kind, want := range map[string]bool{"iam": true, "credentials": false} {
		if r := e.read(0, "111", kind); (r != nil) != want || r != nil && r.Scope != "111" {
			t.Errorf("the read %s of 111 is %+v", kind, r)
		}
	}
}
