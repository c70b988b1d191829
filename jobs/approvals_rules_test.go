package jobs

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/internal/access"
)

// inTurn notes the names in the order in which they are created; of those that begin
// with refuses it takes none.
type inTurn struct {
	shelfOf
	names   []string
	refuses string
	with    error
}

func (s *inTurn) Create(name string, b []byte) error {
	if s.refuses != "" && strings.HasPrefix(name, s.refuses) {
		return s.with
	}
	s.names = append(s.names, name)
	return s.shelfOf.Create(name, b)
}

func spentBy(t *testing.T, s shelfOf, approval string, after, run access.RunID) {
	t.Helper()
	b, err := json.Marshal(spending{Approval: approval, Run: run})
	if err != nil {
		t.Fatal(err)
	}
	s[spendingName(approval, after)] = b
}

func TestWhoSpentAnApprovalLastIsReadFromRunToRun(t *testing.T) {
	shelf := shelfOf{}
	for _, step := range []struct{ after, run, want access.RunID }{{"", "", ""}, {"", "run-01", "run-01"}, {"run-01", "run-03", "run-03"}, {"run-02", "run-09", "run-03"}} {
		if step.run != "" {
			spentBy(t, shelf, "x", step.after, step.run)
		}
		if got, err := spender(shelf, "x"); err != nil || got != step.want {
			t.Errorf("after %+v: %q %v", step, got, err)
		}
	}
	if got, err := spender(shelf, "y"); err != nil || got != "" {
		t.Errorf("another approval: %q %v", got, err)
	}
	if shelf["spent/x/first.json"] == nil || shelf["spent/x/after-run-01.json"] == nil {
		t.Errorf("the names are %v", shelf)
	}
}

// Where it cannot be read who spent an approval, nobody may take it for unspent.
func TestASpendingThatSaysNothingIsAnError(t *testing.T) {
	for name, text := range map[string]string{"torn": `{"approval_id":"x","run_id":"run-01"`, "another approval": `{"approval_id":"y","run_id":"run-01"}`,
		"no run": `{"approval_id":"x"}`, "words for a number": `{"approval_id":"x","run_id":"run-01","count":"three"}`,
		"a follower without a run": `{"approval_id":"x"}`, "a follower of itself": `{"approval_id":"x","run_id":"run-01"}`} {
		shelf, place := shelfOf{}, "spent/x/first.json"
		if strings.HasPrefix(name, "a follower") {
			spentBy(t, shelf, "x", "", "run-01")
			place = "spent/x/after-run-01.json"
		}
		shelf[place] = []byte(text)
		if got, err := spender(shelf, "x"); err == nil || got != "" || !strings.Contains(err.Error(), place+" is damaged") {
			t.Errorf("%s: %q %v", name, got, err)
		}
	}
	if got, err := spender(badShelf{shelfOf{}, nil, "spent/x/first.json"}, "x"); !errors.Is(err, errIO) || got != "" {
		t.Errorf("unread: %q %v", got, err)
	}
}

// Runs that follow each other in a ring would be followed for ever, and no night would end.
func TestSpendingsThatGoInARingAreAnError(t *testing.T) {
	shelf := shelfOf{}
	spentBy(t, shelf, "x", "", "run-01")
	spentBy(t, shelf, "x", "run-01", "run-02")
	spentBy(t, shelf, "x", "run-02", "run-01")
	said := make(chan error, 1)
	go func() {
		_, err := spender(shelf, "x")
		said <- err
	}()
	select {
	case err := <-said:
		if err == nil || !strings.Contains(err.Error(), "spent/x/after-run-02.json is damaged") {
			t.Errorf("it says %v", err)
		}
	case <-time.After(5 * time.Second):
		t.Error("it goes round and round")
	}
}

func approvalFile(id string) ApprovalFile {
	return ApprovalFile{GivenApproval: access.GivenApproval{Approval: access.Approval{ID: id, ExpiresAt: midnight.Add(time.Hour)}, File: id + ".json", SHA256: "sum of " + id}, Raw: []byte(id)}
}

