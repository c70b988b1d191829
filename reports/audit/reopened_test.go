//go:build cgo

package audit

import (
	"crypto/ed25519"
	"testing"
	"time"

	"rollcall/internal/access"
	"rollcall/reports/archive"
)

// words records a review of both rights in which somebody said these words, an hour apart.
func (s *stretch) words(day int, sender string, says map[string][]access.Choice) {
	s.t.Helper()
	run := s.run("review remind", day)
	c := access.Campaign{ID: "2026-q1", OpenedAt: run.StartedAt}
	part := access.CampaignRecord{Campaign: c, Sheets: []access.Sheet{{ID: "w1", ReviewerName: "Bob", Reviewer: bob, IssuedAt: run.StartedAt}}}
	for scope, all := range says {
		part.Sheets[0].Rows = append(part.Sheets[0].Rows, access.Issued{ID: "r" + scope, Worksheet: "w1", Duty: access.DutyManager, Item: access.Item{RowID: "s" + scope, Person: annHere, System: "aws", Scope: scope,
			Kind: access.PermissionSet, EntitlementID: "ps", Entitlement: "Administrator", Account: access.Account{System: "aws", ID: annInAWS.ID, Login: "ann"}}})
		for n, choice := range all {
			part.Decisions = append(part.Decisions, access.Decision{Campaign: c.ID, RowID: "r" + scope, Worksheet: "w1", ReviewerName: "Bob", Sender: sender, Choice: choice, ReceivedAt: run.StartedAt.Add(time.Duration(n) * time.Hour)})
		}
	}
	if _, err := archive.New(archive.NewFolder(s.root), testKey).RecordCampaign(run, part, access.Memory{}); err != nil {
		s.t.Fatal(err)
	}
	var err error
	if s.open, err = Open(archive.NewFolder(s.root), nil, testKey.Public().(ed25519.PublicKey)); err != nil {
		s.t.Fatal(err)
	}
}

// TestTheLastWordAboutARowSaysWhyNobodyAnswered: of two rows that were set aside and opened
// again one was set aside once more.
func TestTheLastWordAboutARowSaysWhyNobodyAnswered(t *testing.T) {
	s := newStretch(t)
	s.night("nightly", 2, bothAccounts, nil)
	s.words(3, "", map[string][]access.Choice{"111": {access.ChoiceGone, access.ChoiceReopened, access.ChoiceGone}, "222": {access.ChoiceGone, access.ChoiceReopened}})
	s.want(s.says("never-reviewed", map[string]string{"from": "2026-03-01", "to": "2026-03-05"}, "scope", "why"), "111 asked, gone before an answer", "222 asked, not answered")
	s.want(s.says("campaign", map[string]string{"to": "2026-03-05"}, "issued", "answered", "open", "gone"), "2 0 1 1")
}

// TestAnAnswerThatWasTakenBackIsNone: who first decides, and then says that it is not theirs,
// has not decided; an answer about oneself takes nothing back.
func TestAnAnswerThatWasTakenBackIsNone(t *testing.T) {
	period, day := map[string]string{"from": "2026-03-01", "to": "2026-03-05"}, map[string]string{"date": "2026-03-05"}
	for _, c := range []struct {
		then               []access.Choice
		unreviewed, remove []string
	}{
		{nil, nil, []string{"open 222"}},
		{[]access.Choice{access.ChoiceOwnCheck}, nil, []string{"open 222"}},
		{[]access.Choice{access.ChooseNotMine}, []string{"111 asked, not answered", "222 asked, not answered"}, nil},
		{[]access.Choice{access.ChooseNotMine, access.ChoiceExpired}, []string{"111 asked, not answered", "222 asked, not answered"}, nil},
		{[]access.Choice{access.ChooseNotMine, access.ChooseRemove}, nil, []string{"open 111", "open 222"}},
	} {
		s := newStretch(t)
		s.night("nightly", 2, bothAccounts, nil)
		s.words(3, "", map[string][]access.Choice{"111": append([]access.Choice{access.ChooseKeep}, c.then...), "222": append([]access.Choice{access.ChooseRemove}, c.then...)})
		s.want(s.says("never-reviewed", period, "scope", "why"), c.unreviewed...)
		s.want(s.says("removals", day, "state", "scope"), c.remove...)
	}
}

// TestWhatIsRemovedForWantOfAnAnswerWasNotReviewed: at the close, where the company chose so.
func TestWhatIsRemovedForWantOfAnAnswerWasNotReviewed(t *testing.T) {
	for sender, want := range map[string]struct {
		unreviewed []string
		figures    string
	}{
		"rollcall":         {[]string{"111 asked, not answered", "222 asked, not answered"}, "2 0 2 1 0 <nil>"},
		"":                 {[]string{"222 asked, not answered"}, "2 1 1 0 1 2026-03-03T01:00:00Z"},
		"bob@example.test": {[]string{"222 asked, not answered"}, "2 1 1 0 1 2026-03-03T01:00:00Z"},
	} {
		s := newStretch(t)
		s.night("nightly", 2, bothAccounts, nil)
		s.words(3, sender, map[string][]access.Choice{"111": {access.ChooseRemove}, "222": nil})
		s.want(s.says("never-reviewed", map[string]string{"from": "2026-03-01", "to": "2026-03-05"}, "scope", "why"), want.unreviewed...)
		s.want(s.says("campaign", map[string]string{"to": "2026-03-05"}, "issued", "answered", "open", "unanswered", "removed", "first_answer_at"), want.figures)
		s.want(s.says("removals", map[string]string{"date": "2026-03-05"}, "state", "scope"), "open 111")
	}
}
