//go:build cgo

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/company"
	"rollcall/internal/sandbox/fakeokta"
	"rollcall/internal/sandbox/faults"
)

// staged is what happens to the company around the steps of a page: before the page is
// opened, and before a step is done, by its number.
type staged struct {
	page   access.Runbook
	opens  func(*follower)
	before map[int]func(*follower)
}

// scenes are played in this order, one after the other, at one company.
var scenes = []staged{
	{access.RunbookOffboarding, (*follower).somebodyLeaves, map[int]func(*follower){2: (*follower).somebodyVanished, 3: (*follower).somebodyLeft}},
	{access.RunbookOnboarding, (*follower).somebodyStarts, map[int]func(*follower){2: (*follower).ownerGives, 3: (*follower).aNight, 4: (*follower).moreThanTheJob}},
	{access.RunbookRoleChange, (*follower).somebodyMoves, map[int]func(*follower){3: (*follower).ownerGives}},
	{access.RunbookAccessRequest, (*follower).somebodyNeedsMore, map[int]func(*follower){2: (*follower).exceptionApproved, 3: (*follower).ownerGives, 4: (*follower).aNight}},
	{access.RunbookUrgentRemoval, (*follower).laptopStolenNow, map[int]func(*follower){4: (*follower).hrSaysSo}},
	{access.RunbookMistake, (*follower).wrongPersonBlocked, nil},
	{access.RunbookRevocationFailed, (*follower).suspendRefused, map[int]func(*follower){2: (*follower).suspendedByHand}},
	{access.RunbookGuardTripped, (*follower).manyLeave, nil},
	{access.RunbookBreakGlassUsed, func(*follower) {}, nil},
	{access.RunbookPeriodicReview, (*follower).reviewIsDue, map[int]func(*follower){4: (*follower).somethingCameBack}},
	{access.RunbookRosterRefused, (*follower).halfAList, map[int]func(*follower){2: (*follower).wholeList, 3: (*follower).rightAfterAll}},
	{access.RunbookAuditRequest, (*follower).aNight, nil},
}

func (f *follower) aNight() {
	f.tomorrow()
	f.cli(exitHeld, "nightly")
}

// somebodyLeaves: Chloe Martin's row says that she has left.
func (f *follower) somebodyLeaves() { f.fill["ID"] = f.company.Cast[company.LeaverSession].ID }

// somebodyVanished: HR answers that Tomasz Zielinski, who is in no list, has left.
func (f *follower) somebodyVanished() {
	id := f.company.Cast[company.Vanished].ID
	f.more("answers.csv", "employees,"+id+",left,,2026-01-01,Anneke de Wit,2026-01-02\n")
	f.fill["ID"] = id
}

func (f *follower) somebodyLeft() { f.fill["ID"] = f.company.Cast[company.LeaverSession].ID }

// somebodyStarts: Yuki Tanaka started, and lacks what the job must have.
func (f *follower) somebodyStarts() {
	f.fill["ID"], f.fill["RIGHT"] = f.company.Cast[company.JoinerMissing].ID, "Engineering"
}

// ownerGives: the owner adds the person to the group.
func (f *follower) ownerGives() {
	f.company.Okta().AddMember(f.group(f.fill["RIGHT"]), f.oktaID(f.fill["ID"]))
}

func (f *follower) moreThanTheJob() { f.fill["RIGHT"] = "Finance" }

// somebodyMoves: Lena Fischer is in Product now.
func (f *follower) somebodyMoves() {
	f.fill["ID"], f.fill["RIGHT"] = f.company.Cast[company.MoverTonight].ID, "Product"
}

func (f *follower) somebodyNeedsMore() {
	f.cast("needs", "Support Specialist", "", 4)
	f.fill["ID"], f.fill["RIGHT"] = f.who["needs"], "Marketing"
}

func (f *follower) exceptionApproved() {
	f.more("exceptions.csv", "EX-77,employees,"+f.who["needs"]+",okta,,group,Marketing,Writes the help pages with Marketing,IT-3001,Noor Visser,2026-01-02,2026-04-30\n")
}

func (f *follower) laptopStolenNow() {
	f.cast("stolen", "Support Specialist", "", 3)
	f.fill["ID"] = f.who["stolen"]
}

func (f *follower) hrSaysSo() { f.leaves(f.yesterday(), "stolen") }

// yesterday is a day that is over.
func (f *follower) yesterday() string { return f.clock.now().AddDate(0, 0, -1).Format(time.DateOnly) }