// What may still count tonight is kept as evidence, and nothing else; what was spent may
// be gone on with only by the run that takes over the journal of the one that spent it.
func TestTheApprovalsThatMayStillCountAreKeptAsEvidence(t *testing.T) {
	shelf := shelfOf{}
	spentBy(t, shelf, "spent", "", "run-01")
	spentBy(t, shelf, "died", "", "run-02")
	spentBy(t, shelf, "over and died", "", "run-02")
	unproven, over, overAndDied, now := approvalFile("unproven"), approvalFile("over"), approvalFile("over and died"), approvalFile("now")
	unproven.Unproven = "not signed"
	over.ExpiresAt, overAndDied.ExpiresAt, now.ExpiresAt = midnight.Add(-time.Hour), midnight.Add(-time.Hour), midnight
	files := []ApprovalFile{unproven, approvalFile("fresh"), over, now, approvalFile("spent"), approvalFile("died"), overAndDied, approvalFile("unread")}
	digests, raw := make([]access.Input, 1, 9), make([][]byte, 1, 9)
	j := &Job{Run: access.Run{StartedAt: midnight}, Records: badShelf{shelf, nil, "spent/unread/first.json"},
		Inputs: func(access.Memory) (Inputs, error) {
			return Inputs{Digests: digests, Raw: raw, Approvals: slices.Clone(files)}, nil
		}}
	in, err := j.inputs(access.Memory{Journals: map[access.RunID]bool{"run-01": true}})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, a := range in.Approvals {
		got = append(got, fmt.Sprintf("%s spent %q resumable %v", a.ID, a.Spent, a.Resumable))
	}
	want := []string{`unproven spent "" resumable false`, `fresh spent "" resumable false`, `over spent "" resumable false`, `now spent "" resumable false`,
		`spent spent "run-01" resumable false`, `died spent "run-02" resumable true`, `over and died spent "run-02" resumable true`, `unread spent "" resumable false`}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	if !strings.Contains(in.Approvals[7].Unproven, "whether it is spent cannot be read (read spent/unread/first.json: input/output error)") || in.Approvals[0].Unproven != "not signed" {
		t.Errorf("%q", in.Approvals[7].Unproven)
	}
	var kept []string
	for n, d := range in.Digests[1:] {
		kept = append(kept, d.Name+" "+d.File+" "+d.SHA256+" "+string(in.Raw[n+1]))
	}
	if want := []string{"approval:fresh fresh.json sum of fresh fresh", "approval:died died.json sum of died died"}; !slices.Equal(kept, want) {
		t.Errorf("kept %q", kept)
	}
	if digests[:2][1].Name != "" || raw[:2][1] != nil {
		t.Error("what the caller keeps is written into")
	}
	if given := in.given(); len(given) != len(files) || given[5].ID != "died" || !given[5].Resumable {
		t.Errorf("%+v", given)
	}
	j.Inputs = func(access.Memory) (Inputs, error) { return Inputs{Approvals: files}, errIO }
	if _, err := j.inputs(access.Memory{}); !errors.Is(err, errIO) {
		t.Errorf("inputs that cannot be read: %v", err)
	}
}

// spends is a run that uses an approval, with what it said.
func spends(records Records) (*Job, *access.Night, *[]string) {
	said := &[]string{}
	act := planOne(access.Block)
	act.Released = []access.Release{{Approval: "x"}}
	counts := access.ApprovalVerdict{GivenApproval: access.GivenApproval{Approval: access.Approval{ID: "x", Guard: "blast_radius", Scope: "total", CohortSHA256: "c", Count: 3, By: "ann"}}, Counts: true, Says: "3 accounts"}
	idle, unused := counts, counts
	idle.ID, idle.Guard, idle.Counts, unused.ID = "idle", "roster", false, "unused"
	j := &Job{Run: access.Run{ID: "run-09", Actor: "cron"}, Records: records, Now: func() time.Time { return midnight }, Say: func(f string, a ...any) { *said = append(*said, fmt.Sprintf(f, a...)) }}
	j.Settings.Mode = access.Enforce
	return j, &access.Night{Plan: access.Plan{Actions: []access.Action{act}}, Approvals: []access.ApprovalVerdict{idle, unused, counts}}, said
}

