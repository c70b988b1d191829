package archive

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

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
