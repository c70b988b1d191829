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

func TestAnEventWithoutARequestBelongsToAnActionForADayAndIsAwaitedForAWeek(t *testing.T) {
	at := time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)
	leo := access.AccountKey{System: "okta", ID: "leo"}
	for _, c := range []struct {
		what       string
		after, ago time.Duration
		want       string
	}{
		{"at once", time.Second, 0, "found"}, {"just before a day is over", oneDay - 1, 0, "found"}, {"a day later", oneDay, 0, "awaited"},
		{"by a clock that is behind", 1 - 10*time.Minute, 0, "found"}, {"by one that is too far behind", -10 * time.Minute, 0, "awaited"},
		{"for a week", oneDay, awaitedFor, "awaited"}, {"for longer", oneDay, awaitedFor + 1, "over"},
	} {
		// the second is the same change again: somebody else's
		events := []access.Event{{ID: "e1", Account: leo, Verb: access.OktaLeaveGroup, EntitlementID: "g", At: at.Add(c.after)},
			{ID: "e2", Account: leo, Verb: access.OktaLeaveGroup, EntitlementID: "g", At: at.Add(c.after)}}
		found, awaited, over := Attribute([]access.Sent{{ActionID: "a", Account: leo, Verb: access.OktaLeaveGroup, EntitlementID: "g", At: at}}, events, at.Add(c.ago))
		got := map[string]int{"found": len(found), "awaited": len(awaited), "over": len(over)}
		if got[c.want] != 1 || len(found)+len(awaited)+len(over) != 1 {
			t.Errorf("%s: %v, want %s", c.what, got, c.want)
		}
	}
}

func TestWhatOneRequestOfOursCausedIsNoOtherAction(t *testing.T) {
	at := time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)
	leo := access.AccountKey{System: "okta", ID: "leo"}
	sent := []access.Sent{{ActionID: "answer lost", Account: leo, Verb: access.OktaSuspend, At: at}, {ActionID: "by hand", Account: leo, Verb: access.OktaSuspend, RequestID: "q1", At: at}}
	found, awaited, _ := Attribute(sent, []access.Event{{ID: "e1", Account: leo, Verb: access.OktaSuspend, RequestID: "q1", At: at}}, at)
	if len(found) != 1 || found[0].ActionID != "by hand" || len(awaited) != 1 {
		t.Errorf("found %v, awaited %v", found, awaited)
	}
	found, _, _ = Attribute(sent[:1], []access.Event{{ID: "e1", Account: leo, Verb: access.OktaSuspend, EntitlementID: "s1", At: at}}, at)
	if len(found) != 1 {
		t.Errorf("the action is about the whole account, and the event names a part of it: found %v", found)
	}
	found, _, _ = Attribute(sent[:1], []access.Event{{ID: "e1", Account: leo, Verb: access.OktaSuspend, At: at}}, at)
	if len(found) != 1 {
		t.Errorf("neither has a request: found %v", found)
	}
}

