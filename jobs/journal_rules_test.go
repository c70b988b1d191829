package jobs

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/internal/access"
)

var (
	midnight = time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC)
	errIO    = errors.New("input/output error")
)

// wrote puts records into a shelf, each at its place.
func wrote(t *testing.T, s shelfOf, run access.RunID, all ...entry) {
	t.Helper()
	j := newJournal(s, run)
	for _, e := range all {
		if _, err := j.write(e); err != nil {
			t.Fatal(err)
		}
	}
}

func intentOf(id string) entry {
	act := planOne(access.Block)
	act.ID = id
	return entry{Kind: "intent", At: midnight, Action: &act, Before: json.RawMessage(`{"status":"ACTIVE"}`), Actor: "ann"}
}

// outcomeOf is an outcome of an action; of is the intent that it closes, if any.
func outcomeOf(id string, r access.Result, of *intentRef) entry {
	act := intentOf(id).Action
	return entry{Kind: "outcome", At: midnight, Closes: of, Outcome: &access.Outcome{Action: *act, Result: r, SentAt: midnight, Actor: "ann", Before: json.RawMessage(`{"status":"ACTIVE"}`)}}
}

// givenBack is what a restore found to be so already, without sending anything.
func givenBack(id string) entry {
	e := outcomeOf(id, access.AlreadyAbsent, nil)
	e.Outcome.Action.Stage = access.Restore
	e.Outcome.Action.Undoes = &access.Undone{ActionID: id, Verb: access.OktaSuspend}
	return e
}

// badShelf cannot be listed, or one record of it cannot be read.
type badShelf struct {
	shelfOf
	list error
	read string
}

func (s badShelf) List(prefix string) ([]string, error) {
	if s.list != nil {
		return nil, s.list
	}
	return s.shelfOf.List(prefix)
}

func (s badShelf) Read(name string) ([]byte, error) {
	if name == s.read {
		return nil, errIO
	}
	return s.shelfOf.Read(name)
}

func TestARecordIsAnIntentOrAnOutcomeOrAnApprovalOrAnOrderAndNothingElseBesides(t *testing.T) {
	action, outcome, approval, ref, order := &access.Action{}, &access.Outcome{}, &access.Approval{}, &intentRef{}, &access.Order{}
	for _, tt := range []struct {
		e     entry
		whole bool
	}{
		{entry{Kind: "intent", Action: action}, true},
		{entry{Kind: "intent"}, false},
		{entry{Kind: "intent", Outcome: outcome}, false},
		{entry{Kind: "intent", Action: action, Outcome: outcome}, false},
		{entry{Kind: "intent", Action: action, Closes: ref}, false},
		{entry{Kind: "intent", Action: action, Approval: approval}, false},
		{entry{Kind: "outcome", Outcome: outcome}, true},
		{entry{Kind: "outcome", Outcome: outcome, Closes: ref}, true},
		{entry{Kind: "outcome"}, false},
		{entry{Kind: "outcome", Outcome: outcome, Action: action}, false},
		{entry{Kind: "outcome", Outcome: outcome, Approval: approval}, false},
		{entry{Kind: "approval", Approval: approval}, true},
		{entry{Kind: "approval"}, false},
		{entry{Kind: "approval", Approval: approval, Action: action}, false},
		{entry{Kind: "approval", Approval: approval, Outcome: outcome}, false},
		{entry{Kind: "approval", Approval: approval, Closes: ref}, false},
		{entry{Kind: "intent", Action: action, Order: order}, false},
		{entry{Kind: "outcome", Outcome: outcome, Order: order}, false},
		{entry{Kind: "approval", Approval: approval, Order: order}, false},
		{entry{Kind: "order", Order: order}, true},
		{entry{Kind: "order"}, false},
		{entry{Kind: "order", Order: order, Action: action}, false},
		{entry{Kind: "order", Order: order, Outcome: outcome}, false},
		{entry{Kind: "order", Order: order, Approval: approval}, false},
		{entry{Kind: "order", Order: order, Closes: ref}, false},
		{entry{Kind: "note", Action: action}, false},
		{entry{}, false},
	} {
		if tt.e.whole() != tt.whole {
			t.Errorf("%+v: whole is %v", tt.e, tt.e.whole())
		}
	}
}

func TestRecordsAreNumberedAndEachLiesAtItsPlace(t *testing.T) {
	shelf := shelfOf{}
	wrote(t, shelf, "run-07", intentOf("a1"), outcomeOf("a1", access.Done, &intentRef{"run-07", 1}))
	names, _ := shelf.List("")
	if want := []string{"journal/run-07/000001.json", "journal/run-07/000002.json"}; !slices.Equal(names, want) {
		t.Fatalf("%q", names)
	}
	for n, name := range names {
		e, err := readEntry(shelf, name)
		if err != nil || e.N != n+1 || e.Run != "run-07" || !strings.HasSuffix(string(shelf[name]), "}\n") {
			t.Errorf("%s: %+v %v", name, e, err)
		}
	}
}

