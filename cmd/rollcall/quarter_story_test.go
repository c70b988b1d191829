package main

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"log/slog"
	"maps"
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

const q1 = "2026-q1"

func (s *story) reviewOpens() {
	s.into(&s.open, s.review(exitDone, "open", "--campaign", q1, "--json"))
}

func (s *story) remind() { s.review(exitDone, "remind") }

// sheet is the worksheet of a reviewer.
func (s *story) sheet(reviewer string) string {
	s.t.Helper()
	s.answered[reviewer] = true
	return sheetOf(s.t, s.open.Worksheets, reviewer).Worksheet
}

// about is one row of a worksheet.
func about(r askedRow, person, right string) bool {
	return r["Person"] == person && strings.HasPrefix(r["Technical name"], right)
}

// firstAnswers: Noor Visser keeps everything and says why; Yara Garcia keeps 21 rows
// within a day without a word.
func (s *story) firstAnswers() {
	s.imports(exitDone, s.page(q1, s.sheet("Noor Visser"), "noor.json", keep),
		s.page(q1, s.sheet("Yara Garcia"), "yara.json", func(askedRow) given { return given{decision: "Keep"} }))
}

// removesAndChanges: Yara Albers removes one right of Omar's and changes another, Umar
// Ivanova removes what Lena kept of her old job, and Carla Clarke passes a row on.
func (s *story) removesAndChanges() {
	got := s.imports(exitDone, s.page(q1, s.sheet("Yara Albers"), "albers.json", func(r askedRow) given {
		switch {
		case about(r, "Omar Haddad", "Okta group: Customer Support"):
			return given{decision: "Remove", reason: "He writes for Marketing now"}
		case about(r, "Omar Haddad", "Okta app: Zendesk"):
			return given{decision: "Change", reason: "To read is enough for his articles", changeTo: "a reader's seat"}
		}
		return keep(r)
	}), s.page(q1, s.sheet("Umar Ivanova"), "umar.json", func(r askedRow) given {
		if about(r, "Lena Fischer", "Okta group: Sales") {
			return given{decision: "Remove", reason: "She is in Product since January"}
		}
		return keep(r)
	}), s.page(q1, s.sheet("Carla Clarke"), "carla.json", func(r askedRow) given {
		if about(r, "Kira Kowalski", "Okta app: Zendesk") {
			return given{decision: "Not mine", reason: "She works for Mia half of the week", passTo: "mia.laine@halden.example"}
		}
		return keep(r)
	}))
	if len(got.Passed) != 1 {
		s.t.Fatalf("passed on: %+v", got.Passed)
	}
	s.passed = got.Passed[0].Worksheet
}

// hired: HR announces Nora, who starts on Monday the 9th.
func (s *story) hired() {
	s.who["Nora"] = "E1990"
	s.hr("E1990", map[string]string{"email": "nora.lind@halden.example", "name": "Nora Lind", "title": "Recruiter", "department": "People", "manager_id": s.who["Anneke de Wit"],
		"worker_type": "employee", "status": "Hired", "start_date": "2026-03-09"})
}

