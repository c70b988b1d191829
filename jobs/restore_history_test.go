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

// backwards lists its records from the last to the first.
type backwards struct{ shelfOf }

func (s backwards) List(prefix string) ([]string, error) {
	names, err := s.shelfOf.List(prefix)
	slices.Reverse(names)
	return names, err
}

// on is a record about another account than leo's.
func on(account access.AccountID, e entry) entry {
	for _, act := range []*access.Action{e.Action, actionIn(e)} {
		if act != nil {
			act.Account.ID = account
		}
	}
	return e
}

func actionIn(e entry) *access.Action {
	if e.Outcome == nil {
		return nil
	}
	return &e.Outcome.Action
}

// anHourOn is an outcome of what was sent an hour after midnight: another change than that
// of the run.
func anHourOn(e entry) entry {
	e.Outcome.SentAt = midnight.Add(time.Hour)
	return e
}

// neverSent is an outcome without the time at which it was sent.
func neverSent(e entry) entry {
	e.Outcome.SentAt = time.Time{}
	return e
}

// undone is what a restore did, or could not do.
func undone(id string, r access.Result, of *intentRef) entry {
	e := givenBack(id)
	e.Outcome.Result, e.Closes = r, of
	return e
}

func found(h *history) string {
	var all []string
	for _, d := range h.done {
		s := d.Action.ID + " " + string(d.Result)
		if d.Again != "" {
			s += ", again by " + string(d.Again)
		}
		if d.Restored != "" {
			s += ", restored by " + string(d.Restored)
		}
		all = append(all, s)
	}
	for account, runs := range h.also {
		all = append(all, fmt.Sprintf("%s also %v", account.ID, runs))
	}
	return strings.Join(all, "; ")
}

