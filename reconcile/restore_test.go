package reconcile

import (
	"cmp"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"rollcall/internal/access"
)

// The worlds in testdata/restore have two sections more:
//
//	done      what the run did, one per line: ACCOUNT PERSON LOGIN VERB [right=KIND:ID] [name=] [scope=]
//	          [result=] [before=STATUS] [again=RUN] [restored=RUN]
//	restored  what becomes of each, by -update
func TestRestorations(t *testing.T) {
	eachWorld(t, "testdata/restore/*.txtar", func(t *testing.T, file string, a *txtar.Archive) {
		w := loadWorld(t, a)
		asked := loadAsked(t, a)
		d, r := Restore(w, asked)
		if again, same := Restore(w, asked); !reflect.DeepEqual(d, again) || !reflect.DeepEqual(r, same) {
			t.Error("deciding twice differs")
		}
		booksBalance(t, d)
		got := renderRestoration(r)
		demanded(t, a, "\n"+got, "\n")
		rewritten(t, file, a, "restored", got)
	})
}

func loadAsked(t *testing.T, a *txtar.Archive) Asked {
	t.Helper()
	asked := Asked{Run: "r1", Reason: "HR's mistake", Also: map[access.AccountKey][]access.RunID{}}
	n := section(a, "done")
	if n < 0 {
		t.Fatal("no section done")
	}
	for _, l := range lines(string(a.Files[n].Data)) {
		switch l[0] {
		case "person":
			asked.Person = l[1]
			continue
		case "unusable":
			asked.Unusable = l[1]
			continue
		case "also":
			asked.Also[accountKey(l[1])] = append(asked.Also[accountKey(l[1])], access.RunID(l[2]))
			continue
		}
		opt := options(l[4:])
		act := access.Action{Stage: access.Block, Account: accountKey(l[0]), Person: personKey(l[1]), Login: l[2], Verb: access.Verb(l[3]), Entitlement: opt["name"], GrantScope: opt["scope"]}
		act.AccountKind = map[access.System]access.AccountKind{"okta": access.OktaUser, "aws": access.IAMUser, "sso": access.IdentityCenter}[act.Account.System]
		kind, id, _ := strings.Cut(opt["right"], ":")
		act.EntitlementKind, act.EntitlementID = access.EntitlementKind(kind), id
		act.ID = fmt.Sprint(l)
		done := Done{Outcome: access.Outcome{Action: act, Result: access.Result(cmp.Or(opt["result"], "done")), VerifiedAt: midnight.AddDate(0, 0, -3)},
			Again: access.RunID(opt["again"]), Restored: access.RunID(opt["restored"])}
		if opt["before"] != "" {
			done.Before = json.RawMessage(`{"status":"` + opt["before"] + `"}`)
		}
		asked.Done = append(asked.Done, done)
	}
	return asked
}

func renderRestoration(r Restoration) string {
	var b strings.Builder
	for _, u := range r.Undoings {
		a := u.Action
		right := ""
		if a.EntitlementID != "" {
			right = fmt.Sprintf(" %s:%s %s", a.EntitlementKind, a.EntitlementID, a.GrantScope)
		}
		fmt.Fprintf(&b, "%s %s %s %s%s: %s%s\n", u.Fate, a.Person, a.Account, a.Verb, strings.TrimRight(right, " "), u.Why, map[bool]string{true: " <" + u.Guard + ">"}[u.Guard != ""])
	}
	for _, n := range r.Notes {
		fmt.Fprintf(&b, "note: %s\n", n)
	}
	return b.String()
}

