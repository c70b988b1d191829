package jobs

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/internal/access"
)

// hands are a revoker that finds what a test says, one state after the other; the last
// one stays.
type hands struct {
	finds []access.State
	blind []error // of the same reads
	says  error   // of the change
	asked func(context.Context)
	reads int
	sent  int
}

func (h *hands) Inspect(ctx context.Context, _ access.Action) (access.State, error) {
	if h.asked != nil {
		h.asked(ctx)
	}
	n := min(h.reads, len(h.finds)-1)
	h.reads++
	if n < len(h.blind) {
		return h.finds[n], h.blind[n]
	}
	return h.finds[n], nil
}

func (h *hands) Act(ctx context.Context, _ access.Action) (access.Receipt, error) {
	h.sent++
	if h.asked != nil {
		h.asked(ctx)
	}
	return access.Receipt{RequestID: "q1"}, h.says
}

func (h *hands) Self(context.Context) ([]access.AccountKey, error) { return nil, nil }

var errLost = errors.New("no answer")

// applied is one action that is carried out, without any system.
func applied(h *hands, stage access.Stage, bend func(*Job)) (access.Outcome, shelfOf, error) {
	now := time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC)
	shelf := shelfOf{}
	j := &Job{Run: access.Run{ID: "run-00"}, Now: func() time.Time { return now }, Sleep: func(context.Context, time.Duration) error { return nil }, Records: shelf,
		Revokers: map[access.System]Revoker{"okta": h}}
	if bend != nil {
		bend(j)
	}
	o, err := applier{job: j, journal: newJournal(shelf, "run-00")}.one(context.Background(), planOne(stage))
	return o, shelf, err
}

func planOne(stage access.Stage) access.Action {
	return access.Action{ID: "a1", Stage: stage, Verb: access.OktaSuspend, Login: "leo", Account: access.AccountKey{System: "okta", ID: "u1"}}
}

func TestNothingIsSentWhereTheFirstReadDoesNotWantIt(t *testing.T) {
	for _, tt := range []struct {
		name string
		h    hands
		want access.Result
		says string
	}{
		{"unread", hands{finds: []access.State{{}}, blind: []error{errLost}}, access.Failed, "nothing was sent: no answer"},
		{"refused", hands{finds: []access.State{{Refuse: "it is somebody else's", Holds: true}}}, access.Skipped, "somebody else's"},
		{"so already", hands{finds: []access.State{{Holds: true}}}, access.AlreadyAbsent, ""},
		{"under way", hands{finds: []access.State{{InProgress: true}}}, access.Pending, "under way already"},
	} {
		o, shelf, err := applied(&tt.h, access.Block, nil)
		if err != nil || tt.h.sent != 0 || tt.h.reads != 1 || o.Result != tt.want || !strings.Contains(o.Detail, tt.says) || len(shelf) != 1 {
			t.Errorf("%s: %s %q after %d reads and %d changes, %d records: %v", tt.name, o.Result, o.Detail, tt.h.reads, tt.h.sent, len(shelf), err)
		}
		if verified := !o.VerifiedAt.IsZero(); verified != (tt.want == access.AlreadyAbsent) {
			t.Errorf("%s: verified is %v", tt.name, verified)
		}
	}
}

func TestAChangeIsDoneOnlyWhenItWasSeen(t *testing.T) {
	free, gone, begun := access.State{}, access.State{Holds: true}, access.State{InProgress: true}
	for _, tt := range []struct {
		name  string
		h     hands
		stage access.Stage
		want  access.Result
		reads int // the first one included
	}{
		{"seen at once", hands{finds: []access.State{free, gone}}, access.Block, access.Done, 2},
		{"seen late", hands{finds: []access.State{free, free, free, gone}}, access.Block, access.Done, 4},
		{"never seen", hands{finds: []access.State{free}}, access.Block, access.Pending, 6},
		{"a remove is waited for longer", hands{finds: []access.State{free}}, access.Remove, access.Pending, 10},
		{"refused, and never seen", hands{finds: []access.State{free}, says: errLost}, access.Block, access.Failed, 4},
		{"the answer was lost, and it works", hands{finds: []access.State{free, free, free, gone}, says: errLost}, access.Block, access.Done, 4},
		{"the answer was lost, and it goes on", hands{finds: []access.State{free, begun}, says: errLost}, access.Block, access.Pending, 6},
		{"it cannot be read", hands{finds: []access.State{free, free}, blind: []error{nil, errLost}}, access.Block, access.Unknown, 6},
		{"what cannot be read is not seen", hands{finds: []access.State{free, gone}, blind: []error{nil, errLost}}, access.Block, access.Unknown, 6},
		{"it can be read again", hands{finds: []access.State{free, free, gone}, blind: []error{nil, errLost}}, access.Block, access.Done, 3},
	} {
		o, shelf, err := applied(&tt.h, tt.stage, nil)
		if err != nil || o.Result != tt.want || tt.h.reads != tt.reads || tt.h.sent != 1 || len(shelf) != 2 || o.RequestID != "q1" {
			t.Errorf("%s: %s after %d reads, %d changes, %d records: %v", tt.name, o.Result, tt.h.reads, tt.h.sent, len(shelf), err)
		}
		if told := strings.Contains(o.Detail, "the answer was: no answer"); told != (tt.h.says != nil) {
			t.Errorf("%s: it says %q", tt.name, o.Detail)
		}
		if verified := !o.VerifiedAt.IsZero(); verified != (tt.want == access.Done) {
			t.Errorf("%s: verified is %v", tt.name, verified)
		}
	}
}

