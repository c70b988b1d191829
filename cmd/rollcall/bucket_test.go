package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeokta"
	"rollcall/internal/sandbox/fakes3"
	"rollcall/reports/archive"
)

// s3Root is the archive of a town that has it in a bucket.
const s3Root = "s3://evidence/rollcall"

// inBucket moves the town's archive into a bucket that locks what is written.
func (w *townsfolk) inBucket(endpoint string) {
	w.t.Helper()
	w.t.Setenv("AWS_ENDPOINT_URL_S3", endpoint)
	for _, name := range []string{"observe.yaml", "rollcall.yaml", "restore.yaml"} {
		if _, err := os.Stat(filepath.Join(w.dir, name)); err != nil {
			continue
		}
		w.write(name, strings.Replace(w.read(name), "archive: {root: archive,",
			"archive: {root: "+s3Root+", s3: {region: eu-west-1, path_style: true, retain_mode: compliance, retain_days: 30},", 1))
	}
}

// newTownInBucket is a town after its first night, with its archive in a bucket.
func newTownInBucket(t *testing.T, endpoint string) *townsfolk {
	t.Helper()
	w := newTown(t, fakeokta.Options{})
	w.inBucket(endpoint)
	w.watched()
	return w
}

// elsewhere goes on as another runner: with the configuration and the files that
// people gave, and nothing else on its disk.
func (w *townsfolk) elsewhere() {
	w.t.Helper()
	w.diskIsEmpty()
	dir := w.t.TempDir()
	entries, err := os.ReadDir(w.dir)
	for _, e := range entries {
		switch from, to := filepath.Join(w.dir, e.Name()), filepath.Join(dir, e.Name()); {
		case e.Name() == "approvals":
			err = errors.Join(err, os.CopyFS(to, os.DirFS(from)))
		case e.Type().IsRegular():
			b, readErr := os.ReadFile(from)
			err = errors.Join(err, readErr, os.WriteFile(to, b, 0o600))
		}
	}
	if err != nil {
		w.t.Fatal(err)
	}
	w.dir = dir
}

// diskIsEmpty checks that nothing of the archive came to lie on this disk.
func (w *townsfolk) diskIsEmpty() {
	w.t.Helper()
	entries, err := os.ReadDir(w.dir)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, e := range entries {
		if e.IsDir() && e.Name() != "approvals" && e.Name() != "reports" {
			w.t.Errorf("the folder %s was made", e.Name())
		}
	}
}

// kept is the town's archive, opened as a command opens it.
func (w *townsfolk) kept() *archive.Archive {
	w.t.Helper()
	e := inSandbox(w.clock, io.Discard, io.Discard)
	cfg, err := configOf(e, filepath.Join(w.dir, "rollcall.yaml"))
	if err != nil {
		w.t.Fatal(err)
	}
	a, err := e.past(w.t.Context(), cfg)
	if err != nil {
		w.t.Fatal(err)
	}
	return a
}

// lastRun is the run that was committed last, and how many there are.
func (w *townsfolk) lastRun() (access.RunID, int) {
	w.t.Helper()
	n, _, run, err := w.kept().Head()
	if err != nil {
		w.t.Fatal(err)
	}
	return run, n
}

func newBucket(t *testing.T) (*fakes3.Server, string) {
	s := fakes3.New(fakes3.Options{Bucket: "evidence", Lock: true, MaxPage: 50})
	return s, serve(t, s)
}

func TestEveryCommandWorksFromAnEmptyDiskOnAnArchiveInABucket(t *testing.T) {
	s3, endpoint := newBucket(t)
	everyCommandFromAnEmptyDisk(t, endpoint)
	for _, key := range s3.Keys() {
		all := s3.Versions(key)
		if lease := key == "rollcall/state/lease.json"; lease != (all[0].Mode == "") || !lease && len(all) != 1 {
			t.Errorf("%s has %d versions, the first with lock %q", key, len(all), all[0].Mode)
		}
	}
}

