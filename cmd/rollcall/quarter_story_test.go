package main

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/company"
	"rollcall/internal/sandbox/fakeaws"
	"rollcall/internal/sandbox/fakeokta"
	"rollcall/internal/sandbox/faults"
)

// The first quarter of 2026 at Halden Robotics. Nights begin at two in Amsterdam, which
// is 01:00 UTC (00:00 from 29 March on); somebody's day ends at midnight there, 23:00
// UTC of the day (22:00 from 29 March on), so that who leaves on a day and is blocked in
// the next night was in for two hours.

// day is what happens in the hours before a night, and how that night ends.
type day struct {
	before func(*story) // before the night
	after  func(*story) // in the working hours after it
	missed bool         // the machine was down
	ends   int          // the night's exit code
}

// days are those on which something happens. What is not said here is a quiet night
// that ends with 0, but for those until Henrik Dahl's account is dealt with by hand.
var days = map[string]day{
	"01-01": {before: (*story).begin, after: (*story).firstDay},
	"01-06": {before: (*story).tomaszHasLeft, ends: exitHeld},
	"01-09": {ends: exitHeld, after: (*story).henrikBlockedByHand},
	"01-16": {missed: true},
	"01-20": {after: (*story).laptopStolen},
	"02-03": {before: (*story).productionUnread, ends: exitIncomplete, after: (*story).productionReadAgain},
	"02-10": {before: (*story).onlyObserve, after: (*story).actAgain},
	"02-17": {before: (*story).officeCloses, ends: exitHeld, after: (*story).approved},
	"03-02": {after: (*story).reviewOpens},
	"01-12": {before: (*story).briefly},
	"01-21": {after: (*story).restored},
	"02-09": {before: (*story).anotherTitle},
	"02-12": {before: (*story).brieflyNoMore},
	"02-20": {after: func(s *story) { s.away[s.who["dormant"]] = true }},
	"02-24": {after: (*story).sweptAtThree},
	"03-03": {after: (*story).firstAnswers},
	"03-04": {after: (*story).removesAndChanges},
	"03-05": {after: (*story).hired},
	"03-06": {after: (*story).afterTheFreeze},
	"03-07": {before: func(s *story) { s.leaves("2026-03-06", "reviewed") }},
	"03-09": {after: (*story).remind},
	"03-10": {after: (*story).mostAnswer},
	"03-11": {after: (*story).standIn},
	"03-12": {after: (*story).ottoHimself},
	"03-13": {after: (*story).ownerTakesZendesk},
	"03-16": {after: (*story).secondJoiner},
	"03-17": {after: (*story).remind},
	"03-19": {after: (*story).lateAnswers},
	"03-20": {before: (*story).secondMover},
	"03-24": {after: (*story).reviewCloses},
	"03-25": {after: (*story).approvalForged},
	"04-01": {before: func(s *story) { s.leaves("2026-03-31", "lastday") }},
}

// held are the nights on which the guard of the protected holds back Henrik Dahl.
func held(d time.Time) bool { return !d.Before(at("01-02 00:00")) && d.Before(at("01-10 00:00")) }

// play plays every day of the quarter, and two more nights.
func (s *story) play() {
	for d := at("01-01 00:00"); d.Before(at("04-03 00:00")); d = d.AddDate(0, 0, 1) {
		today := days[d.Format("01-02")]
		s.clock.set(d)
		if today.before != nil {
			today.before(s)
		}
		s.signOns(d)
		if today.ends == exitDone && held(d) {
			today.ends = exitHeld
		}
		if !today.missed {
			if n := s.night(d); n.Run.ExitCode != today.ends {
				s.t.Fatalf("the night of %s ends with %d, want %d: trips %+v, gaps %v", d.Format(time.DateOnly), n.Run.ExitCode, today.ends, n.Plan.Trips, gapsOf(n))
			}
		}
		if today.after != nil {
			s.clock.set(d.Add(9 * time.Hour))
			today.after(s)
		}
	}
}

func gapsOf(n *access.Night) (gaps []string) {
	for _, r := range n.Reads() {
		if !r.Complete {
			gaps = append(gaps, r.Name()+": "+r.Gap)
		}
	}
	return gaps
}