// What a run did is what its own journal says of it and the journals of later runs. It is long because it is one
// table of journals, from the run's own to those of later restores, each beside what they say together.
func TestWhatARunDidIsReadFromItsJournalAndThoseAfterIt(t *testing.T) {
	type of map[access.RunID][]entry
	ref := func(run access.RunID, n int) *intentRef { return &intentRef{run, n} }
	restoring := intentOf("r1")
	restoring.Action.Stage = access.Restore
	began := []entry{intentOf("a1"), outcomeOf("a1", access.Done, ref("run-02", 1))}
	for name, tt := range map[string]struct {
		journals of
		want     string
	}{
		"begun, and no more": {of{"run-02": {intentOf("a1")}}, "a1 unknown"},
		"done":               {of{"run-02": began}, "a1 done"},
		"so already":         {of{"run-02": {outcomeOf("a1", access.AlreadyAbsent, nil)}}, "a1 already_absent"},
		"skipped":            {of{"run-02": {outcomeOf("a1", access.Skipped, nil)}}, ""},
		"an approval":        {of{"run-02": {{Kind: "approval", Approval: &access.Approval{ID: "x"}}, intentOf("a1")}}, "a1 unknown"},
		"two, in their order": {of{"run-02": {intentOf("a1"), intentOf("a2"), outcomeOf("a2", access.Failed, ref("run-02", 2)), outcomeOf("a1", access.Done, ref("run-02", 1))}},
			"a1 done; a2 failed"},
		"what it gave back itself": {of{"run-02": {restoring, undone("x", access.Done, ref("run-02", 1))}}, ""},
		"earlier runs":             {of{"run-01": {intentOf("a1"), outcomeOf("a1", access.Done, ref("run-01", 1)), outcomeOf("a2", access.AlreadyAbsent, nil)}}, ""},
		"later runs":               {of{"run-03": {intentOf("a1"), outcomeOf("a1", access.Done, ref("run-03", 1)), outcomeOf("a2", access.AlreadyAbsent, nil)}}, ""},

		"read back by a later run": {of{"run-02": {intentOf("a1")}, "run-03": {outcomeOf("a1", access.Done, ref("run-02", 1))}}, "a1 done"},
		"handed on, then done": {of{"run-02": {intentOf("a1"), outcomeOf("a1", access.Pending, ref("run-02", 1))},
			"run-03": {intentOf("a1"), outcomeOf("a1", access.Done, ref("run-03", 1))}}, "a1 done"},
		"handed on, and still not known": {of{"run-02": {intentOf("a1"), outcomeOf("a1", access.Pending, ref("run-02", 1))},
			"run-03": {intentOf("a1"), outcomeOf("a1", access.Unknown, ref("run-03", 1))}}, "a1 unknown"},
		"handed on, and under way": {of{"run-02": {intentOf("a1"), outcomeOf("a1", access.Unknown, ref("run-02", 1))},
			"run-03": {intentOf("a1"), outcomeOf("a1", access.Pending, ref("run-03", 1))}}, "a1 pending"},
		"each by its own":                {of{"run-02": {intentOf("a1"), intentOf("a1"), outcomeOf("a1", access.Done, ref("run-02", 2)), outcomeOf("a1", access.Failed, ref("run-02", 1))}}, "a1 failed; a1 done"},
		"by its name, whatever the time": {of{"run-02": {intentOf("a1"), anHourOn(outcomeOf("a1", access.Done, ref("run-02", 1)))}}, "a1 done"},
		"known once, it stays known":     {of{"run-02": began, "run-03": {intentOf("a1"), outcomeOf("a1", access.Unknown, ref("run-03", 1))}}, "a1 done"},
		"known better later":             {of{"run-02": {intentOf("a1"), outcomeOf("a1", access.Failed, ref("run-02", 1))}, "run-03": {outcomeOf("a1", access.Done, ref("run-02", 1))}}, "a1 done"},

		"done again":                {of{"run-02": began, "run-03": {intentOf("a1"), anHourOn(outcomeOf("a1", access.Done, ref("run-03", 1)))}}, "a1 done, again by run-03"},
		"done again to what was so": {of{"run-02": {outcomeOf("a1", access.AlreadyAbsent, nil)}, "run-03": {intentOf("a1"), anHourOn(outcomeOf("a1", access.Done, ref("run-03", 1)))}}, "a1 already_absent, again by run-03"},
		"done again at a time not told": {of{"run-02": {neverSent(outcomeOf("a1", access.AlreadyAbsent, nil))}, "run-03": {intentOf("a1"), neverSent(outcomeOf("a1", access.Done, ref("run-03", 1)))}},
			"a1 already_absent, again by run-03"},
		"tried again": {of{"run-02": began, "run-03": {intentOf("a1"), anHourOn(outcomeOf("a1", access.Failed, ref("run-03", 1)))}}, "a1 done"},
		"other things too": {of{"run-02": began, "run-03": {intentOf("b1"), anHourOn(outcomeOf("b1", access.Done, ref("run-03", 1))), intentOf("b2"), anHourOn(outcomeOf("b2", access.Done, ref("run-03", 3)))},
			"run-04": {intentOf("b3"), anHourOn(outcomeOf("b3", access.Done, ref("run-04", 1)))}}, "a1 done; u1 also [run-03 run-04]"},
		"other accounts":           {of{"run-02": began, "run-03": {intentOf("b1"), on("u9", anHourOn(outcomeOf("b1", access.Done, ref("run-03", 1))))}}, "a1 done"},
		"other things, which fail": {of{"run-02": began, "run-03": {intentOf("b1"), anHourOn(outcomeOf("b1", access.Failed, ref("run-03", 1)))}}, "a1 done"},
		// Its damaged intent was moved away, as the message says.
		"without its intent": {of{"run-02": {intentOf("a1"), outcomeOf("a1", access.Done, ref("run-02", 1)), anHourOn(outcomeOf("a1", access.Done, ref("run-02", 9))), anHourOn(outcomeOf("a9", access.Done, ref("run-02", 8)))}}, "a1 done"},

		"restored":           {of{"run-02": began, "run-03": {undone("a1", access.Done, ref("run-03", 1))}}, "a1 done, restored by run-03"},
		"restored by hand":   {of{"run-02": began, "run-03": {undone("a1", access.AlreadyAbsent, nil)}}, "a1 done, restored by run-03"},
		"not restored":       {of{"run-02": began, "run-03": {undone("a1", access.Failed, ref("run-03", 1)), undone("a1", access.Skipped, nil)}}, "a1 done"},
		"another restored":   {of{"run-02": began, "run-03": {undone("a7", access.Done, ref("run-03", 1))}}, "a1 done"},
		"restored, and done": {of{"run-02": began, "run-03": {undone("a1", access.Done, ref("run-03", 1))}, "run-04": {intentOf("a1"), anHourOn(outcomeOf("a1", access.Done, ref("run-04", 1)))}}, "a1 done, again by run-04"},
		"done, and restored": {of{"run-02": began, "run-03": {intentOf("a1"), anHourOn(outcomeOf("a1", access.Done, ref("run-03", 1)))}, "run-04": {undone("a1", access.Done, ref("run-04", 9))}}, "a1 done, restored by run-04"},
	} {
		t.Run(strings.ReplaceAll(name, " ", "-"), func(t *testing.T) {
			shelf := shelfOf{}
			for run, all := range tt.journals {
				wrote(t, shelf, run, all...)
			}
			h, err := readHistory(backwards{shelf}, "run-02")
			if got := found(h); err != nil || got != tt.want {
				t.Errorf("%q, want %q: %v", got, tt.want, err)
			}
		})
	}
}

