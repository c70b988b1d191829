package main

import (
	"testing"

	"rollcall/internal/access"
)

// TestACredentialLooksAtWhomHRsListsKnowByAnyAddress: an account may have several, and so may a
// row of HR's.
func TestACredentialLooksAtWhomHRsListsKnowByAnyAddress(t *testing.T) {
	var k checkup
	k.addWorking([]access.Identity{{Source: "employees", Email: "Ann@example.test", Aliases: "ann.old@example.test; a@example.test", Status: access.StatusActive}, {Source: "employees", Status: access.StatusActive}})
	for mail, known := range map[string]bool{"ann@example.test": true, "other@example.test, ANN@example.test": true, "a@example.test": true, "ann@example.test,other@example.test": true, "other@example.test": false, "": false} {
		o := access.Observation{System: "aws", Accounts: []access.Account{{System: "aws", ID: "u", Kind: access.IAMUser, Login: "u", Email: mail, Status: access.AccountActive}}}
		if got := len(wiring{}.few(o, k.working)); got != map[bool]int{true: 1}[known] {
			t.Errorf("%q: %d accounts", mail, got)
		}
	}
}
