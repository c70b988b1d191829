package reconcile

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"rollcall/internal/access"
)

// aWorld is a world that is written down where it is needed.
func aWorld(t *testing.T, text string) World {
	t.Helper()
	return loadWorld(t, txtar.Parse([]byte(text)))
}

// oneUser is Ann with one account and a right that no rule gives her.
const oneUser = `-- employees.csv --
employee_id,name,email,status,start_date,end_date,last_working_day,timezone
1,Ann,ann@example.com,active,,,,
-- system/okta --
read users lists
read groups
account 00u1 login=ann hr=1
right group:G1 name=Orders read=groups
grant 00u1 group:G1
`

func TestWhatIsNotSeenTonightKeepsItsDatesOnlyWhereItMayBeThere(t *testing.T) {
	const gone = 7
	for name, c := range map[string]struct {
		night func(*World)
		kept  bool
	}{
		"all was read":                  {func(*World) {}, false},
		"something was not read":        {func(w *World) { w.Systems[0].Reads[0].Complete = false }, true},
		"the last read was not":         {func(w *World) { w.Systems[0].Reads[1].Complete = false }, true},
		"the role map cannot be used":   {func(w *World) { w.Policy.RoleMapUnread = true }, true},
		"the run is about somebody":     {func(w *World) { w.Order = &access.Order{Person: ada} }, true},
		"the exceptions cannot be used": {func(w *World) { w.Policy.ExceptionsUnread = true }, true},
	} {
		t.Run(name, func(t *testing.T) {
			w := aWorld(t, oneUser)
			held := w.Systems[0].GrantKeys()
			w.Memory.FirstSeen = map[string]access.Day{"gone": dayAt(-30)}
			w.Memory.GrantsSeen = map[uint64]uint32{gone: 3}
			for _, key := range held {
				w.Memory.GrantsSeen[key] = days(midnight) - 5
			}
			for _, f := range Decide(w).Findings {
				w.Memory.FirstSeen[f.ID] = dayAt(-9)
			}
			c.night(&w)
			d := Decide(w)
			m := Remember(w, d, nil, "r")
			if _, has := m.FirstSeen["gone"]; has != c.kept {
				t.Errorf("the date of a finding that is not there tonight is remembered: %v, want %v", has, c.kept)
			}
			if _, has := m.GrantsSeen[gone]; has != c.kept {
				t.Errorf("the date of a grant that is not there tonight is remembered: %v, want %v", has, c.kept)
			}
			for _, f := range d.Findings {
				if m.FirstSeen[f.ID] != dayAt(-9) {
					t.Errorf("%s was first seen on %s, remembered %s", f.Kind, dayAt(-9), m.FirstSeen[f.ID])
				}
			}
			for _, key := range held {
				if m.GrantsSeen[key] != days(midnight)-5 {
					t.Errorf("a grant that is there was first seen on day %d, remembered %d", days(midnight)-5, m.GrantsSeen[key])
				}
			}
		})
	}
}

func TestTheBaselineIsOfTheLastNightThatListedAllOrOfWhatIsKnown(t *testing.T) {
	const accounts = "account A scope=1 read=1/users\naccount B scope=1 read=1/users status=disabled\naccount C scope=1 read=1/users status=suspended\naccount D scope=2 read=2/users\n"
	const whole, half, none = "read users scope=1 lists\nread users scope=2 lists\n", "read users scope=1 lists\nread users scope=2 lists gap=denied\n", "read users scope=1 lists gap=denied\nread users scope=2 lists gap=denied\nread keys scope=1\n"
	for name, c := range map[string]struct {
		reads  string
		had    int
		seenAt time.Time
		want   int
	}{
		"a night that lists all counts what can be used":       {whole, 50, time.Time{}, 3},
		"one that does not leaves the count":                   {half, 50, time.Time{}, 50},
		"before there is one, the scopes that were listed":     {half, 0, time.Time{}, 2},
		"and none where nothing was":                           {none, 0, time.Time{}, -1},
		"a run that read nothing itself leaves the count":      {whole, 50, midnight, 50},
		"also where the first night could list nothing at all": {none, 50, time.Time{}, 50},
	} {
		w := aWorld(t, "-- world --\nbaseline none\n-- system/aws --\n"+c.reads+accounts)
		w.SeenAt = c.seenAt
		if c.had > 0 {
			w.Memory.Accounts["aws"] = c.had
		}
		got, has := Remember(w, Decide(w), nil, "r").Accounts["aws"]
		if !has {
			got = -1
		}
		if got != c.want {
			t.Errorf("%s: %d accounts, want %d", name, got, c.want)
		}
	}
}