func TestAnActionOfARunIsKeptAsItWasBegun(t *testing.T) {
	shelf := shelfOf{}
	wrote(t, shelf, "run-02", intentOf("a1"))
	h, err := readHistory(shelf, "run-02")
	if err != nil || len(h.done) != 1 {
		t.Fatal(h, err)
	}
	if d := h.done[0]; !d.PlannedAt.Equal(midnight) || !d.SentAt.Equal(midnight) || string(d.Before) != `{"status":"ACTIVE"}` || d.Actor != "ann" {
		t.Errorf("%+v", d)
	}
}

// A restorer's outcome that says nothing of what it undoes stands for nothing.
func TestAnOutcomeThatUndoesNothingRestoresNothing(t *testing.T) {
	shelf := shelfOf{}
	e := undone("", access.Done, &intentRef{"run-03", 1})
	e.Outcome.Action.Undoes = nil
	wrote(t, shelf, "run-02", intentOf("a1"))
	wrote(t, shelf, "run-03", e)
	if h, err := readHistory(shelf, "run-02"); err != nil || found(h) != "a1 unknown" {
		t.Errorf("%s: %v", found(h), err)
	}
}

// A record that nobody can read, of the run or of a later one, may have been the very one
// that matters; of an earlier run it matters to nobody.
func TestNothingIsGivenBackOverADamagedRecord(t *testing.T) {
	for run, refused := range map[access.RunID]bool{"run-01": false, "run-02": true, "run-03": true} {
		shelf := shelfOf{}
		wrote(t, shelf, "run-02", intentOf("a1"), intentOf("a2"))
		shelf[recordName(intentRef{run, 1})] = []byte(`{"n":1,`)
		_, err := readHistory(shelf, "run-02")
		if (err != nil) != refused || refused && !strings.Contains(err.Error(), recordName(intentRef{run, 1})+" is damaged") {
			t.Errorf("%s: %v", run, err)
		}
		if refused && !strings.Contains(err.Error(), "nothing was given back") {
			t.Errorf("%s: %v", run, err)
		}
	}
	if _, err := readHistory(badShelf{shelfOf{}, errIO, ""}, "run-02"); !errors.Is(err, errIO) {
		t.Errorf("a journal that cannot be listed: %v", err)
	}
}

func TestARestoreOfNothingNamesTheLastRunsAndThePeopleOfTheRun(t *testing.T) {
	shelf := shelfOf{}
	j := &Job{Records: shelf}
	if _, err := j.asked(Wish{Run: "run-09"}); !errors.As(err, &Refused{}) || err.Error() != `run "run-09" changed nothing: no run has changed anything yet` {
		t.Errorf("%v", err)
	}
	for n := range 7 {
		run := access.RunID(fmt.Sprintf("run-%02d", n+1))
		first, second := intentOf("a1"), intentOf("a2")
		first.Action.Person, second.Action.Person = access.PersonKey{Source: "employees", EmployeeID: "E8"}, access.PersonKey{Source: "employees", EmployeeID: "E7"}
		wrote(t, shelf, run, first, second, second)
	}
	if _, err := j.asked(Wish{Run: "run-09"}); !errors.As(err, &Refused{}) || err.Error() != `run "run-09" changed nothing: the last runs that have a journal are run-03, run-04, run-05, run-06, run-07` {
		t.Errorf("%v", err)
	}
	if _, err := j.asked(Wish{Run: "run-02", Person: "E9"}); !errors.As(err, &Refused{}) || err.Error() != `run run-02 changed nothing of "E9"; it changed something of employees/E7, employees/E8` {
		t.Errorf("%v", err)
	}
	for _, person := range []string{"", "E7", "employees/E8"} {
		if asked, err := j.asked(Wish{Run: "run-02", Person: person, Reason: "mistake"}); err != nil || len(asked.Done) != 3 || asked.Reason != "mistake" || asked.Person != person {
			t.Errorf("%q: %+v %v", person, asked, err)
		}
	}
	j.Records = badShelf{shelf, errIO, ""}
	if _, err := j.asked(Wish{Run: "run-02"}); !errors.Is(err, errIO) || errors.As(err, &Refused{}) {
		t.Errorf("a journal that cannot be listed: %v", err)
	}
}