func TestABlockIsForgottenByWhatARestoreGaveBack(t *testing.T) {
	okta, sso := access.AccountKey{System: "okta", ID: "1"}, access.AccountKey{System: "sso", ID: "1"}
	undo := func(k access.AccountKey, verb access.Verb, right string, result access.Result, forbidden bool) access.Outcome {
		return access.Outcome{Result: result, Action: access.Action{Stage: access.Restore, Account: k, Verb: verb.Undo(), EntitlementKind: access.PermissionSet, EntitlementID: right,
			Undoes: &access.Undone{Verb: verb, Forbidden: forbidden}}}
	}
	for name, c := range map[string]struct {
		verbs    []access.Verb
		taken    []string
		outcomes []access.Outcome
		verified bool
		left     []access.Verb
		still    []string
	}{
		"unsuspended": {[]access.Verb{access.OktaClearSessions, access.OktaDeleteToken, access.OktaSuspend}, nil,
			[]access.Outcome{undo(okta, access.OktaSuspend, "", access.Done, false)}, false, nil, nil},
		"found unsuspended": {[]access.Verb{access.OktaSuspend}, nil,
			[]access.Outcome{undo(okta, access.OktaSuspend, "", access.AlreadyAbsent, false)}, false, nil, nil},
		"not seen to have worked": {[]access.Verb{access.OktaSuspend}, nil,
			[]access.Outcome{undo(okta, access.OktaSuspend, "", access.Pending, false)}, true, []access.Verb{access.OktaSuspend}, nil},
		"refused for who left": {[]access.Verb{access.OktaSuspend}, nil,
			[]access.Outcome{undo(okta, access.OktaSuspend, "", access.Skipped, false)}, true, []access.Verb{access.OktaSuspend}, nil},
		"deactivated": {[]access.Verb{access.OktaDeactivate, access.OktaSuspend}, nil,
			[]access.Outcome{undo(okta, access.OktaSuspend, "", access.Done, false)}, true, []access.Verb{access.OktaDeactivate}, nil},
		"denied, and a key left": {[]access.Verb{access.IAMDeactivateKey, access.IAMDeny}, nil,
			[]access.Outcome{undo(okta, access.IAMDeny, "", access.Done, false)}, false, []access.Verb{access.IAMDeactivateKey}, nil},
		"one of two rights": {[]access.Verb{access.SSODeleteAssignment}, []string{"A", "B"},
			[]access.Outcome{undo(sso, access.SSODeleteAssignment, "A", access.Done, false)}, true, []access.Verb{access.SSODeleteAssignment}, []string{"B"}},
		"one right given back, one forbidden": {[]access.Verb{access.SSODeleteAssignment}, []string{"A", "B"},
			[]access.Outcome{undo(sso, access.SSODeleteAssignment, "A", access.Done, false), undo(sso, access.SSODeleteAssignment, "B", access.Skipped, true)}, false, nil, nil},
	} {
		k := c.outcomes[0].Action.Account
		b := access.BlockRecord{Account: k, Verbs: c.verbs, Verified: true}
		for _, id := range c.taken {
			b.Taken = append(b.Taken, access.Taken{Kind: access.PermissionSet, ID: id})
		}
		m := access.Memory{Blocked: map[access.AccountKey]access.BlockRecord{k: b}}
		after, is := RememberRestore(m, c.outcomes, "r").Blocked[k]
		var still []string
		for _, one := range after.Taken {
			still = append(still, one.ID)
		}
		if is != (c.left != nil) || after.Verified != c.verified || !slices.Equal(after.Verbs, c.left) || !slices.Equal(still, c.still) {
			t.Errorf("%s: remembered %v, %+v", name, is, after)
		}
		if !slices.Equal(m.Blocked[k].Verbs, c.verbs) || len(m.Blocked[k].Taken) != len(c.taken) {
			t.Errorf("%s: the old memory was changed: %+v", name, m.Blocked[k])
		}
	}
}

// annAndBenSuspended is a world in which Ann works, Ben has left, and both are suspended.
const annAndBenSuspended = `
-- world --
blocked okta::00u1 employees/1 2026-11-20T02:00:00Z suspend run=r1
blocked sso::U1 employees/1 2026-11-20T02:00:00Z delete_assignment
-- employees.csv --
employee_id,name,email,status,start_date,end_date,last_working_day,timezone
1,Ann,,active,2020-01-01,,,
2,Ben,,left,,2026-11-10,,
-- system/okta --
read users lists
account 00u1 login=ann hr=1 vendor=SUSPENDED
account 00u2 login=ben hr=2 vendor=SUSPENDED
-- system/sso --
read users lists
account U1 login=ann hr=1
`