// A disk that is full, a record that is there already and one that cannot be synced look
// alike: Create says no, and nothing may be done.
func TestARecordThatIsNotDurableIsAnErrorThatNamesIt(t *testing.T) {
	taken := shelfOf{oneRecord: []byte("{}")}
	for name, records := range map[string]Records{"full": fullDisk{}, "taken": taken, "not synced": &unsynced{shelfOf: shelfOf{}, at: 1}} {
		ref, err := newJournal(records, "run-00").write(intentOf("a1"))
		if err == nil || ref != (intentRef{}) || !strings.Contains(err.Error(), "write journal record "+oneRecord) {
			t.Errorf("%s: %v %v", name, ref, err)
		}
	}
	shelf, torn := shelfOf{}, intentOf("a1")
	torn.Before = json.RawMessage(`{"status":`)
	if _, err := newJournal(shelf, "run-00").write(torn); err == nil || !strings.Contains(err.Error(), "write journal record 1: ") || len(shelf) != 0 {
		t.Errorf("a state that is no JSON: %d records, %v", len(shelf), err)
	}
}

func TestAJournalThatCannotBeReadIsAnErrorAndNoEmptyOne(t *testing.T) {
	shelf := shelfOf{}
	wrote(t, shelf, "run-00", intentOf("a1"))
	if _, err := readPast(badShelf{shelf, errIO, ""}, access.Memory{}); !errors.Is(err, errIO) || !strings.Contains(err.Error(), "list the journal") {
		t.Errorf("not listed: %v", err)
	}
	if _, err := readPast(badShelf{shelf, nil, oneRecord}, access.Memory{}); !errors.Is(err, errIO) || !strings.Contains(err.Error(), "read journal record "+oneRecord) {
		t.Errorf("not read: %v", err)
	}
}

// Of the runs that memory accounts for, only the last committed one is read: it alone may
// have open ends.
func TestTheJournalsThatAreReadAreThoseThatMayHaveOpenEnds(t *testing.T) {
	shelf := shelfOf{}
	for _, run := range []access.RunID{"run-01", "run-02", "run-03", "run-04"} {
		wrote(t, shelf, run, intentOf("a1"), givenBack("b1"), entry{Kind: "approval", Approval: &access.Approval{ID: "x"}})
	}
	p, err := readPast(shelf, access.Memory{Previous: "run-02", Journals: map[access.RunID]bool{"run-01": true, "run-02": true}})
	var from []string
	for _, i := range p.intents {
		from = append(from, fmt.Sprintf("%s %d %v %s %s %s", i.ref.Run, i.ref.N, i.at.Equal(midnight), i.action.ID, i.before, i.actor))
	}
	want := []string{`run-02 1 true a1 {"status":"ACTIVE"} ann`, `run-03 1 true a1 {"status":"ACTIVE"} ann`, `run-04 1 true a1 {"status":"ACTIVE"} ann`}
	if err != nil || !slices.Equal(from, want) {
		t.Errorf("intents %q: %v", from, err)
	}
	if !slices.Equal(p.runs, []access.RunID{"run-03", "run-04"}) {
		t.Errorf("runs that could not finish: %v", p.runs)
	}
	if len(p.found) != 2 { // memory has what the committed run found
		t.Errorf("found without an intent: %d", len(p.found))
	}
}

func TestOnlyWhatARestoreFoundCountsWithoutAnIntent(t *testing.T) {
	shelf := shelfOf{}
	wrote(t, shelf, "run-01", outcomeOf("a1", access.Skipped, nil), givenBack("a2"))
	p, err := readPast(shelf, access.Memory{})
	if err != nil || len(p.found) != 1 || p.found[0].Action.ID != "a2" {
		t.Errorf("%+v: %v", p.found, err)
	}
}

// One record that says nothing is told; the outcome that closed it says what was done.
func TestOfADamagedIntentItsOutcomeSaysWhatWasDone(t *testing.T) {
	shelf := shelfOf{}
	first, second := intentRef{"run-01", 1}, intentRef{"run-01", 3}
	wrote(t, shelf, "run-01", intentOf("a1"), outcomeOf("a1", access.Done, &first), intentOf("a2"), outcomeOf("a2", access.Done, &second))
	sound, err := readPast(shelf, access.Memory{})
	if err != nil || len(sound.intents) != 2 || len(sound.damaged) != 0 {
		t.Fatalf("%+v: %v", sound, err)
	}
	shelf[recordName(first)] = shelf[recordName(first)][:20] // torn
	p, err := readPast(shelf, access.Memory{})
	if err != nil || len(p.intents) != 2 || len(p.damaged) != 1 {
		t.Fatalf("%+v: %v", p, err)
	}
	i := p.intents[1]
	if out, settled := p.settled(i); !settled || out.Result != access.Done || i.ref != first || i.action.ID != "a1" || !i.at.Equal(midnight) || string(i.before) != `{"status":"ACTIVE"}` || i.actor != "ann" {
		t.Errorf("%+v: %+v %v", i, out, settled)
	}
	var n access.Night
	p.tell(&n)
	if !slices.Equal(n.Damaged, []string{recordName(first)}) || len(n.Notes) != 1 || !strings.Contains(n.Notes[0], recordName(first)+" is damaged (") {
		t.Errorf("%q %q", n.Damaged, n.Notes)
	}
}

