package main

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeokta"
	"rollcall/internal/sandbox/faults"
	"rollcall/reconcile"
)

// asked runs a command of the demo's own folder on the demo's clock.
func (d *demo) asked(t *testing.T, args ...string) ran {
	t.Helper()
	return d.run(t, slices.Concat(args, []string{"--config", d.path("rollcall.yaml")})...)
}

// differs decodes the answer of rolemap diff --json.
func differs[T any](t *testing.T, r ran) (d T) {
	t.Helper()
	if err := json.Unmarshal([]byte(r.stdout), &d); err != nil || r.code != exitDone {
		t.Fatalf("%v: %s", err, r)
	}
	return d
}

// ofOneNight is what a replay of one night says, in the form of what is said on a night.
func ofOneNight(r reconcile.Replay) (night reconcile.Difference) {
	for _, c := range r.Allowed {
		night.Allowed = append(night.Allowed, c.GrantChange)
	}
	for _, c := range r.Unexpected {
		night.Unexpected = append(night.Unexpected, c.GrantChange)
	}
	for _, f := range r.Appear {
		night.Appear = append(night.Appear, f.Finding)
	}
	for _, f := range r.Vanish {
		night.Vanish = append(night.Vanish, f.Finding)
	}
	return night
}

func TestTheDemoReplayedSaysWhatWasSaidOnTheNight(t *testing.T) {
	d := openDemo(t)
	b, err := os.ReadFile(d.path("rolemap.csv"))
	if err != nil {
		t.Fatal(err)
	}
	var kept []string
	for line := range strings.Lines(string(b)) {
		if !strings.Contains(line, "GitHub") && !strings.HasPrefix(line, "Engineering,") {
			kept = append(kept, strings.Replace(line, ",allowed,", ",required,", 1))
		}
	}
	newer := d.path("new.csv")
	if err := os.WriteFile(newer, []byte(strings.Join(kept, "")), 0o600); err != nil {
		t.Fatal(err)
	}
	d.playNight(t) // an observe night: what was read then is so still
	now := differs[reconcile.Difference](t, d.asked(t, "rolemap", "diff", "--new", newer, "--json"))
	then := differs[reconcile.Replay](t, d.asked(t, "rolemap", "diff", "--new", newer, "--json", "--nights", "1"))
	night := ofOneNight(then)
	if len(now.Unexpected) < 50 || len(now.Appear) < 50 {
		t.Fatalf("%d and %d changes: the test proves little", len(now.Unexpected), len(now.Appear))
	}
	if len(now.Allowed) == 0 {
		now.Allowed = nil
	}
	if len(now.Vanish) == 0 {
		now.Vanish = nil
	}
	if diff := cmp.Diff(now, night); diff != "" {
		t.Errorf("(-now +of the night):\n%s", diff)
	}
	if err := d.nextDay(); err != nil {
		t.Fatal(err)
	}
	d.playNight(t)
	d.playNight(t)
	three := differs[reconcile.Replay](t, d.asked(t, "rolemap", "diff", "--new", newer, "--json", "--nights", "30"))
	if n := three.Nights; len(n) != 3 || three.Archived != 3 || three.Asked != 30 || n[0].Lost != len(now.Unexpected) || n[0].Appear != len(now.Appear) || n[1].Appear >= n[0].Appear {
		t.Errorf("%+v", n) // of who left, nothing is found any more but that
	}
	nights := map[int]int{}
	for _, f := range three.Appear {
		nights[f.Nights]++
	}
	if nights[3] < 50 || nights[1] == 0 {
		t.Errorf("findings by their number of nights: %v", nights)
	}
}

// threeNights are nights of a town: ann, who was a clerk, becomes a cook on the
// second night, when leo is gone too; on the third nobody can read Okta's groups,
// and a fourth is like the second.
func threeNights(t *testing.T) *townsfolk {
	t.Helper()
	w := newTown(t, fakeokta.Options{})
	w.write("rolemap.csv", roleMapHead+"Staff,Clerk,,,okta,,group,Staff,allowed,standard,Ann,Everybody's group,Ann,2040-01-01,\nDoor,Clerk,,,okta,,group,Old hands,allowed,standard,Ann,The old door,Bob,2040-01-01,\n")
	w.watched()
	w.leave("leo")
	w.rewrites("roster.csv", ",Clerk,Dep0,", ",Cook,Kitchen,")
	w.want(w.night("nightly"), exitDone)
	rule := faults.OktaError(http.StatusForbidden, "E0000006", "no")
	rule.Match = faults.Path(http.MethodGet, "/api/v1/groups")
	w.oktaFaults.Add(rule)
	w.want(w.night("nightly"), exitIncomplete)
	w.oktaFaults.Clear()
	return w
}

