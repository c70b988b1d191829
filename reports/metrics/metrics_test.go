package metrics

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"rollcall/internal/access"
)

var began = time.Date(2041, 3, 4, 1, 0, 0, 0, time.UTC)

// night is one on which ann was blocked an hour after her end, bob cannot be, and cid was
// blocked by somebody else last year. Of dee, who is held tonight, the clocks stand.
func night() *access.Night {
	who := func(id string) access.PersonKey {
		return access.PersonKey{Source: "employees", EmployeeID: access.EmployeeID(id)}
	}
	person := func(id string, end time.Time) access.Person {
		return access.Person{Identity: access.Identity{Source: "employees", EmployeeID: access.EmployeeID(id), Name: "Secret Name"}, AccessEndsAt: end, Standing: access.StandingLeft}
	}
	account := func(id string) access.AccountKey { return access.AccountKey{System: "okta", ID: access.AccountID(id)} }
	n := &access.Night{Run: access.Run{ID: "r", StartedAt: began}}
	n.People = []access.Person{person("ann", began.Add(-time.Hour)), person("bob", began.Add(-48*time.Hour)), person("cid", began.Add(-9999*time.Hour)), person("dee", began.Add(-9999*time.Hour))}
	n.People[3].Standing = access.StandingHeld
	n.Endings = map[access.AccountKey]access.Ending{
		account("a"): {Person: who("ann"), BlockedAt: began.Add(time.Minute)},
		account("b"): {Person: who("bob")},
		account("c"): {Person: who("cid"), BlockedAt: began.Add(time.Minute)},
		account("d"): {Person: who("dee")},
	}
	act := func(id string, result access.Result) access.Outcome {
		return access.Outcome{Action: access.Action{Person: who(id), Account: account(id), Stage: access.Block, Verb: access.OktaSuspend, Login: "secret@example.com"}, Result: result}
	}
	n.Outcomes = []access.Outcome{act("ann", access.Done), act("bob", access.Failed)}
	n.Systems = []access.Judged{{Observation: access.Observation{System: "okta", Accounts: make([]access.Account, 3),
		Reads: []access.Read{{System: "okta", Kind: "users", Complete: true}, {System: "okta", Kind: "groups"}}}}}
	n.Findings = []access.Finding{{Kind: access.LeaverAccess, Disposition: access.ToRevoke}, {Kind: access.NoMFA, Disposition: access.ToReport}}
	n.Plan.Trips = []access.GuardError{{Guard: "blast_radius"}}
	n.Rosters = []access.RosterVerdict{{Source: "employees", InForce: access.AcceptedRoster{AcceptedAt: began}}}
	return n
}

func after(t *testing.T, before []byte, r Run) string {
	t.Helper()
	if r.EndedAt.IsZero() {
		r.Began, r.EndedAt = began, began.Add(10*time.Minute)
	}
	text, unread, err := After(before, r)
	if err != nil || unread != nil {
		t.Fatal(err, unread)
	}
	return string(text)
}

func has(t *testing.T, text string, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if !strings.Contains("\n"+text, "\n"+line+"\n") {
			t.Errorf("there is no %s in\n%s", line, text)
		}
	}
}

var whole = Run{Command: "nightly", ExitCode: 3, Version: "v1", Night: night(), Whole: true}

func TestTheFiguresOfANight(t *testing.T) {
	text := after(t, nil, whole)
	has(t, text,
		`rollcall_build_info{version="v1"} 1`,
		`rollcall_last_run_exit_code{command="nightly"} 3`,
		`rollcall_last_run_timestamp_seconds{command="nightly"} 2.2459722e+09`,
		`rollcall_last_success_timestamp_seconds{command="nightly"} 2.2459722e+09`,
		`rollcall_last_run_duration_seconds{command="nightly"} 600`,
		`rollcall_system_complete{system="okta"} 0`,
		`rollcall_system_reads{complete="false",system="okta"} 1`,
		`rollcall_system_accounts{system="okta"} 3`,
		`rollcall_findings{disposition="report",kind="no_mfa"} 1`,
		`rollcall_actions_total{outcome="done",stage="block",system="okta"} 1`,
		`rollcall_actions_total{outcome="failed",stage="block",system="okta"} 1`,
		`rollcall_actions_total{outcome="done",stage="remove",system="okta"} 0`,
		`rollcall_guard_trips{command="nightly",guard="blast_radius"} 1`,
		`rollcall_guard_trips{command="nightly",guard="roster"} 0`,
		`rollcall_leavers_unblocked 1`,
		`rollcall_leavers_unblocked_age_max_seconds 173400`,
		`rollcall_time_to_block_seconds_bucket{le="3600"} 0`,
		`rollcall_time_to_block_seconds_bucket{le="14400"} 1`,
		`rollcall_time_to_block_seconds_bucket{le="+Inf"} 1`,
		`rollcall_time_to_block_seconds_sum 3660`,
		`rollcall_last_time_to_block_max_seconds 3660`)
}

