package jobs_test

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeokta"
	"rollcall/internal/sandbox/faults"
	"rollcall/jobs"
)

func publicOf(key crypto.Signer) ed25519.PublicKey { return key.Public().(ed25519.PublicKey) }

// note is what a journal record says, for tests.
type note struct {
	Kind    string
	Actor   string
	Action  access.Action
	Outcome access.Outcome
}

func (n note) String() string {
	return n.Kind + " " + string(n.Action.Verb) + string(n.Outcome.Action.Verb)
}

// tape sees every journal record: before it is written, and what Create said.
type tape struct {
	jobs.Records
	before func(n int, r note) error // an error keeps the record from being written
	after  func(r note)
	n      int
}

func (p *tape) Create(name string, b []byte) error {
	p.n++
	var r note
	if err := json.Unmarshal(b, &r); err != nil {
		return err
	}
	if p.before != nil {
		if err := p.before(p.n, r); err != nil {
			return err
		}
	}
	if err := p.Records.Create(name, b); err != nil {
		return err
	}
	if p.after != nil {
		p.after(r)
	}
	return nil
}

func (v *village) taped(p *tape) {
	v.records = func(next jobs.Records) jobs.Records { p.Records = next; return p }
}

const (
	leo = "leo@example.test"
	mia = "mia@example.test"
)

func TestAnActionIsReadThenWrittenDownThenDoneThenReadThenWrittenDown(t *testing.T) {
	t.Parallel()
	v := newVillage(t, fakeokta.Options{})
	v.is(access.StatusLeft, "mia")
	user := "/api/v1/users/" + v.users["mia"].ID
	var log []string
	v.afterFacts = func() { log = nil } // what was read for the decision is no re-read
	v.asked = func(r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, user) {
			return
		}
		line := r.Method + strings.TrimPrefix(r.URL.Path, user)
		if line == "POST/lifecycle/suspend" {
			if _, err := os.Stat(filepath.Join(v.root, "journal", "run-02", "000001.json")); err != nil {
				t.Errorf("the intent is not on the disk when the change is sent: %v", err)
			}
		}
		log = append(log, line)
	}
	v.taped(&tape{after: func(r note) { log = append(log, r.String()) }})
	v.good(jobs.ExitDone)
	want := []string{
		"GET", "intent suspend", "GET", "POST/lifecycle/suspend", "GET", "outcome suspend",
		"GET", "intent clear_sessions", "GET", "DELETE/sessions", "GET", "outcome clear_sessions",
	}
	if diff := cmp.Diff(want, log); diff != "" {
		t.Errorf("the order of events (-want +got):\n%s", diff)
	}
}

func TestTheSecondNightSendsNothing(t *testing.T) {
	t.Parallel()
	v := newVillage(t, fakeokta.Options{})
	v.is(access.StatusLeft, "leo", "mia")
	n := v.good(jobs.ExitDone)
	if len(n.Outcomes) != 7 || v.status("leo") != fakeokta.Suspended || v.status("mia") != fakeokta.Suspended {
		t.Fatalf("the first night did %s", told(n.Outcomes))
	}
	v.changes()
	n = v.good(jobs.ExitDone)
	if sent := v.changes(); len(sent)+len(n.Outcomes) > 0 {
		t.Errorf("sent %s, outcomes %s", sent, told(n.Outcomes))
	}
	v.verified()
}

func TestANightThatObservesSendsNothingThoughItCould(t *testing.T) {
	t.Parallel()
	v := newVillage(t, fakeokta.Options{})
	v.mode = access.Observe
	v.is(access.StatusLeft, "leo")
	n := v.good(jobs.ExitDone)
	if sent := v.changes(); len(sent)+len(n.Outcomes) > 0 || len(n.Plan.Actions) == 0 {
		t.Errorf("planned %d, sent %s, outcomes %s", len(n.Plan.Actions), sent, told(n.Outcomes))
	}
}

func TestSuspendedBySomebodyElseTheRemainingStepsAreDone(t *testing.T) {
	t.Parallel()
	v := newVillage(t, fakeokta.Options{})
	v.okta.UpdateUser(v.users["leo"].ID, func(u *fakeokta.User) { u.Status = fakeokta.Suspended })
	v.is(access.StatusLeft, "leo")
	n := v.good(jobs.ExitDone)
	if v.events("leo", "user.lifecycle.suspend") != 0 {
		t.Error("leo was suspended again")
	}
	for _, verb := range []access.Verb{access.OktaClearSessions, access.OktaDeleteToken} {
		if o := outcome(t, n, verb, leo); o.Result != access.Done {
			t.Errorf("%s: %+v", verb, o)
		}
	}
}

func TestSuspendedBetweenPlanAndActionIsAlreadyAbsent(t *testing.T) {
	t.Parallel()
	v := newVillage(t, fakeokta.Options{})
	v.is(access.StatusLeft, "mia")
	v.afterFacts = func() {
		v.okta.UpdateUser(v.users["mia"].ID, func(u *fakeokta.User) { u.Status = fakeokta.Suspended })
	}
	n := v.good(jobs.ExitDone)
	if o := outcome(t, n, access.OktaSuspend, mia); o.Result != access.AlreadyAbsent || v.events("mia", "user.lifecycle.suspend") != 0 {
		t.Errorf("%+v", o)
	}
}

