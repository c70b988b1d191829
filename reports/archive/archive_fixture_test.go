package archive

import (
	"errors"
	"testing"

	"rollcall/internal/access"
)

// keepInputs keeps the files that a night of the fixture rests on.
func keepInputs(a *Archive) error {
	for _, input := range []string{rosterText, "rolemap"} {
		if _, err := a.PutInput([]byte(input)); err != nil {
			return err
		}
	}
	return nil
}

// recordAs records a night with nothing but its facts, and what is remembered after it.
func recordAs(a *Archive, n *access.Night, m access.Memory) error {
	s, err := a.Begin(n.Run)
	if err != nil {
		return err
	}
	return errors.Join(s.Facts(n), s.Finish(n, m))
}

// record writes one whole night into a store, as the job does.
func record(store Store, night int) error { return recordNight(store, fixtureNight(night)) }

func recordNight(store Store, n *access.Night) error {
	a := New(store, testKey)
	s, err := a.Begin(n.Run)
	if err != nil {
		return err
	}
	if err := keepInputs(a); err != nil {
		return err
	}
	if err := s.Facts(n); err != nil {
		return err
	}
	if err := store.Create("journal/"+string(n.Run.ID)+"/00001.json", []byte(`{"intent":"a1"}`)); err != nil {
		return err
	}
	if err := store.Create("spent/ap-1-"+string(n.Run.ID)+"/first.json", []byte(`{"run_id":"`+string(n.Run.ID)+`"}`)); err != nil {
		return err
	}
	s.Issued(0, access.Digest([]byte("workbook")))
	return s.Finish(n, fixtureMemory(n))
}

// archiveOf is a folder with that many nights in it, and with the journal of a
// run that died, which the first of them adopts.
func archiveOf(t *testing.T, nights int) string {
	t.Helper()
	root := t.TempDir()
	if err := NewFolder(root).Create("journal/20260228-dead/00001.json", []byte(`{"intent":"a0"}`)); err != nil {
		t.Fatal(err)
	}
	for night := range nights {
		if err := record(NewFolder(root), night+1); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// opened is the archive of a folder, for reading.
func opened(t testing.TB, root string) *Archive {
	t.Helper()
	a, err := Open(root, nil)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// nightsOf are the last nights of a folder.
func nightsOf(t testing.TB, root string, n int) []PastRun {
	t.Helper()
	runs, _, err := opened(t, root).Nights(n)
	if err != nil {
		t.Fatal(err)
	}
	return runs
}

func mustVerify(t *testing.T, root string) Report {
	t.Helper()
	report, err := verified(root, testPub)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range report.Faults {
		t.Errorf("fault: %s", f)
	}
	return report
}

func mustRemember(t *testing.T, root string) access.Memory {
	t.Helper()
	m, err := New(NewFolder(root), testKey).Memory(decodeRoster)
	if err != nil {
		t.Fatal(err)
	}
	return m
}
