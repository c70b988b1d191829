package reconcile

import (
	"maps"
	"path/filepath"
	"slices"
	"testing"
	"time"

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
	if d := cmp.Diff([]access.AccountID{"U1", "U4", "U5", "U6", "U7", "U8"}, kept); d != "" {
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
	member := access.Action{Stage: access.Block, Verb: access.SSODeleteMembership, Account: act.Account, EntitlementKind: access.SSOGroup, EntitlementID: "G1", Entitlement: "Staff"}
	Blocks(blocked, []access.Outcome{done, done, {Action: other, Result: access.Pending}, {Action: member, Result: access.Done}}, "r")
	want := []access.Taken{{Kind: access.PermissionSet, Scope: "111", ID: "PS1", Name: "Admin"}, {Kind: access.SSOGroup, ID: "G1", Name: "Staff"}}
	if d := cmp.Diff(want, blocked[act.Account].Taken); d != "" {
		t.Errorf("taken (-want +got):\n%s", d)
	}
}

func TestWhateverALeaverHoldsInAnAccountThatWorksIsFound(t *testing.T) {
	homes := map[access.AccountKind][]access.EntitlementKind{
		access.OktaUser:       {access.OktaGroup, access.OktaApp, access.OktaAdminRole, access.OktaAPIToken},
		access.OktaClient:     {access.OktaAdminRole},
		access.IAMUser:        {access.IAMGroup, access.IAMPolicy, access.IAMInlinePolicy, access.ConsoleLogin, access.AccessKey, access.SSHKey, access.SigningCertificate, access.ServiceCredential},
		access.IdentityCenter: {access.PermissionSet, access.SSOGroup, access.SSOApp},
	}
	for home, kinds := range homes {
		for _, kind := range kinds {
			end := time.Date(2026, 11, 10, 0, 0, 0, 0, time.UTC)
			left := access.Identity{Source: "employees", EmployeeID: "1", Name: "Ann", Status: access.StatusLeft, EndDate: access.Day{At: end}, Row: 2}
			account := access.Account{System: "s", ID: "1", Kind: home, Login: "ann", HRID: "1", Status: access.AccountActive, VendorStatus: "ACTIVE"}
			w := World{
				Now:     end.AddDate(0, 0, 10),
				Rosters: []SourceRoster{{Verdict: access.RosterVerdict{Source: "employees", Accepted: true, InForce: access.AcceptedRoster{Source: "employees", SHA256: "x"}}, Rows: []access.Identity{left}}},
				Systems: []access.Observation{{
					System: "s", Accounts: []access.Account{account}, Grants: []access.Grant{{}},
					Entitlements: []access.Entitlement{{System: "s", Kind: kind, ID: "r", Name: "r", Editable: true, Credential: kind == access.OktaAPIToken}},
					Reads:        []access.Read{{System: "s", Kind: "all", Lists: true, Complete: true, ClaimedTotal: -1}},
				}},
			}
			if !slices.ContainsFunc(Decide(w).Findings, func(f access.Finding) bool {
				return f.Kind == access.LeaverAccess || f.Kind == access.ProtectedLeaver
			}) {
				t.Errorf("%s with %s of somebody who left is not found", home, kind)
			}
		}
	}
}
