package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/internal/access"
)

// Whatever becomes of one action, the next one gets its turn, and each has its outcome in
// the order of the plan.
func TestARunGoesThroughAllActionsInTheirOrder(t *testing.T) {
	h := hands{finds: []access.State{{}, {}, {Holds: true}}, blind: []error{errLost}}
	shelf := shelfOf{}
	a := applier{job: &Job{Now: time.Now, Revokers: map[access.System]Revoker{"okta": &h}}, journal: newJournal(shelf, "run-00")}
	first, second := planOne(access.Block), planOne(access.Block)
	second.ID = "a2"
	out, err := a.run(t.Context(), []access.Action{first, second})
	if err != nil || len(out) != 2 || out[0].Action.ID != "a1" || out[0].Result != access.Failed || out[1].Action.ID != "a2" || out[1].Result != access.Done {
		t.Errorf("%+v: %v", out, err)
	}
}

func TestWhatThePlanToApplyDoesNotHaveIsNotEvenReadAndIsOnRecord(t *testing.T) {
	h := hands{finds: []access.State{{}}}
	o, shelf, err := applied(&h, access.Block, func(j *Job) { j.Only = &access.Plan{} })
	if err != nil || o.Result != access.Skipped || o.Detail != "not in the plan that was applied" || h.reads+h.sent != 0 || len(shelf) != 1 {
		t.Errorf("%s %q after %d reads and %d changes, %d records: %v", o.Result, o.Detail, h.reads, h.sent, len(shelf), err)
	}
}

// Only the third credential gives back, and it takes nothing.
func TestEachHandDoesItsOwnOnly(t *testing.T) {
	for _, stage := range []access.Stage{access.Block, access.Remove, access.Restore} {
		takes, gives := hands{finds: []access.State{{}, {Holds: true}}}, hands{finds: []access.State{{}, {Holds: true}}}
		_, _, err := applied(&takes, stage, func(j *Job) { j.Restorers = map[access.System]Restorer{"okta": &gives} })
		if given := gives.sent == 1 && takes.sent == 0; err != nil || takes.sent+gives.sent != 1 || given != (stage == access.Restore) {
			t.Errorf("%s: %d taken, %d given: %v", stage, takes.sent, gives.sent, err)
		}
	}
}

func TestAnIntentHasAllThatTheNextRunNeedsToCloseIt(t *testing.T) {
	h := hands{finds: []access.State{{Before: json.RawMessage(`{"status":"ACTIVE"}`)}, {Holds: true}}}
	o, shelf, err := applied(&h, access.Block, func(j *Job) { j.Run.Actor = "ann" })
	if err != nil {
		t.Fatal(err)
	}
	intent, err := readEntry(shelf, oneRecord)
	if err != nil || intent.Kind != "intent" || intent.Action.ID != "a1" || string(intent.Before) != `{"status":"ACTIVE"}` || intent.Actor != "ann" || intent.At.IsZero() {
		t.Errorf("%+v: %v", intent, err)
	}
	if string(o.Before) != `{"status":"ACTIVE"}` || !o.SentAt.Equal(intent.At) || o.Actor != "ann" {
		t.Errorf("%+v", o)
	}
	second, err := readEntry(shelf, "journal/run-00/000002.json")
	if err != nil || second.Closes == nil || *second.Closes != (intentRef{"run-00", 1}) || second.Outcome.Result != access.Done {
		t.Errorf("%+v: %v", second, err)
	}
}

// A run that is told to stop in the middle of a change sees it to its end.
func TestWhatWasBegunIsFinishedThoughTheRunIsToldToStop(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	h := hands{finds: []access.State{{}, {Holds: true}}}
	h.asked = func(asked context.Context) {
		if h.reads == 0 { // it has read nothing yet
			return
		}
		stop()
		if err := asked.Err(); err != nil {
			t.Errorf("a call is made with %v", err)
		}
	}
	a := applier{job: &Job{Now: time.Now, Revokers: map[access.System]Revoker{"okta": &h}}, journal: newJournal(shelfOf{}, "run-00")}
	out, err := a.run(ctx, []access.Action{planOne(access.Block), planOne(access.Block)})
	if !errors.Is(err, context.Canceled) || len(out) != 1 || out[0].Result != access.Done || h.sent != 1 {
		t.Errorf("%+v after %d changes: %v", out, h.sent, err)
	}
}

// A lock that can be lost has to last twice as long as a change may take, asked for before
// the intent is written and again before the change is sent; one that cannot be lost does
// not hurry anything.
func TestAChangeIsSentOnlyUnderALockThatOutlastsIt(t *testing.T) {
	no := errors.New("it may be lost")
	for _, tt := range []struct {
		name    string
		answers []error // of the lock; none: it cannot be lost
		sent    int
		records int
	}{
		{"cannot be lost", nil, 1, 2},
		{"lasts", []error{nil, nil}, 1, 2},
		{"lost before the intent", []error{no}, 0, 0},
		{"lost while the intent was written", []error{nil, no}, 0, 1},
	} {
		var hurried []time.Duration
		h := hands{finds: []access.State{{}, {Holds: true}}}
		h.asked = func(ctx context.Context) {
			if until, has := ctx.Deadline(); has {
				hurried = append(hurried, time.Until(until).Round(time.Minute))
			}
		}
		asked := 0
		_, shelf, err := applied(&h, access.Block, func(j *Job) {
			if tt.answers == nil {
				return
			}
			j.Outlasts = func(d time.Duration) error {
				if asked++; d != 4*time.Minute {
					t.Errorf("%s: it asks for %s", tt.name, d)
				}
				return tt.answers[asked-1]
			}
		})
		lost := slices.Contains(tt.answers, no)
		if h.sent != tt.sent || len(shelf) != tt.records || asked != len(tt.answers) || errors.Is(err, no) != lost || lost == (err == nil) {
			t.Errorf("%s: asked %d times, %d changes, %d records: %v", tt.name, asked, h.sent, len(shelf), err)
		}
		var want []time.Duration
		if tt.sent == 1 && tt.answers != nil {
			want = []time.Duration{2 * time.Minute}
		}
		if !slices.Equal(hurried, want) {
			t.Errorf("%s: calls may take %v, want %v", tt.name, hurried, want)
		}
	}
}

// Whoever listens is told what the journal has, and nothing that it has not.
func TestAnOutcomeIsToldOnceTheJournalHasIt(t *testing.T) {
	for _, full := range []bool{false, true} {
		var told []string
		h := hands{finds: []access.State{{}, {Holds: true}}}
		job := &Job{Now: time.Now, Revokers: map[access.System]Revoker{"okta": &h}, Changed: func(o access.Outcome) { told = append(told, string(o.Result)) }}
		a := applier{job: job, journal: newJournal(&rooms{left: 1}, "run-00")}
		if !full {
			a.journal = newJournal(shelfOf{}, "run-00")
		}
		_, err := a.one(t.Context(), planOne(access.Block))
		if got := strings.Join(told, " "); full == (err == nil) || full && got != "" || !full && got != "done" {
			t.Errorf("full %v: told %q: %v", full, got, err)
		}
	}
}

// rooms has room for some records.
type rooms struct {
	shelfOf
	left int
}

func (r *rooms) Create(string, []byte) error {
	if r.left--; r.left < 0 {
		return errors.New("no space left on device")
	}
	return nil
}
