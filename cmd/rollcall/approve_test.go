package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/csv"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/parquet-go/parquet-go"

	"rollcall/internal/access"
	"rollcall/internal/config"
	"rollcall/internal/sandbox/fakeokta"
	"rollcall/reports/archive"
)

// run runs a command in the demo, at the time of its last night.
func (d *demo) run(t *testing.T, args ...string) ran {
	t.Helper()
	var stdout, stderr bytes.Buffer
	e := d.inside()
	e.stdout, e.stderr, e.log = &stdout, &stderr, slog.New(demoLog{&stderr})
	e.args = append([]string{"rollcall"}, args...)
	err := newApp(e).RunContext(t.Context(), e.args)
	if err != nil {
		fmt.Fprintf(&stderr, "rollcall: %v\n", err)
	}
	return ran{exitCode(err), stdout.String(), stderr.String()}
}

// must is run with an exit code and words that it has to say.
func (d *demo) must(t *testing.T, code int, says string, args ...string) ran {
	t.Helper()
	r := d.run(t, args...)
	if r.code != code || !strings.Contains(flat(r.stdout+r.stderr), flat(says)) {
		t.Fatalf("%s: want exit code %d and %q: %s", strings.Join(args, " "), code, says, r)
	}
	return r
}

// tomorrow is the nightly command, a day later.
func (d *demo) tomorrow(t *testing.T) ran {
	t.Helper()
	d.clock.set(d.state.night(d.state.Played))
	d.state.Played++
	return d.run(t, "nightly", "--config", d.path("rollcall.yaml"))
}

// hrSays writes a list of today in which these people left yesterday and all
// others are as they were; some number makes it a list that was not there before.
func (d *demo) hrSays(t *testing.T, number int, left ...string) {
	t.Helper()
	b, err := os.ReadFile(d.path("employees.csv"))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(b)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	id, title, status, end, last := slices.Index(rows[0], "employee_id"), slices.Index(rows[0], "title"), slices.Index(rows[0], "status"), slices.Index(rows[0], "end_date"), slices.Index(rows[0], "last_working_day")
	yesterday := d.clock.now().AddDate(0, 0, -1).Format(time.DateOnly)
	for n := range rows {
		switch {
		case slices.Contains(left, rows[n][id]):
			rows[n][status], rows[n][end], rows[n][last] = "Terminated", yesterday, yesterday
		case strings.HasPrefix(rows[n][title], "Software Engineer"):
			rows[n][status], rows[n][end], rows[n][last] = "Active", "", ""
			rows[n][title] = fmt.Sprintf("Software Engineer %d", number)
		}
	}
	var out bytes.Buffer
	if err := csv.NewWriter(&out).WriteAll(rows); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(d.path("employees.csv"), out.Bytes(), 0o640); err != nil {
		t.Fatal(err)
	}
}

// engineers are the ids of that many software engineers who play no part in the
// demo's own story.
func (d *demo) engineers(t *testing.T, n int) (ids []string) {
	t.Helper()
	cast := map[string]bool{}
	for _, p := range d.company.Cast {
		cast[p.ID] = true
	}
	for _, p := range d.company.People {
		if p.Title == "Software Engineer" && p.Type == "employee" && !cast[p.ID] && len(ids) < n {
			ids = append(ids, p.ID)
		}
	}
	if len(ids) < n {
		t.Fatalf("only %d engineers", len(ids))
	}
	return ids
}

// logins counts the people whose login in Okta has a status.
func (d *demo) logins(status fakeokta.Status, ids ...string) (n int) {
	for _, u := range d.company.Okta().State().Users {
		number, _ := u.Profile["employeeNumber"].(string)
		if slices.Contains(ids, number) && u.Status == status {
			n++
		}
	}
	return n
}