// The credential is missed only for what it would give back: of somebody who is meant, of
// what can be undone, and of what the run did itself.
func TestARestoreIsRefusedOnlyForACredentialThatItNeeds(t *testing.T) {
	for name, tt := range map[string]struct {
		verb    access.Verb
		result  access.Result
		person  string
		has     bool
		refused bool
	}{
		"needed":                  {access.OktaSuspend, access.Done, "", false, true},
		"there":                   {access.OktaSuspend, access.Done, "", true, false},
		"of another person":       {access.OktaSuspend, access.Done, "E8", false, false},
		"of what cannot be given": {access.OktaClearSessions, access.Done, "", false, false},
		"of what was so already":  {access.OktaSuspend, access.AlreadyAbsent, "", false, false},
	} {
		shelf := shelfOf{}
		its, other := outcomeOf("a1", tt.result, &intentRef{"run-02", 1}), intentOf("a2")
		its.Outcome.Action.Verb, its.Outcome.Action.Person.EmployeeID = tt.verb, "E7"
		other.Action.Verb, other.Action.Person.EmployeeID = access.OktaClearSessions, "E8"
		began := intentOf("a1")
		began.Action.Person.EmployeeID = "E7"
		wrote(t, shelf, "run-02", began, its, other)
		j := &Job{Records: shelf}
		if tt.has {
			j.Restorers = map[access.System]Restorer{"okta": &hands{}}
		}
		err := j.possible(Wish{Run: "run-02", Person: tt.person})
		if errors.As(err, &Refused{}) != tt.refused || (err != nil) != tt.refused {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := (&Job{Records: shelfOf{}}).possible(Wish{Run: "run-02"}); !errors.As(err, &Refused{}) {
		t.Errorf("a run that did nothing: %v", err)
	}
}

// What is not carried out has its record too, in the words of why.
func TestWhatIsNotGivenBackIsOnRecordWithItsReason(t *testing.T) {
	shelf := shelfOf{}
	j := &Job{Run: access.Run{StartedAt: midnight, Actor: "ann"}, Now: func() time.Time { return midnight }}
	all := []reconcile.Undoing{
		{Fate: reconcile.ToRestore}, {Fate: reconcile.AlreadySo, Why: "it is so"}, {Fate: reconcile.NotOurs, Why: "somebody else did it"},
		{Fate: reconcile.NotUndoable, Why: "sessions are gone"}, {Fate: reconcile.NotRestored, Why: "no rule lets them"},
	}
	out, err := applier{job: j, journal: newJournal(shelf, "run-00")}.undone(all)
	var got []string
	for _, o := range out {
		got = append(got, fmt.Sprintf("%s, seen %v: %s", o.Result, !o.VerifiedAt.IsZero(), o.Detail))
	}
	want := []string{"already_absent, seen true: it is so", "skipped, seen false: somebody else did it",
		"skipped, seen false: cannot be undone: sessions are gone", "skipped, seen false: refused: no rule lets them"}
	if err != nil || !slices.Equal(got, want) || len(shelf) != len(want) || out[0].Actor != "ann" || !out[0].PlannedAt.Equal(midnight) {
		t.Errorf("%q, %d records: %v", got, len(shelf), err)
	}
	out, err = applier{job: j, journal: newJournal(&rooms{left: 1}, "run-00")}.undone(all)
	if err == nil || len(out) != 1 {
		t.Errorf("the disk is full, and it goes on: %d, %v", len(out), err)
	}
}
