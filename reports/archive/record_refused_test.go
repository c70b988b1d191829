package archive

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rollcall/internal/access"
)

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
