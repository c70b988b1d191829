package archive

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/access"
)

var errPower = errors.New("power cut")

// mortal is a store that dies at one write: before it takes effect, halfway
// through it, or just after. Nothing can be written to it any more.
type mortal struct {
	Store
	dieAt  int
	how    string
	writes int
}

func (m *mortal) Create(name string, b []byte) error {
	return m.Stream(name, func(w io.Writer) error {
		_, err := w.Write(b)
		return err
	})
}

func (m *mortal) Stream(name string, fill func(io.Writer) error) error {
	m.writes++
	switch {
	case m.writes < m.dieAt:
		return m.Store.Stream(name, fill)
	case m.writes > m.dieAt || m.how == "before":
		return errPower
	case m.how == "halfway":
		return m.Store.Stream(name, func(w io.Writer) error {
			_ = fill(w)
			return errPower
		})
	}
	return errors.Join(m.Store.Stream(name, fill), errPower)
}

// writesOf is how many writes the second night makes.
func writesOf(t *testing.T) int {
	t.Helper()
	m := &mortal{Store: NewFolder(archiveOf(t, 1)), dieAt: 1 << 30}
	if err := record(m, 2); err != nil {
		t.Fatal(err)
	}
	return m.writes
}

func TestARunThatDiesAtAnyWriteLeavesTheRunBefore(t *testing.T) {
	last := writesOf(t)
	if last < 18 {
		t.Fatalf("only %d writes", last)
	}
	first := os.DirFS(archiveOf(t, 1))
	for at := 1; at <= last; at++ {
		for _, how := range []string{"before", "halfway", "after"} {
			t.Run(fmt.Sprintf("%d-%s", at, how), func(t *testing.T) {
				root := t.TempDir()
				if err := os.CopyFS(root, first); err != nil {
					t.Fatal(err)
				}
				before := mustRemember(t, root)
				err := record(&mortal{Store: NewFolder(root), dieAt: at, how: how}, 2)
				if !errors.Is(err, errPower) {
					t.Fatalf("the run ended with %v", err)
				}
				committed := at == last && how == "after"
				mustVerify(t, root)
				if diff := cmp.Diff(before, mustRemember(t, root)); (diff == "") == committed {
					t.Errorf("committed %v, memory changed by %s", committed, diff)
				}
				if how == "after" && !committed { // when most was left behind
					recover2(t, root)
				}
			})
		}
	}
}

// recover2 records the second night under another run id on top of what is
// there.
func recover2(t *testing.T, root string) {
	t.Helper()
	a := New(NewFolder(root), testKey)
	n := fixtureNight(2)
	n.Run.ID = "20260303-retry"
	memory := fixtureMemory(n)
	memory.Journals = map[access.RunID]bool{runID(2): true} // the dead run's journal is adopted
	if err := recordAs(a, n, memory); err != nil {
		t.Fatal(err)
	}
	r := mustVerify(t, root)
	if r.RunID != n.Run.ID || r.Manifests != 2 {
		t.Errorf("head %s after %d manifests", r.RunID, r.Manifests)
	}
	if diff := cmp.Diff(memory.Blocked, mustRemember(t, root).Blocked); diff != "" {
		t.Error(diff)
	}
}

func TestTheSignatureOfADeadRunBlocksNobodyAndProvesNothing(t *testing.T) {
	root := archiveOf(t, 1)
	last := writesOf(t)
	if err := record(&mortal{Store: NewFolder(root), dieAt: last, how: "before"}, 2); !errors.Is(err, errPower) {
		t.Fatal(err)
	}
	r := mustVerify(t, root)
	if r.Sequence != 1 || !strings.Contains(strings.Join(r.Notes, "\n"), ".sig is the signature of a manifest that is not here") {
		t.Errorf("%+v", r)
	}
	recover2(t, root)
}

func TestARunListsItsOwnJournalWithoutBeingTold(t *testing.T) {
	store := NewFolder(t.TempDir())
	n := fixtureNight(1)
	n.Inputs = nil
	journal := "journal/" + string(n.Run.ID) + "/00001.json"
	s, err := New(store, testKey).Begin(n.Run)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(store.Create(journal, nil), s.Facts(n), s.Finish(n, access.Memory{})); err != nil {
		t.Fatal(err)
	}
	h, err := New(store, testKey).head()
	if _, ok := h.file(journal); err != nil || !ok {
		t.Errorf("%s is not listed: %v", journal, err)
	}
}

