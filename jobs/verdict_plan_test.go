package jobs

import (
	"testing"

	"rollcall/internal/access"
)

// A plan that was applied and of which a step that is still wanted was skipped is not done:
// whoever applied it has no next run that does it for them. What nobody wants any more, or
// is so already, is; so is what the plan never had, of an account that it is not about.
func TestAPlanThatWasAppliedIsDoneOnlyIfNothingOfItsAccountsIsStillToEnd(t *testing.T) {
	leo, mia := access.AccountKey{System: "okta", ID: "u7"}, access.AccountKey{System: "okta", ID: "u8"}
	step := func(id string, k access.AccountKey, s access.Stage) access.Action {
		return access.Action{ID: id, Account: k, Stage: s}
	}
	planned, instead, others := step("a-1", leo, access.Block), step("a-2", leo, access.Block), step("a-3", mia, access.Block)
	remove, more := step("a-4", leo, access.Remove), step("a-5", leo, access.Remove)
	for name, tt := range map[string]struct {
		only    []access.Action
		tonight []access.Action
		act     access.Action
		result  access.Result
		adopted access.RunID
		want    int
	}{
		"done":       {[]access.Action{planned}, []access.Action{planned}, planned, access.Done, "", ExitDone},
		"so already": {[]access.Action{planned}, []access.Action{planned}, planned, access.AlreadyAbsent, "", ExitDone},
		"skipped, for the reading before it said so":   {[]access.Action{planned}, []access.Action{planned}, planned, access.Skipped, "", ExitFailed},
		"skipped, and other steps would end it":        {[]access.Action{planned}, []access.Action{instead}, instead, access.Skipped, "", ExitFailed},
		"skipped, and nobody wants it any more":        {[]access.Action{planned}, nil, planned, access.Skipped, "", ExitDone},
		"of another account":                           {[]access.Action{planned}, []access.Action{planned, others}, others, access.Skipped, "", ExitDone},
		"skipped by the run that died before":          {[]access.Action{planned}, []access.Action{planned}, planned, access.Skipped, "run-1", ExitDone},
		"a remove, skipped on sight":                   {[]access.Action{remove}, []access.Action{remove}, remove, access.Skipped, "", ExitFailed},
		"a remove that fell due since, and is no part": {[]access.Action{remove}, []access.Action{remove, more}, more, access.Skipped, "", ExitDone},
		"failed": {[]access.Action{planned}, []access.Action{planned}, planned, access.Failed, "", ExitFailed},
	} {
		n := access.Night{Plan: access.Plan{Actions: tt.tonight}, Outcomes: []access.Outcome{{Action: tt.act, Result: tt.result, AdoptedFrom: tt.adopted}}}
		if (&Job{Only: &access.Plan{Actions: tt.only}}).verdict(&n); n.Run.ExitCode != tt.want {
			t.Errorf("%s: exit code %d (%s), want %d", name, n.Run.ExitCode, n.Run.Verdict, tt.want)
		}
		if tt.result != access.Skipped {
			continue
		}
		if (&Job{}).verdict(&n); n.Run.ExitCode != ExitDone {
			t.Errorf("%s, by a night, which plans it anew: exit code %d", name, n.Run.ExitCode)
		}
	}
}