// wrongPersonBlocked: HR's list said by mistake that somebody left, a night went by, and
// HR has corrected it.
func (f *follower) wrongPersonBlocked() {
	f.tomorrow()
	f.cast("mistaken", "Accountant", "", 2)
	f.leaves(f.yesterday(), "mistaken")
	f.cli(exitHeld, "nightly")
	f.hr(f.who["mistaken"], map[string]string{"status": "Active", "end_date": "", "last_working_day": "", "aliases": "mistaken@halden.example"})
	f.fill["ID"], f.fill["RUN"] = f.who["mistaken"], f.newest()
}

// suspendRefused: Okta answers 403 where somebody is to be suspended.
func (f *follower) suspendRefused() {
	f.tomorrow()
	f.cast("stays", "Legal Counsel", "", 0)
	f.leaves(f.yesterday(), "stays")
	denied := faults.OktaError(403, "E0000006", "You do not have permission to perform the requested action")
	denied.Match = faults.Path("", "/lifecycle/suspend")
	f.okta.Add(denied)
	f.cli(exitFailed, "nightly")
	f.fill["ID"] = f.who["stays"]
}

// suspendedByHand: somebody suspends them in the console, and Okta suspends again.
func (f *follower) suspendedByHand() {
	f.okta.Clear()
	f.login(f.fill["ID"], func(u *fakeokta.User) { u.Status, u.StatusChanged = fakeokta.Suspended, f.clock.now() })
}

// manyLeave: an office closes. Those who left before it are no longer counted.
func (f *follower) manyLeave() {
	f.clock.set(f.clock.now().AddDate(0, 0, 7))
	f.tomorrow()
	var gone []string
	for n := range 6 {
		gone = append(gone, fmt.Sprintf("gone%d", n))
		f.cast(gone[n], "Software Engineer", "Mobile", n)
	}
	f.leaves(f.yesterday(), gone...)
	f.cli(exitHeld, "nightly")
	f.fill["ID"], f.fill["GUARD"], f.fill["RUN"] = f.who["gone0"], "concentration", f.newest()
	f.fill["PLAN"] = filepath.Join(f.back, "the plan.json") // a copy, from the archive
	if err := os.WriteFile(f.fill["PLAN"], []byte(f.read("archive/plans/"+f.newest()+".json")), 0o600); err != nil {
		f.t.Fatal(err)
	}
}

// reviewIsDue: the review is opened after a night.
func (f *follower) reviewIsDue() {
	f.aNight()
	f.fill["ID"], f.fill["RIGHT"] = f.who["needs"], "Marketing"
}

// somethingCameBack: a reviewer has sent the page back.
func (f *follower) somethingCameBack() {
	sheets, err := filepath.Glob(f.path("reviews", q1, "worksheets", "*_yara-garcia-*.csv"))
	if err != nil || len(sheets) != 1 {
		f.t.Fatalf("%v, %v", sheets, err)
	}
	f.fill["FOLDER"] = f.t.TempDir()
	f.signs = "Yara Garcia"
	file := f.page(q1, strings.TrimSuffix(filepath.Base(sheets[0]), ".csv"), "yara.json", keep)
	if err := os.Rename(file, filepath.Join(f.fill["FOLDER"], "yara.json")); err != nil {
		f.t.Fatal(err)
	}
}

// halfAList: HR's report was filtered.
func (f *follower) halfAList() {
	f.tomorrow()
	whole := f.read("employees.csv")
	f.write("whole.csv", whole)
	lines := strings.SplitAfter(whole, "\n")
	f.write("half.csv", strings.Join(lines[:200], ""))
	f.write("employees.csv", strings.Join(lines[:200], ""))
	f.cli(exitHeld, "nightly")
}

func (f *follower) wholeList() {
	f.write("employees.csv", f.read("whole.csv"))
}

// rightAfterAll: the short list was right, and HR tells how many are gone.
func (f *follower) rightAfterAll() {
	f.write("employees.csv", f.read("half.csv"))
	r := f.inThisFolder([]string{"rollcall", "approve", "--guard", "roster", "--roster", f.path("employees.csv"), "--source", "employees", "--count", "1", "--by", "HR", "--reason", "to count", "--config", f.path("rollcall.yaml")})
	count := regexp.MustCompile(`is about (\d+), and`).FindStringSubmatch(r.stderr)
	if count == nil {
		f.t.Fatalf("nobody is newly gone: %s", r)
	}
	f.fill["COUNT"] = count[1]
}
