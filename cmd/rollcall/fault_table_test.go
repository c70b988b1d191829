package main

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeokta"
	"rollcall/internal/sandbox/faults"
	"rollcall/jobs"
)

// fault is one thing that goes wrong in the middle of a night that acts, what rollcall
// makes of it, and how it ends once it is over. docs/faults.md is the same table
// for people.
type fault struct {
	name string
	town func(*testing.T, fakeokta.Options) *townsfolk // nil: leo has left since the night before
	opts fakeokta.Options
	hurt func(*townsfolk)
	disk error // what the file system says of every journal record from the third on
	code int
	says []string
	next []int                                   // the exit codes of the nights after; nil: one that is done
	once map[access.Verb]int                     // how often the sandbox was told to do what, in all
	also func(t *testing.T, w *townsfolk, r ran) // when the night is over
}

var faultTable = []fault{
	{name: "the answer to a suspension is lost after the work was done",
		hurt: func(w *townsfolk) {
			w.oktaFaults.Add(faults.Rule{Match: faults.Path(http.MethodPost, "/lifecycle/suspend"), Kind: faults.CloseAfterWork, Times: 1})
		}, code: exitDone, once: map[access.Verb]int{access.OktaSuspend: 1}},
	{name: "the answer to a denial in IAM is lost after the work was done",
		hurt: func(w *townsfolk) {
			w.awsFaults.Add(faults.Rule{Match: faults.Action("AttachUserPolicy"), Kind: faults.CloseAfterWork, Times: 1})
		}, code: exitDone},
	{name: "Okta answers 200 to a suspension and does nothing",
		hurt: func(w *townsfolk) {
			w.oktaFaults.Add(faults.Rule{Match: faults.Path(http.MethodPost, "/lifecycle/suspend"), Kind: faults.Status, Code: http.StatusOK, Body: "{}"})
		}, code: exitFailed, says: []string{"suspend leo@example.test in okta: pending", "not seen to have worked yet"}},
	{name: "IAM answers 200 to the end of a key and does nothing",
		hurt: func(w *townsfolk) {
			w.awsFaults.Add(faults.Rule{Match: faults.Action("UpdateAccessKey"), Kind: faults.Status, Code: http.StatusOK, Header: http.Header{"Content-Type": {"text/xml"}, "Date": nil},
				Body: `<UpdateAccessKeyResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></UpdateAccessKeyResponse>`})
		}, code: exitFailed, says: []string{"deactivate_access_key leo in aws: pending"}},
	{name: "a deactivation stays IN_PROGRESS", town: blockedForDays, opts: fakeokta.Options{DeactivatePolls: 12},
		code: exitFailed, says: []string{"deactivate leo@example.test in okta: pending"}, next: []int{exitFailed, exitDone}, once: map[access.Verb]int{access.OktaDeactivate: 1}},
	{name: "the deletion of an assignment FAILS late",
		hurt: func(w *townsfolk) { w.aws.FailNextDeletion("The permission set is being changed") },
		code: exitFailed, says: []string{"delete_assignment leo@example.test in aws: failed"}},
	{name: "Okta throttles for four minutes",
		hurt: func(w *townsfolk) {
			until := w.clock.Now().Add(24*time.Hour + 4*time.Minute)
			rule := faults.OktaThrottle(600, until.Add(-4*time.Minute), 4*time.Minute)
			rule.Match = func(*http.Request) bool { return w.clock.Now().Before(until) }
			w.oktaFaults.Add(rule)
		}, code: exitDone},
	{name: "AWS throttles for half a minute", hurt: awsThrottles(30 * time.Second), code: exitDone},
	{name: "AWS throttles for longer than it is asked again", hurt: awsThrottles(10 * time.Minute), code: exitIncomplete, says: []string{"Throttling"}, also: leoIsOutOfOktaOnly},
	{name: "Okta throttles the changes longer than anybody waits",
		hurt: func(w *townsfolk) {
			rule := faults.OktaThrottle(600, w.clock.Now().Add(24*time.Hour), 3*time.Hour)
			rule.Match = faults.Path(http.MethodPost, "/lifecycle/")
			w.oktaFaults.Add(rule)
		}, code: exitFailed, says: []string{"suspend leo@example.test in okta: failed"}},
	{name: "the clock jumps a day ahead in the middle of the changes",
		hurt: func(w *townsfolk) { w.atFirst("/lifecycle/suspend", func() { w.clock.pass(24 * time.Hour) }) },
		code: exitDone},
	{name: "the clock jumps an hour back in the middle of the changes",
		hurt: func(w *townsfolk) { w.atFirst("/lifecycle/suspend", func() { w.clock.pass(-time.Hour) }) },
		code: exitDone},
	{name: "Okta's credential is revoked in the middle of the changes",
		hurt: func(w *townsfolk) {
			var gone atomic.Bool
			w.atFirst("/lifecycle/suspend", func() { gone.Store(true) })
			rule := faults.OktaExpired()
			rule.Match = func(r *http.Request) bool { return gone.Load() && strings.HasPrefix(r.URL.Path, "/api/v1/") }
			w.oktaFaults.Add(rule)
		}, code: exitFailed, says: []string{"E0000011"}},
	{name: "Okta's credential loses a right in the middle of the changes",
		hurt: func(w *townsfolk) {
			rule := faults.OktaError(http.StatusForbidden, "E0000006", "You do not have permission to perform the requested action")
			rule.Match = func(r *http.Request) bool { return r.Method != http.MethodGet }
			rule.Skip = 1
			w.oktaFaults.Add(rule)
		}, code: exitFailed, says: []string{"E0000006"}, once: map[access.Verb]int{access.OktaSuspend: 1}},
	{name: "AWS's credential ends in the middle of the changes",
		hurt: func(w *townsfolk) { w.awsEnds(faults.AWSExpired()) },
		code: exitFailed, says: []string{"ExpiredToken"}},
	{name: "AWS's credential loses its rights in the middle of the changes",
		hurt: func(w *townsfolk) { w.awsEnds(faults.AWSDenied()) },
		code: exitFailed, says: []string{"is denied to"}},
	{name: "the disk is full", disk: syscall.ENOSPC, code: exitAborted, says: []string{"no space left on device", "the next run closes it"}},
	{name: "the archive can only be read", disk: syscall.EROFS, code: exitAborted, says: []string{"read-only file system", "the next run closes it"}},
}