func TestWhatIsRememberedOfAListIsWhatTookForce(t *testing.T) {
	stop := []access.Problem{{Severity: access.Stop, Says: "unreadable"}}
	for name, c := range map[string]struct {
		list     access.Roster
		problems []access.Problem
		sha      string
		history  int
	}{
		"a new list":     {hrList(staff(20), "o2", "n2"), nil, "n2", 2},
		"the same again": {hrList(staff(20), "o1", "n1"), nil, "n1", 1},
		"a refused one":  {hrList(nil, "o3", "n3"), stop, "n1", 1},
	} {
		m := inForce(staff(20))
		other, back := access.PersonKey{Source: "contractors", EmployeeID: "9"}, access.PersonKey{Source: "employees", EmployeeID: "100"}
		m.Accepted["contractors"], m.InForce["contractors"] = access.AcceptedRoster{Source: "contractors", SHA256: "c"}, staff(1)
		m.Vanished = map[access.PersonKey]access.Vanished{other: {Since: midnight}, back: {Since: midnight}}
		w := World{Now: midnight, Memory: m, Rosters: []SourceRoster{Accept(c.list, c.problems, m, RosterGuard{}, midnight)}}
		next := Remember(w, Decide(w), nil, "r")
		if next.Accepted["employees"].SHA256 != c.sha || len(next.InForce["employees"]) != 20 || len(next.History) != c.history {
			t.Errorf("%s: in force %q with %d rows, and %d lists were accepted", name, next.Accepted["employees"].SHA256, len(next.InForce["employees"]), len(next.History))
		}
		if next.Accepted["contractors"].SHA256 != "c" || len(next.InForce["contractors"]) != 1 || next.Vanished[other].Since.IsZero() {
			t.Errorf("%s: of a source that tonight is not asked about, %v, %v, %v", name, next.Accepted, next.InForce["contractors"], next.Vanished)
		}
		if _, gone := next.Vanished[back]; gone != (c.problems != nil) {
			t.Errorf("%s: who is in the list counts as vanished: %v", name, gone)
		}
	}
	w := World{Now: midnight, Rosters: []SourceRoster{Accept(hrList(nil, "o", "n"), stop, access.Memory{}, RosterGuard{}, midnight)}}
	if next := Remember(w, Decide(w), nil, "r"); len(next.Accepted)+len(next.InForce) > 0 {
		t.Errorf("of a list that was never read: %v %v", next.Accepted, next.InForce)
	}
}

func TestTheJournalsThatAreKnownStayKnown(t *testing.T) {
	known := access.Memory{Journals: map[access.RunID]bool{"r0": true}}
	for name, remember := range map[string]func(m access.Memory) access.Memory{
		"a night":   func(m access.Memory) access.Memory { return Remember(World{Memory: m}, Decision{}, nil, "r") },
		"a restore": func(m access.Memory) access.Memory { return RememberRestore(m, nil, "r") },
	} {
		if next := remember(known); !next.Journals["r0"] || next.Previous != "r" {
			t.Errorf("%s: %v, after %s", name, next.Journals, next.Previous)
		}
		if next := remember(access.Memory{}); next.Journals == nil || next.Blocked == nil {
			t.Errorf("%s: nothing can be noted in what the first one leaves: %v, %v", name, next.Journals, next.Blocked)
		}
	}
}

