package archive

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/access"
)

func TestWhatOneRunRemembersTheNextRunRecalls(t *testing.T) {
	root := archiveOf(t, 2)
	want := fixtureMemory(fixtureNight(2))
	want.Journals[runID(1)] = false // this fixture's memory forgets it; the run's own is added
	delete(want.Journals, runID(1))
	if diff := cmp.Diff(want, mustRemember(t, root)); diff != "" {
		t.Error(diff)
	}
}

func TestAnEmptyArchiveRemembersNothingAndCanBeWrittenTo(t *testing.T) {
	m := mustRemember(t, t.TempDir())
	m.Accounts["okta"] = 1
	m.Accepted["s"] = access.AcceptedRoster{}
	m.InForce["s"] = nil
	m.Vanished[access.PersonKey{}] = access.Vanished{}
	m.FirstSeenLeft[access.PersonKey{}] = nightTime
	m.FirstSeen["f"] = access.Day{}
	m.GrantsSeen[1] = 1
	m.Blocked[access.AccountKey{}] = access.BlockRecord{}
	m.Endings[access.AccountKey{}] = access.Ending{}
	m.Residues["f-2"] = access.Residue{FindingID: "f-2"}
	m.Journals["r"] = true
	if m.Previous != "" {
		t.Errorf("previous run %q", m.Previous)
	}
}

func TestMemoryRefusesAlteredFilesAndNamesThem(t *testing.T) {
	for _, name := range []string{
		"states/" + string(runID(1)) + ".json", "states/" + string(runID(1)) + ".grants",
		"inputs/" + access.Digest([]byte(rosterText)), "manifests/0000000001.json",
	} {
		t.Run(name, func(t *testing.T) {
			root := archiveOf(t, 1)
			flip(t, filepath.Join(root, name), -2)
			_, err := New(NewFolder(root), testKey).Memory(decodeRoster)
			if err == nil || !strings.Contains(err.Error(), name) {
				t.Errorf("error %v does not name %s", err, name)
			}
		})
	}
}

func TestMemoryRefusesAStateThatReadsWellButIsNotTheOneWritten(t *testing.T) {
	root := archiveOf(t, 1)
	path := filepath.Join(root, stateName(runID(1)))
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	more := strings.Replace(string(b), `"okta": 2`, `"okta": 2000`, 1) // would widen the blast radius
	if err := os.WriteFile(path, []byte(more), 0o640); err != nil || more == string(b) {
		t.Fatal(err)
	}
	if _, err := New(NewFolder(root), testKey).Memory(decodeRoster); err == nil || !strings.Contains(err.Error(), "was altered") {
		t.Errorf("error %v", err)
	}
}

func TestMemoryIsRefusedUnderAnotherKey(t *testing.T) {
	root := archiveOf(t, 1)
	if _, err := New(NewFolder(root), secondKey).Memory(decodeRoster); err == nil {
		t.Error("an archive signed by someone else was believed")
	}
}

func TestAReadOnlyArchiveRemembersAndDoesNotWrite(t *testing.T) {
	a := opened(t, archiveOf(t, 1))
	if m, err := a.Memory(nil); err != nil || m.Previous != runID(1) || len(m.InForce) != 0 {
		t.Errorf("memory after %q with %d rosters: %v", m.Previous, len(m.InForce), err)
	}
	if _, err := a.Begin(fixtureNight(2).Run); !errors.Is(err, errReadOnly) {
		t.Errorf("begin: %v", err)
	}
	if _, err := a.PutInput(nil); !errors.Is(err, errReadOnly) {
		t.Errorf("put input: %v", err)
	}
}

func TestOpenMakesTheFolderOnlyForAWriter(t *testing.T) {
	root := filepath.Join(t.TempDir(), "a", "b")
	if _, err := Open(root, nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("reader: %v", err)
	}
	if _, err := Open(root, testKey); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(root); err != nil || info.Mode().Perm() != 0o750 {
		t.Errorf("folder %v: %v", info, err)
	}
}

func TestInputsAreKeptOnceUnderTheirDigest(t *testing.T) {
	a := New(NewFolder(t.TempDir()), testKey)
	for range 2 {
		sum, err := a.PutInput([]byte("x"))
		if err != nil || sum != access.Digest([]byte("x")) {
			t.Fatalf("%q, %v", sum, err)
		}
	}
	if b, err := a.Input(access.Digest([]byte("x"))); err != nil || string(b) != "x" {
		t.Errorf("%q, %v", b, err)
	}
	for _, bad := range []string{"", "../manifests/0000000001.json", strings.Repeat("A", 64)} {
		if _, err := a.Input(bad); err == nil {
			t.Errorf("input %q was read", bad)
		}
	}
}

func TestAGrantInAnUnreadScopeStaysKnown(t *testing.T) {
	n := fixtureNight(1)
	memory := access.Memory{GrantsSeen: map[uint64]uint32{7: 12}, Accounts: map[access.System]int{"okta": 1, "aws": 1}}
	known := func() bool {
		for _, s := range seenTonight(n, memory) {
			if s == (seen{7, 12}) {
				return true
			}
		}
		return false
	}
	if known() {
		t.Error("a grant that is gone is still remembered after a complete night")
	}
	n.Systems[0].Reads[0].Complete = false
	if !known() {
		t.Error("an incomplete read forgot a grant")
	}
	n.Systems[0].Reads[0].Complete = true
	n.Systems = n.Systems[:1]
	if !known() {
		t.Error("a system that was not read forgot its grants")
	}
}
