package reconcile

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/access"
)

// movedNight is a night on which Ann, who was a clerk, still is in the clerks' group.
func movedNight(m access.Memory, now time.Time) World {
	w := titled(m, now, "Dev")
	w.Settings.Mode, w.Settings.MoverDays, w.Settings.Removal = access.Enforce, 2, Removal{Enforce: true, Movers: true}
	rule := func(title, group string) access.Rule {
		return access.Rule{Line: access.Line{File: "rolemap.csv", Row: 2}, Title: title, System: "okta", Kind: "group", Entitlement: group}
	}
	w.Policy.RoleMap.Rules = []access.Rule{rule("Clerk", "Orders"), rule("Dev", "Code")}
	read := func(kind string, lists bool) access.Read {
		return access.Read{System: "okta", Kind: kind, Lists: lists, Complete: true}
	}
	w.Systems = []access.Observation{{System: "okta", Reads: []access.Read{read("users", true), read("group_rules", false)},
		Accounts:     []access.Account{{System: "okta", ID: "u", Login: "ann", HRID: "1", Kind: access.OktaUser, Status: access.AccountActive, VendorStatus: "ACTIVE"}},
		Entitlements: []access.Entitlement{{System: "okta", Kind: access.OktaGroup, ID: "g", Name: "Orders", Editable: true}},
		Grants:       []access.Grant{{}}}}
	return w
}

// firstNights are those until the day on which the right is due.
func firstNights(t *testing.T) (World, Decision) {
	t.Helper()
	now := time.Date(2026, 1, 1, 2, 0, 0, 0, time.UTC)
	w := titled(access.Memory{}, now, "Clerk")
	w.Settings.MoverDays = 2
	m := Remember(w, Decide(w), nil, "r")
	for n := 1; n < 4; n++ { // moved on the 2nd: two whole days are over at midnight of the 5th
		w = movedNight(m, now.AddDate(0, 0, n))
		d := Decide(w)
		if len(d.Plan.Actions)+len(d.Plan.Held) > 0 || len(d.Residues) != 1 {
			t.Fatalf("night %d: %+v, announced %v", n, d.Plan.Actions, d.Residues)
		}
		m = Remember(w, d, nil, "r")
	}
	w = movedNight(m, now.AddDate(0, 0, 4))
	d := Decide(w)
	if len(d.Plan.Actions) != 1 || !d.Plan.Actions[0].Mover || !d.Plan.Actions[0].First {
		t.Fatalf("on the day: %s", renderPlan(d.Plan))
	}
	return w, d
}

func TestARightOfAFormerJobIsTakenOnTheDayThatWasAnnounced(t *testing.T) { firstNights(t) }

func TestARemovalThatFailedIsTriedAgainAndOneThatWasDoneIsAnnouncedAgain(t *testing.T) {
	w, d := firstNights(t)
	for result, again := range map[access.Result]bool{access.Failed: true, access.Pending: true, access.Done: false, access.AlreadyAbsent: false} {
		o := access.Outcome{Action: d.Plan.Actions[0], Result: result, SentAt: w.Now, VerifiedAt: w.Now}
		next := movedNight(Remember(w, d, []access.Outcome{o}, "r"), w.Now.AddDate(0, 0, 1))
		if got := len(Decide(next).Plan.Actions) == 1; got != again {
			t.Errorf("after %s the right is still held and planned: %t", result, got)
		}
	}
}

func TestANightThatAnnouncesNothingBeginsTheNoticeAnew(t *testing.T) {
	w, _ := firstNights(t)
	covered := w
	covered.Policy.Exceptions = []access.Exception{{Person: access.PersonKey{Source: "employees", EmployeeID: "1"}, System: "okta", Entitlement: "Orders", ExpiresOn: access.Day{At: w.Now.AddDate(0, 0, 1)}}}
	next := movedNight(Remember(covered, Decide(covered), nil, "r"), w.Now.AddDate(0, 0, 1))
	if d := Decide(next); len(d.Plan.Actions) > 0 || len(d.Residues) != 1 {
		t.Errorf("%s, announced %v", renderPlan(d.Plan), d.Residues)
	}
}

func TestANightThatCannotTellKeepsTheNotice(t *testing.T) {
	w, _ := firstNights(t)
	for name, blind := range map[string]func(*World){
		"the role map was unread": func(w *World) { w.Policy.RoleMapUnread = true },
		"the system was not read": func(w *World) {
			o := movedNight(w.Memory, w.Now).Systems[0]
			o.Accounts, o.Grants = nil, nil
			o.Reads[0].Complete = false
			w.Systems = []access.Observation{o}
		},
	} {
		dark := w
		blind(&dark)
		next := movedNight(Remember(dark, Decide(dark), nil, "r"), w.Now.AddDate(0, 0, 1))
		if d := Decide(next); len(d.Plan.Actions) != 1 {
			t.Errorf("%s: %s", name, renderFindings(d))
		}
	}
}

func TestWhatWasTakenCountsForAWeekAndIsForgotten(t *testing.T) {
	w, d := firstNights(t)
	o := access.Outcome{Action: d.Plan.Actions[0], Result: access.Done, SentAt: w.Now, VerifiedAt: w.Now}
	m := Remember(w, d, []access.Outcome{o}, "r")
	for n, want := range map[int]int{6: 1, 8: 0} {
		now := w.Now.AddDate(0, 0, n)
		if got := removingSince(m, "okta", "okta", now.Add(-week)); got != want {
			t.Errorf("after %d days %d accounts count", n, got)
		}
		later := movedNight(m, now)
		later.Systems[0].Grants = nil
		if got := len(Remember(later, Decide(later), nil, "r").Residues); got != want {
			t.Errorf("after %d days %d are remembered", n, got)
		}
	}
}

