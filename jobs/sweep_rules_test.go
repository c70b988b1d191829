package jobs

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/internal/access"
	"rollcall/reconcile"
)

// A sweep acts on what was left open only if it can be closed now.
func TestASweepLooksForWhatWasLeftOpenAndCanBeClosed(t *testing.T) {
	ref := intentRef{"run-08", 1}
	committed := access.Memory{Previous: "run-08", Journals: map[access.RunID]bool{"run-08": true}}
	for name, tt := range map[string]struct {
		m     access.Memory
		all   []entry
		finds access.State
		open  bool
		reads int
	}{
		"nothing":                         {committed, nil, access.State{}, false, 0},
		"a run that died":                 {access.Memory{}, []entry{intentOf("a1"), outcomeOf("a1", access.Done, &ref)}, access.State{}, true, 0},
		"all is settled":                  {committed, []entry{intentOf("a1"), outcomeOf("a1", access.Done, &ref)}, access.State{Holds: true}, false, 0},
		"under way, and now done":         {committed, []entry{intentOf("a1"), outcomeOf("a1", access.Pending, &ref)}, access.State{Holds: true}, true, 1},
		"under way, and now seen to fail": {committed, []entry{intentOf("a1"), outcomeOf("a1", access.Pending, &ref)}, access.State{}, true, 1},
		"under way still":                 {committed, []entry{intentOf("a1"), outcomeOf("a1", access.Pending, &ref)}, access.State{InProgress: true}, false, 1},
	} {
		shelf, h := shelfOf{}, &hands{finds: []access.State{tt.finds}}
		wrote(t, shelf, "run-08", tt.all...)
		j, _ := heir(shelf, h)
		open, err := j.leftOpen(t.Context(), tt.m)
		if err != nil || open != tt.open || h.reads != tt.reads || h.sent != 0 {
			t.Errorf("%s: %v after %d reads: %v", name, open, h.reads, err)
		}
	}
	shelf := shelfOf{"journal/run-08/000001.json": []byte(`{"n":1`)}
	j, _ := heir(shelf, &hands{finds: []access.State{{}}})
	if open, err := j.leftOpen(t.Context(), committed); err != nil || !open {
		t.Errorf("a damaged record: %v %v", open, err)
	}
	j.Records = badShelf{shelf, errIO, ""}
	if open, err := j.leftOpen(t.Context(), committed); !errors.Is(err, errIO) || open {
		t.Errorf("a journal that cannot be listed: %v %v", open, err)
	}
}

// seenAt is a run that read all accounts at a time.
func seenAt(at time.Time) reconcile.LastRun {
	return reconcile.LastRun{Run: access.Run{ID: "run-08"}, Systems: []access.Observation{
		{System: "okta", Reads: []access.Read{{System: "okta", Kind: "users", Lists: true, Complete: true, StartedAt: at, FinishedAt: at}}},
	}}
}

func TestTheAccountsThatAreKnownAreReliedOnForADayAndAHalf(t *testing.T) {
	now := midnight
	gap, aside := seenAt(now.Add(-time.Hour)), seenAt(now.Add(-time.Hour))
	gap.Systems = append(gap.Systems, access.Observation{System: "aws", Reads: []access.Read{{System: "aws", Kind: "iam", Lists: true}}})
	aside.Systems = append(aside.Systems, access.Observation{System: "aws", Reads: []access.Read{{System: "aws", Kind: "keys"}}})
	for name, tt := range map[string]struct {
		last  reconcile.LastRun
		err   error
		says  string // of the error
		notes []string
	}{
		"of an hour ago":         {seenAt(now.Add(-time.Hour)), nil, "", []string{"the systems were not read: these are the accounts as of 2026-03-02 01:00 UTC"}},
		"of just then":           {seenAt(now.Add(-36 * time.Hour)), nil, "", []string{"the systems were not read: these are the accounts as of 2026-02-28 14:00 UTC"}},
		"too old":                {seenAt(now.Add(-36*time.Hour - time.Second)), ErrUnknown, "36 hours is the most that is relied on", nil},
		"no night yet":           {reconcile.LastRun{}, ErrUnknown, "no night has run yet", nil},
		"nothing read":           {reconcile.LastRun{Run: access.Run{ID: "run-08"}}, ErrUnknown, "run run-08 read no list of accounts to its end", nil},
		"not read to the end":    {gap, nil, "", []string{"the systems were not read", "not all accounts of aws are known"}},
		"what lists no accounts": {aside, nil, "", []string{"the systems were not read"}},
		"unread":                 {reconcile.LastRun{}, errIO, "", nil},
	} {
		j := &Job{Recall: func() (reconcile.LastRun, error) {
			if tt.err == errIO {
				return tt.last, errIO
			}
			return tt.last, nil
		}}
		w := reconcile.World{Now: now, Memory: access.Memory{Counts: map[string]access.Counted{"okta/users": {}}}}
		var n access.Night
		err := j.recall(&w, &n)
		if !errors.Is(err, tt.err) || err != nil && !strings.Contains(err.Error(), tt.says) || (err == nil) != (tt.err == nil) {
			t.Errorf("%s: %v", name, err)
		}
		if len(n.Notes) != len(tt.notes) {
			t.Errorf("%s: %q", name, n.Notes)
			continue
		}
		for i := range tt.notes {
			if !strings.HasPrefix(n.Notes[i], tt.notes[i]) {
				t.Errorf("%s: %q", name, n.Notes)
			}
		}
		if err == nil && (len(w.Systems) != len(tt.last.Systems) || !w.SeenAt.Equal(tt.last.SeenAt()) || !n.SeenAt.Equal(w.SeenAt) || len(w.Counts) != 1) {
			t.Errorf("%s: %+v", name, w)
		}
	}
}