func TestOfALogIsRememberedHowFarItWasReadAndTheLastUseAfterTheEnd(t *testing.T) {
	now := time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)
	before, end := now.AddDate(0, 0, -1), now.AddDate(0, 0, -3)
	key := func(id string) access.AccountKey { return access.AccountKey{System: "okta", ID: access.AccountID(id)} }
	read := func(id string, until time.Time, seen ...string) access.Watched {
		return access.Watched{Account: key(id), Until: until, Seen: seen}
	}
	use := func(id, event, says string, at time.Time) access.Event {
		return access.Event{ID: event, Account: key(id), Says: says, At: at}
	}
	leo, lea := access.PersonKey{Source: "hr", EmployeeID: "1"}, access.PersonKey{Source: "hr", EmployeeID: "2"}
	w := World{Policy: access.Policy{NonHuman: []access.NonHuman{{Kind: access.KindService}, {Kind: access.KindBreakGlass}}}}
	w.Memory.Watched = map[access.AccountKey]access.Watched{}
	for _, id := range []string{"leo", "lea", "back", "robot", "glass", "glass unread tonight"} {
		w.Memory.Watched[key(id)] = read(id, before, "e0")
	}
	judged := access.Judged{}
	for id, m := range map[string]access.Match{"leo": {How: access.MatchedHRID, Person: leo, NonHuman: 1}, "robot": {How: access.MatchedNonHuman}, "glass": {How: access.MatchedNonHuman, NonHuman: 1}, "glass unread tonight": {How: access.MatchedNonHuman, NonHuman: 1}, "back": {How: access.MatchedHRID, NonHuman: 1}} {
		judged.Accounts, judged.Matches = append(judged.Accounts, access.Account{System: "okta", ID: access.AccountID(id)}), append(judged.Matches, m)
	}
	w.Systems = []access.Observation{{Watched: []access.Watched{read("leo", now), read("glass", now), read("robot", now)}, Uses: []access.Event{
		use("glass", "e2", "", now), use("glass", "e1", "", before), use("glass", "e2", "", now),
		use("leo", "e3", "signed in", now.Add(-2*time.Hour)), use("leo", "e4", "got a token", now.Add(-time.Hour)), use("leo", "e5", "signed in", now.Add(-3*time.Hour)),
		use("lea", "e6", "in time", end), use("kim", "e7", "known already", before), use("kim", "e8", "earlier", before.Add(-1)),
	}}}
	d := Decision{Systems: []access.Judged{judged}}
	for _, k := range []access.PersonKey{leo, lea} {
		d.People = append(d.People, access.Person{Identity: access.Identity{Source: k.Source, EmployeeID: k.EmployeeID}, AccessEndsAt: end})
	}
	next := access.Memory{Endings: map[access.AccountKey]access.Ending{key("leo"): {Account: key("leo"), Person: leo}, key("lea"): {Account: key("lea"), Person: lea},
		key("kim"): {Account: key("kim"), Person: lea, Used: access.Use{At: before, Says: "told before"}}}}
	rememberUses(&next, w, d)
	want := map[access.AccountKey]access.Watched{key("leo"): read("leo", now), key("lea"): read("lea", before, "e0"), key("glass"): read("glass", now, "e1", "e2"),
		key("glass unread tonight"): read("glass unread tonight", before, "e0")}
	if d := cmp.Diff(want, next.Watched); d != "" {
		t.Errorf("how far logs were read (-want +got):\n%s", d)
	}
	used := map[access.AccountKey]access.Use{}
	for k, end := range next.Endings {
		used[k] = end.Used
	}
	uses := map[access.AccountKey]access.Use{key("leo"): {At: now.Add(-time.Hour), Says: "got a token"}, key("lea"): {}, key("kim"): {At: before, Says: "told before"}}
	if d := cmp.Diff(uses, used); d != "" {
		t.Errorf("the last uses (-want +got):\n%s", d)
	}
}

func TestOnlyWhatWasSentAwaitsEventsAndNothingTwice(t *testing.T) {
	at := time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)
	of := func(id string, kind access.AccountKind, sent time.Time, adopted access.RunID) access.Outcome {
		return access.Outcome{Action: access.Action{ID: id, AccountKind: kind}, Result: access.Done, SentAt: sent, AdoptedFrom: adopted}
	}
	ended := func(id string, as access.Result) access.Outcome {
		o := of(id, access.OktaUser, at, "")
		o.Result = as
		return o
	}
	got := ToEvidence([]access.Outcome{
		ended("failed", access.Failed), ended("skipped", access.Skipped), ended("accepted", access.Pending), ended("answer lost", access.Unknown),
		of("sent", access.OktaUser, at, ""), of("there already", access.OktaUser, time.Time{}, ""), of("no log of ours", access.IAMUser, at, ""),
		of("sent by a run that died", access.OktaUser, at, "dead"), of("looked for last night", access.OktaUser, at, "last"),
	}, "tonight", "last")
	var ids []string
	for _, s := range got {
		ids = append(ids, s.ActionID+" of "+string(s.Run))
	}
	if d := cmp.Diff([]string{"accepted of tonight", "answer lost of tonight", "sent of tonight", "sent by a run that died of dead"}, ids); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if first := ToEvidence([]access.Outcome{of("sent", access.OktaUser, at, "")}, "tonight", ""); len(first) != 1 {
		t.Errorf("on the first night: %v", first)
	}
}