func TestABlockIsRememberedAsFarAsItWentAndFromItsFirstAction(t *testing.T) {
	user := access.AccountKey{System: "okta", ID: "u"}
	order := &access.Order{Person: ada, Reason: "now"}
	act := func(result access.Result, verb access.Verb, minute int) access.Outcome {
		return access.Outcome{Action: access.Action{Stage: access.Block, Verb: verb, Account: user, Person: ada, Undoable: true}, Result: result, SentAt: midnight.Add(time.Duration(minute) * time.Minute)}
	}
	with := func(o access.Outcome, change func(*access.Outcome)) access.Outcome { change(&o); return o }
	record := func(verified bool, verbs ...access.Verb) access.BlockRecord {
		return access.BlockRecord{Account: user, Person: ada, At: midnight, Run: "r", Verified: verified, Verbs: verbs}
	}
	ordered, adopted, released := record(true, access.OktaClearSessions, access.OktaSuspend), record(true, access.OktaSuspend), record(true, access.OktaSuspend)
	ordered.Order, adopted.Run = order, "earlier"
	by := []access.Release{{Approval: "a", Guard: "night"}, {Approval: "b", Guard: "week"}}
	released.Released = by
	none := access.BlockRecord{}
	for name, c := range map[string]struct {
		outcomes []access.Outcome
		want     access.BlockRecord
	}{
		"done":                       {[]access.Outcome{act(access.Done, access.OktaSuspend, 0)}, record(true, access.OktaSuspend)},
		"done, and sessions later":   {[]access.Outcome{act(access.Done, access.OktaSuspend, 0), act(access.Done, access.OktaClearSessions, 1)}, record(true, access.OktaClearSessions, access.OktaSuspend)},
		"what stops nobody":          {[]access.Outcome{act(access.Done, access.OktaClearSessions, 0)}, record(false, access.OktaClearSessions)},
		"twice":                      {[]access.Outcome{act(access.Done, access.OktaSuspend, 0), act(access.Done, access.OktaSuspend, 1)}, record(true, access.OktaSuspend)},
		"sent, not read back":        {[]access.Outcome{act(access.Pending, access.OktaSuspend, 0)}, record(false)},
		"nobody knows":               {[]access.Outcome{act(access.Unknown, access.OktaSuspend, 0)}, record(false)},
		"failed":                     {[]access.Outcome{act(access.Failed, access.OktaSuspend, 0)}, none},
		"not sent":                   {[]access.Outcome{act(access.Skipped, access.OktaSuspend, 0)}, none},
		"a removal":                  {[]access.Outcome{with(act(access.Done, access.OktaDeactivate, 0), func(o *access.Outcome) { o.Action.Stage = access.Remove })}, none},
		"ordered, then as any other": {[]access.Outcome{with(act(access.Done, access.OktaSuspend, 0), func(o *access.Outcome) { o.Action.Order = order }), act(access.Done, access.OktaClearSessions, 1)}, ordered},
		"of an interrupted run":      {[]access.Outcome{with(act(access.Done, access.OktaSuspend, 0), func(o *access.Outcome) { o.AdoptedFrom = "earlier" })}, adopted},
		"by approvals": {[]access.Outcome{with(act(access.Done, access.OktaSuspend, 0), func(o *access.Outcome) { o.Action.Released = by[:1] }),
			with(act(access.Pending, access.OktaClearSessions, 1), func(o *access.Outcome) { o.Action.Released = by })}, released},
	} {
		blocked := map[access.AccountKey]access.BlockRecord{}
		Blocks(blocked, c.outcomes, "r")
		if d := cmp.Diff(c.want, blocked[user]); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
		if _, has := blocked[user]; has != (c.want.Run != "") {
			t.Errorf("%s: there is a record: %v", name, has)
		}
	}
}