// What a run that died did since the accounts were read is done to them, too.
func TestWhatWasDoneSinceIsDoneToTheAccountsThatAreKnown(t *testing.T) {
	last := seenAt(midnight.Add(-time.Hour))
	act := planOne(access.Block)
	last.Systems[0].Accounts = []access.Account{{System: "okta", ID: "u1", Login: "leo", Status: access.AccountActive}}
	j := &Job{Recall: func() (reconcile.LastRun, error) { return last, nil }}
	w := reconcile.World{Now: midnight}
	if err := j.recall(&w, &access.Night{Outcomes: []access.Outcome{{Action: act, Result: access.Done, VerifiedAt: midnight}}}); err != nil || w.Systems[0].Accounts[0].Status != access.AccountSuspended {
		t.Errorf("%+v: %v", w.Systems, err)
	}
	if len(last.Outcomes) != 0 || last.Systems[0].Accounts[0].Status != access.AccountActive {
		t.Errorf("what was recalled is written into: %+v", last)
	}
}

func TestTheLastRunIsReadOnceForARun(t *testing.T) {
	reads := 0
	j := &Job{Recall: func() (reconcile.LastRun, error) { reads++; return seenAt(midnight), nil }}
	if err := j.recallOnce(); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if last, err := j.Recall(); err != nil || last.Run.ID != "run-08" || reads != 1 {
			t.Errorf("%d reads: %+v %v", reads, last, err)
		}
	}
	if err := (&Job{}).recallOnce(); err != nil {
		t.Errorf("a night, which reads the systems: %v", err)
	}
	j.Recall = func() (reconcile.LastRun, error) { return reconcile.LastRun{}, errIO }
	if err := j.recallOnce(); !errors.Is(err, errIO) {
		t.Errorf("%v", err)
	}
}

func TestAnOrderIsAboutOnePersonOrNobody(t *testing.T) {
	who := func(source access.Source, id, name string) access.Identity {
		return access.Identity{Source: source, EmployeeID: access.EmployeeID(id), Name: name, Title: "Clerk", Department: "Books"}
	}
	leo, twin, mia := who("employees", "7", "leo"), who("contractors", "7", "lea"), who("employees", "07", "mia")
	var crowd []access.Identity
	for n := range 12 {
		crowd = append(crowd, who("employees", fmt.Sprintf("7%02d", n), "x"))
	}
	for name, tt := range map[string]struct {
		found, alike []access.Identity
		want         access.PersonKey
		says         []string
		lines        int
	}{
		"one":                     {[]access.Identity{leo}, []access.Identity{mia}, leo.Key(), nil, 0},
		"one, with two rows":      {[]access.Identity{leo, leo}, nil, leo.Key(), nil, 0},
		"two":                     {[]access.Identity{leo, twin, leo}, nil, access.PersonKey{}, []string{"is the ID of 2 people", "name one as list/ID:", "employees/7  leo, Clerk, Books", "contractors/7  lea"}, 2},
		"nobody, and one alike":   {nil, []access.Identity{mia, mia}, access.PersonKey{}, []string{"is the ID of nobody", "Perhaps one of these", "employees/07  mia"}, 1},
		"nobody, and ten alike":   {nil, crowd[:10], access.PersonKey{}, []string{"employees/709"}, 10},
		"nobody, and many alike":  {nil, crowd, access.PersonKey{}, []string{"employees/709", "\n  and more"}, 11},
		"nobody, and nobody like": {nil, nil, access.PersonKey{}, []string{"is the ID of nobody in the HR lists", "zeros at its beginning count"}, 0},
	} {
		got, err := one(tt.found, tt.alike)
		if got != tt.want || (err == nil) != (tt.want != access.PersonKey{}) {
			t.Errorf("%s: %v %v", name, got, err)
			continue
		}
		if err == nil {
			continue
		}
		if strings.Count(err.Error(), "\n") != tt.lines || slices.ContainsFunc(tt.says, func(s string) bool { return !strings.Contains(err.Error(), s) }) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