// awsThrottles makes AWS throttle everything from the beginning of the night on.
func awsThrottles(long time.Duration) func(*townsfolk) {
	return func(w *townsfolk) {
		until := w.clock.Now().Add(24*time.Hour + long)
		rule := faults.AWSThrottle()
		rule.Match = func(*http.Request) bool { return w.clock.Now().Before(until) }
		w.awsFaults.Add(rule)
	}
}

// leoIsOutOfOktaOnly: what could be read was acted on, and nothing else was.
func leoIsOutOfOktaOnly(t *testing.T, w *townsfolk, _ ran) {
	w.blocked("leo")
	if leo, _ := w.aws.IAMUser(prodAWS, "leo"); len(leo.Attached) > 0 || len(w.aws.Assignments()) == 0 {
		t.Errorf("leo in AWS: %+v", leo)
	}
}

// atFirst lets something happen when the first request of a kind arrives.
func (w *townsfolk) atFirst(path string, happens func()) {
	var once sync.Once
	then := w.arrives
	w.arrives = func(s access.System, r *http.Request) {
		if strings.Contains(r.URL.Path, path) {
			once.Do(happens)
		}
		then(s, r)
	}
}

// awsEnds makes AWS refuse everything once the first change of it is done.
func (w *townsfolk) awsEnds(rule faults.Rule) {
	var changed, passed atomic.Bool // requests to both systems come side by side
	then := w.arrives
	w.arrives = func(s access.System, r *http.Request) {
		if s == "aws" && changes(s, r) {
			changed.Store(true)
		}
		then(s, r)
	}
	rule.Match = func(*http.Request) bool { // the first change itself passes
		return changed.Load() && passed.Swap(true)
	}
	w.awsFaults.Add(rule)
}

