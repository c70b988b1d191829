package archive

import (
	"crypto/ed25519"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rollcall/internal/access"
)

func keyOf(seed string) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed([]byte(strings.Repeat(seed, ed25519.SeedSize)))
}

var (
	secondKey = keyOf("2")
	thirdKey  = keyOf("3")
	strayKey  = keyOf("s")
)

func pub(key ed25519.PrivateKey) ed25519.PublicKey { return key.Public().(ed25519.PublicKey) }

// after is the time of a run that tends the archive after so many nights.
func after(nights int) time.Time { return nightTime.AddDate(0, 0, nights-1).Add(2 * time.Hour).UTC() }

// tending is such a run, on top of the archive's last one.
func tending(t *testing.T, store Store, id string, at time.Time) access.Run {
	t.Helper()
	_, _, last, err := New(store, nil).Head()
	if err != nil {
		t.Fatal(err)
	}
	return access.Run{ID: access.RunID(id), Previous: last, StartedAt: at, FinishedAt: at.Add(time.Minute), Trigger: "audit " + id, Mode: access.Observe, Verdict: "done"}
}

// nightBy records a night with a key, on top of whatever the archive's last run is, with
// all that it remembers of the archive itself.
func nightBy(t *testing.T, store Store, key ed25519.PrivateKey, night int) {
	t.Helper()
	if err := tryNightBy(store, key, night); err != nil {
		t.Fatal(err)
	}
}

func tryNightBy(store Store, key ed25519.PrivateKey, night int) error {
	a, n := New(store, key), fixtureNight(night)
	m, err := New(store, nil).Memory(nil)
	if err != nil {
		return err
	}
	n.Run.Previous = m.Previous
	s, err := a.Begin(n.Run)
	if err != nil {
		return err
	}
	if err := keepInputs(a); err != nil {
		return err
	}
	next := fixtureMemory(n)
	next.Upkeep, next.Campaigns = m.Upkeep, m.Campaigns
	return errors.Join(s.Facts(n), store.Create("journal/"+string(n.Run.ID)+"/00001.json", []byte(`{"intent":"a1"}`)), s.Finish(n, next))
}

// rotated is an archive of two nights of the first key, two of the second and one of the
// third.
func rotated(t *testing.T) string {
	t.Helper()
	root := archiveOf(t, 2)
	folder := NewFolder(root)
	rotate(t, folder, testKey, secondKey, "k2", after(2))
	nightBy(t, folder, secondKey, 3)
	nightBy(t, folder, secondKey, 4)
	rotate(t, folder, secondKey, thirdKey, "k3", after(4))
	nightBy(t, folder, thirdKey, 5)
	return root
}

func rotate(t *testing.T, store Store, from, to ed25519.PrivateKey, id string, at time.Time) {
	t.Helper()
	if _, err := New(store, from).RotateKey(tending(t, store, id, at), to, "Ann", "yearly"); err != nil {
		t.Fatal(err)
	}
}