// begin is before the first night, which observes.
func (s *story) begin() {
	c := s.company
	for name, as := range map[string]company.Story{
		"Mara": company.LeaverKeys, "Pieter": company.LeaverLocked, "Chloe": company.LeaverSession, "Henrik": company.LeaverProtected, "Ivan": company.LeaverContractor,
		"Rosa": company.LeaverConsultant, "Jordan": company.LeaverSeattle, "Elif": company.LeaverFuture, "Tomasz": company.Vanished, "Beatrice": company.Garden,
		"Sanne": company.OnLeave, "Kwame": company.JoinerEarly, "Yuki": company.JoinerMissing, "Lena": company.MoverTonight, "Omar": company.MoverEarlier,
		"Jonas": company.TwoIDs, "Priya": company.ExceptionLive, "Samuel": company.ExceptionOver,
	} {
		s.who[name] = c.Cast[as].ID
	}
	for _, name := range []string{"Katrin Smit", "Yara Garcia", "Yara Albers", "Umar Ivanova", "Quinn Hansen", "Rania Ito", "Carla Clarke", "Kira Kowalski", "Mia Laine",
		"Noor Visser", "Otto Quist", "Bram Smit", "Ines Larsen", "Luis Prado", "Anneke de Wit", "Aisha Albers", "Pavel Jensen", "Gina Ahmed", "Stefan Meijer", "Bogdan Tamm", "Hassan Tamm"} {
		s.who[name] = s.company.People[slices.IndexFunc(s.company.People, func(p company.Person) bool { return p.Name == name })].ID
	}
	s.cast("stolen", "Support Specialist", "", 3)
	s.cast("operator", "Site Reliability Engineer", "", 0)
	s.cast("swept", "Brand Designer", "", 0)
	s.cast("brief", "Product Manager", "Cloud", 0)
	s.cast("retitled", "Product Manager", "Cloud", 1)
	s.cast("dormant", "Legal Counsel", "", 0)
	s.cast("late right", "Legal Counsel", "", 1)
	s.cast("reviewed", "Technician", "Warehouse", 3)
	s.cast("moving", "Sales Representative", "Europe", 0)
	s.cast("lastday", "Technician", "Assembly", 2)
	for n := range 6 {
		s.cast(fmt.Sprintf("mobile%d", n), "Software Engineer", "Mobile", n)
	}
	s.away[company.Orphan] = true
	s.away[s.who["Sanne"]] = true
	s.config("review:\n", "review:\n  removals: enforce\n")
	s.more("rollcall.yaml", `
remove: {mode: enforce, after_days: 7}
approvals: {keys: [keys/approval-public.pem], key: {file: keys/approval.pem}}
`)
	s.config("manual: observe", "manual: enforce")
	s.config("  contacts: contacts.csv", "  contacts: contacts.csv\n  sod: sod.csv\n  delegates: delegates.csv")
	s.write("sod.csv", "rule,left_system,left_scope,left_kind,left_entitlement,right_system,right_scope,right_kind,right_entitlement,reason\n"+
		"Ledger,okta,,group,Finance,okta,,group,Engineering,Who can change the ledger's programs keeps no ledger\n")
	s.write("delegates.csv", "source,reviewer_id,delegate_id,from,until,reason,approved_by\n")
	s.cli(exitDone, "approve", "--new-key")
}

// firstDay: rollcall may act from now on, and HR sends the lists of the next day.
func (s *story) firstDay() {
	s.company.Overnight()
	for _, f := range s.company.Day2 {
		s.write(f.Name, string(f.Text))
	}
	s.config("mode: observe", "mode: enforce")
}

func (s *story) tomaszHasLeft() {
	s.more("answers.csv", "employees,"+s.who["Tomasz"]+",left,,2026-01-01,Anneke de Wit,2026-01-05\n")
}

// henrikBlockedByHand: the bank has let go of him, and IT deactivates him themselves.
func (s *story) henrikBlockedByHand() {
	s.login(s.who["Henrik"], func(u *fakeokta.User) { u.Status, u.StatusChanged = fakeokta.Deprovisioned, s.clock.now() })
}

func (s *story) laptopStolen() {
	s.clock.set(at("01-20 14:00"))
	s.cli(exitDone, "revoke", "--person", s.who["stolen"], "--reason", "laptop stolen", "--ticket", "INC-7")
}

// productionUnread: nothing may be read of the AWS account production. On the same night
// an operator of it has left.
func (s *story) productionUnread() {
	s.leaves("2026-02-02", "operator")
	denied := faults.AWSDenied()
	denied.Match = func(r *http.Request) bool {
		b, err := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(b))
		return err == nil && faults.ActionOf(r) == "AssumeRole" && bytes.Contains(b, []byte(production))
	}
	s.aws.Add(denied)
}

func (s *story) productionReadAgain() { s.aws.Clear() }

func (s *story) onlyObserve() { s.config("mode: enforce", "mode: observe") }
func (s *story) actAgain()    { s.config("mode: observe", "mode: enforce") }

// officeCloses: six of one team at once are more than go without somebody's word.
func (s *story) officeCloses() {
	s.leaves("2026-02-16", "mobile0", "mobile1", "mobile2", "mobile3", "mobile4", "mobile5")
}

func (s *story) approved() {
	for _, c := range commandsOf(s.t, s.summaryOfLast(s.t)) {
		for n := range c {
			c[n] = strings.ReplaceAll(c[n], "WHY IT IS RIGHT", "the office in Delft closes")
		}
		s.run(exitDone, c...)
	}
}