func TestALoginThatChangedHandsIsSkipped(t *testing.T) {
	t.Parallel()
	v := newVillage(t, fakeokta.Options{})
	v.is(access.StatusLeft, "mia")
	v.afterFacts = func() {
		v.okta.UpdateUser(v.users["mia"].ID, func(u *fakeokta.User) { u.Profile["login"] = "mia.new@example.test" })
	}
	n := v.good(jobs.ExitDone)
	if o := outcome(t, n, access.OktaSuspend, mia); o.Result != access.Skipped || len(v.changes()) > 0 || v.status("mia") != fakeokta.Active {
		t.Errorf("%+v", o)
	}
}

func TestAnAnswerThatIsLostIsDoneWhenItIsSeenToBe(t *testing.T) {
	t.Parallel()
	v := newVillage(t, fakeokta.Options{})
	v.is(access.StatusLeft, "mia")
	fired := v.oktaFaults.Add(faults.Rule{Match: faults.Path(http.MethodPost, "/lifecycle/suspend"), Kind: faults.CloseAfterWork, Times: 1})
	n := v.good(jobs.ExitDone)
	if o := outcome(t, n, access.OktaSuspend, mia); o.Result != access.Done || o.VerifiedAt.IsZero() || fired() != 1 || v.events("mia", "user.lifecycle.suspend") != 1 {
		t.Errorf("%+v", o)
	}
}

func TestAChangeThatIsAcceptedAndNeverWorksIsNeverDone(t *testing.T) {
	t.Parallel()
	v := newVillage(t, fakeokta.Options{})
	v.is(access.StatusLeft, "mia")
	v.oktaFaults.Add(faults.Rule{Match: faults.Path(http.MethodPost, "/lifecycle/suspend"), Kind: faults.Status, Code: 200,
		Header: http.Header{"Content-Type": {"application/json"}}, Body: "{}"})
	n := v.good(jobs.ExitFailed)
	if o := outcome(t, n, access.OktaSuspend, mia); o.Result != access.Pending {
		t.Errorf("%+v", o)
	}
	v.verified()
	v.oktaFaults.Clear()
	n = v.good(jobs.ExitDone)
	if v.status("mia") != fakeokta.Suspended {
		t.Errorf("the next night did %s", told(n.Outcomes))
	}
	if m := v.memory(); !m.Journals["run-02"] || !m.Journals["run-03"] {
		t.Errorf("journals accounted for: %v", m.Journals)
	}
	v.verified()
}

func TestALostAnswerToSomethingUnderWayIsPendingAndSettledByTheNextNight(t *testing.T) {
	t.Parallel()
	v := newVillage(t, fakeokta.Options{DeactivatePolls: 12})
	v.leavesStaged("mia")
	v.oktaFaults.Add(faults.Rule{Match: faults.Path(http.MethodPost, "/lifecycle/deactivate"), Kind: faults.CloseAfterWork, Times: 1})
	n := v.good(jobs.ExitFailed)
	if o := outcome(t, n, access.OktaDeactivate, mia); o.Result != access.Pending {
		t.Fatalf("%+v", o)
	}
	for v.status("mia") != fakeokta.Deprovisioned { // Okta finishes meanwhile
		v.okta.UpdateUser(v.users["mia"].ID, func(u *fakeokta.User) { u.Status, u.Transitioning = fakeokta.Deprovisioned, "" })
	}
	n = v.good(jobs.ExitDone)
	if o := outcome(t, n, access.OktaDeactivate, mia); o.Result != access.Done || o.AdoptedFrom != "run-02" {
		t.Errorf("%+v", o)
	}
	v.verified()
}

func TestARefusalFailsAloneAndTheOthersGoOn(t *testing.T) {
	t.Parallel()
	v := newVillage(t, fakeokta.Options{})
	v.is(access.StatusLeft, "leo", "mia")
	rule := faults.OktaError(http.StatusForbidden, "E0000006", "You do not have permission to perform the requested action")
	rule.Match = faults.Path(http.MethodPost, "/api/v1/users/"+v.users["leo"].ID+"/lifecycle/suspend")
	v.oktaFaults.Add(rule)
	n := v.good(jobs.ExitFailed)
	if o := outcome(t, n, access.OktaSuspend, leo); o.Result != access.Failed || !strings.Contains(o.Detail, "E0000006") {
		t.Errorf("%+v", o)
	}
	if v.status("mia") != fakeokta.Suspended || outcome(t, n, access.OktaDeleteToken, leo).Result != access.Done {
		t.Errorf("others: %s", told(n.Outcomes))
	}
}

var errDisk = errors.New("no space left on device")

func TestWithoutAJournalNothingIsSent(t *testing.T) {
	t.Parallel()
	v := newVillage(t, fakeokta.Options{})
	v.is(access.StatusLeft, "leo")
	v.taped(&tape{before: func(int, note) error { return errDisk }})
	_, err := v.night()
	if sent := v.changes(); !errors.Is(err, errDisk) || len(sent) > 0 {
		t.Errorf("error %v, sent %s", err, sent)
	}
	if previous := v.memory().Previous; previous != "run-01" {
		t.Errorf("the aborted run %s was committed", previous)
	}
	v.verified()
}

func TestARunThatIsToldToStopFinishesWhatItBeganAndNoMore(t *testing.T) {
	t.Parallel()
	v := newVillage(t, fakeokta.Options{})
	v.is(access.StatusLeft, "mia")
	ctx, stop := context.WithCancel(t.Context())
	var log []string
	v.taped(&tape{after: func(r note) { log = append(log, r.String()); stop() }})
	v.clock.Pass(24 * time.Hour)
	_, err := v.job().Nightly(ctx)
	if !errors.Is(err, context.Canceled) || !slices.Equal(log, []string{"intent suspend", "outcome suspend"}) || v.status("mia") != fakeokta.Suspended {
		t.Errorf("error %v, journal %s, mia is %s", err, log, v.status("mia"))
	}
}
