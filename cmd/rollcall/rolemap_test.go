package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rollcall/internal/sandbox/fakeokta"
	"rollcall/internal/sandbox/faults"
)

const roleMapHead = "role,title,department,worker_type,system,scope,kind,entitlement,requirement,risk,owner,meaning,approved_by,approved_on,expires_on\n"

// rolemap runs a command about the role map.
func (w *townsfolk) rolemap(command string, args ...string) ran {
	w.t.Helper()
	return play(w.t.Context(), w.clock, nil, append([]string{"rolemap", command, "--config", filepath.Join(w.dir, "rollcall.yaml")}, args...)...)
}

func TestAChangeOfTheRoleMapIsSeenBeforeItIsMerged(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	w.watched()
	w.write("new.csv", roleMapHead+"Staff,,,,okta,,group,Staff,allowed,standard,Ann,Everybody's group,Ann,2040-01-01,\n")
	before := files(t, filepath.Join(w.dir, "archive"))
	r := w.rolemap("diff", "--new", filepath.Join(w.dir, "new.csv"))
	w.want(r, exitDone, "Access that people hold and that nothing would allow any more (2)", "ann Test (employees/E01), Clerk, Dep0, employee okta ann@example.test group Old hands rolemap.csv row 2",
		"Findings that would appear (2)", "unexpected_grant", "takes nothing away by itself")
	w.want(w.rolemap("diff", "--new", filepath.Join(w.dir, "new.csv"), "--markdown"), exitDone, "### Findings that would vanish (0) None.", "| person | system | account | right | was allowed by |")
	w.want(w.rolemap("diff", "--new", filepath.Join(w.dir, "new.csv"), "--json"), exitDone, `"unexpected":[{"person"`)
	w.want(w.rolemap("diff", "--new", filepath.Join(w.dir, "rolemap.csv")), exitDone, "that would be allowed (0)", "any more (0)", "appear (0)", "vanish (0)")
	if after := files(t, filepath.Join(w.dir, "archive")); after != before || w.sent() != 0 {
		t.Errorf("something was changed: %q, then %q", before, after)
	}
}

func TestWhySaysThePathTheLineAndWhatIsMissing(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	w.write("rolemap.csv", roleMapHead+"Staff,Clerk,,,okta,,group,Staff,required,standard,Ann,Everybody's group,Ann,2040-01-01,\nDoor,Clerk,,,okta,,group,Old hands,allowed,standard,Ann,The old door,Bob,2040-01-01,\n")
	w.watched()
	w.want(w.night("why", "--person", "E01"), exitDone, "ann Test (employees/E01), Clerk, Dep0 stands: active: works here [roster.csv row 2]",
		"ann@example.test in okta", "theirs by the HR id in the account", "group Staff, directly: role map, Staff (rolemap.csv row 2), approved by Ann; known since 2041-03-04",
		"ann in aws 222222222222", "access key")
	w.want(w.now("why", "--person", "employees/E02", "--entitlement", "old HANDS"), exitDone, "they do not hold group Old hands in okta, though the role map lets them have it (allowed, rolemap.csv row 3): ask Ann to grant it")
	w.want(w.now("why", "--person", "E02", "--entitlement", "Admin"), exitDone, "no line of the role map gives it to a Clerk")
	w.want(w.now("why", "--person", "E02", "--entitlement", "Adnim"), exitDone, `no system that was read has a right called "Adnim"`)
	w.want(w.now("why", "--person", "E01", "--entitlement", "Staff", "--json"), exitDone, `"because":"the HR id in the account"`)
	w.want(w.now("why", "--person", "1"), exitRefused, `nobody in the HR lists has the ID "1"`)
	w.want(w.now("why"), exitRefused, "needs --person")
	if w.sent() != 0 {
		t.Error("something was changed")
	}
}

// A change that looks harmless because a system did not answer must not be merged,
// and nobody must be told that somebody has nothing because nothing was read.
func TestAnAnswerFromPartOfTheFactsSaysSoAndDoesNotEndWell(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	rule := faults.OktaError(http.StatusForbidden, "E0000006", "no")
	rule.Match = faults.Path(http.MethodGet, "/api/v1/users")
	w.oktaFaults.Add(rule)
	const part = "could not be read to the end, so this is not all"
	w.want(w.night("why", "--person", "E02"), exitIncomplete, "no account that was read is theirs", part)
	w.want(w.now("why", "--person", "E02", "--json"), exitIncomplete, `"accounts"`, part)
	w.want(w.rolemap("diff", "--new", filepath.Join(w.dir, "rolemap.csv")), exitIncomplete, "vanish (0)", part)
	w.want(w.rolemap("diff", "--new", filepath.Join(w.dir, "rolemap.csv"), "--json"), exitIncomplete, `"appear"`, part)
	w.want(w.rolemap("suggest", "--out", filepath.Join(w.dir, "first.csv")), exitIncomplete, "People hold 1 right directly. No line explains", "Admin (privileged) held by 1", "1 right of 1 person", "No role map is written", part)
}

// files are the names below a folder.
func files(t *testing.T, root string) string {
	t.Helper()
	var all []string
	err := filepath.WalkDir(root, func(name string, _ os.DirEntry, err error) error {
		all = append(all, name)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(all, "\n")
}

func TestARoleMapThatCannotBeUsedIsNotCompared(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	w.write("new.csv", roleMapHead+"Staff,,,,otka,,group,Staff,allowed,standard,Ann,x,Ann,2040-01-01,\n")
	w.want(w.rolemap("diff", "--new", filepath.Join(w.dir, "new.csv")), exitRefused, "new.csv", "row 2", `There is no system "otka"`)
	w.want(w.rolemap("diff"), exitRefused, "needs --new")
	w.want(w.rolemap("diff", "--new", filepath.Join(w.dir, "nothing.csv")), exitRefused, "read the role map")
	if n := len(w.okta.Requests()); n != 0 {
		t.Errorf("%d requests for a map that cannot be used", n)
	}
}

func TestAFirstRoleMapIsSuggestedFromWhatPeopleHold(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	out := filepath.Join(w.dir, "suggested.csv")
	w.want(w.rolemap("suggest", "--out", out), exitDone, "1 lines, 0 of them about privileged access", "They cover 12 of", "Nothing in it is approved yet")
	b, err := os.ReadFile(out)
	if err != nil || string(b) != roleMapHead+"Everybody,,,,okta,,group,Staff,allowed,standard,,,,,\n" {
		t.Errorf("%s, %v", b, err)
	}
	w.want(w.rolemap("suggest", "--out", out), exitRefused, "is there already")
	w.want(w.rolemap("suggest", "--out", out+"2", "--share", "0.4"), exitRefused, "--share is 0.4")
	w.want(w.rolemap("suggest", "--out", out+"2", "--people", "1"), exitRefused, "one person is no role")
	w.want(w.rolemap("diff", "--new", out), exitDone, "any more (2)") // it is a role map that can be used
}