func TestAChangeOfTheRoleMapIsReplayedOverPastNights(t *testing.T) {
	w := threeNights(t)
	asked := len(w.okta.Requests())
	w.write("new.csv", roleMapHead+"Staff,,,,okta,,group,Staff,required,standard,Ann,Everybody's group,Ann,2040-01-01,\n")
	newer := filepath.Join(w.dir, "new.csv")
	before := files(t, filepath.Join(w.dir, "archive"))
	r := w.rolemap("diff", "--new", newer, "--nights", "2")
	w.want(r, exitIncomplete, "What the change would have done on the last 2 nights (2041-03-05 to 2041-03-06)",
		"1 of 2 nights had not read everything", "not all was read: okta/admin_roles, okta/group_members, okta/group_rules, okta/groups")
	w.want(w.rolemap("diff", "--new", newer, "--nights", "9"), exitIncomplete,
		"on the last 3 nights (2041-03-04 to 2041-03-06); 9 were asked for, and the archive has no more",
		"0 gained 2 lost", "1 gained 1 lost",
		"Access that people held and that would have been allowed (1) ann Test (employees/E01), Cook, Kitchen, employee okta ann@example.test group Staff new.csv row 2 2041-03-05",
		"ann Test (employees/E01), Clerk, Dep0, employee okta ann@example.test group Old hands rolemap.csv row 3 2041-03-04",
		"takes nothing away by itself")
	w.want(w.rolemap("diff", "--new", newer, "--nights", "9", "--markdown"), exitIncomplete, "| night | run | gained | lost | findings appear | findings vanish | not read |", "### Access that people held and that nothing would have allowed any more (2)", "| person | system | account | right | was allowed by | nights |")
	w.want(w.rolemap("diff", "--new", newer, "--nights", "9", "--json"), exitIncomplete, `"nights_asked":9,"nights_archived":3`, `"date":"2041-03-04"`, `"from":"2041-03-05","to":"2041-03-05","nights":1`)
	w.want(w.rolemap("diff", "--new", filepath.Join(w.dir, "rolemap.csv"), "--nights", "2"), exitIncomplete, "0 gained 0 lost 0 findings appear 0 findings vanish", "would have been allowed (0)", "any more (0)")
	w.want(w.rolemap("diff", "--new", newer, "--nights", "0"), exitRefused, "--nights is 0: write 1 or more")
	if after := files(t, filepath.Join(w.dir, "archive")); after != before || len(w.okta.Requests()) != asked {
		t.Errorf("%d requests were sent, and there was %q, then %q", len(w.okta.Requests())-asked, before, after)
	}
}

func TestThereIsNothingToReplayBeforeTheFirstNight(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	newer := filepath.Join(w.dir, "rolemap.csv")
	w.want(w.rolemap("diff", "--new", newer, "--nights", "3"), exitRefused, "no night has run yet")
	w.want(w.now("why", "--person", "E01"), exitDone, "group Staff", "what past nights said: nothing, for no night has run yet")
	w.want(w.now("why", "--person", "E01", "--json"), exitDone, `"past":{"nights_asked":30,"nights":0,"rights":[],"findings":[],"actions":[],"campaigns":0,"reviews":[]}`)
}

func TestANightThatWasAlteredIsNotReplayed(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	w.watched()
	w.want(w.night("nightly"), exitDone)
	w.want(w.night("nightly"), exitDone)
	run := strings.TrimPrefix(filepath.Base(filepath.Dir(w.altered("grants/date=2041-03-05/*/*.parquet"))), "run=")
	newer := filepath.Join(w.dir, "rolemap.csv")
	w.want(w.rolemap("diff", "--new", newer, "--nights", "1"), exitDone)
	r := w.rolemap("diff", "--new", newer, "--nights", "2")
	w.want(r, exitAborted, "read back run "+run, "grants/date=2041-03-05/run="+run+"/part-00000.parquet was altered", "rollcall audit verify")
	if r.stdout != "" {
		t.Errorf("it answers all the same: %s", r.stdout)
	}
	w.want(w.now("why", "--person", "E01"), exitAborted, "group Staff", "what past nights said is not told", "read back run "+run, "was altered")
	w.want(w.now("why", "--person", "E01", "--nights", "1"), exitDone, "what was said on the last night (2041-03-06)")
}

func TestWhyTellsWhatPastNightsSaidAndDid(t *testing.T) {
	w := threeNights(t)
	w.want(w.night("nightly"), exitDone)
	const asked = "what was said on the last 4 nights (2041-03-04 to 2041-03-07); 30 were asked for, and the archive has no more"
	w.want(w.now("why", "--person", "E01", "--entitlement", "Old hands"), exitDone, asked,
		"held: group Old hands in okta by ann@example.test, directly; known since 2041-03-04",
		"2041-03-04: expected by rolemap.csv row 3, approved by Bob",
		"2041-03-05 to 2041-03-07 (2 nights): not expected, nothing allowed it",
		"found: mover_residue, 2041-03-05 to 2041-03-07 (2 nights): ann Test has group Old hands from an earlier job (Clerk, Dep0)", "known since 2041-03-05")
	r := w.now("why", "--person", "E11")
	w.want(r, exitDone, "found: leaver_access, 2041-03-05", "held: api token leo's script", "gone on",
		"action: 2041-03-05 01:00 UTC: suspend of leo@example.test in okta: done", "delete api token leo's script of leo@example.test in okta: done")
	w.want(w.now("why", "--person", "E11", "--nights", "2"), exitDone, "what was said on the last 2 nights (2041-03-06 to 2041-03-07):")
	var all []reconcile.Explanation
	if r := w.now("why", "--person", "E11", "--json"); json.Unmarshal([]byte(r.stdout), &all) != nil || r.code != exitDone {
		t.Fatal(r)
	}
	token := 0
	for _, right := range all[0].Past.Rights {
		if right.Kind == access.OktaAPIToken {
			token++
			if p := right.Periods[len(right.Periods)-1]; p.To.String() != "2041-03-05" || p.Gone.IsZero() {
				t.Errorf("the token: %+v", right)
			}
		}
	}
	if token != 1 {
		t.Errorf("%d tokens in the past: %+v", token, all[0].Past.Rights)
	}
	w.want(w.now("why", "--person", "E02", "--nights", "-1"), exitRefused, "--nights is -1")
}