func TestWhatAnActionUsesIsSpentOnceAndTheJournalSaysItFirst(t *testing.T) {
	for after, name := range map[access.RunID]string{"": "spent/x/first.json", "run-02": "spent/x/after-run-02.json"} {
		s := &inTurn{shelfOf: shelfOf{}}
		j, n, said := spends(s)
		n.Approvals[2].Spent = after
		if err := j.spend(newJournal(s, "run-09"), n); err != nil {
			t.Fatal(err)
		}
		if want := []string{"journal/run-09/000001.json", name}; !slices.Equal(s.names, want) {
			t.Errorf("%q", s.names)
		}
		e, err := readEntry(s, "journal/run-09/000001.json")
		if err != nil || e.Kind != "approval" || e.Approval.ID != "x" || !e.At.Equal(midnight) || e.Actor != "cron" {
			t.Errorf("%+v %v", e, err)
		}
		var record spending
		if err := json.Unmarshal(s.shelfOf[name], &record); err != nil || record != (spending{"x", "run-09", midnight, "blast_radius", "total", "c", 3, "ann"}) {
			t.Errorf("%+v %v", record, err)
		}
		if !n.Approvals[0].SpentAt.IsZero() || !n.Approvals[1].SpentAt.IsZero() || !n.Approvals[2].SpentAt.Equal(midnight) || !slices.Equal(*said, []string{"approval x by ann is spent: 3 accounts"}) {
			t.Errorf("%+v %q", n.Approvals, *said)
		}
	}
}

func TestAnApprovalThatCannotBeSpentStopsTheRun(t *testing.T) {
	for name, tt := range map[string]struct {
		refuses string
		with    error
		says    string
	}{
		"the journal is full": {"journal/", errIO, "spend approval x (nothing was changed in any system): "},
		"the disk is full":    {"spent/", errIO, "spend approval x (nothing was changed in any system): "},
		"another run was":     {"spent/", fs.ErrExist, "approval x was spent by another run while this one was at work"},
	} {
		s := &inTurn{shelfOf: shelfOf{}, refuses: tt.refuses, with: tt.with}
		j, n, said := spends(s)
		err := j.spend(newJournal(s, "run-09"), n)
		if !errors.Is(err, tt.with) || !strings.Contains(err.Error(), tt.says) || !n.Approvals[2].SpentAt.IsZero() || len(*said) != 0 {
			t.Errorf("%s: %v, said %q", name, err, *said)
		}
		if tt.refuses == "journal/" && len(s.names) != 0 {
			t.Errorf("%s: %q", name, s.names)
		}
	}
}

func TestAnApprovalIsUsedByWhatItReleasesWhereThatMayRun(t *testing.T) {
	released, bare := planOne(access.Block), planOne(access.Block)
	released.Released = []access.Release{{Approval: "x"}}
	for name, tt := range map[string]struct {
		mode  access.Mode
		guard string
		act   access.Action
		only  *access.Plan
		uses  bool
	}{
		"it acts":                      {access.Enforce, "blast_radius", released, nil, true},
		"it observes":                  {access.Observe, "blast_radius", released, nil, false},
		"a list, where it observes":    {access.Observe, "roster", bare, nil, true},
		"nothing is released by it":    {access.Enforce, "blast_radius", bare, nil, false},
		"the plan to apply has it":     {access.Enforce, "blast_radius", released, &access.Plan{Actions: []access.Action{released}}, true},
		"the plan to apply has it not": {access.Enforce, "blast_radius", released, &access.Plan{}, false},
	} {
		j := &Job{Only: tt.only}
		j.Settings.Mode = tt.mode
		if got := j.uses(access.Plan{Actions: []access.Action{tt.act}}, access.Approval{ID: "x", Guard: tt.guard}); got != tt.uses {
			t.Errorf("%s: %v", name, got)
		}
	}
}
