package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rollcall/internal/sandbox/fakeokta"
	"rollcall/internal/sandbox/fakes3"
	"rollcall/reports/archive"
)

// audits runs a command of audit on this town, now.
func (w *townsfolk) audits(args ...string) ran {
	w.t.Helper()
	return play(w.t.Context(), w.clock, nil, append(append([]string{"audit"}, args...), "--config", filepath.Join(w.dir, "rollcall.yaml"))...)
}

// settles rewrites the configuration.
func (w *townsfolk) settles(from, to string) {
	w.t.Helper()
	for _, name := range []string{"rollcall.yaml", "observe.yaml"} {
		w.rewrites(name, from, to)
	}
}

func TestTheSigningKeyIsChangedAndTheOldPublicKeyVerifiesAll(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	w.watched()
	w.want(w.night("nightly"), exitDone)
	next := filepath.Join(w.dir, "keys", "next.pem")
	w.want(w.audits("rotate-key", "--make", "--new-key-file", next, "--by", "Ann", "--reason", "yearly"), exitDone,
		"is handed over", "archive.signing_key: {file: "+next+"}", "archive.public_key may stay", "Head of the archive:")
	w.want(w.audits("rotate-key", "--make", "--new-key-file", next, "--by", "Ann", "--reason", "yearly"), exitRefused, "nothing is overwritten")

	w.want(w.night("nightly"), exitAborted, "this key signs no more", "give this machine the new key (archive.signing_key)")
	w.leave("leo")
	w.want(w.now("nightly"), exitAborted, "this key signs no more")
	if w.status("leo") != fakeokta.Active {
		t.Errorf("leo is %s, and no run may be recorded", w.status("leo"))
	}
	w.settles("signing_key: {file: signing.pem}", "signing_key: {file: "+next+"}")
	w.want(w.now("nightly"), exitDone, "blocked and verified")
	w.staffed()
	w.want(w.now("check"), exitDone)
	if r := w.now("check"); strings.Contains(r.stdout+r.stderr, "It does not belong to archive.signing_key") {
		t.Errorf("the first public key is refused: %s", r)
	}
	for _, key := range []string{"public.pem", filepath.Join("keys", "next-public.pem")} {
		r := play(t.Context(), w.clock, nil, "audit", "verify", "--archive", filepath.Join(w.dir, "archive"), "--key", filepath.Join(w.dir, key))
		w.want(r, exitDone, "another key signs: the former one handed over (Ann: yearly", "Every byte is as it was written.", "3 night(s), 4 run(s)")
		w.want(play(t.Context(), w.clock, nil, "audit", "ask", "--question", "nights", "--archive", filepath.Join(w.dir, "archive"), "--key", filepath.Join(w.dir, key)), exitDone, "ran")
	}
	w.want(w.now("why", "--person", w.id("leo"), "--nights", "9"), exitDone, "on the last 3 nights")
	w.want(play(t.Context(), w.clock, nil, "rolemap", "diff", "--config", filepath.Join(w.dir, "rollcall.yaml"), "--new", filepath.Join(w.dir, "rolemap.csv"), "--nights", "9"), exitDone, "on the last 3 nights")
}

func TestRotateKeyRefusesWhatItCannotDo(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	w.watched()
	w.write("stray.pem", w.read("public.pem"))
	for says, args := range map[string][]string{
		"say where the new key is":                       {"--by", "A", "--reason", "r"},
		"one of them":                                    {"--new-key-file", "x", "--new-key-env", "Y", "--by", "A", "--reason", "r"},
		"--make writes the new pair":                     {"--new-key-env", "Y", "--make", "--by", "A", "--reason", "r"},
		"needs --by WHO and --reason":                    {"--new-key-file", "x"},
		"the new key: environment variable Y is not set": {"--new-key-env", "Y", "--by", "A", "--reason", "r"},
		"no PEM block \"PRIVATE KEY\"":                   {"--new-key-file", filepath.Join(w.dir, "stray.pem"), "--by", "A", "--reason", "r"},
		"read the secret":                                {"--new-key-file", filepath.Join(w.dir, "none.pem"), "--by", "A", "--reason", "r"},
	} {
		w.want(w.audits(append([]string{"rotate-key"}, args...)...), exitRefused, says)
	}
	w.want(w.audits("rotate-key", "--new-key-file", filepath.Join(w.dir, "signing.pem"), "--by", "A", "--reason", "r"), exitAborted, "that key signs this archive already")
	w.verified()
}

