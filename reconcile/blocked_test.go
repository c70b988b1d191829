package reconcile

import (
	"maps"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"rollcall/internal/access"
)

func TestABlockInIdentityCenterIsRememberedUntilItIsUndone(t *testing.T) {
	a, err := txtar.ParseFile(filepath.Join("testdata", "blocked-in-identity-center.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	w := loadWorld(t, a)
	next := Remember(w, Decide(w), nil, "r")
	var kept []access.AccountID
	for k := range maps.Keys(next.Blocked) {
		kept = append(kept, k.ID)
	}
	slices.Sort(kept)
	if d := cmp.Diff([]access.AccountID{"U1", "U4", "U5"}, kept); d != "" {
		t.Errorf("remembered as blocked (-want +got):\n%s", d)
	}
}

func TestWhatABlockTookIsRememberedOnceAndOnlyWhatWasReadBack(t *testing.T) {
	act := access.Action{Stage: access.Block, Verb: access.SSODeleteAssignment, Account: access.AccountKey{System: "aws", ID: "U1"},
		EntitlementKind: access.PermissionSet, EntitlementID: "PS1", Entitlement: "Admin", GrantScope: "111"}
	other := act
	other.EntitlementID = "PS2"
	blocked := map[access.AccountKey]access.BlockRecord{}
	done := access.Outcome{Action: act, Result: access.Done}
	Blocks(blocked, []access.Outcome{done, done, {Action: other, Result: access.Pending}}, "r")
	want := []access.Taken{{Kind: access.PermissionSet, Scope: "111", ID: "PS1", Name: "Admin"}}
	if d := cmp.Diff(want, blocked[act.Account].Taken); d != "" {
		t.Errorf("taken (-want +got):\n%s", d)
	}
}