func TestASleepThatIsStoppedEndsTheWaitAndTheOutcomeIsWrittenAllTheSame(t *testing.T) {
	h := hands{finds: []access.State{{}}}
	o, shelf, err := applied(&h, access.Block, func(j *Job) { j.Sleep = func(context.Context, time.Duration) error { return context.Canceled } })
	if err != nil || o.Result != access.Pending || h.reads != 2 || len(shelf) != 2 {
		t.Errorf("%s after %d reads, %d records: %v", o.Result, h.reads, len(shelf), err)
	}
}

func TestAWrongClockOrALockThatMayBeLostSendsNothing(t *testing.T) {
	no := errors.New("no")
	for name, bend := range map[string]func(*Job){
		"clock": func(j *Job) { j.Clock = func() error { return no } },
		"lock":  func(j *Job) { j.Outlasts = func(time.Duration) error { return no } },
	} {
		h := hands{finds: []access.State{{}}}
		if _, shelf, err := applied(&h, access.Block, bend); !errors.Is(err, no) || h.sent != 0 || len(shelf) != 0 {
			t.Errorf("%s: %d changes, %d records, %v", name, h.sent, len(shelf), err)
		}
	}
	h := hands{finds: []access.State{{}}}
	o, shelf, err := applied(&h, access.Block, func(j *Job) { j.Revokers = nil })
	if err != nil || o.Result != access.Failed || len(shelf) != 1 {
		t.Errorf("without a credential: %s, %v", o.Result, err)
	}
	h = hands{finds: []access.State{{}}}
	full := applier{job: &Job{Now: time.Now, Revokers: map[access.System]Revoker{"okta": &h}}, journal: newJournal(fullDisk{}, "run-00")}
	if _, err := full.one(t.Context(), planOne(access.Block)); err == nil || h.sent != 0 {
		t.Errorf("a full disk: %d changes, %v", h.sent, err)
	}
	h = hands{finds: []access.State{{}}}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	full.journal = newJournal(shelfOf{}, "run-00")
	if out, err := full.run(ctx, []access.Action{planOne(access.Block)}); err == nil || len(out) != 0 || h.reads != 0 {
		t.Errorf("a run that is stopped: %d outcomes, %v", len(out), err)
	}
	full.journal = newJournal(fullDisk{}, "run-00")
	if out, err := full.run(t.Context(), []access.Action{planOne(access.Block)}); err == nil || len(out) != 0 {
		t.Errorf("a full disk stops the run: %d outcomes, %v", len(out), err)
	}
}

// fullDisk takes no record.
type fullDisk struct{ shelfOf }

func (fullDisk) Create(string, []byte) error { return errors.New("no space left on device") }

func TestOnlyWhatThePlanHasOrAnApprovalReleasesIsCarriedOut(t *testing.T) {
	act, released := planOne(access.Block), planOne(access.Block)
	released.Released = []access.Release{{}}
	other := func(bend func(*access.Action)) access.Action { a := act; bend(&a); return a }
	neighbour := other(func(a *access.Action) { a.ID = "a2" })
	for _, tt := range []struct {
		name string
		only *access.Plan
		act  access.Action
		runs bool
	}{
		{"a night of its own", nil, act, true},
		{"in the plan", &access.Plan{Actions: []access.Action{act}}, act, true},
		{"not in the plan", &access.Plan{}, act, false},
		{"another action", &access.Plan{Actions: []access.Action{other(func(a *access.Action) { a.ID = "a2" })}}, act, false},
		{"another person", &access.Plan{Actions: []access.Action{other(func(a *access.Action) { a.Person.EmployeeID = "E2" })}}, act, false},
		{"another login", &access.Plan{Actions: []access.Action{other(func(a *access.Action) { a.Login = "mia" })}}, act, false},
		{"held, and not released", &access.Plan{Held: []access.Held{{Action: act}}}, act, false},
		{"held, and released", &access.Plan{Held: []access.Held{{Action: act}}}, released, true},
		{"released, and not in the plan", &access.Plan{}, released, false},
		{"released, and another one was held", &access.Plan{Held: []access.Held{{Action: neighbour}}}, released, false},
	} {
		why := applier{job: &Job{Only: tt.only}}.unwanted(tt.act)
		if (why == "") != tt.runs {
			t.Errorf("%s: %q", tt.name, why)
		}
	}
}