func TestARestoreTakesOutWhatItGaveBackAndNothingElse(t *testing.T) {
	user := access.AccountKey{System: "sso", ID: "u"}
	set := access.Taken{Kind: access.PermissionSet, Scope: "111", ID: "P"}
	elsewhere, other, group := set, set, access.Taken{Kind: access.SSOGroup, Scope: "111", ID: "P"}
	elsewhere.Scope, other.ID = "222", "Q"
	before := access.BlockRecord{Account: user, Verified: true, Taken: []access.Taken{set, elsewhere, other, group}, Verbs: []access.Verb{access.SSODeleteAssignment, access.SSODeleteMembership}}
	give := access.Outcome{Action: access.Action{Stage: access.Restore, Account: user, EntitlementKind: set.Kind, GrantScope: set.Scope, EntitlementID: set.ID, Undoes: &access.Undone{Verb: access.SSODeleteAssignment}}, Result: access.Done}
	blocked := map[access.AccountKey]access.BlockRecord{user: before}
	Blocks(blocked, []access.Outcome{give}, "r")
	after := before
	after.Taken = []access.Taken{elsewhere, other, group}
	if d := cmp.Diff(map[access.AccountKey]access.BlockRecord{user: after}, blocked); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	for name, nothing := range map[string]func(*access.Outcome){
		"it failed":                      func(o *access.Outcome) { o.Result = access.Failed },
		"it says not what it undoes":     func(o *access.Outcome) { o.Action.Undoes = nil },
		"it is of an account unheard of": func(o *access.Outcome) { o.Action.Account.ID = "v" },
	} {
		one := give
		nothing(&one)
		blocked := map[access.AccountKey]access.BlockRecord{user: before}
		Blocks(blocked, []access.Outcome{one}, "r")
		if d := cmp.Diff(map[access.AccountKey]access.BlockRecord{user: before}, blocked); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
}

func TestABlockIsOverOnceTheAccountOfWhoWorksHereWorksAgain(t *testing.T) {
	w := aWorld(t, `-- world --
blocked okta::work employees/1 2026-11-20 suspend
blocked okta::off employees/1 2026-11-20 suspend
blocked okta::left employees/2 2026-11-20 suspend
blocked sso::disabled employees/1 2026-11-20 delete_assignment
taken sso::disabled permission_set:P P
-- employees.csv --
employee_id,name,email,status,start_date,end_date,last_working_day,timezone
1,Ann,ann@example.com,active,,,,
2,Ben,ben@example.com,left,,2026-11-19,,
-- system/okta --
read users lists
account work login=ann hr=1
account off login=ann2 hr=1 vendor=SUSPENDED
account left login=ben hr=2
account never login=ann3 hr=1
-- system/sso --
read sso_users lists
read sso_assignments
account disabled login=ann hr=1 status=disabled
right permission_set:P read=sso_assignments
grant disabled permission_set:P
`)
	kept := slices.Sorted(maps.Keys(byID(Remember(w, Decide(w), nil, "r").Blocked)))
	if d := cmp.Diff([]string{"disabled", "left", "off"}, kept); d != "" {
		t.Errorf("remembered as blocked (-want +got):\n%s", d)
	}
	w.SeenAt = w.Now // nobody looked tonight
	if kept := Remember(w, Decide(w), nil, "r").Blocked; len(kept) != 4 {
		t.Errorf("%d blocks are remembered by a run that read nothing", len(kept))
	}
}

func byID(blocked map[access.AccountKey]access.BlockRecord) map[string]bool {
	out := map[string]bool{}
	for k := range blocked {
		out[string(k.ID)] = true
	}
	return out
}

func TestANightRemembersHowFarALogWasReadAndWhatBecameOfAReviewsRemovals(t *testing.T) {
	w := aWorld(t, `-- world --
watched okta::00u1 2026-11-22
decided row1 employees/1 okta::00u1 group:G1 2026-11-20
-- nonhuman.csv --
system,scope,account,kind,owner_id,purpose,review_by
okta,,ann,break_glass,1,fire,
`+oneUser)
	m := Remember(w, Decide(w), []access.Outcome{{Action: access.Action{Review: "row1"}, Result: access.Done, SentAt: w.Now, VerifiedAt: w.Now}}, "r")
	if len(m.Watched) != 1 || !m.Removals["row1"].DoneAt.Equal(w.Now) {
		t.Errorf("watched %v, removals %+v", m.Watched, m.Removals)
	}
}