func TestALostKeyIsAnEmergencyThatVerifyTellsForEver(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	w.watched()
	if err := os.Remove(filepath.Join(w.dir, "signing.pem")); err != nil {
		t.Fatal(err)
	}
	next := filepath.Join(w.dir, "next.pem")
	w.want(w.audits("rotate-key", "--make", "--new-key-file", next, "--by", "Ann", "--reason", "the disk burnt"), exitRefused, "the key that signs the archive")
	w.want(w.audits("rotate-key", "--lost", "--new-key-file", next, "--by", "Ann", "--reason", "the disk burnt"), exitDone, "Tell compliance that the former key was lost")
	w.settles("signing_key: {file: signing.pem}", "signing_key: {file: next.pem}")
	w.want(w.night("nightly"), exitDone)
	w.want(w.audits("verify"), exitFailed, "FAULT manifests/0000000002.json: begins anew with a key that nothing before it vouches for", "all rests on the word of Ann (the disk burnt)")
	w.want(w.audits("ask", "--question", "nights"), exitAborted, "nothing before it vouches for")
	w.write("public.pem", w.read("public.pem")+w.read("next-public.pem"))
	w.want(w.audits("verify"), exitDone, "NEW ROOT", "only the word of Ann (the disk burnt)", "What stands after a new root is proven by its key alone.")
	w.want(w.audits("ask", "--question", "nights"), exitDone)
	w.staffed()
	w.want(w.now("check"), exitDone)
}

