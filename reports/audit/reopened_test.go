//go:build cgo

package audit

import (
	"crypto/ed25519"
	"testing"
	"time"

	"rollcall/internal/access"
	"rollcall/reports/archive"
)

// TestTheLastWordOfRollcallSaysWhyNobodyAnswered: a row was set aside, opened again, and one of
// two was set aside once more.
func TestTheLastWordOfRollcallSaysWhyNobodyAnswered(t *testing.T) {
	s := newStretch(t)
	s.night("nightly", 2, bothAccounts, nil)
	run := s.run("review remind", 3)
	c := access.Campaign{ID: "2026-q1", OpenedAt: run.StartedAt}
	part := access.CampaignRecord{Campaign: c, Sheets: []access.Sheet{{ID: "w1", ReviewerName: "Bob", Reviewer: bob, IssuedAt: run.StartedAt}}}
	for scope, says := range map[string][]access.Choice{"111": {access.ChoiceGone, access.ChoiceReopened, access.ChoiceGone}, "222": {access.ChoiceGone, access.ChoiceReopened}} {
		part.Sheets[0].Rows = append(part.Sheets[0].Rows, access.Issued{ID: "r" + scope, Worksheet: "w1", Duty: access.DutyManager, Item: access.Item{RowID: "s" + scope, Person: annHere, System: "aws", Scope: scope,
			Kind: access.PermissionSet, EntitlementID: "ps", Entitlement: "Administrator", Account: access.Account{System: "aws", ID: annInAWS.ID, Login: "ann"}}})
		for n, choice := range says {
			part.Decisions = append(part.Decisions, access.Decision{Campaign: c.ID, RowID: "r" + scope, Worksheet: "w1", ReviewerName: "rollcall", Sender: "rollcall", Choice: choice, ReceivedAt: run.StartedAt.Add(time.Duration(n) * time.Hour)})
		}
	}
	if _, err := archive.New(archive.NewFolder(s.root), testKey).RecordCampaign(run, part, access.Memory{}); err != nil {
		t.Fatal(err)
	}
	var err error
	if s.open, err = Open(archive.NewFolder(s.root), nil, testKey.Public().(ed25519.PublicKey)); err != nil {
		t.Fatal(err)
	}
	s.want(s.says("never-reviewed", map[string]string{"from": "2026-03-01", "to": "2026-03-05"}, "scope", "why"), "111 asked, gone before an answer", "222 asked, not answered")
	s.want(s.says("campaign", map[string]string{"to": "2026-03-05"}, "issued", "answered", "open", "gone"), "2 0 1 1")
}
