package archive

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/internal/access"
)

func TestWhatLaterRunsNeedNeverExpires(t *testing.T) {
	far := forDay.AddDate(20, 0, 0)
	_, e := expiring(t, 3, far)
	for _, p := range expiredPaths(e) {
		if strings.Contains(p, string(runID(3))) || strings.HasPrefix(p, "inputs/") {
			t.Errorf("%s expires, and the next night goes by it", p)
		}
	}
	if len(e.Kept) != 1 || e.Kept[0].RunID != runID(3) {
		t.Errorf("%v", e.Kept)
	}
	_, held := expiring(t, 3, far, Hold{From: time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC), To: time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC), Reason: "lawsuit 7"})
	if slices.ContainsFunc(expiredPaths(held), func(p string) bool { return strings.Contains(p, string(runID(1))) }) || held.Runs != 1 ||
		!slices.ContainsFunc(held.Kept, func(k KeptRun) bool { return k.RunID == runID(1) && k.Why == "it is held: lawsuit 7" }) {
		t.Errorf("%d runs, kept %v", held.Runs, held.Kept)
	}
	if none, _ := expiring(t, 1, far); none == "" {
		t.Error("no archive")
	}
}

func TestInputsThatOnlyOldRunsCiteExpireAndMayComeAgain(t *testing.T) {
	root := archiveOf(t, 3)
	folder := NewFolder(root)
	a := New(folder, testKey)
	// A night with a list of its own.
	old := fixtureNight(4)
	own, err := a.PutInput([]byte("employee_id,name\n100,Ada\n"))
	if err != nil {
		t.Fatal(err)
	}
	old.Inputs[0].SHA256 = own
	if err := recordNight(folder, old); err != nil {
		t.Fatal(err)
	}
	if err := record(folder, 5); err != nil {
		t.Fatal(err)
	}
	e, err := a.Expirable(ExpiryAsk{Before: forDay.AddDate(0, 0, 2)})
	if err != nil || !slices.Contains(expiredPaths(e), inputName(own)) {
		t.Fatalf("%v: %v", expiredPaths(e), err)
	}
	recordExpiry(t, root, e)
	eraseAll(t, root, e.Files)
	var x *ExpiredError
	if _, err := New(folder, testKey).Input(own); !errors.As(err, &x) {
		t.Errorf("%v", err)
	}
	if _, err := a.PutInput([]byte("employee_id,name\n100,Ada\n")); err != nil {
		t.Fatal(err)
	}
	m, err := a.Memory(nil)
	if err != nil {
		t.Fatal(err)
	}
	again := fixtureNight(6)
	again.Run.Previous, again.Inputs[0].SHA256 = m.Previous, own
	next := fixtureMemory(again)
	next.Upkeep = m.Upkeep
	if err := recordAs(a, again, next); err != nil {
		t.Fatal(err)
	}
	if e, err := a.Expirable(ExpiryAsk{Before: forDay.AddDate(0, 0, 2)}); err != nil || len(e.Pending) != 0 {
		t.Errorf("it would be deleted again: %v, %v", e.Pending, err)
	}
	if r := mustVerify(t, root); r.Expired[0].Pending != 0 {
		t.Errorf("%+v", r.Expired)
	}
	if err := os.Remove(filepath.Join(root, inputName(own))); err != nil {
		t.Fatal(err)
	}
	if r, err := verified(root, testPub); err != nil || !slices.Equal(paths(r), []string{inputName(own)}) {
		t.Errorf("it came again and is missing: %v, %v", r.Faults, err)
	}
}

// Letting go must not be a way to hide that something was altered.
func TestWhatIsNotAsItWasWrittenDoesNotExpire(t *testing.T) {
	root := archiveOf(t, 3)
	altered, missing := stateName(runID(1)), planName(runID(2))
	flip(t, filepath.Join(root, altered), 3)
	if err := os.Remove(filepath.Join(root, missing)); err != nil {
		t.Fatal(err)
	}
	e, err := New(NewFolder(root), testKey).Expirable(ExpiryAsk{Before: forDay})
	if err != nil || len(e.Faulty) != 2 || slices.Contains(expiredPaths(e), altered) || slices.Contains(expiredPaths(e), missing) {
		t.Fatalf("%v, %v", e.Faulty, err)
	}
	recordExpiry(t, root, e)
	eraseAll(t, root, e.Files)
	r, err := verified(root, testPub)
	if err != nil || !slices.Equal(paths(r), []string{missing, altered}) {
		t.Errorf("%v, %v", r.Faults, err)
	}
}

func TestOnlyWhatACommittedRunLetGoIsDeleted(t *testing.T) {
	root, e := expiring(t, 3, forDay)
	a := New(NewFolder(root), testKey)
	for name, files := range map[string][]ExpiredFile{
		"before the record": e.Files[:1],
		"a manifest":        {{Entry: Entry{Path: manifestName(1)}}},
	} {
		if _, err := a.Erase(NewFolder(root), files, nil); err == nil {
			t.Errorf("%s was deleted", name)
		}
	}
	nightBy(t, NewFolder(root), testKey, 4)
	if _, err := a.RecordExpiry(tending(t, NewFolder(root), "expire", after(9)), e, "Ann", "r"); err == nil || !strings.Contains(err.Error(), "make it again") {
		t.Errorf("a list of before the last night was recorded: %v", err)
	}
	mustVerify(t, root)
}

func TestOpenReviewsKeepWhatTheyRestOn(t *testing.T) {
	root := archiveOf(t, 2)
	folder := NewFolder(root)
	a := New(folder, testKey)
	m, err := a.Memory(nil)
	if err != nil {
		t.Fatal(err)
	}
	c := access.Campaign{ID: "2026-q1", Night: runID(1)}
	run := tending(t, folder, "opened", after(2))
	if _, err := a.RecordCampaign(run, access.CampaignRecord{Campaign: c}, m); err != nil {
		t.Fatal(err)
	}
	nightBy(t, folder, testKey, 3)
	e, err := a.Expirable(ExpiryAsk{Before: forDay.AddDate(1, 0, 0)})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range expiredPaths(e) {
		if strings.Contains(p, string(runID(1))) || strings.Contains(p, "opened") {
			t.Errorf("%s expires, and a review is open that rests on it", p)
		}
	}
	if e.Runs != 1 { // night 2
		t.Errorf("%d runs expire", e.Runs)
	}
}