func TestTwoDamagedRecordsAreMoreThanTheGuardsCanStand(t *testing.T) {
	shelf := shelfOf{}
	wrote(t, shelf, "run-01", intentOf("a1"), intentOf("a2"))
	for n := 1; n <= 2; n++ {
		shelf[recordName(intentRef{"run-01", n})] = []byte(`{"n":`)
		p, err := readPast(shelf, access.Memory{})
		if len(p.damaged) != n || (err != nil) != (n == 2) {
			t.Errorf("%d damaged: %d, %v", n, len(p.damaged), err)
		}
		if n == 2 && !strings.Contains(err.Error(), "2 records are damaged, and the guards rest on them; the first: journal record journal/run-01/000001.json is damaged") {
			t.Errorf("%v", err)
		}
	}
	old := access.Memory{Previous: "run-02", Journals: map[access.RunID]bool{"run-01": true, "run-02": true}}
	if p, err := readPast(shelf, old); err != nil || len(p.damaged) != 0 { // nothing rests on them any more
		t.Errorf("of a run that is accounted for: %d, %v", len(p.damaged), err)
	}
}

func TestPendingAndUnknownAreNotTheEndOfAnAction(t *testing.T) {
	open := intentRef{"run-01", 9}
	for result, settled := range map[access.Result]bool{access.Done: true, access.Failed: true, access.AlreadyAbsent: true, access.Skipped: true,
		access.Pending: false, access.Unknown: false, "": false} {
		p := past{closed: map[intentRef]access.Outcome{open: {Result: result}}}
		if _, is := p.settled(openIntent{ref: open}); is != settled {
			t.Errorf("%q: settled is %v", result, is)
		}
		if _, is := p.settled(openIntent{ref: intentRef{"run-02", 9}}); is {
			t.Errorf("%q: it settles another one", result)
		}
	}
	done := past{closed: map[intentRef]access.Outcome{}}
	if _, is := done.settled(openIntent{ref: open}); is {
		t.Error("an intent that nobody closed is settled")
	}
}

// What the last committed run began and closed is in the archive; everything else is told
// again, with the run that began it.
func TestWhatTheArchiveHasIsNotToldAgainAndAllElseIs(t *testing.T) {
	shelf := shelfOf{}
	ref := func(run access.RunID, n int) *intentRef { return &intentRef{run, n} }
	wrote(t, shelf, "run-01", // died; the committed run closed it
		intentOf("taken over"))
	wrote(t, shelf, "run-02", // committed
		intentOf("archived"), outcomeOf("archived", access.Done, ref("run-02", 1)),
		intentOf("pending"), outcomeOf("pending", access.Pending, ref("run-02", 3)),
		intentOf("settled later"), outcomeOf("settled later", access.Pending, ref("run-02", 5)),
		outcomeOf("taken over", access.Done, ref("run-01", 1)))
	wrote(t, shelf, "run-03", // died
		outcomeOf("settled later", access.Done, ref("run-02", 5)),
		intentOf("closed"), outcomeOf("closed", access.Failed, ref("run-03", 2)),
		intentOf("open"))
	m := access.Memory{Previous: "run-02", Journals: map[access.RunID]bool{"run-02": true}}
	p, err := readPast(shelf, m)
	if err != nil {
		t.Fatal(err)
	}
	all, err := p.outcomes(m, func(i openIntent) (access.Outcome, error) {
		return access.Outcome{Action: i.action, Result: "read"}, nil
	})
	var got []string
	for _, o := range all {
		got = append(got, fmt.Sprintf("%s %s of %s", o.Action.ID, o.Result, o.AdoptedFrom))
	}
	want := []string{"taken over done of run-01", "pending read of run-02", "settled later done of run-02", "closed failed of run-03", "open read of run-03"}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%q: %v", got, err)
	}
	all, err = p.outcomes(m, func(openIntent) (access.Outcome, error) { return access.Outcome{}, errIO })
	if !errors.Is(err, errIO) || len(all) != 1 {
		t.Errorf("it goes on with %d after %v", len(all), err)
	}
}