// approvalForged: somebody writes another reason into an approval, under another name.
func (s *story) approvalForged() {
	names := s.approvalsOf(s.t)
	b, err := os.ReadFile(names[0])
	if err != nil {
		s.t.Fatal(err)
	}
	s.write("approvals/again.json", strings.Replace(string(b), "the office in Delft closes", "they said it was all right", 1))
}

func (s *story) sweptAtThree() {
	s.hr(s.who["swept"], map[string]string{"status": "Terminated", "end_date": "2026-02-24T14:00:00+01:00", "last_working_day": ""})
	s.clock.set(at("02-24 15:00"))
	s.cli(exitDone, "sweep")
}

// briefly: somebody has a right for a month that nothing allows, and an exception is
// approved for somebody else.
func (s *story) briefly() {
	s.join("brief", "Sales")
	s.more("exceptions.csv", "EX-52,employees,"+s.who["Katrin Smit"]+",okta,,group,Sales,Helps Sales with the returns,IT-2300,Noor Visser,2026-01-11,2026-04-30\n")
}

func (s *story) brieflyNoMore() {
	s.company.Okta().RemoveMember(s.group("Sales"), s.oktaID(s.who["brief"]))
}

// anotherTitle: somebody moves and keeps nothing that the new job does not need.
func (s *story) anotherTitle() {
	s.hr(s.who["retitled"], map[string]string{"title": "Product Designer"})
}

// secondMover: somebody moves from Sales to Support and keeps what Sales has.
func (s *story) secondMover() {
	s.hr(s.who["moving"], map[string]string{"title": "Support Specialist", "department": "Customer Support"})
}

// restored: the laptop has come back, and so does the access, from another machine.
func (s *story) restored() {
	s.company.Okta().SetToken("sandbox-okta-restore", fakeokta.Token{Name: "restore", UserID: s.oktaID(s.who["Noor Visser"])})
	s.write("keys/okta-restore.token", "sandbox-okta-restore\n")
	for _, a := range s.company.AWS().State().Accounts {
		s.company.AWS().AddRole(fakeaws.Role{Account: a.ID, Name: "rollcall-restore"})
	}
	b, err := os.ReadFile(s.path("rollcall.yaml"))
	if err != nil {
		s.t.Fatal(err)
	}
	s.write("restore.yaml", strings.NewReplacer("    revoke_token:", "    restore_token: {file: keys/okta-restore.token}\n    revoke_token:",
		"    revoke_role:", "    restore_role: rollcall-restore\n    management_restore_role: rollcall-restore\n    revoke_role:").Replace(string(b)))
	runs, err := filepath.Glob(s.path("archive", "journal", "20260120T*"))
	if err != nil || len(runs) != 1 {
		s.t.Fatalf("%v, %v", runs, err)
	}
	s.run(exitDone, "restore", "--run", filepath.Base(runs[0]), "--person", s.who["stolen"], "--reason", "the laptop was found", "--config", s.path("restore.yaml"))
}

// hired: HR announces Nora, who starts on Monday the 9th.
func (s *story) hired() {
	s.who["Nora"] = "E1990"
	s.hr("E1990", map[string]string{"email": "nora.lind@halden.example", "name": "Nora Lind", "title": "Recruiter", "department": "People", "manager_id": s.who["Anneke de Wit"],
		"worker_type": "employee", "status": "Hired", "start_date": "2026-03-09"})
}

func (s *story) secondJoiner() {
	s.who["Timo"] = "E1991"
	s.hr("E1990", map[string]string{"status": "Active"})
	s.hr("E1991", map[string]string{"email": "timo.berg@halden.example", "name": "Timo Berg", "title": "Account Executive", "department": "Sales", "manager_id": s.who["Yara Garcia"],
		"worker_type": "employee", "status": "Active", "start_date": "2026-03-16"})
	s.welcome("Timo", "timo.berg@halden.example", "Sales")
	s.company.Okta().AssignUser(s.app("Tableau"), s.oktaID("E1991"))
}

// welcome makes somebody's login, with what everybody has and one group.
func (s *story) welcome(name, mail, group string) {
	u := s.company.Okta().AddUser(fakeokta.User{Status: fakeokta.Active, Created: s.clock.now(), Profile: map[string]any{"login": mail, "email": mail,
		"firstName": name, "lastName": "New", "employeeNumber": s.who[name], "userType": "employee"}})
	s.company.Okta().AddMember(s.group("All Staff"), u.ID)
	s.company.Okta().AddMember(s.group(group), u.ID)
}

// production is the AWS account in which the robots' own systems run.
const production = "222233334444"

// The one night that did not take place is told, and nothing else is amiss.
func TestAWholeQuarterIsWhole(t *testing.T) {
	q := auditedQuarter(t)
	d := &demo{dir: q.dir, clock: &demoClock{}, e: &environ{getenv: func(string) string { return "" }, now: time.Now, log: slog.New(demoLog{t.Output()})}}
	d.must(t, exitIncomplete, "MISSING 2026-01-16: 1 night(s) without a record", "audit", "verify", "--archive", q.root, "--key", q.key)
}