func TestWhatIsRememberedOfARemovalOfAFormerJobIsWhatWasSent(t *testing.T) {
	user := access.AccountKey{System: "okta", ID: "u"}
	act := func(result access.Result, minute int) access.Outcome {
		return access.Outcome{Action: access.Action{Stage: access.Remove, Mover: true, FindingID: "f", Account: user, Person: ada, EntitlementKind: access.OktaGroup, GrantScope: "s", EntitlementID: "g"}, Result: result, SentAt: midnight.Add(time.Duration(minute) * time.Minute)}
	}
	announced := access.Residue{AnnouncedAt: midnight.AddDate(0, 0, -7), DueAt: midnight}
	residue := func(told, begun bool) access.Residue {
		r := access.Residue{FindingID: "f", Person: ada, Account: user, Kind: access.OktaGroup, Scope: "s", ID: "g"}
		if told {
			r.AnnouncedAt, r.DueAt = announced.AnnouncedAt, announced.DueAt
		}
		if begun {
			r.RemovingAt = midnight
		}
		return r
	}
	other := act(access.Done, 0)
	other.Action.Mover = false
	for name, c := range map[string]struct {
		outcomes []access.Outcome
		want     access.Residue
	}{
		"done":                {[]access.Outcome{act(access.Done, 0)}, residue(false, true)},
		"sent":                {[]access.Outcome{act(access.Pending, 0)}, residue(true, true)},
		"nobody knows":        {[]access.Outcome{act(access.Unknown, 0)}, residue(true, true)},
		"sent, then done":     {[]access.Outcome{act(access.Pending, 0), act(access.Done, 5)}, residue(false, true)},
		"was gone already":    {[]access.Outcome{act(access.AlreadyAbsent, 0)}, residue(false, false)},
		"failed":              {[]access.Outcome{act(access.Failed, 0)}, residue(true, false)},
		"of somebody leaving": {[]access.Outcome{other}, announced},
	} {
		residues := map[string]access.Residue{"f": announced}
		Residues(residues, c.outcomes)
		if d := cmp.Diff(map[string]access.Residue{"f": c.want}, residues); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
	var next access.Memory
	rememberResidues(&next, World{Now: midnight}, Decision{}, []access.Outcome{act(access.AlreadyAbsent, 0), act(access.Failed, 0)})
	if len(next.Residues) > 0 {
		t.Errorf("of what was gone already: %v", next.Residues)
	}
}

func TestANoticeIsOverOnlyWhereItIsKnownThatNothingIsAnnouncedAnyMore(t *testing.T) {
	account := func(id access.AccountID) access.Account { return access.Account{System: "okta", ID: id} }
	r := access.Residue{FindingID: "f", Person: ada, Account: account("u").Key(), Kind: access.OktaGroup, ID: "g", AnnouncedAt: midnight, DueAt: midnight}
	begun := r
	begun.AnnouncedAt, begun.DueAt, begun.RemovingAt = time.Time{}, time.Time{}, midnight.Add(-week)
	for name, c := range map[string]struct {
		was    access.Residue
		gap    bool
		grants []access.Grant
		kept   bool
	}{
		"all was read":                       {was: r},
		"the right is there, and was judged": {was: r, gap: true, grants: []access.Grant{{Account: 0, Entitlement: 0}}},
		"the right was not seen":             {was: r, gap: true, kept: true},
		"another account has it":             {was: r, gap: true, grants: []access.Grant{{Account: 1, Entitlement: 0}}, kept: true},
		"another right is there":             {was: r, gap: true, grants: []access.Grant{{Account: 0, Entitlement: 1}}, kept: true},
		"a group carries it":                 {was: r, gap: true, grants: []access.Grant{{Account: 0, Entitlement: 0, Carrier: 2}}, kept: true},
		"it was begun a week ago":            {was: begun, kept: true},
	} {
		o := access.Judged{Observation: access.Observation{System: "okta", Accounts: []access.Account{account("u"), account("v")}, Grants: c.grants,
			Entitlements: []access.Entitlement{{Kind: access.OktaGroup, ID: "g"}, {Kind: access.OktaGroup, ID: "h"}},
			Reads:        []access.Read{{System: "okta", Complete: true}, {System: "okta", Complete: !c.gap}}}}
		dark := access.Judged{Observation: access.Observation{System: "aws", Reads: []access.Read{{System: "aws"}}}}
		var next access.Memory
		rememberResidues(&next, World{Now: midnight, Memory: access.Memory{Residues: map[string]access.Residue{"f": c.was}}}, Decision{Systems: []access.Judged{dark, o}}, nil)
		if _, has := next.Residues["f"]; has != c.kept || has && next.Residues["f"] != c.was {
			t.Errorf("%s: remembered %v", name, next.Residues)
		}
	}
	var next access.Memory
	rememberResidues(&next, World{Now: midnight, Memory: access.Memory{Residues: map[string]access.Residue{"f": r}}}, Decision{}, nil)
	if len(next.Residues) != 1 {
		t.Error("a system that tonight was not asked ended a notice")
	}
}
