package jobs_test

import (
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeokta"
	"rollcall/internal/sandbox/faults"
	"rollcall/reports/archive"
)

// kept are the events that a night archived: "type of the event, verb of the action"
// of each, where the action is one of the run that the row names.
func (v *village) kept(n *access.Night) (all []string) {
	v.t.Helper()
	verbs := map[string]string{}
	for run := range v.nights {
		for _, a := range rowsOf[archive.ActionRow](v, "actions", access.RunID(fmt.Sprintf("run-%02d", run+1))) {
			verbs[a.RunID+a.ActionID] = a.Verb
		}
	}
	for _, e := range rowsOf[archive.EventRow](v, "events", n.Run.ID) {
		if e.RequestID == "" || e.PublishedAt.IsZero() || !strings.Contains(e.Raw, e.EventID) || strings.Contains(e.Raw, "debug") {
			v.t.Errorf("the evidence is not whole, or too much: %+v", e)
		}
		all = append(all, strings.TrimSuffix(e.EventType+", "+verbs[e.ActionRunID+e.ActionID], ", "))
	}
	slices.Sort(all)
	return all
}

// rowsOf reads one table of one run, if that run has it.
func rowsOf[T any](v *village, table string, run access.RunID) []T {
	v.t.Helper()
	names, err := filepath.Glob(filepath.Join(v.root, table, "date=*", "run="+string(run), "*.parquet"))
	v.ok(err)
	var all []T
	for _, name := range names {
		rows, err := parquet.ReadFile[T](name)
		v.ok(err)
		all = append(all, rows...)
	}
	return all
}

// what leo's block leaves in Okta's log: a suspension ends the sessions by itself too.
var ofABlock = []string{
	"app.oauth2.token.revoke, clear_sessions", "system.api_token.revoke, delete_api_token", "user.lifecycle.suspend, suspend",
	"user.session.clear, clear_sessions", "user.session.clear, suspend",
}

func TestTheEventsOfARevocationAreArchivedBesideItsOutcomes(t *testing.T) {
	v := newVillage(t, fakeokta.Options{})
	v.is(access.StatusLeft, "leo")
	n := v.good(0)
	if d := cmp.Diff(ofABlock, v.kept(n)); d != "" {
		t.Errorf("(-want +kept):\n%s", d)
	}
	for _, e := range n.Events {
		if e.Run != n.Run.ID || e.Actor != "rollcall@example.test" || e.Client == "" {
			t.Errorf("%+v", e)
		}
	}
	if left := v.memory().Awaited; len(left) != 0 {
		t.Errorf("still awaited: %+v", left)
	}
	if next := v.good(0); len(v.kept(next)) != 0 {
		t.Errorf("the next night has them again: %v", v.kept(next))
	}
	v.verified()
}

func TestEventsThatComeLateAreCompletedByTheNextNight(t *testing.T) {
	v := newVillage(t, fakeokta.Options{LogDelay: 6 * time.Hour})
	v.is(access.StatusLeft, "leo")
	n := v.good(0)
	if got := v.kept(n); len(got) != 0 || len(v.memory().Awaited) != 3 || !slices.ContainsFunc(n.Notes, func(s string) bool { return strings.Contains(s, "the next night looks again") }) {
		t.Fatalf("%v, awaited %+v, notes %q", got, v.memory().Awaited, n.Notes)
	}
	next := v.good(0)
	if d := cmp.Diff(ofABlock, v.kept(next)); d != "" {
		t.Errorf("(-want +kept):\n%s", d)
	}
	if left := v.memory().Awaited; len(left) != 0 || next.Events[0].Run != n.Run.ID {
		t.Errorf("still awaited: %+v; the events are of run %s", left, next.Events[0].Run)
	}
	v.verified()
}

