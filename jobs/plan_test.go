package jobs_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeokta"
	"rollcall/jobs"
)

// files are the bytes of a folder, by name.
func files(t *testing.T, root string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := fs.WalkDir(os.DirFS(root), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		b, err := os.ReadFile(filepath.Join(root, name))
		all[name] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func (v *village) plan() access.Plan {
	v.t.Helper()
	r, err := v.job().Plan(v.t.Context())
	v.ok(err)
	return r.Night.Plan
}

func TestAPlanChangesNothingAndIsTheSameTwice(t *testing.T) {
	t.Parallel()
	v := newVillage(t, fakeokta.Options{})
	v.is(access.StatusLeft, "leo", "mia")
	v.stopped(4) // with open ends, which a plan leaves open
	v.changes()
	before := files(t, v.root)
	one := v.plan()
	v.clock.Pass(time.Minute)
	two := v.plan()
	if sent := v.changes(); len(sent) > 0 || len(one.Actions) == 0 {
		t.Errorf("sent %s, planned %d", sent, len(one.Actions))
	}
	if diff := cmp.Diff(before, files(t, v.root)); diff != "" {
		t.Errorf("the archive was changed (-before +after):\n%s", diff)
	}
	if one.RunID == two.RunID || one.CreatedAt.Equal(two.CreatedAt) {
		t.Errorf("run %s at %s, run %s at %s", one.RunID, one.CreatedAt, two.RunID, two.CreatedAt)
	}
	one.RunID, one.CreatedAt = two.RunID, two.CreatedAt
	if a, b := text(t, one), text(t, two); a != b {
		t.Errorf("two plans of the same facts differ:\n%s\n%s", a, b)
	}
}

func text(t *testing.T, p access.Plan) string {
	t.Helper()
	b, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// roundTrip is the plan as it comes back from its file.
func roundTrip(t *testing.T, p access.Plan) (back access.Plan) {
	t.Helper()
	if err := json.Unmarshal([]byte(text(t, p)), &back); err != nil {
		t.Fatal(err)
	}
	return back
}

func TestOnlyThePlansActionsAreCarriedOut(t *testing.T) {
	t.Parallel()
	v := newVillage(t, fakeokta.Options{})
	v.is(access.StatusLeft, "leo", "mia")
	p := roundTrip(t, v.plan())
	v.is(access.StatusActive, "leo")
	v.is(access.StatusLeft, "jon")
	v.only = &p
	n := v.good(jobs.ExitDone)
	if v.status("mia") != fakeokta.Suspended || v.status("leo") != fakeokta.Active || v.status("jon") != fakeokta.Active {
		t.Errorf("mia is %s, leo is %s, jon is %s", v.status("mia"), v.status("leo"), v.status("jon"))
	}
	back, later := outcome(t, n, access.OktaSuspend, leo), outcome(t, n, access.OktaSuspend, "jon@example.test")
	if back.Result != access.Skipped || !strings.Contains(back.Detail, "no certain leaver now") || later.Result != access.Skipped {
		t.Errorf("%+v %+v", back, later)
	}
}

func TestAnActionThatMeansSomebodyElseNowIsNotTheOneThatWasPlanned(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*access.Action){
		"another person": func(a *access.Action) { a.Person.EmployeeID = "E1" },
		"another login":  func(a *access.Action) { a.Login = "old@example.test" },
	} {
		v := newVillage(t, fakeokta.Options{})
		v.is(access.StatusLeft, "mia")
		p := roundTrip(t, v.plan())
		for n := range p.Actions {
			change(&p.Actions[n])
		}
		v.only = &p
		n := v.good(jobs.ExitFailed) // it is to end tonight, and was not
		if sent := v.changes(); len(sent) > 0 || v.status("mia") != fakeokta.Active {
			t.Errorf("%s: sent %s: %s", name, sent, told(n.Outcomes))
		}
	}
}

func TestAPlanIsGoodForItsAgeAndAsItWasWritten(t *testing.T) {
	t.Parallel()
	v := newVillage(t, fakeokta.Options{})
	v.is(access.StatusLeft, "mia")
	p := roundTrip(t, v.plan())
	altered := roundTrip(t, p)
	altered.Actions[0].Account.ID = access.AccountID(v.users["ann"].ID)
	for _, tt := range []struct {
		name string
		plan access.Plan
		now  time.Time
		says string
	}{
		{"fresh", p, p.CreatedAt, ""},
		{"to the second", p, p.CreatedAt.Add(24 * time.Hour), ""},
		{"a second too old", p, p.CreatedAt.Add(24*time.Hour + time.Second), "may be 24h0m0s old at the most"},
		{"from the future", p, p.CreatedAt.Add(-2 * time.Hour), "at the most"},
		{"altered", altered, p.CreatedAt, "altered after it was written"},
		{"nothing at all", access.Plan{}, p.CreatedAt, "altered"},
	} {
		err := jobs.CheckPlan(tt.plan, tt.now, 24*time.Hour)
		if (err == nil) != (tt.says == "") || err != nil && !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

func TestAFirstNightThatEnforcesHoldsEverythingAndTheNextActs(t *testing.T) {
	t.Parallel()
	v := newVillage(t, fakeokta.Options{})
	v.ok(os.RemoveAll(v.root)) // no baseline
	v.is(access.StatusLeft, "mia")
	n := v.good(jobs.ExitHeld)
	if sent := v.changes(); len(sent) > 0 || len(n.Plan.Held) != 2 || n.Plan.Trips[0].Guard != "baseline" || n.Plan.Trips[0].Mend == "" {
		t.Errorf("sent %s, plan %+v", sent, n.Plan)
	}
	v.good(jobs.ExitDone)
	v.inOkta("mia", fakeokta.Suspended)
}

func TestARosterThatLostHalfItsRowsLeavesTheLastOneInForce(t *testing.T) {
	t.Parallel()
	v := newVillage(t, fakeokta.Options{})
	v.mode = access.Observe
	v.is(access.StatusLeft, "mia")
	v.good(jobs.ExitDone) // that mia left is accepted
	v.mode = access.Enforce
	v.is(access.StatusLeft, "leo")
	whole := v.people
	v.people = whole[4:]
	n := v.good(jobs.ExitHeld)
	if r := n.Rosters[0]; r.Accepted || r.Refusal == nil || r.InForce.Rows != len(whole) || r.Received != 4 {
		t.Errorf("%+v", r)
	}
	if v.status("mia") != fakeokta.Suspended || v.status("leo") != fakeokta.Active || v.status("ann") != fakeokta.Active {
		t.Errorf("mia is %s, leo is %s, ann is %s", v.status("mia"), v.status("leo"), v.status("ann"))
	}
	v.people = whole
	v.good(jobs.ExitDone)
	v.inOkta("leo", fakeokta.Suspended)
}

func TestASecondRunIsToldWhoIsAtWork(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "archive")
	unlock, err := jobs.Lock(dir, "nightly by cron@host, process 7")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := jobs.Lock(dir, "me"); !errors.Is(err, jobs.ErrLocked) || !strings.Contains(err.Error(), "nightly by cron@host, process 7") {
		t.Errorf("%v", err)
	}
	unlock()
	again, err := jobs.Lock(dir, "me")
	if err != nil {
		t.Fatal(err)
	}
	again()
}
