package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/internal/access"
)

// heir is a run that takes over what is in a shelf, and what it told.
func heir(s Records, h *hands) (*Job, *[]string) {
	told := &[]string{}
	return &Job{Run: access.Run{ID: "run-09"}, Records: s, Now: func() time.Time { return midnight.Add(time.Hour) },
		Sleep:    func(context.Context, time.Duration) error { return nil },
		Revokers: map[access.System]Revoker{"okta": h},
		Changed: func(o access.Outcome) {
			*told = append(*told, fmt.Sprintf("changed %s %s", o.Action.ID, o.Result))
		},
		Say: func(format string, args ...any) { *told = append(*told, fmt.Sprintf(format, args...)) },
	}, told
}

func TestAnOpenIntentIsReadBackClosedToldAndCountedBeforeAnythingElse(t *testing.T) {
	shelf, leo := shelfOf{}, planOne(access.Block).Account
	wrote(t, shelf, "run-08", intentOf("a1"))
	j, told := heir(shelf, &hands{finds: []access.State{{Holds: true}}})
	var n access.Night
	var m access.Memory
	a, err := j.recover(t.Context(), newJournal(shelf, "run-09"), &n, &m)
	if err != nil || len(a.Outcomes) != 1 || a.Outcomes[0].AdoptedFrom != "run-08" || a.Outcomes[0].Result != access.Done {
		t.Fatalf("%+v: %v", a, err)
	}
	if want := []string{"changed a1 done", "took over the journal of 1 earlier run(s): 1 action(s), all read back before anything else"}; !slices.Equal(*told, want) {
		t.Errorf("told %q", *told)
	}
	closing, err := readEntry(shelf, "journal/run-09/000001.json")
	if err != nil || closing.Closes == nil || *closing.Closes != (intentRef{"run-08", 1}) || !closing.At.Equal(j.Now()) || closing.Outcome.Result != access.Done {
		t.Errorf("%+v: %v", closing, err)
	}
	if b := m.Blocked[leo]; b.Run != "run-08" || !b.Verified {
		t.Errorf("remembered: %+v", m.Blocked)
	}
	next := access.Memory{Journals: map[access.RunID]bool{}}
	if a.account(&next); !next.Journals["run-08"] || len(next.Journals) != 1 {
		t.Errorf("accounted for: %v", next.Journals)
	}
}

func TestWithNothingLeftOpenARecoveryWritesAndSaysNothing(t *testing.T) {
	shelf := shelfOf{}
	j, told := heir(shelf, &hands{finds: []access.State{{}}})
	a, err := j.recover(t.Context(), newJournal(shelf, "run-09"), &access.Night{}, &access.Memory{})
	if err != nil || len(a.Outcomes) != 0 || len(shelf) != 0 || len(*told) != 0 {
		t.Errorf("%+v, %d records, told %q: %v", a, len(shelf), *told, err)
	}
}

// What a restore that died found to be given back counts as given back.
func TestWhatADyingRestoreFoundIsNotHeldForBlocked(t *testing.T) {
	leo := planOne(access.Block).Account
	for name, do := range map[string]func(*Job, *access.Memory, *access.Night) error{
		"night": func(j *Job, m *access.Memory, n *access.Night) error {
			_, err := j.recover(t.Context(), newJournal(j.Records, "run-09"), n, m)
			return err
		},
		"plan": func(j *Job, m *access.Memory, n *access.Night) error { return j.countOpen(m, n) },
	} {
		shelf := shelfOf{}
		wrote(t, shelf, "run-08", givenBack("a1"))
		j, _ := heir(shelf, &hands{finds: []access.State{{}}})
		m := access.Memory{Blocked: map[access.AccountKey]access.BlockRecord{leo: {Account: leo, Verbs: []access.Verb{access.OktaSuspend}}}}
		if err := do(j, &m, &access.Night{}); err != nil || len(m.Blocked) != 0 {
			t.Errorf("%s: %+v %v", name, m.Blocked, err)
		}
	}
}

// A run that cannot read the journal, or cannot write into its own, goes no further: else
// the same thing could be done twice, or the guards count too little.
func TestWhatCannotBeTakenOverStopsTheRun(t *testing.T) {
	shelf := shelfOf{}
	wrote(t, shelf, "run-08", intentOf("a1"))
	for name, finds := range map[string]access.State{"settled": {Holds: true}, "under way": {InProgress: true}} {
		j, told := heir(shelf, &hands{finds: []access.State{finds}})
		for left := range 3 {
			_, err := j.recover(t.Context(), newJournal(&rooms{left: left}, "run-09"), &access.Night{}, &access.Memory{})
			enough := left >= 1 && name == "settled" || left >= 2
			if (err == nil) != enough || !enough && len(*told) != 0 {
				t.Errorf("%s, room for %d records: %v, told %q", name, left, err, *told)
			}
			*told = nil
		}
	}
	mine := shelfOf{"journal/run-09/000001.json": nil} // the first record cannot be written, the second could
	j, _ := heir(shelf, &hands{finds: []access.State{{InProgress: true}}})
	if _, err := j.recover(t.Context(), newJournal(mine, "run-09"), &access.Night{}, &access.Memory{}); err == nil || len(mine) != 1 {
		t.Errorf("an intent that is not written is closed: %d records, %v", len(mine), err)
	}
	j, _ = heir(badShelf{shelf, errIO, ""}, &hands{finds: []access.State{{}}})
	if _, err := j.recover(t.Context(), newJournal(shelf, "run-09"), &access.Night{}, &access.Memory{}); !errors.Is(err, errIO) {
		t.Errorf("a journal that cannot be listed: %v", err)
	}
	if err := j.countOpen(&access.Memory{}, &access.Night{}); !errors.Is(err, errIO) {
		t.Errorf("a plan over a journal that cannot be listed: %v", err)
	}
	if len(shelf) != 1 {
		t.Errorf("%d records", len(shelf))
	}
}