func TestAnAdoptedJournalIsListedOnce(t *testing.T) {
	root := archiveOf(t, 2)
	a := New(NewFolder(root), testKey)
	for sequence, want := range map[int]bool{1: true, 2: false} {
		h, err := a.load(sequence)
		if err != nil {
			t.Fatal(err)
		}
		if _, got := h.file("journal/20260228-dead/00001.json"); got != want {
			t.Errorf("manifest %d lists the adopted journal: %v", sequence, got)
		}
		if _, got := h.file("journal/" + string(runID(sequence)) + "/00001.json"); !got {
			t.Errorf("manifest %d does not list its own journal", sequence)
		}
	}
}

func TestWhatARunThatDiedRestedOnIsListedByTheRunThatAdoptsIt(t *testing.T) {
	root := archiveOf(t, 1)
	store := NewFolder(root)
	last := writesOf(t)
	if err := record(&mortal{Store: store, dieAt: last - 1, how: "before"}, 2); !errors.Is(err, errPower) {
		t.Fatal(err)
	}
	recover2(t, root)
	h, err := New(store, testKey).head()
	if err != nil {
		t.Fatal(err)
	}
	dead := string(runID(2))
	for name, want := range map[string]bool{
		"plans/" + dead + ".json":                                        true,
		"findings/date=2026-03-03/run=" + dead + "/part-00000.parquet":   true,
		"identities/date=2026-03-03/run=" + dead + "/part-00000.parquet": true,
		"runs/date=2026-03-03/run=" + dead + "/part-00000.parquet":       false,
	} {
		if _, err := store.Read(name); err != nil {
			t.Fatalf("the dead run did not write it, so the test proves nothing: %v", err)
		}
		if e, ok := h.file(name); ok != want || ok && strings.HasSuffix(name, ".parquet") && e.Rows == nil {
			t.Errorf("%s is listed: %v, want %v", name, ok, want)
		}
	}
}

