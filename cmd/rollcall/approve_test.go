package main

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"

	"rollcall/internal/sandbox/fakeokta"
	"rollcall/reports/archive"
)

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
// the summary's own commands are the ones that are run. It is long because each step of the
// story, what is refused too, is about the approvals that the steps before it made.
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