// What is still not settled becomes an intent of this run, as it was first written: the
// next run looks no further back.
func TestWhatIsStillUnderWayIsWrittenDownAnewAsItWas(t *testing.T) {
	shelf := shelfOf{}
	wrote(t, shelf, "run-08", intentOf("a1"))
	j, _ := heir(shelf, &hands{finds: []access.State{{InProgress: true}}})
	if _, err := j.recover(t.Context(), newJournal(shelf, "run-09"), &access.Night{}, &access.Memory{}); err != nil {
		t.Fatal(err)
	}
	again, err := readEntry(shelf, "journal/run-09/000001.json")
	if err != nil || again.Kind != "intent" || again.Action.ID != "a1" || !again.At.Equal(midnight) || again.Actor != "ann" || string(again.Before) != `{"status":"ACTIVE"}` {
		t.Errorf("%+v: %v", again, err)
	}
	closing, err := readEntry(shelf, "journal/run-09/000002.json")
	if err != nil || *closing.Closes != (intentRef{"run-09", 1}) || closing.Outcome.Result != access.Pending {
		t.Errorf("%+v: %v", closing, err)
	}
}

func TestWhatBecameOfAnOpenIntentIsWhatIsSeen(t *testing.T) {
	for _, tt := range []struct {
		name string
		h    *hands
		want access.Result
		says string
	}{
		{"no credential", nil, access.Unknown, "no credential is configured here to read what it did"},
		{"unread", &hands{finds: []access.State{{Holds: true}}, blind: []error{errLost}}, access.Unknown, "could not be read: no answer"},
		{"done", &hands{finds: []access.State{{Holds: true, Detail: "since Monday"}}}, access.Done, "read back as done; since Monday"},
		{"under way", &hands{finds: []access.State{{InProgress: true}}}, access.Pending, "still in progress"},
		{"not done", &hands{finds: []access.State{{Refuse: "it is protected"}}}, access.Failed, "done again only if tonight's decision wants it; it is protected"},
	} {
		j, _ := heir(shelfOf{}, tt.h)
		if tt.h == nil {
			j.Revokers = nil
		}
		i := openIntent{intentRef{"run-08", 1}, midnight, planOne(access.Block), []byte(`{}`), "ann"}
		o := j.settle(t.Context(), i)
		if o.Result != tt.want || !strings.Contains(o.Detail, tt.says) || tt.h != nil && tt.h.sent != 0 {
			t.Errorf("%s: %s %q", tt.name, o.Result, o.Detail)
		}
		if !o.SentAt.Equal(midnight) || !o.PlannedAt.Equal(midnight) || string(o.Before) != "{}" || o.Actor != "ann" || o.Action.ID != "a1" {
			t.Errorf("%s: %+v", tt.name, o)
		}
		if verified := !o.VerifiedAt.IsZero(); verified != (tt.want == access.Done) {
			t.Errorf("%s: verified is %v", tt.name, verified)
		}
	}
}

