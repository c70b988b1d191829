package archive

import (
	"crypto/ed25519"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/internal/access"
)

// forDay is the first day of which nothing expires: nights 1 and 2 are older.
var forDay = time.Date(2026, 3, 4, 0, 0, 0, 0, time.UTC)

// expiring is an archive of nights, and what expires of it before a day.
func expiring(t *testing.T, nights int, before time.Time, holds ...Hold) (string, Expiring) {
	t.Helper()
	root := archiveOf(t, nights)
	e, err := New(NewFolder(root), testKey).Expirable(ExpiryAsk{Before: before, Holds: holds})
	if err != nil {
		t.Fatal(err)
	}
	return root, e
}

func recordExpiry(t *testing.T, root string, e Expiring) {
	t.Helper()
	folder := NewFolder(root)
	if _, err := New(folder, testKey).RecordExpiry(tending(t, folder, "expire", after(9)), e, "Ann", "seven years are over"); err != nil {
		t.Fatal(err)
	}
}

func eraseAll(t *testing.T, root string, files []ExpiredFile) Erasing {
	t.Helper()
	out, err := New(NewFolder(root), testKey).Erase(NewFolder(root), files, nil)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func expiredPaths(e Expiring) (all []string) {
	for _, f := range e.Files {
		all = append(all, f.Path)
	}
	return all
}

func TestWhatIsAboutPeopleExpiresAndThatANightWasStays(t *testing.T) {
	root, e := expiring(t, 3, forDay)
	got := expiredPaths(e)
	for _, night := range []int{1, 2} {
		run := string(runID(night))
		for _, want := range []string{planName(runID(night)), stateName(runID(night)), seenName(runID(night)), "journal/" + run + "/00001.json"} {
			if !slices.Contains(got, want) {
				t.Errorf("%s stays", want)
			}
		}
		for _, table := range []string{"identities", "accounts", "entitlements", "grants", "findings", "actions", "exceptions", "nonhuman", "endings", "events", "approvals", "worksheets"} {
			if !slices.ContainsFunc(got, func(p string) bool { return strings.HasPrefix(p, table+"/") && strings.Contains(p, run) }) {
				t.Errorf("%s of night %d stay", table, night)
			}
		}
	}
	if !slices.Contains(got, "journal/20260228-dead/00001.json") {
		t.Error("the journal that night 1 took over stays")
	}
	for _, p := range got {
		if impersonal.MatchString(p) || strings.HasPrefix(p, "inputs/") || strings.Contains(p, string(runID(3))) {
			t.Errorf("%s expires", p) // the inputs are those of night 3 too
		}
	}
	if e.Runs != 2 || e.SHA256 == "" || e.Bytes == 0 {
		t.Errorf("%d runs, %d bytes", e.Runs, e.Bytes)
	}
	recordExpiry(t, root, e)
	if out := eraseAll(t, root, e.Files); out.Erased != len(e.Files) || out.Bytes != e.Bytes || len(out.Failed)+len(out.Locked) > 0 {
		t.Errorf("%+v", out)
	}
	r := mustVerify(t, root)
	if r.Nights != 3 || len(r.Missing) > 0 || len(r.Expired) != 1 || r.Expired[0].Files != len(got) || r.Expired[0].Pending > 0 || r.Expired[0].By != "Ann" || len(r.Notes) > 0 {
		t.Errorf("%+v", r)
	}
	if _, err := os.Stat(filepath.Join(root, "grants", "date=2026-03-02")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an empty folder is left: %v", err)
	}
}

func TestTheNextNightGoesOnAfterAnExpiry(t *testing.T) {
	root, e := expiring(t, 3, forDay)
	before, err := New(NewFolder(root), testKey).Memory(decodeRoster)
	if err != nil {
		t.Fatal(err)
	}
	recordExpiry(t, root, e)
	eraseAll(t, root, e.Files)
	a := New(NewFolder(root), testKey)
	m, err := a.Memory(decodeRoster)
	if err != nil || len(m.GrantsSeen) != len(before.GrantsSeen) || len(m.InForce["employees"]) != 2 || m.Previous != "expire" {
		t.Errorf("%+v, %v", m, err)
	}
	if last, err := a.LastRun(); err != nil || last.Run.ID != runID(3) {
		t.Errorf("%v, %v", last.Run.ID, err)
	}
	nightBy(t, NewFolder(root), testKey, 4)
	nights, all, err := a.Nights(9)
	if err != nil || len(nights) != 4 || all != 4 {
		t.Errorf("%d nights of %d: %v", len(nights), all, err)
	}
	if r := mustVerify(t, root); r.Nights != 4 || len(r.Expired) != 1 {
		t.Errorf("%+v", r)
	}
}

func TestAnExpiredNightIsSaidSo(t *testing.T) {
	root, e := expiring(t, 3, forDay)
	recordExpiry(t, root, e)
	eraseAll(t, root, e.Files)
	a := New(NewFolder(root), testKey)
	nights, _, err := a.Nights(9)
	if err != nil {
		t.Fatal(err)
	}
	for i, n := range nights {
		x, err := n.Expired()
		if err != nil || (x != nil) != (i < 2) {
			t.Errorf("night %d: %v, %v", i+1, x, err)
		}
	}
	var x *ExpiredError
	if _, _, err := nights[0].Night(); !errors.As(err, &x) || x.By != "Ann" || x.RunID != "expire" || !strings.Contains(err.Error(), "let go of it on 2026-03-10 (seven years are over; run expire)") {
		t.Errorf("%v", err)
	}
	if _, err := nights[1].Of([]access.PersonKey{{Source: "employees", EmployeeID: "100"}}); !errors.As(err, &x) {
		t.Errorf("%v", err)
	}
	if x, err := a.ExpiredRun(runID(1)); err != nil || x == nil {
		t.Errorf("%v, %v", x, err)
	}
	runs, err := Committed(NewFolder(root), testPub)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range runs {
		for _, f := range r.Tables {
			gone := r.Sequence < 3 && f.Table != "runs" && f.Table != "reads" && f.Table != "rules"
			if (f.Expired != nil) != gone {
				t.Errorf("%s expired: %v", f.Path, f.Expired)
			}
		}
	}
}

func TestAFileThatNobodyLetGoIsMissingStill(t *testing.T) {
	root, e := expiring(t, 3, forDay)
	recordExpiry(t, root, e)
	eraseAll(t, root, e.Files)
	name := stateName(runID(3))
	if err := os.Remove(filepath.Join(root, name)); err != nil {
		t.Fatal(err)
	}
	r, err := verified(root, testPub)
	if err != nil || !slices.Equal(paths(r), []string{name}) {
		t.Errorf("%v, %v", r.Faults, err)
	}
}

// Killed after any deletion, the next call finds what is left, and finishes.
func TestAnExpiryThatWasInterruptedIsToldAndFinished(t *testing.T) {
	root, e := expiring(t, 3, forDay)
	recordExpiry(t, root, e)
	if r := mustVerify(t, root); r.Expired[0].Pending != len(e.Files) {
		t.Errorf("nothing was deleted, and %d are told", r.Expired[0].Pending)
	}
	eraseAll(t, root, e.Files[:5])
	if r := mustVerify(t, root); r.Expired[0].Pending != len(e.Files)-5 {
		t.Errorf("%+v", r.Expired)
	}
	again, err := New(NewFolder(root), testKey).Expirable(ExpiryAsk{Before: forDay})
	if err != nil || len(again.Files) != 0 || len(again.Pending) != len(e.Files)-5 {
		t.Fatalf("%d new, %d pending, %v", len(again.Files), len(again.Pending), err)
	}
	eraseAll(t, root, again.Pending)
	if r := mustVerify(t, root); r.Expired[0].Pending != 0 {
		t.Errorf("%+v", r.Expired)
	}
	// An expired file that came to hold other bytes is no expired file.
	if err := NewFolder(root).Create(e.Files[0].Path, []byte("planted")); err != nil {
		t.Fatal(err)
	}
	if r, err := verified(root, testPub); err != nil || !slices.Equal(paths(r), []string{e.Files[0].Path}) {
		t.Errorf("%v, %v", r.Faults, err)
	}
}

func TestAnExpiryThatClaimsTooMuchIsAFault(t *testing.T) {
	sound := archiveOf(t, 3)
	h, err := New(NewFolder(sound), nil).head()
	if err != nil {
		t.Fatal(err)
	}
	entry := func(path string) Entry {
		for n := 1; n <= 3; n++ {
			one, _, err := New(NewFolder(sound), nil).read(n)
			if err != nil {
				t.Fatal(err)
			}
			if e, ok := one.file(path); ok {
				return e
			}
		}
		t.Fatalf("no run lists %s", path)
		return Entry{}
	}
	runs := h.Files[slices.IndexFunc(h.Files, func(e Entry) bool { return strings.HasPrefix(e.Path, "runs/") })]
	other := entry(planName(runID(1)))
	other.SHA256 = access.Digest(nil)
	for says, e := range map[string]Entry{
		"is nothing that may ever expire": runs,
		"as what it never was":            other,
		"as older than it was":            entry(planName(runID(3))),
		"as what it never was ":           {Path: "plans/never.json", SHA256: access.Digest(nil)},
	} {
		root := t.TempDir()
		if err := os.CopyFS(root, os.DirFS(sound)); err != nil {
			t.Fatal(err)
		}
		forge(t, root, func(m *Manifest) {
			m.Expiry = &Expiry{Before: "2026-03-04", By: "Eve", Reason: "r", Files: []ExpiredFile{{Entry: e}}}
		}, map[string]ed25519.PrivateKey{"": testKey})
		if r, err := verified(root, testPub); err != nil || len(r.Faults) != 1 || !strings.Contains(r.Faults[0].Says, strings.TrimSpace(says)) {
			t.Errorf("%s: %v, %v", says, r.Faults, err)
		}
	}
}