// afterTheFreeze: rights are given that the open review does not know. Nora's login is
// made on Friday already.
func (s *story) afterTheFreeze() {
	s.join("late right", "Finance")
	s.welcome("Nora", "nora.lind@halden.example", "People Team")
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

// mostAnswer: everybody else but Ines Larsen, Quinn Hansen and Otto Quist.
func (s *story) mostAnswer() {
	files := []string{s.page(q1, s.passed, s.passed+".json", keep)}
	for _, w := range s.open.Worksheets {
		if !s.answered[w.Reviewer] && !slices.Contains([]string{"Ines Larsen", "Quinn Hansen", "Otto Quist"}, w.Reviewer) {
			files = append(files, s.page(q1, s.sheet(w.Reviewer), w.Worksheet+".json", keep))
		}
	}
	s.imports(exitDone, files...)
}

// standIn: Bram Smit stands in for Otto Quist, and may not answer for himself.
func (s *story) standIn() {
	s.more("delegates.csv", "employees,"+s.who["Otto Quist"]+","+s.who["Bram Smit"]+",2026-03-01,2026-03-31,on a journey,Luis Prado\n")
	var got imported
	s.into(&got, s.review(exitHeld, "import", "--json", "--from", "bram.smit@halden.example", "--file", s.page(q1, s.sheet("Otto Quist"), "otto by bram.json", keep)))
	if len(got.Files[0].Problems) == 0 {
		s.t.Fatalf("Bram Smit has reviewed himself: %+v", got)
	}
}

// ottoHimself answers what Bram Smit could not: one right is not needed any more.
func (s *story) ottoHimself() {
	file := s.page(q1, s.sheet("Otto Quist"), "otto.json", func(r askedRow) given {
		switch {
		case about(r, "Bram Smit", "Okta app: DocuSign"):
			return given{decision: "Remove", reason: "He signs no contracts"}
		case r["Person"] == "Bram Smit":
			return keep(r)
		}
		return given{}
	})
	s.review(exitDone, "import", "--from", "otto.quist@halden.example", "--file", file)
}

// ownerTakesZendesk does by hand what Yara Albers wanted changed.
func (s *story) ownerTakesZendesk() { s.takes("Omar", "Zendesk") }

// lateAnswers come three days after the day that they were due.
func (s *story) lateAnswers() {
	s.imports(exitDone, s.page(q1, s.sheet("Quinn Hansen"), "quinn.json", func(r askedRow) given {
		if about(r, "Rania Ito", "Okta group: Finance") {
			return given{decision: "Remove", reason: "The payroll project is over"}
		}
		return keep(r)
	}))
}

// reviewCloses without an answer of Ines Larsen's.
func (s *story) reviewCloses() { s.review(exitDone, "close", "--campaign", q1, "--unanswered") }

// group and app are the ids of what is called so in Okta.
func (s *story) group(name string) string {
	return idOf(s.t, name, s.company.Okta().State().Groups, func(g fakeokta.Group) (string, string) { return g.Name, g.ID })
}

func (s *story) app(label string) string {
	return idOf(s.t, label, s.company.Okta().State().Apps, func(a fakeokta.App) (string, string) { return a.Label, a.ID })
}

func idOf[T any](t *testing.T, name string, all []T, of func(T) (name, id string)) string {
	t.Helper()
	for _, one := range all {
		if called, id := of(one); called == name {
			return id
		}
	}
	t.Fatalf("nothing is called %s", name)
	return ""
}

// join is what an administrator of Okta does by hand.
func (s *story) join(name, group string) {
	s.company.Okta().AddMember(s.group(group), s.oktaID(s.who[name]))
}

// takes takes an application away, as its owner does in Okta itself.
func (s *story) takes(name, label string) {
	request, err := http.NewRequestWithContext(s.t.Context(), http.MethodDelete, "http://"+s.state.Okta+"/api/v1/apps/"+s.app(label)+"/users/"+s.oktaID(s.who[name]), nil)
	if err != nil {
		s.t.Fatal(err)
	}
	request.Header.Set("Authorization", "SSWS "+company.OktaRevokeToken)
	answer, err := http.DefaultClient.Do(request)
	if err != nil || answer.StatusCode != http.StatusNoContent {
		s.t.Fatalf("%v, %v", answer, err)
	}
	_ = answer.Body.Close()
}

// production is the AWS account in which the robots' own systems run.
const production = "222233334444"

// cast gives a name to the nth person of a title (and team, unless it is empty) who has
// no part in the demo's own story.
func (s *story) cast(name, title, team string, nth int) {
	s.t.Helper()
	for _, p := range s.company.People {
		if p.Title != title || team != "" && p.Team != team || slices.ContainsFunc(slices.Collect(maps.Values(s.company.Cast)), func(q company.Person) bool { return q.ID == p.ID }) {
			continue
		}
		if nth == 0 {
			s.who[name] = p.ID
			return
		}
		nth--
	}
	s.t.Fatalf("there are too few: %s of the team %q", title, team)
}

// cli runs a command with the quarter's configuration.
func (s *story) cli(code int, args ...string) string {
	s.t.Helper()
	return s.run(code, append(slices.Clone(args), "--config", s.path("rollcall.yaml"))...)
}

// write writes a file of the folder, more adds to it, config changes a text of the
// configuration.
func (s *story) write(name, text string) {
	s.t.Helper()
	if err := os.WriteFile(s.path(name), []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

func (s *story) more(name, text string) {
	s.t.Helper()
	b, err := os.ReadFile(s.path(name))
	if err != nil {
		s.t.Fatal(err)
	}
	s.write(name, string(b)+text)
}

func (s *story) config(from, to string) {
	s.t.Helper()
	b, err := os.ReadFile(s.path("rollcall.yaml"))
	if err != nil || !strings.Contains(string(b), from) {
		s.t.Fatalf("the configuration does not say %q (%v)", from, err)
	}
	s.write("rollcall.yaml", strings.Replace(string(b), from, to, 1))
}

// hr is what HR's lists say of somebody from now on, by column. Somebody new has to be
// given all that is not empty.
func (s *story) hr(id string, says map[string]string) {
	s.t.Helper()
	name := "employees.csv"
	if strings.HasPrefix(id, "C") {
		name = "contractors.csv"
	}
	b, err := os.ReadFile(s.path(name))
	if err != nil {
		s.t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(b)).ReadAll()
	if err != nil {
		s.t.Fatal(err)
	}
	n := slices.IndexFunc(rows, func(r []string) bool { return r[0] == id })
	if n < 0 {
		n = len(rows)
		rows = append(rows, make([]string, len(rows[0])))
		rows[n][0] = id
	}
	for column, value := range says {
		rows[n][slices.Index(rows[0], column)] = value
	}
	var out bytes.Buffer
	if err := csv.NewWriter(&out).WriteAll(rows); err != nil {
		s.t.Fatal(err)
	}
	s.write(name, out.String())
}

// leaves is HR's word that people of the story have left, with their last day.
func (s *story) leaves(last string, names ...string) {
	s.t.Helper()
	for _, name := range names {
		s.hr(s.who[name], map[string]string{"status": "Terminated", "end_date": last, "last_working_day": last})
	}
}

// login changes somebody's login in Okta.
func (s *story) login(id string, change func(*fakeokta.User)) {
	s.t.Helper()
	if !s.company.Okta().UpdateUser(s.oktaID(id), change) {
		s.t.Fatalf("%s has no login", id)
	}
}

// oktaID is the id of somebody's login.
func (s *story) oktaID(id string) string {
	for _, u := range s.company.Okta().State().Users {
		if u.Profile["employeeNumber"] == id {
			return u.ID
		}
	}
	return ""
}

// signOns is the work of the day before: everybody who can signs in, in Okta and with
// what they have in AWS, but for those who are away.
func (s *story) signOns(night time.Time) {
	worked := night.AddDate(0, 0, -1)
	if worked.Weekday() == time.Saturday || worked.Weekday() == time.Sunday || worked.Before(at("01-01 00:00")) {
		return
	}
	nine := worked.Add(9 * time.Hour)
	byMail := map[string]bool{}
	for _, p := range s.company.People {
		byMail[p.Mail] = !p.Start.After(worked) && !s.away[p.ID]
	}
	for _, u := range s.company.Okta().State().Users {
		if u.Status == fakeokta.Active && byMail[u.Login()] {
			s.company.Okta().UpdateUser(u.ID, func(u *fakeokta.User) { u.LastLogin = nine })
		}
	}
	for _, u := range s.company.AWS().State().Users {
		if denied := slices.Contains(u.Attached, "arn:aws:iam::aws:policy/AWSDenyAll"); denied || !byMail[u.Name+"@"+company.Domain] {
			continue
		}
		s.company.AWS().UpdateIAMUser(u.Account, u.Name, func(u *fakeaws.IAMUser) {
			u.PasswordLastUsed = nine
			for n := range u.AccessKeys {
				if u.AccessKeys[n].Status == "Active" {
					u.AccessKeys[n].LastUsedAt = nine
				}
			}
		})
	}
}

// The one night that did not take place is told, and nothing else is amiss.
func TestAWholeQuarterIsWhole(t *testing.T) {
	q := auditedQuarter(t)
	d := &demo{dir: q.dir, clock: &demoClock{}, e: &environ{getenv: func(string) string { return "" }, now: time.Now, log: slog.New(demoLog{t.Output()})}}
	d.must(t, exitIncomplete, "MISSING 2026-01-16: 1 night(s) without a record", "audit", "verify", "--archive", q.root, "--key", q.key)
}