// Either hand of a system can read what was done there; the one that takes comes first.
func TestEitherHandReadsWhatWasDone(t *testing.T) {
	takes, gives := &hands{}, &hands{}
	act := planOne(access.Block)
	for _, tt := range []struct {
		name string
		j    Job
		want Revoker
	}{
		{"both", Job{Revokers: map[access.System]Revoker{"okta": takes}, Restorers: map[access.System]Restorer{"okta": gives}}, takes},
		{"takes only", Job{Revokers: map[access.System]Revoker{"okta": takes}}, takes},
		{"gives only", Job{Restorers: map[access.System]Restorer{"okta": gives}}, gives},
		{"of another system", Job{Restorers: map[access.System]Restorer{"aws": gives}}, nil},
	} {
		if got := tt.j.eye(act); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}

// Everything that memory counts by is counted of what earlier runs did, and what it has
// already stays; memory as it was read is not written into.
func TestWhatEarlierRunsDidCountsForEveryGuard(t *testing.T) {
	block, remove, mover, review := planOne(access.Block), planOne(access.Remove), planOne(access.Remove), planOne(access.Remove)
	mover.Mover, mover.FindingID = true, "f1"
	review.Review = "row-1"
	var did []access.Outcome
	for _, act := range []access.Action{block, remove, mover, review} {
		did = append(did, access.Outcome{Action: act, Result: access.Done, SentAt: midnight, VerifiedAt: midnight, AdoptedFrom: "run-08"})
	}
	other := access.AccountKey{System: "okta", ID: "u2"}
	known := access.Memory{
		Blocked:  map[access.AccountKey]access.BlockRecord{other: {}},
		Endings:  map[access.AccountKey]access.Ending{other: {}},
		Residues: map[string]access.Residue{"f2": {}},
		Removals: map[string]access.Removal{"row-1": {RowID: "row-1"}, "row-2": {}},
	}
	m := known
	adopt(&m, nil, did)
	if len(m.Blocked) != 2 || len(m.Endings) != 2 || len(m.Residues) != 2 || len(m.Removals) != 2 || m.Removals["row-1"].SentAt.IsZero() {
		t.Errorf("%+v", m)
	}
	if len(known.Blocked) != 1 || len(known.Endings) != 1 || len(known.Residues) != 1 || !known.Removals["row-1"].SentAt.IsZero() {
		t.Errorf("what was read is written into: %+v", known)
	}
	var first access.Memory
	adopt(&first, nil, did)
	if len(first.Blocked) != 1 || len(first.Endings) != 1 || len(first.Residues) != 1 {
		t.Errorf("of a first night: %+v", first)
	}
}

// A plan counts what is open as sent, tells of it, and leaves it open.
func TestAPlanCountsWhatIsOpenAndClosesNothing(t *testing.T) {
	shelf := shelfOf{}
	wrote(t, shelf, "run-08", intentOf("a1"), intentOf("a2"))
	shelf["journal/run-08/000002.json"] = []byte(`{"n":2`)
	h := &hands{finds: []access.State{{Holds: true}}}
	j, told := heir(shelf, h)
	var n access.Night
	var m access.Memory
	if err := j.countOpen(&m, &n); err != nil {
		t.Fatal(err)
	}
	if b, has := m.Blocked[planOne(access.Block).Account]; !has || b.Verified || b.Run != "run-08" || !b.At.Equal(midnight) {
		t.Errorf("%+v", m.Blocked)
	}
	if len(n.Damaged) != 1 || len(n.Notes) != 2 || n.Notes[1] != "an earlier run did not finish; the next nightly closes what it left open" {
		t.Errorf("%q", n.Notes)
	}
	if len(shelf) != 2 || len(*told) != 0 || h.reads != 0 {
		t.Errorf("%d records, told %q, %d reads", len(shelf), *told, h.reads)
	}
	n, m = access.Night{}, access.Memory{}
	j.Records = shelfOf{}
	if err := j.countOpen(&m, &n); err != nil || len(n.Notes) != 0 || len(m.Blocked) != 0 {
		t.Errorf("with nothing open: %q %v", n.Notes, err)
	}
}

func TestADamagedRecordIsToldByTheRunThatTakesOver(t *testing.T) {
	shelf := shelfOf{oneRecord: []byte(`{"n":1`)}
	j, _ := heir(shelf, &hands{finds: []access.State{{}}})
	var n access.Night
	if _, err := j.recover(t.Context(), newJournal(shelf, "run-09"), &n, &access.Memory{}); err != nil || !slices.Equal(n.Damaged, []string{oneRecord}) {
		t.Errorf("%q %v", n.Damaged, err)
	}
}

// unsynced keeps every record, and says of one that it could not be synced.
type unsynced struct {
	shelfOf
	at, n int
}

func (s *unsynced) Create(name string, b []byte) error {
	err := s.shelfOf.Create(name, b)
	if s.n++; s.n == s.at {
		return errIO
	}
	return err
}

// A record that could not be synced may be there all the same, or not. Either way nothing
// is sent that nobody could find again, and the next run tells what was done.
func TestARecordThatMayOrMayNotBeThereStopsTheRunAndIsRead(t *testing.T) {
	for at, want := range map[int]access.Result{1: access.Failed, 2: access.Done} {
		for _, there := range []bool{true, false} {
			shelf := &unsynced{shelfOf: shelfOf{}, at: at}
			h := &hands{finds: []access.State{{}, {Holds: true}}}
			j, _ := heir(shelf, h)
			if _, err := (applier{job: j, journal: newJournal(shelf, "run-08")}).one(t.Context(), planOne(access.Block)); !errors.Is(err, errIO) || h.sent != at-1 {
				t.Fatalf("record %d: %d changes, %v", at, h.sent, err)
			}
			if !there {
				delete(shelf.shelfOf, recordName(intentRef{"run-08", at}))
			}
			next, _ := heir(shelf.shelfOf, &hands{finds: []access.State{{Holds: at == 2}}})
			a, err := next.recover(t.Context(), newJournal(shelf.shelfOf, "run-09"), &access.Night{}, &access.Memory{})
			if none := at == 1 && !there; err != nil || none != (len(a.Outcomes) == 0) || !none && a.Outcomes[0].Result != want {
				t.Errorf("record %d, there %v: %+v %v", at, there, a.Outcomes, err)
			}
		}
	}
}