func TestTheNightAfterARestoreHasItsEventsToo(t *testing.T) {
	v := newHospital(t)
	v.undo(v.mistake(), 3) // nobody lets leo have Admin
	if n := len(v.memory().Awaited); n != 1 {
		t.Errorf("%d events are awaited: %+v", n, v.memory().Awaited)
	}
	r, err := v.night()
	v.ok(err)
	if d := cmp.Diff([]string{"user.lifecycle.unsuspend, unsuspend"}, v.kept(r.Night)); d != "" || len(v.memory().Awaited) != 0 {
		t.Errorf("(-want +kept):\n%s\nstill awaited: %+v", d, v.memory().Awaited)
	}
	v.verified()
}

func refusedLog(times int) faults.Rule {
	r := faults.OktaError(http.StatusForbidden, "E0000006", "You do not have permission to perform the requested action")
	r.Match, r.Times = faults.Path("GET", "/api/v1/logs"), times
	return r
}

// Refused, the log is a gap that says so (4). The block is done all the same, and its
// events are read by the next night that may.
func TestALogThatIsRefusedWithholdsNoBlock(t *testing.T) {
	v := newVillage(t, fakeokta.Options{})
	v.is(access.StatusLeft, "leo")
	v.oktaFaults.Add(refusedLog(0))
	n := v.good(4)
	if v.status("leo") != fakeokta.Suspended {
		t.Error("leo can still sign in")
	}
	logs := slices.DeleteFunc(n.Reads(), func(r access.Read) bool { return r.Kind != access.LogsRead })
	if len(logs) != 1 || logs[0].Complete || !strings.Contains(logs[0].Gap, "okta.logs.read") {
		t.Errorf("%+v", logs)
	}
	if len(v.kept(n)) != 0 || len(v.memory().Awaited) != 3 {
		t.Errorf("%v, awaited %+v", v.kept(n), v.memory().Awaited)
	}
	v.oktaFaults.Clear()
	if d := cmp.Diff(ofABlock, v.kept(v.good(0))); d != "" {
		t.Errorf("(-want +kept):\n%s", d)
	}
}

// leo left two days before dawn; mia works here.
func TestAUseAfterTheEndThatOnlyTheLogHasIsUrgentAndStaysTold(t *testing.T) {
	v := newVillage(t, fakeokta.Options{LogDelay: time.Hour})
	app := v.okta.AddApp(fakeokta.App{Label: "Wiki"})
	at := v.clock.Now().Add(23*time.Hour + 30*time.Minute) // the log has it half an hour after the night
	v.okta.SignOn(v.users["leo"].ID, app.ID, at, fakeokta.Client{IP: "203.0.113.7", Browser: "CHROME", OS: "Mac OS X"})
	v.okta.SignOn(v.users["mia"].ID, app.ID, at, fakeokta.Client{IP: "203.0.113.8"})
	v.is(access.StatusLeft, "leo")
	told := func(n *access.Night) (all []string) {
		for _, f := range n.Findings {
			if f.Kind == access.UsedAfterExit {
				all = append(all, f.ID+" "+f.Reason)
			}
		}
		return all
	}
	if got := told(v.good(0)); len(got) != 0 {
		t.Fatalf("the log has it already: %q", got)
	}
	first := v.good(0)
	want := "(opened the application Wiki, from 203.0.113.7, Chrome on Mac OS X)"
	if got := told(first); len(got) != 1 || !strings.Contains(got[0], want) {
		t.Fatalf("%q", got)
	}
	uses := slices.DeleteFunc(rowsOf[archive.EventRow](v, "events", first.Run.ID), func(r archive.EventRow) bool { return r.ActionID != "" })
	if len(uses) != 1 || uses[0].Says != "opened the application Wiki" || uses[0].AccountID != v.users["leo"].ID {
		t.Errorf("%+v", uses)
	}
	for range 3 {
		if got := told(v.good(0)); !slices.Equal(got, told(first)) {
			t.Errorf("told as %q", got)
		}
	}
	v.okta.ResetRequests()
	v.good(0)
	for _, r := range v.okta.Requests() {
		if r.Path == "/api/v1/logs" {
			t.Errorf("blocked for days, and the log is still read: %s", r.Query)
		}
	}
}