func TestAReviewGoesOnOverAChangeOfTheKey(t *testing.T) {
	q := newQuarter(t)
	var open opened
	q.into(&open, q.review(exitDone, "open", "--campaign", "2026-q4", "--json"))
	sheet := open.Worksheets[0].Worksheet
	file := q.workbook("2026-q4", sheet, "back.xlsx", func(askedRow) given { return given{decision: "Keep", reason: "needed for the job"} })
	next := q.path("keys/next.pem")
	q.run(exitDone, "audit", "rotate-key", "--make", "--new-key-file", next, "--by", "Ann", "--reason", "yearly", "--config", q.path("rollcall.yaml"))
	b, err := os.ReadFile(q.path("rollcall.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(q.path("rollcall.yaml"), []byte(strings.Replace(string(b), "keys/rollcall-signing.pem", "keys/next.pem", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	got := q.imports(exitDone, file)
	if len(got.Files) != 1 || got.Files[0].Refused != "" || got.Files[0].Counted == 0 || len(got.Files[0].Problems) > 0 {
		t.Errorf("%+v", got)
	}
}

// old is a town with two nights that are older than the archive has to keep, and two of
// today.
func old(t *testing.T, inBucket func(*townsfolk)) *townsfolk {
	t.Helper()
	w := newTown(t, fakeokta.Options{})
	if inBucket != nil {
		inBucket(w)
	}
	w.watched()
	w.leave("leo")
	w.want(w.night("nightly"), exitDone, "blocked and verified")
	w.clock.pass(2600 * 24 * time.Hour)
	w.want(w.now("nightly"), exitDone)
	w.want(w.night("nightly"), exitDone)
	return w
}

// listed asks what would expire.
func (w *townsfolk) listed(before string) (list struct {
	Runs    int
	SHA256  string `json:"list_sha256"`
	Files   []archive.ExpiredFile
	Pending []archive.ExpiredFile
}) {
	w.t.Helper()
	r := w.audits("expire", "--before", before, "--json")
	w.want(r, exitDone)
	if err := json.Unmarshal([]byte(r.stdout), &list); err != nil {
		w.t.Fatalf("%v: %s", err, r)
	}
	return list
}

// before is a day between the old nights and those of today.
var before = firstNight.AddDate(0, 0, 30).Format(time.DateOnly)

func TestDataAboutPeopleExpiresAndTheProofStays(t *testing.T) {
	w := old(t, nil)
	oldNight := firstNight.AddDate(0, 0, 1).Format(time.DateOnly)
	w.want(w.audits("ask", "--question", "who-reaches", "--date", oldNight), exitDone, "leo@example.test")
	seen := w.memory()
	list := w.listed(before)
	if list.Runs != 2 || len(list.Files) < 20 {
		t.Fatalf("%+v", list)
	}
	w.want(w.audits("expire", "--before", before), exitDone, "Nothing was changed.", "2 run(s) of before", list.Files[0].Path, "--confirm "+list.SHA256)
	w.want(w.audits("expire", "--before", before, "--by", "Ann", "--reason", "seven years", "--confirm", strings.Repeat("0", 64)), exitRefused, "is not the digest of the list as it is now")
	w.want(w.audits("verify"), exitIncomplete, "Every byte is as it was written. But 2599 night(s) have no record")
	w.want(w.audits("expire", "--before", before, "--by", "Ann", "--reason", "seven years", "--confirm", list.SHA256), exitDone, "let go of them, on record")
	w.want(w.audits("verify"), exitIncomplete, "expired on", "by Ann (seven years", "what 2 run(s) of before "+before, "Every byte that has not expired is as it was written.")
	if rest := w.listed(before); len(rest.Files)+len(rest.Pending) > 0 {
		t.Errorf("%+v", rest)
	}
	if _, err := os.Stat(filepath.Join(w.dir, "archive", list.Files[0].Path)); err == nil {
		t.Error("the files are there still")
	}
	got := w.memory()
	if len(got.Blocked) != len(seen.Blocked) || len(got.GrantsSeen) != len(seen.GrantsSeen) || len(got.FirstSeenLeft) != len(seen.FirstSeenLeft) {
		t.Errorf("the memory lost something: %+v", got)
	}
	w.want(w.night("nightly"), exitDone)

	w.want(w.audits("ask", "--question", "who-reaches", "--date", oldNight), exitRefused, "recorded of people has expired, so that it cannot be asked", "by Ann: seven years")
	w.want(w.audits("ask", "--question", "nights", "--from", firstNight.Format(time.DateOnly), "--to", oldNight), exitDone, "EXPIRED this answer is without what 1 run(s) recorded of people")
	w.want(w.audits("sql", "--query", "SELECT count(*) FROM grants", "--to", oldNight), exitDone, "EXPIRED")
	w.want(w.audits("sql", "--query", "SELECT run_id FROM nights"), exitDone, " rows 5 ")
	w.want(w.now("why", "--person", w.id("ann"), "--nights", "99"), exitDone, "2 of the nights that were asked for have expired", "on the last 3 nights")
	w.want(play(t.Context(), w.clock, nil, "rolemap", "diff", "--config", filepath.Join(w.dir, "rollcall.yaml"), "--new", filepath.Join(w.dir, "rolemap.csv"), "--nights", "99"), exitDone, "2 of the nights that were asked for have expired")
}

func TestNothingExpiresThatMustBeKept(t *testing.T) {
	w := old(t, nil)
	w.want(w.audits("expire"), exitRefused, "expire needs --before DAY", "the latest that archive.keep_days allows is")
	w.want(w.audits("expire", "--before", "tomorrow"), exitRefused, "write a date as 2019-01-01")
	w.want(w.audits("expire", "--before", w.clock.Now().Format(time.DateOnly)), exitRefused, "keeps everything for 2555 days")
	w.want(w.audits("expire", "--before", before, "--confirm", "0123456789ab"), exitRefused, "--confirm needs --by WHO and --reason WHY")
	w.want(w.audits("expire", "--finish", "--before", before), exitRefused, "--finish only deletes")
	w.want(w.audits("expire", "--finish"), exitDone, "0 of 0 files were deleted")
	w.settles("public_key: public.pem", "public_key: public.pem, keep_days: 2700")
	w.want(w.audits("expire", "--before", before), exitRefused, "keeps everything for 2700 days")
	w.settles("keep_days: 2700", "holds: [{from: "+firstNight.Format(time.DateOnly)+", reason: case 7}]")
	w.want(w.audits("expire", "--before", before), exitDone, "it is held: case 7", "There is nothing to let go of.")
	w.settles("holds: [{from: "+firstNight.Format(time.DateOnly)+", reason: case 7}]", "legal_hold: true")
	w.want(w.audits("expire", "--before", before), exitRefused, "archive.legal_hold: true")
}

// What the store's lock keeps is recorded, told, and deleted when the lock is over; and
// nothing is deleted with the credentials of the night.
func TestInABucketWhatALockKeepsIsDeletedWhenItIsOver(t *testing.T) {
	var s3 *fakes3.Server
	w := old(t, func(w *townsfolk) {
		s3 = fakes3.New(fakes3.Options{Bucket: "evidence", Now: w.clock.Now, Lock: true})
		w.inBucket(serve(t, s3))
		w.settles("retain_days: 30", "retain_days: 2620")
	})
	list := w.listed(before)
	confirmed := []string{"expire", "--before", before, "--by", "Ann", "--reason", "seven years", "--confirm", list.SHA256}
	w.want(w.audits(confirmed...), exitRefused, "does not say whose credentials may delete")
	file := filepath.Join(t.TempDir(), "aws")
	if err := os.WriteFile(file, []byte("[profile expire]\nregion = eu-west-1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_CONFIG_FILE", file)
	w.settles("retain_days: 2620", "retain_days: 2620, expire_profile: expire")
	if again := w.listed(before); again.SHA256 != list.SHA256 || again.Files[0].LockedUntil.IsZero() {
		t.Errorf("whoever may delete sees no lock: %+v", again.Files[0])
	}
	w.want(w.audits("expire", "--before", before), exitDone, "locked until", "would stay until the store's lock is over")
	w.want(w.audits(confirmed...), exitIncomplete, "let go of them, on record", "0 of ", "is locked by the store until", "--finish when it is over")
	w.want(w.audits("verify"), exitIncomplete, "of those files are there still", "audit expire --finish")
	w.want(w.audits("expire", "--finish"), exitIncomplete, "is locked by the store until")
	w.clock.pass(30 * 24 * time.Hour)
	w.want(w.audits("expire", "--finish"), exitDone, "files were deleted")
	for _, f := range list.Files {
		if left := s3.Versions("rollcall/" + f.Path); len(left) > 0 {
			t.Errorf("%s has %d versions left", f.Path, len(left))
		}
	}
	if r := w.audits("verify"); r.code != exitIncomplete || strings.Contains(r.stdout, "are there still") {
		t.Errorf("%s", r)
	}
	w.want(w.night("nightly"), exitDone)
}

func TestVerifyTellsMissingNightsAndACutEnd(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	w.watched()
	w.clock.pass(48 * time.Hour)
	w.want(w.night("nightly"), exitDone)
	day := func(n int) string { return firstNight.AddDate(0, 0, n).Format(time.DateOnly) }
	w.want(w.audits("verify"), exitIncomplete, "MISSING  "+day(1)+" to "+day(2)+": 2 night(s) without a record", "But 2 night(s) have no record", "and 2 night(s) have no record in it")
	w.clock.pass(72 * time.Hour)
	w.want(w.audits("verify", "--until", day(4)), exitIncomplete, "MISSING  "+day(4)+": 1 night(s)")
	w.want(w.audits("verify", "--until", "now"), exitIncomplete, "MISSING  "+day(4)+" to "+day(5)+": 2 night(s)")
	w.want(w.audits("verify", "--until", day(40)), exitRefused, "is still to come")
	w.want(w.audits("verify", "--until", "soon"), exitRefused, "write a date as 2026-03-31, or now")
	w.want(w.audits("verify", "--timezone", "Nowhere"), exitRefused, "write a name such as Europe/Berlin")
	w.want(w.audits("verify", "--head", "abc"), exitRefused, "give all 64 characters")
	r := w.audits("verify", "--json")
	var report archive.Report
	if err := json.Unmarshal([]byte(r.stdout), &report); err != nil || len(report.Missing) != 1 || report.Missing[0].Nights != 2 || report.Nights != 2 {
		t.Fatalf("%v: %s", err, r)
	}
	w.want(w.audits("verify", "--head", report.SHA256), exitIncomplete)
	if err := os.Remove(filepath.Join(w.dir, "archive", "manifests", "0000000002.json")); err != nil {
		t.Fatal(err)
	}
	w.want(w.audits("verify"), exitDone)
	w.want(w.audits("verify", "--head", report.SHA256), exitFailed, "runs were cut off its end")
}
