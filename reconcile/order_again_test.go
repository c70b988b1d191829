package reconcile

import (
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"rollcall/internal/access"
)

// The clock of a leaver who was blocked before stands when an order reads that they still
// are, and begins anew when it finds them working. Nobody else's is touched by it.
func TestAnOrderThatReadsAgainMovesTheClockOnlyOfWhoWorked(t *testing.T) {
	before, now := time.Date(2026, 11, 19, 2, 0, 0, 0, time.UTC), time.Date(2026, 11, 20, 2, 1, 0, 0, time.UTC)
	world := txtar.Parse([]byte(`-- world --
now 2026-11-20T02:00:00Z
order employees/1 stolen INC-7
recalled 2026-11-20T01:00:00Z
-- employees.csv --
employee_id,name,email,status,start_date,end_date,last_working_day,timezone
1,P1,p1@example.com,left,2020-01-01,2026-11-18,,
2,P2,p2@example.com,left,2020-01-01,2026-11-18,,
-- system/okta --
read users lists
read api_tokens
read admin_roles
account 00u1 login=p1 hr=1 vendor=SUSPENDED
account 00u2 login=p2 hr=2 vendor=SUSPENDED
`))
	unread := txtar.Parse([]byte(strings.Replace(string(txtar.Format(world)), "read admin_roles\n", "", 1)))
	for name, tt := range map[string]struct {
		suspend access.Outcome
		want    time.Time
		world   *txtar.Archive
	}{
		"still blocked":                            {access.Outcome{Result: access.AlreadyAbsent, VerifiedAt: now}, before, world},
		"found working":                            {access.Outcome{Result: access.Done, SentAt: now, VerifiedAt: now}, now, world},
		"works, and is left":                       {access.Outcome{Result: access.Skipped}, time.Time{}, world},
		"works, and it failed":                     {access.Outcome{Result: access.Failed, SentAt: now}, time.Time{}, world},
		"found working, and not all of it is read": {access.Outcome{Result: access.Done, SentAt: now, VerifiedAt: now}, time.Time{}, unread},
		"could not be read now":                    {access.Outcome{Result: access.Failed}, before, world},
	} {
		w := loadWorld(t, tt.world)
		w.Memory.Endings = map[access.AccountKey]access.Ending{}
		for _, id := range []access.AccountID{"00u1", "00u2"} {
			k := access.AccountKey{System: "okta", ID: id}
			w.Memory.Endings[k] = access.Ending{Account: k, Person: access.PersonKey{Source: "employees", EmployeeID: access.EmployeeID(id[3:])}, BlockedAt: before}
			w.Memory.Blocked[k] = access.BlockRecord{Account: k, Person: w.Memory.Endings[k].Person, At: before, Verified: true, Verbs: []access.Verb{access.OktaClearSessions, access.OktaSuspend}}
		}
		d := Decide(w)
		var outcomes []access.Outcome
		for _, a := range d.Plan.Actions {
			o := access.Outcome{Result: access.Done, SentAt: now, VerifiedAt: now}
			if a.Verb == access.OktaSuspend {
				o = tt.suspend
			}
			o.Action = a
			outcomes = append(outcomes, o)
		}
		if len(outcomes) != 2 {
			t.Fatalf("%s: %d steps", name, len(outcomes))
		}
		next := Remember(w, d, outcomes, "run")
		if got := next.Endings[access.AccountKey{System: "okta", ID: "00u1"}].BlockedAt; !got.Equal(tt.want) {
			t.Errorf("%s: blocked since %s, want %s", name, got, tt.want)
		}
		if got := next.Endings[access.AccountKey{System: "okta", ID: "00u2"}].BlockedAt; !got.Equal(before) {
			t.Errorf("%s: somebody else is blocked since %s", name, got)
		}
	}
}

// TestAnAnswerThatMayBeAboutAnotherOneSettlesNoOrder: while their ID stands in the rows of
// several people, or was answered then, the one who works here may be somebody else.
func TestAnAnswerThatMayBeAboutAnotherOneSettlesNoOrder(t *testing.T) {
	for name, tt := range map[string]struct {
		bend    func(*World)
		settled bool
	}{
		"it was one person's": {func(*World) {}, true},
		"it was of several": {func(w *World) {
			w.Memory.Doubts = map[access.PersonKey]access.Doubt{leoKey: {Several: day("2026-11-22").At.Add(12 * time.Hour)}}
		}, false},
		"it is of several": {func(w *World) {
			other := w.Rosters[0].Rows[0]
			other.Row, other.Name, other.Email, other.Aliases = 99, "Zoe Other", "zoe@example.com", ""
			w.Rosters[0].Rows = append(w.Rosters[0].Rows, other)
			w.Rosters[0].Rows[0].Status, w.Rosters[0].Rows[len(w.Rosters[0].Rows)-1].Status = access.StatusUnknown, access.StatusUnknown
		}, false},
	} {
		w := orderWorld(t, "", "")
		w.Memory.Orders = map[access.PersonKey]access.OpenOrder{leoKey: openOrder(leoKey)}
		w.Policy.Answers = []access.Answer{{Person: leoKey, Answer: "active", ConfirmedOn: day("2026-11-22")}}
		tt.bend(&w)
		d := Decide(w)
		if _, open := Remember(w, d, nil, "run-9").Orders[leoKey]; open == tt.settled {
			t.Errorf("%s: the order is open %t; %v", name, open, d.People)
		}
	}
}