// What is done, or refused, says what it undoes, why, for which finding and by which reads.
func TestARestorationSaysWhatItUndoesAndWhatItRestsOn(t *testing.T) {
	w := loadWorld(t, txtar.Parse([]byte(annAndBenSuspended)))
	suspend := access.Action{ID: "a-1", Stage: access.Block, First: true, Account: accountKey("okta::00u1"), AccountKind: access.OktaUser, Person: employee(1), Login: "ann", Verb: access.OktaSuspend, FindingID: "f-old"}
	of := func(a access.Action, change func(*access.Action)) access.Action { change(&a); return a }
	taken := of(suspend, func(a *access.Action) {
		a.ID, a.Account, a.AccountKind, a.Verb = "a-2", accountKey("sso::U1"), access.IdentityCenter, access.SSODeleteAssignment
		a.EntitlementKind, a.EntitlementID, a.Entitlement, a.GrantScope = access.PermissionSet, "PS1", "Admin", "111"
	})
	bens := of(suspend, func(a *access.Action) {
		a.ID, a.Account, a.Person, a.Login = "a-3", accountKey("okta::00u2"), employee(2), "ben"
	})
	done := func(a access.Action, r access.Result) Done {
		return Done{Outcome: access.Outcome{Action: a, Result: r, VerifiedAt: midnight}}
	}
	d, r := Restore(w, Asked{Run: "r1", Reason: "HR's mistake", Done: []Done{done(suspend, access.Pending), done(taken, access.Done), done(suspend, access.Done), done(suspend, access.Pending), done(bens, access.Skipped), done(bens, access.Done), done(bens, access.Pending)}})
	if len(r.Undoings) != 3 {
		t.Fatalf("%d undoings, want one for each action: %+v", len(r.Undoings), r.Undoings)
	}
	refused, restored, gone := r.Undoings[0].Action, r.Undoings[1].Action, r.Undoings[2].Action
	if refused.Verb != access.SSOCreateAssignment || restored.Verb != access.OktaUnsuspend || restored.First || restored.ID == "a-1" || restored.ID == refused.ID || restored.ID == gone.ID {
		t.Errorf("%+v\n%+v\n%+v", refused, restored, gone)
	}
	if want := "HR's mistake (undoes suspend of run r1)"; restored.Reason != want {
		t.Errorf("because %q, want %q", restored.Reason, want)
	}
	if want := "HR's mistake (undoes delete_assignment of run r1); refused: " + r.Undoings[0].Why; refused.Reason != want || !refused.Undoes.Forbidden {
		t.Errorf("because %q, forbidden %t, want %q", refused.Reason, refused.Undoes.Forbidden, want)
	}
	if r.Undoings[2].Fate != NotRestored || gone.Undoes.Forbidden {
		t.Errorf("that somebody left is nothing that policy forbids: %+v", r.Undoings[2])
	}
	if want := []string{"roster:employees", "okta/users"}; !slices.Equal(restored.Rests, want) {
		t.Errorf("rests on %q, want %q", restored.Rests, want)
	}
	urgent := map[access.AccountKey]string{}
	for _, f := range d.Findings {
		if f.Kind == access.BlockedActive {
			urgent[f.Account] = f.ID
		}
	}
	if restored.FindingID == "" || restored.FindingID != urgent[restored.Account] || gone.FindingID != "" {
		t.Errorf("findings %q and %q, want %q and none", restored.FindingID, gone.FindingID, urgent[restored.Account])
	}
	if len(r.Plan.Actions) != 1 || len(r.Plan.Held) != 2 || r.Plan.SHA256 != PlanDigest(r.Plan) || !reflect.DeepEqual(d.Plan, r.Plan) {
		t.Errorf("the plan is not that of what is restored and refused: %+v", r.Plan)
	}
	if len(d.Balances) == 0 {
		t.Error("the books of what was read are not kept")
	}
	for _, b := range d.Balances {
		if strings.Contains(b.What, "worksheet") {
			t.Errorf("a restore writes no worksheets, and counts %q", b.What)
		}
	}
}

func TestWhoIsAskedForIsGivenByAnIDWithOrWithoutItsList(t *testing.T) {
	act := access.Action{Person: employee(1)}
	for person, want := range map[string]bool{"": true, "1": true, "employees/1": true, "contractors/1": false, "2": false} {
		if got := (Asked{Person: person}).About(act); got != want {
			t.Errorf("%q is about employees/1: %t", person, got)
		}
	}
}