func TestATableThatARunDiedOverKeepsNoLaterRunFromBeingRecorded(t *testing.T) {
	root := archiveOf(t, 1)
	if err := record(&mortal{Store: NewFolder(root), dieAt: writesOf(t) - 1, how: "before"}, 2); !errors.Is(err, errPower) {
		t.Fatal(err)
	}
	name := "findings/date=2026-03-03/run=" + string(runID(2)) + "/part-00000.parquet"
	if err := os.WriteFile(filepath.Join(root, filepath.FromSlash(name)), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	recover2(t, root)
	h, err := New(NewFolder(root), testKey).head()
	if _, listed := h.file(name); err != nil || listed {
		t.Errorf("what is no table is vouched for (%v)", err)
	}
}

func TestOfTwoRacingRunsOneIsRecordedAndTheOtherIsTold(t *testing.T) {
	root := archiveOf(t, 1)
	results := make([]error, 2)
	var begun, wg sync.WaitGroup
	begun.Add(len(results))
	for i := range results {
		wg.Go(func() { results[i] = race(root, fmt.Sprintf("race-%d", i), &begun) })
	}
	wg.Wait()
	if (results[0] == nil) == (results[1] == nil) {
		t.Fatalf("the runs ended with %v and %v", results[0], results[1])
	}
	if err := errors.Join(results...); !errors.Is(err, fs.ErrExist) || !strings.Contains(err.Error(), "another run committed first") {
		t.Errorf("the loser was told %v", err)
	}
	if r := mustVerify(t, root); r.Sequence != 2 || len(r.Notes) == 0 {
		t.Errorf("%+v", r)
	}
}

// race records a second night that begins when the others have begun too.
func race(root, id string, begun *sync.WaitGroup) error {
	n := fixtureNight(2)
	n.Run.ID = access.RunID(id)
	s, err := New(NewFolder(root), testKey).Begin(n.Run)
	begun.Done()
	begun.Wait()
	if err != nil {
		return err
	}
	return errors.Join(s.Facts(n), s.Finish(n, fixtureMemory(n)))
}

func TestARunWithAnOldMemoryIsNotRecorded(t *testing.T) {
	a := New(NewFolder(archiveOf(t, 2)), testKey)
	if _, err := a.Begin(fixtureNight(2).Run); err == nil || !strings.Contains(err.Error(), "another run finished meanwhile") {
		t.Errorf("begin: %v", err)
	}
}

func TestWhatCannotBeRecordedIsRefused(t *testing.T) {
	a := New(NewFolder(t.TempDir()), testKey)
	for name, spoil := range map[string]func(*access.Night){
		"no verdicts":      func(n *access.Night) { n.Systems[0].Verdicts = nil },
		"too few dates":    func(n *access.Night) { n.Systems[0].Seen = n.Systems[0].Seen[1:] },
		"no matches":       func(n *access.Night) { n.Systems[0].Matches = nil },
		"another run":      func(n *access.Night) { n.Run.ID = "other" },
		"another previous": func(n *access.Night) { n.Run.Previous = "other" },
	} {
		n := fixtureNight(1)
		s, err := a.Begin(n.Run)
		if err != nil {
			t.Fatal(err)
		}
		spoil(n)
		if err := s.Facts(n); err == nil {
			t.Errorf("%s: facts were written", name)
		}
	}
	for _, id := range []access.RunID{"", "../x", "a/b", "-x", ".."} {
		run := fixtureNight(1).Run
		run.ID = id
		if _, err := a.Begin(run); err == nil {
			t.Errorf("run id %q was taken", id)
		}
	}
	s, err := a.Begin(fixtureNight(1).Run)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Finish(fixtureNight(1), access.Memory{}); err == nil {
		t.Error("finished without facts")
	}
	n := fixtureNight(1)
	if err := s.Facts(n); err != nil {
		t.Fatal(err)
	}
	n.Inputs, n.Run.FinishedAt = nil, time.Time{}
	if err := s.Finish(n, access.Memory{}); err == nil {
		t.Error("finished without an end")
	}
}

func TestAnInputThatWasNotKeptStopsTheRecordUnlessItsRosterWasRefused(t *testing.T) {
	finish := func(spoil func(*access.Night, access.Memory)) error {
		a := New(NewFolder(t.TempDir()), testKey)
		n := fixtureNight(1)
		m := fixtureMemory(n)
		if err := keepInputs(a); err != nil {
			return err
		}
		spoil(n, m)
		return recordAs(a, n, m)
	}
	refuse := func(n *access.Night, m access.Memory) {
		n.Inputs[0].SHA256 = access.Digest([]byte("refused"))
		n.Rosters[0].Accepted = false
	}
	for name, c := range map[string]struct {
		spoil func(*access.Night, access.Memory)
		ok    bool
	}{
		"all there":        {func(*access.Night, access.Memory) {}, true},
		"role map missing": {func(n *access.Night, _ access.Memory) { n.Inputs[1].SHA256 = access.Digest([]byte("?")) }, false},
		"refused roster":   {refuse, true},
		"roster in force": {func(_ *access.Night, m access.Memory) {
			m.Accepted["x"] = access.AcceptedRoster{SHA256: access.Digest([]byte("?"))}
		}, false},
		"not even a digest": {func(n *access.Night, _ access.Memory) { n.Inputs[1].SHA256 = "../x" }, false},
	} {
		if err := finish(c.spoil); (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAnAlteredInputIsNotCited(t *testing.T) {
	root := t.TempDir()
	n := fixtureNight(1)
	a := New(NewFolder(root), testKey)
	if err := keepInputs(a); err != nil {
		t.Fatal(err)
	}
	s, err := a.Begin(n.Run)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Facts(n); err != nil {
		t.Fatal(err)
	}
	name := inputName(access.Digest([]byte("rolemap")))
	flip(t, filepath.Join(root, name), 0)
	if err := s.Finish(n, fixtureMemory(n)); err == nil || !strings.Contains(err.Error(), name+" was altered") {
		t.Errorf("finished with %v", err)
	}
	if _, err := a.PutInput([]byte("rolemap")); err == nil {
		t.Error("an altered input was taken for the one that was put")
	}
}

func TestAManifestIsCommittedOverItsOwnDeadSignatureOnly(t *testing.T) {
	root := t.TempDir()
	m := Manifest{Schema: manifestSchema, Sequence: 1, RunID: "r"}
	dead := &mortal{Store: NewFolder(root), dieAt: 2, how: "before"}
	if err := New(dead, testKey).commit(m); !errors.Is(err, errPower) {
		t.Fatal(err)
	}
	signatures, err := NewFolder(root).List("manifests/")
	if err != nil || len(signatures) != 1 {
		t.Fatalf("%v, %v", signatures, err)
	}
	flip(t, filepath.Join(root, signatures[0]), 0)
	if err := New(NewFolder(root), testKey).commit(m); err == nil {
		t.Error("committed over a signature that is not this key's")
	}
	flip(t, filepath.Join(root, signatures[0]), 0)
	if err := New(NewFolder(root), testKey).commit(m); err != nil {
		t.Error(err)
	}
	mustVerify(t, root)
}