// everyCommandFromAnEmptyDisk plays a story in which each command runs on a machine
// of its own. It is long because each command finds in the bucket what those before it left.
func everyCommandFromAnEmptyDisk(t *testing.T, endpoint string) {
	w := newTown(t, fakeokta.Options{})
	w.restorable()
	w.answering()
	w.inBucket(endpoint)
	w.watched()
	plain := w.dir

	w.leave("leo")
	w.elsewhere()
	w.want(w.night("plan", "--out", filepath.Join(w.dir, "plan.json")), exitDone, "leo@example.test")
	w.elsewhere()
	w.want(w.now("apply", "--plan", filepath.Join(w.dir, "plan.json")), exitDone, "blocked and verified")
	blocking, n := w.lastRun()
	if w.status("leo") != fakeokta.Suspended || n != 2 {
		t.Fatalf("leo is %s after %d runs", w.status("leo"), n)
	}
	w.elsewhere()
	w.want(w.now("sweep"), exitDone, "No news")
	w.elsewhere()
	w.want(w.now("why", "--person", w.id("leo")), exitDone, "suspend of leo@example.test in okta: done")
	w.write("new.csv", w.read("rolemap.csv"))
	w.elsewhere()
	w.want(w.rolemap("diff", "--new", filepath.Join(w.dir, "new.csv"), "--nights", "30"), exitDone)
	w.elsewhere()
	w.want(w.rolemap("lint"), exitDone)
	w.elsewhere()
	w.staffed()
	w.want(w.now("check"), exitDone)

	w.corrected("leo")
	w.elsewhere()
	w.want(w.restore("--run", string(blocking), "--show"), exitHeld, "would be restored lift the suspension, leo@example.test in okta")
	w.elsewhere()
	w.want(w.restore("--run", string(blocking), "--reason", "HR's mistake"), exitHeld, "restored lift the suspension, leo@example.test in okta")
	w.inOkta("leo", fakeokta.Active)

	w.elsewhere()
	w.roster("ann", "bob", "cid")
	w.want(w.night("nightly"), exitHeld, "roster.csv has 9 people, the list in force has 12")
	w.elsewhere()
	list := filepath.Join(w.dir, "roster.csv")
	w.want(w.now("check", "--roster", list), exitDone, "It would not be believed")
	w.want(w.now("approve", "--guard", "roster", "--roster", list, "--by", "Ann", "--reason", "an office closed"), exitDone)
	w.elsewhere()
	w.want(w.night("nightly"), exitDone, "approval", "is spent")
	w.elsewhere()
	w.manual("enforce")
	w.want(w.revoked(w.id("mia")), exitDone, "blocked and verified")
	w.elsewhere()
	w.want(w.night("nightly"), exitDone, "mia@example.test in okta was blocked by hand")

	w.elsewhere()
	w.verified()
	t.Setenv("AWS_REGION", "eu-west-1")
	w.want(play(t.Context(), w.clock, nil, "audit", "verify", "--archive", s3Root, "--key", filepath.Join(w.dir, "public.pem")), exitDone, "Archive "+s3Root, "Every byte is as it was written.")
	w.diskIsEmpty()
	if _, err := os.Stat(filepath.Join(plain, "archive")); err == nil {
		t.Error("the folder archive was made")
	}
}

func TestAnArchiveThatNothingLocksIsNoted(t *testing.T) {
	_, endpoint := newBucket(t)
	w := newTown(t, fakeokta.Options{})
	w.inBucket(endpoint)
	w.staffed()
	const says = "What the nights write is not locked"
	if r := w.now("check"); strings.Contains(r.stdout, says) {
		t.Errorf("it is locked: %s", r)
	}
	w.rewrites("rollcall.yaml", ", retain_mode: compliance, retain_days: 30", "")
	w.want(w.now("check"), exitDone, says)
}

func TestAStoreThatCannotBeReachedIsToldAndNothingIsDone(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	w.inBucket("http://127.0.0.1:1")
	for _, command := range []string{"nightly", "sweep"} {
		w.want(w.now(command), exitAborted, "take the lease that keeps a second run out (nothing was read or changed)")
	}
	if len(w.okta.Requests()) != 0 {
		t.Error("systems were asked")
	}
	w.want(play(t.Context(), w.clock, nil, "audit", "verify", "--config", filepath.Join(w.dir, "rollcall.yaml")), exitAborted, "list s3://evidence/rollcall/")
}