func TestWhatThePlanHasAndTonightDoesNotWantIsOnRecordAsSkipped(t *testing.T) {
	wanted, held, gone := planOne(access.Block), planOne(access.Block), planOne(access.Block)
	held.ID, gone.ID = "a2", "a3"
	shelf := shelfOf{}
	a := applier{job: &Job{Now: time.Now, Only: &access.Plan{Actions: []access.Action{wanted, held, gone}}}, journal: newJournal(shelf, "run-00")}
	out, err := a.gone(access.Plan{Actions: []access.Action{wanted}, Held: []access.Held{{Action: held, Guard: "blast_radius"}}})
	says := []string{}
	for _, o := range out {
		says = append(says, o.Action.ID+" "+string(o.Result)+" "+o.Detail[:20])
	}
	if want := []string{"a2 skipped a guard holds it ton", "a3 skipped no longer wanted: th"}; err != nil || !slices.Equal(says, want) || len(shelf) != 2 {
		t.Errorf("%q, %d records: %v", says, len(shelf), err)
	}
	a.journal = newJournal(fullDisk{}, "run-00")
	if _, err := a.gone(access.Plan{}); err == nil {
		t.Error("the disk is full, and it goes on")
	}
	a.job.Only = nil
	if out, err := a.gone(access.Plan{}); err != nil || len(out) != 0 {
		t.Errorf("a night of its own skipped %d: %v", len(out), err)
	}
}

// What is gone is said in the words of its kind: nobody who works here is called a leaver.
func TestARightThatIsNoLongerWantedIsNotSaidOfALeaver(t *testing.T) {
	for _, tt := range []struct {
		mover bool
		says  string
	}{{false, "the person is no certain leaver now"}, {true, "something lets the person have it"}} {
		act := planOne(access.Remove)
		act.Mover = tt.mover
		a := applier{job: &Job{Now: time.Now, Only: &access.Plan{Actions: []access.Action{act}}}, journal: newJournal(shelfOf{}, "run-00")}
		out, err := a.gone(access.Plan{})
		if err != nil || len(out) != 1 || !strings.Contains(out[0].Detail, tt.says) {
			t.Errorf("mover %v: %+v %v", tt.mover, out, err)
		}
	}
}

// Of an account that changed since the plan was made it is said that other steps end it now, and of no other one.
func TestAPlanThatNoLongerFitsAnAccountSaysSo(t *testing.T) {
	step := func(id string, stage access.Stage, account access.AccountID) access.Action {
		act := planOne(stage)
		act.ID, act.Account.ID = id, account
		return act
	}
	planned, block := step("a1", access.Block, "00u1"), step("a2", access.Block, "00u1")
	for name, tt := range map[string]struct {
		plan, tonight []access.Action
		says          string
	}{
		"another step ends it":            {[]access.Action{planned}, []access.Action{block}, "other steps end it now"},
		"and something of it is removed":  {[]access.Action{planned}, []access.Action{block, step("a3", access.Remove, "00u1")}, "other steps end it now"},
		"a step that was planned is left": {[]access.Action{planned, block}, []access.Action{block}, "no longer wanted"},
		"something of it is removed":      {[]access.Action{planned}, []access.Action{step("a3", access.Remove, "00u1")}, "no longer wanted"},
		"another account is ended":        {[]access.Action{planned}, []access.Action{step("a2", access.Block, "00u2")}, "no longer wanted"},
		"a removal was planned":           {[]access.Action{step("a1", access.Remove, "00u1")}, []access.Action{block}, "no longer wanted"},
		"nothing is done tonight":         {[]access.Action{planned}, nil, "no longer wanted"},
	} {
		a := applier{job: &Job{Now: time.Now, Only: &access.Plan{Actions: tt.plan}}, journal: newJournal(shelfOf{}, "run-00")}
		out, err := a.gone(access.Plan{Actions: tt.tonight})
		if err != nil || len(out) != 1 || out[0].Action.ID != "a1" || !strings.Contains(out[0].Detail, tt.says) {
			t.Errorf("%s: %+v %v", name, out, err)
		}
	}
}