// approvalsOf are the files in the folder of approvals.
func (d *demo) approvalsOf(t *testing.T) []string {
	t.Helper()
	names, err := filepath.Glob(d.path("approvals", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// commandsOf are the commands by which a run's summary says that one goes on.
func commandsOf(t *testing.T, planOrNight []byte) (all [][]string) {
	t.Helper()
	type guard struct {
		Approve []string `json:"approve"`
	}
	var s struct {
		Guards []guard `json:"guards"`
		Behind []guard `json:"guards_behind"`
	}
	if err := json.Unmarshal(planOrNight, &s); err != nil {
		t.Fatal(err)
	}
	for _, g := range slices.Concat(s.Guards, s.Behind) {
		if len(g.Approve) > 0 {
			for n, w := range g.Approve {
				g.Approve[n] = strings.ReplaceAll(strings.Trim(w, "'"), "YOUR NAME", "Ann Lee")
			}
			all = append(all, g.Approve[1:])
		}
	}
	return all
}

func (d *demo) summaryOfLast(t *testing.T) []byte {
	t.Helper()
	names, err := filepath.Glob(d.path("reports", "*", "summary.json"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no summary: %v", err)
	}
	slices.Sort(names)
	b, err := os.ReadFile(names[len(names)-1])
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestAMassLeaveIsHeldApprovedAndGoesThroughOnce is the story of a closed office:
// the summary's own commands are the ones that are run.
func TestAMassLeaveIsHeldApprovedAndGoesThroughOnce(t *testing.T) {
	d := openDemo(t)
	d.playTwoNights(t)
	settings := d.path("rollcall.yaml")
	d.must(t, exitDone, "yours alone", "approve", "--new-key", "--config", settings)
	if err := d.editConfig("\nmanual: observe\n", "\nmanual: observe\nguards: {roster: {gone_min: 60}}\napprovals: {keys: [keys/approval-public.pem], key: {file: keys/approval.pem}}\n"); err != nil {
		t.Fatal(err)
	}
	gone := d.engineers(t, 16)
	d.hrSays(t, 1, gone...)
	held := d.tomorrow(t)
	if held.code != exitHeld || d.logins(fakeokta.Active, gone...) != 16 || !strings.Contains(held.stdout, "blast_radius (okta)") || !strings.Contains(held.stdout, "rollcall approve") {
		t.Fatalf("the mass leave is not held: %d work, %s", d.logins(fakeokta.Active, gone...), held)
	}

	commands := commandsOf(t, d.summaryOfLast(t))
	if len(commands) < 2 {
		t.Fatalf("%d trips can be approved: %s", len(commands), held)
	}
	for _, c := range commands {
		d.must(t, exitDone, "and once", c...)
	}
	files := d.approvalsOf(t)
	if len(files) != len(commands) {
		t.Errorf("%d approvals of %d trips", len(files), len(commands))
	}
	plan := []string{"plan", "--config", settings, "--out", filepath.Join(t.TempDir(), "plan.json")}
	d.must(t, exitHeld, "Would count: it releases", plan...) // the protected leaver is held for ever

	// One flipped byte refuses.
	for _, file := range files {
		flip(t, file)
	}
	if r := d.must(t, exitHeld, "Does not count: its signature does not fit", plan...); strings.Contains(r.stdout, "Would count") {
		t.Errorf("an altered approval counts: %s", r)
	}
	for _, file := range files {
		flip(t, file)
	}

	// A changed cohort refuses.
	others := append(slices.Clone(gone[1:]), d.engineers(t, 17)[16])
	d.hrSays(t, 2, others...)
	if r := d.must(t, exitHeld, "Does not count: the cohort is another one now: 1 of the", plan...); strings.Contains(r.stdout, "Would count") {
		t.Errorf("an approval of other people counts: %s", r)
	}

	d.hrSays(t, 3, gone...)
	through := d.tomorrow(t)
	if d.logins(fakeokta.Suspended, gone...) != 16 || !strings.Contains(flat(through.stdout), "Counts: it releases") {
		t.Fatalf("%d are suspended: %s", d.logins(fakeokta.Suspended, gone...), through)
	}
	d.recorded(t, len(files))
	d.must(t, exitDone, "Every byte is as it was written.", "audit", "verify", "--config", settings)

	// They all come back, and leave again: the same approvals are spent.
	d.hrSays(t, 4)
	for _, u := range d.company.Okta().State().Users {
		if number, _ := u.Profile["employeeNumber"].(string); slices.Contains(gone, number) {
			d.company.Okta().UpdateUser(u.ID, func(u *fakeokta.User) { u.Status = fakeokta.Active })
		}
	}
	d.tomorrow(t)
	d.hrSays(t, 5, gone...)
	again := d.tomorrow(t)
	if again.code != exitHeld || d.logins(fakeokta.Active, gone...) != 16 || !strings.Contains(flat(again.stdout), "Does not count: it is spent: run ") {
		t.Errorf("a second time: %d work, %s", d.logins(fakeokta.Active, gone...), again)
	}
}

// flip turns one bit of a file over; twice, it is what it was.
func flip(t *testing.T, file string) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(b, []byte(`"reason": "`)) + len(`"reason": "`)
	b[at] ^= 2
	if err := os.WriteFile(file, b, 0o644); err != nil {
		t.Fatal(err)
	}
}

// recorded checks that the archive says who answered for what was done.
func (d *demo) recorded(t *testing.T, approvals int) {
	t.Helper()
	last := func(table string) string {
		names, err := filepath.Glob(d.path("archive", table, "*", "*", "*.parquet"))
		if err != nil || len(names) == 0 {
			t.Fatalf("no table %s: %v", table, err)
		}
		slices.Sort(names)
		return names[len(names)-1]
	}
	rows, err := parquet.ReadFile[archive.ApprovalRow](last("approvals"))
	if err != nil || len(rows) != approvals {
		t.Fatalf("%d rows of approvals: %v", len(rows), err)
	}
	ids := map[string]bool{}
	for _, r := range rows {
		ids[r.ApprovalID] = true
		if r.SpentAt.IsZero() || r.ApprovedBy != "Ann Lee" || r.Count < 6 || r.ExpiresAt.Sub(r.CreatedAt) != 72*time.Hour || len(r.CohortSHA256)+len(r.PlanSHA256) != 128 {
			t.Errorf("%+v", r)
		}
	}
	actions, err := parquet.ReadFile[archive.ActionRow](last("actions"))
	if err != nil {
		t.Fatal(err)
	}
	released := 0
	for _, a := range actions {
		for _, id := range strings.Fields(a.ApprovalID) {
			released++
			if !ids[id] {
				t.Errorf("%s of %s names the approval %s, which is in no row", a.Verb, a.AccountID, id)
			}
		}
	}
	if released < 32 {
		t.Errorf("%d actions name their approval", released)
	}
}

func TestOneFlippedBitAnywhereRefusesAnApproval(t *testing.T) {
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 26, 10, 0, 0, 0, time.UTC)
	a := access.Approval{ID: newApprovalID(now), Guard: "blast_radius", Scope: "okta", By: "Ann <ann@example.test>", Reason: "the office in Ghent is closed & gone", CreatedAt: now, ExpiresAt: now.Add(time.Hour),
		Cohort: []access.Stake{{Account: access.AccountKey{System: "okta", ID: "00u1"}, Stage: access.Block}, {Account: access.AccountKey{System: "aws", Scope: "1", ID: "AIDA1"}, Stage: access.Block, Action: "a1"}}, Count: 2}
	a.CohortSHA256 = access.CohortDigest(a.Cohort)
	b, err := sealApproval(a, private)
	if err != nil {
		t.Fatal(err)
	}
	trusted := []ed25519.PublicKey{public}
	if back, err := openApproval(b, trusted); err != nil || back.ID != a.ID || back.CohortSHA256 != access.CohortDigest(back.Cohort) {
		t.Fatalf("%+v, %v", back, err)
	}
	for at := range b {
		for bit := range 8 {
			bad := bytes.Clone(b)
			bad[at] ^= 1 << bit
			if back, err := openApproval(bad, trusted); err == nil || back.ID != "" {
				t.Fatalf("byte %d, bit %d: believed:\n%s", at, bit, bad)
			}
		}
	}
	for what, bad := range map[string][]byte{"cut": b[:len(b)-1], "longer": append(bytes.Clone(b), '\n'), "twice": append(bytes.Clone(b), b...), "empty": nil, "other line ends": bytes.ReplaceAll(b, []byte("\n"), []byte("\r\n"))} {
		if _, err := openApproval(bad, trusted); err == nil {
			t.Errorf("%s: believed", what)
		}
	}
}

func TestAnApprovalIsBelievedOnlyUnderAKeyThatIsTrusted(t *testing.T) {
	_, foreign, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	public, _, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	b, err := sealApproval(access.Approval{ID: newApprovalID(time.Unix(0, 0)), Guard: "roster"}, foreign)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := openApproval(b, []ed25519.PublicKey{public}); err == nil || !strings.Contains(err.Error(), "it is signed with a key that approvals.keys does not have") {
		t.Errorf("%v", err)
	}
	if _, err := openApproval(b, nil); err == nil || !strings.Contains(err.Error(), "approvals.keys names no key") {
		t.Errorf("%v", err)
	}
	named := bytes.Replace(b, []byte(fingerprint(foreign.Public().(ed25519.PublicKey))), []byte(fingerprint(public)), 1)
	if _, err := openApproval(named, []ed25519.PublicKey{public}); err == nil || !strings.Contains(err.Error(), "its signature does not fit") {
		t.Errorf("signed by one and named after another: %v", err)
	}
	if bad, err := sealApproval(access.Approval{ID: "../../manifests/1"}, foreign); err != nil {
		t.Error(err)
	} else if _, err := openApproval(bad, []ed25519.PublicKey{foreign.Public().(ed25519.PublicKey)}); err == nil {
		t.Error("an id that is a path is believed")
	}
}

// newTownThatIsHeld is a town whose two leavers are too many for a night, so that somebody who may
// has to answer for them.
func newTownThatIsHeld(t *testing.T) *townsfolk {
	t.Helper()
	w := newTown(t, fakeokta.Options{})
	w.answering()
	w.watched()
	w.limits("{blast: {night_min: 1, night_percent: 1, week_min: 2, week_percent: 1}}")
	w.leave("leo", "mia")
	return w
}

// answering gives the town somebody who may approve.
func (w *townsfolk) answering() {
	w.t.Helper()
	private, public, err := archive.NewKey()
	if err != nil {
		w.t.Fatal(err)
	}
	w.write("ann.pem", string(private))
	w.write("ann-public.pem", string(public))
	for _, name := range []string{"observe.yaml", "rollcall.yaml"} {
		w.write(name, w.read(name)+"approvals: {keys: [ann-public.pem], key: {file: ann.pem}}\n")
	}
}

func (w *townsfolk) limits(text string) {
	w.t.Helper()
	w.write("rollcall.yaml", w.read("rollcall.yaml")+"guards: "+text+"\n")
}

// approveAll answers for everything that a plan of now says can be approved.
func (w *townsfolk) approveAll() {
	w.t.Helper()
	file := filepath.Join(w.dir, "plan.json")
	w.now("plan", "--out", file)
	p, err := readPlan(file)
	if err != nil {
		w.t.Fatal(err)
	}
	asked := map[string]bool{}
	for _, g := range slices.Concat(p.Trips, p.Behind) {
		if len(g.Stakes) > 0 && !asked[g.Guard] {
			asked[g.Guard] = true
			w.want(w.now("approve", "--plan", file, "--guard", g.Guard, "--by", "Ann", "--reason", "HR confirmed it"), exitDone, "until")
		}
	}
	if len(asked) == 0 {
		w.t.Fatal("nothing can be approved")
	}
}

// TestKilledAnywhereAnApprovedCohortEndsWhereAnUninterruptedNightDoes kills the
// process at every record, those by which the approvals are spent included.
func TestKilledAnywhereAnApprovedCohortEndsWhereAnUninterruptedNightDoes(t *testing.T) {
	w := newTownThatIsHeld(t)
	w.approveAll()
	before := w.save()
	w.want(w.night("nightly"), exitDone, "Counts: it releases")
	want, run := w.effects(), w.journals()[0]
	spent, err := filepath.Glob(filepath.Join(w.dir, "archive", "spent", "*", "first.json"))
	if err != nil || len(spent) < 2 {
		t.Fatalf("%d approvals are spent: %v", len(spent), err)
	}
	records := w.records(run) + len(spent) // each of which is a file of its own
	for n := 1; n <= records; n++ {
		for _, when := range []string{fmt.Sprintf("before %d", n), fmt.Sprintf("after %d", n)} {
			if n > 2*len(spent)+2 && n < records {
				continue // the middle is as without approvals (crash_test.go)
			}
			t.Run(when, func(t *testing.T) {
				w.back(t, before)
				w.killed(when)
				w.want(w.night("nightly"), exitDone)
				for name, got := range w.effects() {
					if fmt.Sprint(got) != fmt.Sprint(want[name]) {
						t.Errorf("%s is %v, and %v after an uninterrupted night", name, got, want[name])
					}
				}
				if w.events("leo", "user.lifecycle.suspend") != 1 || w.events("mia", "user.lifecycle.suspend") != 1 {
					t.Error("somebody was suspended twice, or not at all")
				}
				w.verified()
			})
		}
	}
}

func TestARefusedListIsApprovedAndTakesForceOnce(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	w.answering()
	w.watched()
	w.limits("{blast: {night_min: 60, week_min: 60}, concentration_min: 60, irreversible: 60}")
	w.leave("leo", "mia", "eve", "fay", "gus", "hal")
	w.want(w.night("nightly"), exitHeld, "says that 6 people are newly gone", "--guard roster", "--source employees --by")
	list := filepath.Join(w.dir, "roster.csv")
	approve := []string{"--guard", "roster", "--roster", list, "--by", "Ann", "--reason", "the office is closed"}
	w.want(w.now("approve", approve...), exitDone, "the list roster.csv with 12 people, held against one of 12; 6 are newly gone")
	w.leave("ida") // HR sends another one
	w.want(w.now("plan", "--out", filepath.Join(w.dir, "p.json")), exitHeld, "it is of another file: the list was changed or sent anew after it was approved")
	w.left["ida"] = false
	w.roster()
	w.want(w.night("nightly"), exitDone, "by it the list employees is accepted, with 6 people who are newly gone")
	if w.status("leo") != fakeokta.Suspended || w.status("ida") != fakeokta.Active {
		t.Errorf("leo is %s, ida is %s", w.status("leo"), w.status("ida"))
	}
	w.want(w.now("approve", approve...), exitRefused, "is not refused, so that there is nothing to approve")
	w.verified()
}

func TestAForeignKeyAnExpiredOneAndTheNightsOwnKeyCountForNothing(t *testing.T) {
	w := newTownThatIsHeld(t)
	w.approveAll()
	out := filepath.Join(w.dir, "p.json")
	w.want(w.now("plan", "--out", out), exitDone, "Would count: it releases")
	trusted := w.read("ann-public.pem")
	_, other, err := archive.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	w.write("ann-public.pem", string(other))
	w.want(w.now("plan", "--out", out), exitHeld, "Does not count: it is signed with a key that approvals.keys does not have")
	own := w.read("public.pem")
	w.write("ann-public.pem", own)
	w.want(w.now("plan", "--out", out), exitHeld, "ann-public.pem is the key that signs the archive, and the night cannot answer for itself")
	if err := os.Remove(filepath.Join(w.dir, "public.pem")); err != nil {
		t.Fatal(err)
	}
	w.want(w.now("plan", "--out", out), exitHeld, "ann-public.pem is the key that signs the archive")
	if err := os.Remove(filepath.Join(w.dir, "ann-public.pem")); err != nil {
		t.Fatal(err)
	}
	w.want(w.now("plan", "--out", out), exitHeld, "approvals.keys names no key that can be used", "ann-public.pem cannot be read (there is no such file)")
	w.write("ann-public.pem", trusted)
	w.clock.pass(72 * time.Hour)
	w.want(w.now("plan", "--out", out), exitHeld, "Does not count: it expired on")
	w.write("approvals/note.json", "{}")
	w.write("approvals/README", "not looked at")
	w.want(w.now("plan", "--out", out), exitHeld, "approvals/note.json", "it was changed after it was signed")
}

func TestApplyTakesAnApprovalFromElsewhere(t *testing.T) {
	w := newTownThatIsHeld(t)
	w.approveAll()
	plan := filepath.Join(w.dir, "plan.json") // as it was before anybody approved
	elsewhere := filepath.Join(w.dir, "elsewhere")
	if err := os.Rename(filepath.Join(w.dir, "approvals"), elsewhere); err != nil {
		t.Fatal(err)
	}
	w.want(w.now("apply", "--plan", plan, "--approval", filepath.Join(w.dir, "none.json")), exitRefused, "read the approval")
	args := []string{"--plan", plan}
	names, err := filepath.Glob(filepath.Join(elsewhere, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		args = append(args, "--approval", name)
	}
	w.want(w.now("apply", args...), exitDone, "Counts: it releases")
	if w.status("leo") != fakeokta.Suspended || w.status("mia") != fakeokta.Suspended {
		t.Errorf("leo is %s, mia is %s", w.status("leo"), w.status("mia"))
	}
	w.verified()
}

func TestWhatCannotBeApprovedIsRefusedWithTheReason(t *testing.T) {
	w := newTownThatIsHeld(t)
	file := filepath.Join(w.dir, "plan.json")
	w.want(w.now("plan", "--out", file), exitHeld)
	approve := func(args ...string) ran {
		return w.now("approve", append([]string{"--by", "Ann", "--reason", "r"}, args...)...)
	}
	for guard, says := range map[string]string{"protected": "a protected account is never acted on", "reads": "a gap in what was read", "baseline": "without one night that read all", "bogus": `there is no guard called "bogus"`} {
		w.want(approve("--plan", file, "--guard", guard), exitRefused, "cannot be approved: "+says)
	}
	w.want(approve("--plan", file, "--guard", "irreversible"), exitRefused, "the guard irreversible holds nothing that could be approved; what can be: --guard blast_radius --scope aws, or --guard blast_radius --scope okta")
	w.want(approve("--plan", file, "--guard", "blast_radius", "--scope", "github"), exitRefused, `holds nothing of the scope "github"`)
	w.want(approve("--plan", file, "--guard", "blast_radius", "--scope", "okta", "--count", "3"), exitRefused, "blast_radius (okta) is about 2, and --count says 3")
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	w.write("plan.json", strings.Replace(string(b), "leo@example.test", "eve@example.test", 1))
	w.want(approve("--plan", file, "--guard", "blast_radius"), exitRefused, "the plan was altered after it was written")
	w.write("plan.json", string(b))
	w.clock.pass(73 * time.Hour)
	w.want(approve("--plan", file, "--guard", "blast_radius"), exitRefused, "the plan was made 73h0m0s ago and may be 72h0m0s old at the most")
	w.write("short.csv", "employee_id,name\n")
	w.want(approve("--guard", "roster", "--roster", filepath.Join(w.dir, "short.csv")), exitRefused, "cannot be approved")
	if _, err := os.Stat(filepath.Join(w.dir, "approvals")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("something was written: %v", err)
	}
}

func TestAnApprovalIsReadOnceAndAnUnreadableFolderHoldsOnly(t *testing.T) {
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	put := func(name string, b []byte) {
		t.Helper()
		if err := errors.Join(os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o750), os.WriteFile(filepath.Join(dir, name), b, 0o640)); err != nil {
			t.Fatal(err)
		}
	}
	seal := func(reason string) []byte {
		b, err := sealApproval(access.Approval{ID: "20261126T100000Z-0123456789abcdef", Guard: "roster", Reason: reason}, private)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	put("key.pem", pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
	put("approvals/a.json", seal("one"))
	put("approvals/b.json", seal("one"))                       // a copy
	put("approvals/c.json", seal("another"))                   // of the same id
	put("approvals/d.json", bytes.Repeat([]byte(" "), 17<<20)) // too long to be one
	put("approvals/.e.json", []byte("half written"))
	put("approvals/notes.txt", []byte("not looked at"))
	e := &environ{getenv: func(string) string { return "" }}
	cfg := config.Config{Dir: dir, Approvals: config.Approvals{Dir: "approvals", Keys: []string{"key.pem"}}}
	var got []string
	for _, a := range e.approvalFiles(cfg, []string{filepath.Join(dir, "approvals", "a.json")}) {
		got = append(got, a.File+" "+a.ID+" "+a.Unproven)
	}
	want := []string{
		"approvals/a.json 20261126T100000Z-0123456789abcdef ",
		"approvals/c.json  it has the id of approvals/a.json, and is another file",
		"approvals/d.json  it cannot be read: it has more than 16777216 bytes, which are the most: look whether it is the right file",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	cfg.Approvals.Dir = "key.pem"
	if all := e.approvalFiles(cfg, nil); len(all) != 1 || !strings.Contains(all[0].Unproven, "the folder cannot be read, so that no approval in it counts") {
		t.Errorf("%+v", all)
	}
	cfg.Approvals.Dir = "nowhere"
	if all := e.approvalFiles(cfg, nil); len(all) != 0 {
		t.Errorf("%+v", all)
	}
}

func TestCheckSaysWhoMayApproveAndWhereTheirKeyLies(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	w.staffed()
	w.want(w.now("check"), exitDone, "approvals.keys is empty.", "Nobody can approve: what a guard holds stays held.")
	w.answering()
	w.want(w.now("check"), exitDone, "approvals.key can be read here, where the key that signs the archive is too.")
	if err := os.Remove(filepath.Join(w.dir, "ann.pem")); err != nil {
		t.Fatal(err)
	}
	if r := w.now("check"); r.code != exitDone || strings.Contains(r.stdout, "approvals.key") {
		t.Errorf("a night without the approver's key: %s", r)
	}
	w.write("ann-public.pem", "no key")
	w.want(w.now("check"), exitRefused, "approvals.keys: ann-public.pem is no public key")
}

// FuzzOpenApproval: a file that is believed is, to the byte, one that the key signed; of
// everything else nothing is taken over, and the reason says what to do.
func FuzzOpenApproval(f *testing.F) {
	private := ed25519.NewKeyFromSeed(bytes.Repeat([]byte("k"), ed25519.SeedSize))
	public := private.Public().(ed25519.PublicKey)
	a := access.Approval{ID: "20260302T020000Z-0123456789abcdef", Guard: "blast_radius", Count: 1, By: "ada", Reason: "they left",
		Cohort: []access.Stake{{Account: access.AccountKey{System: "okta", ID: "u2"}}}}
	real, err := sealApproval(a, private)
	if err != nil {
		f.Fatal(err)
	}
	for _, b := range [][]byte{real, bytes.Replace(real, []byte("u2"), []byte("u3"), 1), bytes.ToUpper(real), append(bytes.Clone(real), real...), []byte("{}"), []byte("null"), nil} {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := openApproval(b, []ed25519.PublicKey{public})
		switch {
		case err == nil && !bytes.Equal(b, real):
			t.Fatalf("an approval that nobody signed is believed: %q", b)
		case err != nil && (bytes.Equal(b, real) || got.ID != "" || len(got.Cohort) != 0):
			t.Fatalf("%v, and %+v is taken over", err, got)
		case err != nil && !utf8.ValidString(err.Error()):
			t.Fatalf("the reason is no text: %q", err)
		}
	})
}