func verifiedWith(t *testing.T, root string, keys ...ed25519.PrivateKey) Report {
	t.Helper()
	ask := Checks{}
	for _, k := range keys {
		ask.Keys = append(ask.Keys, pub(k))
	}
	r, err := Verify(root, ask)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestWhoHoldsAnyOneKeyVerifiesTheWholeChain(t *testing.T) {
	root := rotated(t)
	for name, key := range map[string]ed25519.PrivateKey{"first": testKey, "second": secondKey, "third": thirdKey} {
		r := verifiedWith(t, root, key)
		if !r.OK() || r.Manifests != 7 || len(r.Keys) != 2 || r.Keys[0].RunID != "k2" || r.Keys[1].By != "Ann" || len(r.Missing) > 0 || r.Nights != 5 || len(r.Notes) > 0 {
			t.Errorf("%s: %+v", name, r)
		}
		runs, err := Committed(NewFolder(root), pub(key))
		if err != nil || len(runs) != 7 {
			t.Errorf("%s: %d runs, %v", name, len(runs), err)
		}
	}
	if r := verifiedWith(t, root, strayKey); r.OK() || r.Manifests != 0 {
		t.Errorf("a key of nobody: %+v", r)
	}
	if _, err := Committed(NewFolder(root), pub(strayKey)); err == nil {
		t.Error("a key of nobody gave runs")
	}
}

func TestTheKeyOfTodayReadsAllThatFormerKeysSigned(t *testing.T) {
	root := rotated(t)
	a := New(NewFolder(root), thirdKey)
	nights, all, err := a.Nights(9)
	if err != nil || len(nights) != 5 || all != 5 {
		t.Errorf("%d nights of %d: %v", len(nights), all, err)
	}
	if err := a.Vouched(runID(1)); err != nil {
		t.Error(err)
	}
	for key, knows := range map[*ed25519.PrivateKey]bool{&testKey: true, &secondKey: true, &thirdKey: true, &strayKey: false} {
		if got, err := a.KnowsKey(pub(*key)); err != nil || got != knows {
			t.Errorf("knows %v: %v", got, err)
		}
	}
}

// A machine that was forgotten goes on with the former key: it is told, and signs nothing.
func TestAFormerKeySignsNoMore(t *testing.T) {
	root := rotated(t)
	for _, key := range []ed25519.PrivateKey{testKey, secondKey} {
		err := tryNightBy(NewFolder(root), key, 6)
		if err == nil || !strings.Contains(err.Error(), "this key signs no more: run k") {
			t.Errorf("%v", err)
		}
	}
	if err := tryNightBy(NewFolder(root), strayKey, 6); err == nil || !strings.Contains(err.Error(), "the chain does not know this key") {
		t.Errorf("%v", err)
	}
	fresh := archiveOf(t, 2)
	rotate(t, NewFolder(fresh), testKey, secondKey, "k2", after(2))
	if err := tryNightBy(NewFolder(fresh), testKey, 3); err == nil || !strings.Contains(err.Error(), "run k2 handed the archive over to another key on 2026-03-03 (Ann: yearly)") {
		t.Errorf("right after the change: %v", err)
	}
}

func TestAKeyNeverComesBack(t *testing.T) {
	folder := NewFolder(rotated(t))
	for name, to := range map[string]ed25519.PrivateKey{"first": testKey, "second": secondKey, "the same": thirdKey} {
		if _, err := New(folder, thirdKey).RotateKey(tending(t, folder, "back", after(5)), to, "Ann", "r"); err == nil {
			t.Errorf("%s: handed over to a key that signed before", name)
		}
	}
	if _, err := New(NewFolder(t.TempDir()), testKey).RotateKey(access.Run{ID: "x", StartedAt: nightTime, FinishedAt: nightTime}, secondKey, "Ann", "r"); err == nil {
		t.Error("an empty archive was handed over")
	}
}

func TestACutChainShowsAgainstTheHeadThatSomebodyKept(t *testing.T) {
	root := archiveOf(t, 3)
	before := mustVerify(t, root)
	check := func(head string) Report {
		r, err := Verify(root, Checks{Keys: []ed25519.PublicKey{testPub}, Head: head})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	if r := check(before.SHA256); !r.OK() {
		t.Errorf("%v", r.Faults)
	}
	if err := os.Remove(filepath.Join(root, manifestName(3))); err != nil {
		t.Fatal(err)
	}
	if r := check(before.SHA256); len(r.Faults) != 1 || !strings.Contains(r.Faults[0].Says, "runs were cut off its end") || !strings.Contains(r.Faults[0].Says, string(runID(2))) {
		t.Errorf("%v", r.Faults)
	}
}

func TestSeveralPublicKeysAreReadFromOneFile(t *testing.T) {
	var file []byte
	for _, k := range []ed25519.PrivateKey{testKey, secondKey, thirdKey} {
		b, err := PublicPEM(pub(k))
		if err != nil {
			t.Fatal(err)
		}
		file = append(append(file, "of somebody\n"...), b...)
	}
	keys, err := ParsePublicKeys(file)
	if err != nil || len(keys) != 3 || !keys[0].Equal(testPub) || !keys[2].Equal(pub(thirdKey)) {
		t.Errorf("%d keys, %v", len(keys), err)
	}
	if _, err := ParsePublicKeys([]byte("none")); err == nil {
		t.Error("no key was read")
	}
}
