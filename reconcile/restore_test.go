package reconcile

import (
	"cmp"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	diff "github.com/google/go-cmp/cmp"
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

// TestRandomRestorations blocks people of random worlds, lets HR take some of it
// back, and restores.
func TestRandomRestorations(t *testing.T) {
	restored, refused := 0, 0
	for seed := range seeds(1000) {
		one, other := playRestore(t, seed)
		restored, refused = restored+one, refused+other
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
	if uint64(restored) < seeds(50) || uint64(refused) < seeds(90) {
		t.Errorf("%d restored, %d refused: the worlds are too quiet", restored, refused)
	}
}

func FuzzRestore(f *testing.F) {
	f.Add(uint64(1))
	f.Fuzz(func(t *testing.T, seed uint64) { playRestore(t, seed) })
}

func playRestore(t *testing.T, seed uint64) (restored, refused int) {
	r := newRandom(seed)
	w := r.world()
	night := Decide(w)
	asked := Asked{Run: "night", Reason: "HR's mistake"}
	for _, a := range night.Plan.Actions {
		asked.Done = append(asked.Done, Done{Outcome: access.Outcome{Action: a, Result: access.Done, VerifiedAt: w.Now, Before: beforeOf(a)}})
	}
	blocked := w
	blocked.Memory = Remember(w, night, outcomesOf(asked), "night")
	blocked.Systems = slices.Clone(w.Systems)
	for n := range blocked.Systems {
		blocked.Systems[n] = applied(blocked.Systems[n], night.Plan.Actions)
	}
	nobodyIsRestored(t, blocked, asked)
	corrected := r.corrected(blocked)
	d, x := Restore(corrected, asked)
	onlyWhoWorksHere(t, corrected, d, x)
	everythingOnce(t, asked, x)
	orderOfAWorldIsIrrelevant(t, r, corrected, asked, x)
	restoredIsDone(t, corrected, asked, x, d)
	return len(x.Plan.Actions), len(x.Plan.Held)
}

func beforeOf(a access.Action) json.RawMessage {
	switch {
	case isCredential(a.Verb):
		return json.RawMessage(`{"status":"Active"}`)
	case a.Verb == access.OktaSuspend:
		return json.RawMessage(`{"status":"ACTIVE"}`)
	}
	return nil
}

func outcomesOf(a Asked) (out []access.Outcome) {
	for _, d := range a.Done {
		out = append(out, d.Outcome)
	}
	return out
}

// corrected is the world after HR's next list: of some leavers it says now that
// they work here.
func (r random) corrected(w World) World {
	w.Rosters = slices.Clone(w.Rosters)
	for n := range w.Rosters {
		rows := slices.Clone(w.Rosters[n].Rows)
		for i := range rows {
			if rows[i].Status == access.StatusLeft && r.chance(70) {
				rows[i].Status, rows[i].EndDate, rows[i].LastWorkingDay, rows[i].Problem = access.StatusActive, access.Day{}, access.Day{}, ""
				rows[i].StartDate = access.Day{At: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)}
			}
		}
		w.Rosters[n].Rows = rows
		w.Rosters[n].Verdict.Accepted = w.Rosters[n].Verdict.Refusal == nil
	}
	return w
}

// nobodyIsRestored: while the world says that they have left, nobody is given
// anything back.
func nobodyIsRestored(t *testing.T, w World, asked Asked) {
	t.Helper()
	if _, x := Restore(w, asked); len(x.Plan.Actions) > 0 {
		t.Errorf("given back to a leaver: %+v", x.Plan.Actions[0])
	}
}

// onlyWhoWorksHere: what is given back goes to somebody who works here, by a list
// that was accepted, on an account that is theirs, and the same world blocks none
// of it.
func onlyWhoWorksHere(t *testing.T, w World, d Decision, x Restoration) {
	t.Helper()
	blocks := map[access.AccountKey]bool{}
	night := Decide(w)
	for _, a := range slices.Concat(night.Plan.Actions, heldActions(night.Plan)) {
		blocks[a.Account] = true
	}
	standing := map[access.PersonKey]access.Standing{}
	for _, p := range d.People {
		standing[p.Key()] = p.Standing
	}
	matched := map[access.AccountKey]access.PersonKey{}
	for s := range d.Systems {
		for a, acc := range d.Systems[s].Accounts {
			matched[acc.Key()] = d.Systems[s].Matches[a].Person
		}
	}
	for _, a := range x.Plan.Actions {
		p := matched[a.Account]
		if s := standing[p]; s != access.StandingActive && s != access.StandingScheduled {
			t.Errorf("%s to %s, who is %s", a.Verb, p, s)
		}
		if blocks[a.Account] {
			t.Errorf("%s of %s, which tonight would block", a.Verb, a.Account)
		}
		for _, l := range w.Rosters {
			if l.Verdict.Source == p.Source && !l.Verdict.Accepted {
				t.Errorf("%s to %s by a refused list", a.Verb, p)
			}
		}
		if read := readOf(w, a.Account); !read.Complete {
			t.Errorf("%s rests on %s, which was not read to its end", a.Verb, read.Name())
		}
	}
}

// everythingOnce: each thing that the run did has one fate, and the plan has what
// is to be restored and what is refused.
func everythingOnce(t *testing.T, asked Asked, x Restoration) {
	t.Helper()
	if len(x.Undoings) != len(asked.Done) {
		t.Errorf("%d of %d things have a fate", len(x.Undoings), len(asked.Done))
	}
	count := map[Fate]int{}
	seen := map[string]bool{}
	for _, u := range x.Undoings {
		count[u.Fate]++
		if seen[u.Action.Undoes.ActionID] || u.Why == "" || (u.Guard != "") != (u.Fate == NotRestored) {
			t.Errorf("twice, or without a reason: %+v", u)
		}
		seen[u.Action.Undoes.ActionID] = true
	}
	if len(x.Plan.Actions) != count[ToRestore] || len(x.Plan.Held) != count[NotRestored] || len(x.Plan.Trips) != count[NotRestored] {
		t.Errorf("the plan has %d, %d and %d; the fates are %v", len(x.Plan.Actions), len(x.Plan.Held), len(x.Plan.Trips), count)
	}
}

func orderOfAWorldIsIrrelevant(t *testing.T, r random, w World, asked Asked, x Restoration) {
	t.Helper()
	if _, again := Restore(r.shuffled(w), asked); renderRestoration(again) != renderRestoration(x) {
		t.Errorf("in another order (-first +second):\n%s", diff.Diff(renderRestoration(x), renderRestoration(again)))
	}
}

// restoredIsDone gives back in the model what the plan says: then nothing is left
// to restore, policy allows all of it, no pair is new, and no block of what was
// restored is remembered.
func restoredIsDone(t *testing.T, w World, asked Asked, x Restoration, before Decision) {
	t.Helper()
	var outcomes []access.Outcome
	next := w
	next.Systems = slices.Clone(w.Systems)
	for _, a := range x.Plan.Actions {
		outcomes = append(outcomes, access.Outcome{Action: a, Result: access.Done, VerifiedAt: w.Now})
		for n := range next.Systems {
			next.Systems[n] = givenBackIn(next.Systems[n], a)
		}
	}
	next.Memory = RememberRestore(w.Memory, outcomes, "restore")
	guardsCountAsBefore(t, w.Memory, next.Memory)
	knowing := asked
	knowing.Done = slices.Clone(asked.Done)
	for n := range knowing.Done {
		for _, a := range x.Plan.Actions {
			if a.Undoes.ActionID == knowing.Done[n].Action.ID {
				knowing.Done[n].Restored = "restore"
			}
		}
	}
	for name, what := range map[string]Asked{"knowing what was restored": knowing, "by looking": asked} {
		d, again := Restore(next, what)
		for _, a := range again.Plan.Actions {
			if name == "knowing what was restored" || !isCredential(a.Undoes.Verb) { // a credential is not always listed
				t.Errorf("%s, it is restored again: %s of %s", name, a.Verb, a.Account)
			}
		}
		for _, f := range d.Findings {
			if f.Kind == access.SoDConflict && !slices.ContainsFunc(before.Findings, func(was access.Finding) bool { return was.Kind == f.Kind && was.Person == f.Person }) {
				t.Errorf("a new conflict: %s", f.Reason)
			}
		}
		for _, a := range x.Plan.Actions {
			if a.Verb != access.SSOCreateAssignment && a.Verb != access.SSOCreateMembership {
				continue
			}
			for s := range d.Systems {
				o := &d.Systems[s]
				for n, g := range o.Grants {
					e := o.Entitlements[g.Entitlement]
					if o.Accounts[g.Account].Key() == a.Account && g.Direct() && e.Kind == a.EntitlementKind && e.ID == a.EntitlementID && e.Scope == a.GrantScope && !o.Verdicts[n].Expected() {
						t.Errorf("policy does not expect %s of %s", e.ID, a.Account)
					}
				}
			}
		}
	}
	for _, a := range x.Plan.Actions {
		if b, is := next.Memory.Blocked[a.Account]; is && slices.Contains(b.Verbs, a.Undoes.Verb) && len(b.Taken) == 0 {
			t.Errorf("%s was restored and is remembered as blocked by %v", a.Account, b.Verbs)
		}
	}
}

// guardsCountAsBefore: a restore gives the guards of blocks no room.
func guardsCountAsBefore(t *testing.T, before, after access.Memory) {
	t.Helper()
	ever := time.Time{}.Add(-time.Second) // blocks of the model were sent at no time
	for _, s := range []access.System{"", "okta", "aws", "sso"} {
		if was, is := blockedSince(before, s, "all systems", ever), blockedSince(after, s, "all systems", ever); is != was {
			t.Errorf("the guard counted %d blocks in %q, and after the restore %d", was, s, is)
		}
	}
}

// givenBackIn is what a collector would see after an action of a restore.
func givenBackIn(o access.Observation, act access.Action) access.Observation {
	if act.Account.System != o.System {
		return o
	}
	o.Accounts, o.Entitlements, o.Grants = slices.Clone(o.Accounts), slices.Clone(o.Entitlements), slices.Clone(o.Grants)
	a := slices.IndexFunc(o.Accounts, func(a access.Account) bool { return a.Key() == act.Account })
	switch act.Verb {
	case access.OktaUnsuspend:
		o.Accounts[a].VendorStatus, o.Accounts[a].Status = "ACTIVE", access.AccountActive
	case access.IAMUndeny:
		o.Accounts[a].VendorStatus, o.Accounts[a].Status = "", access.AccountActive
	case access.SSOCreateAssignment, access.SSOCreateMembership:
		e := slices.IndexFunc(o.Entitlements, func(e access.Entitlement) bool {
			return e.Kind == act.EntitlementKind && e.ID == act.EntitlementID && e.Scope == act.GrantScope
		})
		o.Grants = append(o.Grants, access.Grant{Account: uint32(a), Entitlement: uint32(e)})
		for _, g := range o.Grants {
			carried := access.Grant{Account: uint32(a), Entitlement: g.Entitlement, Carrier: g.Carrier}
			if int(g.Carrier)-1 == e && !slices.Contains(o.Grants, carried) {
				o.Grants = append(o.Grants, carried)
			}
		}
	}
	return o
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

// What is done, or refused, says what it undoes, why, for which finding and by which reads.
func TestARestorationSaysWhatItUndoesAndWhatItRestsOn(t *testing.T) {
	w := loadWorld(t, txtar.Parse([]byte(`
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
`)))
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