func TestPrometheusLinterHasNothingToSay(t *testing.T) {
	text := after(t, []byte(after(t, nil, whole)), Run{Command: "sweep", Night: night()})
	problems, err := promlint.New(strings.NewReader(text)).Lint()
	if err != nil || len(problems) > 0 {
		t.Errorf("%v %v", problems, err)
	}
	broken := strings.ReplaceAll(text, "_timestamp_seconds", "_timestamp_minutes")
	if problems, _ := promlint.New(strings.NewReader(broken)).Lint(); len(problems) == 0 {
		t.Error("the linter does not see a wrong unit")
	}
}

func TestFiguresNameNobody(t *testing.T) {
	text := after(t, nil, whole)
	for _, secret := range []string{"Secret Name", "secret@example.com", "ann", "bob"} {
		if strings.Contains(text, secret) {
			t.Errorf("%q is in\n%s", secret, text)
		}
	}
}

func TestAnAbortedNightKeepsWhatTheOneBeforeFound(t *testing.T) {
	before := after(t, nil, whole)
	text := after(t, []byte(before), Run{Command: "nightly", ExitCode: 1, Began: began.Add(24 * time.Hour), EndedAt: began.Add(24*time.Hour + time.Minute)})
	has(t, text, `rollcall_last_run_exit_code{command="nightly"} 1`, `rollcall_last_run_timestamp_seconds{command="nightly"} 2.24605806e+09`,
		`rollcall_last_success_timestamp_seconds{command="nightly"} 2.2459722e+09`, `rollcall_findings{disposition="report",kind="no_mfa"} 1`)
}

func TestCountersGoOnAndAFindingThatIsGoneIsNone(t *testing.T) {
	before := after(t, nil, whole)
	next := night()
	next.Findings = nil
	text := after(t, []byte(before), Run{Command: "nightly", Night: next, Whole: true, Version: "v1"})
	has(t, text, `rollcall_actions_total{outcome="done",stage="block",system="okta"} 2`, `rollcall_findings{disposition="report",kind="no_mfa"} 0`,
		`rollcall_time_to_block_seconds_count 2`, `rollcall_time_to_block_seconds_bucket{le="14400"} 2`)
}

func TestAQuietSweepTellsOnlyThatItRan(t *testing.T) {
	before := after(t, nil, whole)
	text := after(t, []byte(before), Run{Command: "sweep", Night: night(), Quiet: true, Version: "v1"})
	has(t, text, `rollcall_last_success_timestamp_seconds{command="sweep"} 2.2459722e+09`, `rollcall_actions_total{outcome="done",stage="block",system="okta"} 1`,
		`rollcall_guard_trips{command="sweep",guard="blast_radius"} 1`)
}

func TestAFileThatCannotBeReadIsBegunAnew(t *testing.T) {
	text, unread, err := After([]byte("rollcall_x{ 1"), whole)
	if err != nil || unread == nil || !bytes.Contains(text, []byte("rollcall_findings")) {
		t.Errorf("%v %v\n%s", unread, err, text)
	}
	text, unread, err = After([]byte("# TYPE other gauge\nother 1\n"), whole)
	if err != nil || unread != nil || bytes.Contains(text, []byte("other 1")) {
		t.Errorf("somebody else's figures: %v %v\n%s", unread, err, text)
	}
}

func TestTheSameRunIsTheSameText(t *testing.T) {
	once := after(t, nil, whole)
	for range 5 {
		if again := after(t, nil, whole); again != once {
			t.Fatalf("%s\nand\n%s", once, again)
		}
	}
}