// changes reports whether a request asks a system to change something.
func changes(system access.System, r *http.Request) bool {
	if system == "okta" {
		return r.Method != http.MethodGet && !strings.HasPrefix(r.URL.Path, "/oauth2/")
	}
	action := faults.ActionOf(r)
	return !slices.ContainsFunc([]string{"Get", "List", "Describe", "Assume", "Generate", "Simulate"}, func(reads string) bool { return strings.HasPrefix(action, reads) })
}

// watching are records that know whether an intent is open: durable, and not closed
// yet.
type watching struct {
	jobs.Records
	disk error
	mu   sync.Mutex
	n    int
	open string
}

func (o *watching) Create(name string, b []byte) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.n++; o.disk != nil && o.n >= 3 {
		return &os.PathError{Op: "write", Path: name, Err: o.disk}
	}
	if err := o.Records.Create(name, b); err != nil {
		return err
	}
	var record struct {
		Kind   string
		Action *access.Action
	}
	if err := json.Unmarshal(b, &record); err != nil {
		return err
	}
	o.open = ""
	if record.Kind == "intent" {
		o.open = string(record.Action.Verb)
	}
	return nil
}

// intends reports whether a change that arrives now was written down before.
func (o *watching) intends() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.open != ""
}

// leoLeft is a town that has its baseline, and leo has left since.
func leoLeft(t *testing.T, opts fakeokta.Options) *townsfolk {
	t.Helper()
	w := newTown(t, opts)
	w.watched()
	w.leave("leo")
	return w
}

// TestEachFaultOfTheTableHasItsOutcomeAndNothingIsDoneWithoutADurableIntent plays a
// night with one fault each. Once it is over, the nights after end where one without
// it does.
func TestEachFaultOfTheTableHasItsOutcomeAndNothingIsDoneWithoutADurableIntent(t *testing.T) {
	ends := map[string]map[string]any{}
	for _, f := range faultTable {
		town, kind := f.town, "remove"
		if town == nil {
			town, kind = leoLeft, "block"
		}
		if ends[kind] == nil {
			w := town(t, fakeokta.Options{})
			w.want(w.night("nightly"), exitDone)
			ends[kind] = w.effects()
		}
		t.Run(f.name, func(t *testing.T) { f.play(t, town(t, f.opts), ends[kind]) })
	}
}

func (f fault) play(t *testing.T, w *townsfolk, ends map[string]any) {
	records := &watching{disk: f.disk}
	w.arrives = func(s access.System, r *http.Request) {
		if changes(s, r) && !records.intends() {
			t.Errorf("%s %s%s arrives without a durable intent", r.Method, r.URL.Path, faults.ActionOf(r))
		}
	}
	watch := func(next jobs.Records) jobs.Records { records.Records, records.n = next, 0; return records }
	if f.hurt != nil {
		f.hurt(w)
	}
	night := func() ran {
		w.clock.pass(24 * time.Hour)
		return play(t.Context(), w.clock, watch, "nightly", "--config", filepath.Join(w.dir, "rollcall.yaml"))
	}
	r := night()
	w.want(r, f.code, f.says...)
	if f.also != nil {
		f.also(t, w, r)
	}
	w.oktaFaults.Clear()
	w.awsFaults.Clear()
	records.disk = nil
	for _, code := range append(f.next, exitDone) {
		w.want(night(), code)
	}
	if diff := cmp.Diff(ends, w.effects()); diff != "" {
		t.Errorf("it ends elsewhere than without the fault (-want +got):\n%s", diff)
	}
	for verb, n := range f.once {
		if told := w.events("leo", "user.lifecycle."+string(verb)); told != n {
			t.Errorf("%s: %d times", verb, told)
		}
	}
	w.verified()
}
