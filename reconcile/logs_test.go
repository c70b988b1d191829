package reconcile

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/access"
)

func TestAnEventIsOfTheActionThatItsRequestSentElseOfTheFirstSuchChange(t *testing.T) {
	at := time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)
	leo, mia := access.AccountKey{System: "okta", ID: "leo"}, access.AccountKey{System: "okta", ID: "mia"}
	sent := []access.Sent{
		{ActionID: "suspend leo", Run: "r1", Verb: access.OktaSuspend, Account: leo, RequestID: "q1", At: at},
		{ActionID: "clear leo", Run: "r1", Verb: access.OktaClearSessions, Account: leo, RequestID: "q2", At: at},
		{ActionID: "suspend mia, answer lost", Run: "r1", Verb: access.OktaSuspend, Account: mia, At: at},
		{ActionID: "group a of mia", Run: "r0", Verb: access.OktaLeaveGroup, Account: mia, EntitlementID: "a", At: at},
		{ActionID: "long ago", Run: "r0", Verb: access.OktaResetFactors, Account: mia, RequestID: "q9", At: at.AddDate(0, 0, -8)},
	}
	event := func(id string, who access.AccountKey, verb access.Verb, request, ent string, after time.Duration) access.Event {
		return access.Event{ID: id, Account: who, Verb: verb, RequestID: request, EntitlementID: ent, At: at.Add(after)}
	}
	events := []access.Event{
		event("e1", leo, access.OktaSuspend, "q1", "", time.Second),
		event("e2", leo, access.OktaClearSessions, "q1", "", time.Second), // what the suspension did besides
		event("e3", leo, access.OktaSuspend, "q7", "", time.Minute),       // somebody else's
		event("e4", mia, access.OktaSuspend, "q5", "", -time.Minute),      // by a clock that is a little behind
		event("e5", mia, access.OktaSuspend, "q6", "", time.Hour),
		event("e6", mia, access.OktaLeaveGroup, "q8", "b", time.Second), // another group
	}
	found, awaited, over := Attribute(sent, events, at)
	var got []string
	for _, f := range found {
		got = append(got, fmt.Sprintf("%s: %s of %s", f.ID, f.ActionID, f.Run))
	}
	for _, s := range awaited {
		got = append(got, "awaited: "+s.ActionID)
	}
	for _, s := range over {
		got = append(got, "over: "+s.ActionID)
	}
	want := []string{"e1: suspend leo of r1", "e2: suspend leo of r1", "e4: suspend mia, answer lost of r1", "awaited: clear leo", "awaited: group a of mia", "over: long ago"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestOnlyWhatWasSentAwaitsEventsAndNothingTwice(t *testing.T) {
	at := time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)
	of := func(id string, kind access.AccountKind, sent time.Time, adopted access.RunID) access.Outcome {
		return access.Outcome{Action: access.Action{ID: id, AccountKind: kind}, Result: access.Done, SentAt: sent, AdoptedFrom: adopted}
	}
	failed := of("failed", access.OktaUser, at, "")
	failed.Result = access.Failed
	got := ToEvidence([]access.Outcome{
		failed,
		of("sent", access.OktaUser, at, ""), of("there already", access.OktaUser, time.Time{}, ""), of("no log of ours", access.IAMUser, at, ""),
		of("sent by a run that died", access.OktaUser, at, "dead"), of("looked for last night", access.OktaUser, at, "last"),
	}, "tonight", "last")
	var ids []string
	for _, s := range got {
		ids = append(ids, s.ActionID+" of "+string(s.Run))
	}
	if d := cmp.Diff([]string{"sent of tonight", "sent by a run that died of dead"}, ids); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}
