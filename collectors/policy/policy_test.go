package policy

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/access"
	"rollcall/internal/csvfile"
	"rollcall/internal/goldentest"
)

var known = []access.System{"okta", "aws"}

// readers by the first word of a test file's name; each gives the lines it kept.
var readers = map[string]reader{
	"rolemap": reads(func(file string, b []byte, known ...access.System) ([]access.Rule, []access.Problem) {
		m, p := ReadRoleMap(file, b, known...)
		return m.Rules, p
	}, func(r access.Rule) access.Line { return r.Line }),
	"exceptions": reads(ReadExceptions, func(e access.Exception) access.Line { return e.Line }),
	"nonhuman":   reads(ReadNonHuman, func(n access.NonHuman) access.Line { return n.Line }),
	"answers": reads(func(file string, b []byte, _ ...access.System) ([]access.Answer, []access.Problem) {
		return ReadAnswers(file, b)
	}, func(a access.Answer) access.Line { return a.Line }),
	"links":    reads(ReadLinks, func(l access.Link) access.Line { return l.Line }),
	"contacts": reads(ReadContacts, func(c access.Contact) access.Line { return c.Line }),
	"delegates": reads(func(file string, b []byte, _ ...access.System) ([]access.Delegate, []access.Problem) {
		return ReadDelegates(file, b)
	}, func(d access.Delegate) access.Line { return d.Line }),
	"sod":          reads(ReadSoD, func(d access.SoD) access.Line { return d.Line }),
	"expectations": reads(ReadExpectations, func(x access.Expectation) access.Line { return x.Line }),
}

type reader func(file string, b []byte, known ...access.System) ([]access.Line, []access.Problem)

func reads[T any](read func(string, []byte, ...access.System) ([]T, []access.Problem), line func(T) access.Line) reader {
	return func(file string, b []byte, known ...access.System) (all []access.Line, problems []access.Problem) {
		kept, problems := read(file, b, known...)
		for _, k := range kept {
			all = append(all, line(k))
		}
		return all, problems
	}
}

// The rules: the problems of each file as "SEVERITY row column", and the rows
// that stay in effect.
var rules = map[string]struct{ problems, kept string }{
	"rolemap-clean": {"", "2 3 4 5 6"},
	"rolemap-defects-hold": {"HOLD 2 entitlement, HOLD 3 requirement, HOLD 4 requirement, HOLD 4 risk, HOLD 5 kind, HOLD 5 risk, " +
		"HOLD 6 system, HOLD 7 system, HOLD 7 kind, HOLD 8 approved_on, HOLD 9 expires_on, HOLD 10 scope, HOLD 11 ", "12"},
	"rolemap-column-missing-stops":  {"STOP 0 department", ""},
	"rolemap-extra-column-is-noted": {"NOTE 1 ", "2"},
	"exceptions-clean":              {"", "2"},
	"exceptions-defects-hold": {"HOLD 2 expires_on, HOLD 4 id, HOLD 5 source, HOLD 5 employee_id, HOLD 5 system, HOLD 5 entitlement, " +
		"NOTE 6 approved_by, HOLD 6 system, HOLD 7 employee_id, HOLD 7 kind, HOLD 7 approved_on, HOLD 7 expires_on, HOLD 8 id, HOLD 9 id, NOTE 10 reason", "3 10"},
	"nonhuman-clean": {"", "2 3"},
	"nonhuman-protects-whatever-else-is-wrong": {"NOTE 2 kind, NOTE 3 owner_id, NOTE 3 review_by, NOTE 4 account, NOTE 4 kind, " +
		"HOLD 5 account, HOLD 6 system, HOLD 7 system, NOTE 8 , NOTE 8 owner_id", "2 3 4 8"},
	"answers-clean": {"", "2 3 4"},
	"answers-defects-hold": {"HOLD 2 answer, HOLD 3 last_working_day, HOLD 4 same_as, HOLD 5 same_as, HOLD 6 confirmed_by, " +
		"HOLD 7 source, HOLD 8 employee_id, HOLD 9 confirmed_on", ""},
	"links-clean": {"", "2"},
	"links-defects": {"HOLD 2 account_id, HOLD 3 source, HOLD 4 system, NOTE 5 confirmed_by, NOTE 5 confirmed_on, NOTE 6 account_id, " +
		"HOLD 8 account_id", "5 6 7"},
	"contacts-clean":                         {"", "2 3"},
	"contacts-defects":                       {"HOLD 2 responsibility, NOTE 3 business_hours_contact, NOTE 3 timezone", "3"},
	"contacts-windows-1252-is-read-and-told": {"NOTE 0 ", "2"},
	"delegates-clean":                        {"", "2 3"},
	"delegates-defects-hold": {"HOLD 2 delegate_id, HOLD 3 delegate_id, HOLD 4 from, HOLD 5 until, HOLD 6 until, HOLD 7 from, " +
		"HOLD 8 source, HOLD 8 delegate_id, NOTE 9 approved_by", "9"},
	"sod-clean": {"", "2 3"},
	"expectations-defects-hold": {"HOLD 4 title, HOLD 5 title, HOLD 6 entitlement, HOLD 7 system, HOLD 8 expect, HOLD 9 employee_id, " +
		"HOLD 10 entitlement", "2 3"},
}

func TestEachRuleHoldsOfItsFile(t *testing.T) {
	goldentest.Each(t, "testdata/*.csv", len(rules), func(t *testing.T, file string) {
		name := goldentest.Name(file)
		kind, _, _ := strings.Cut(name, "-")
		kept, problems := readers[kind](kind+".csv", goldentest.Read(t, file), known...)
		rule, ok := rules[name]
		if !ok {
			t.Fatal("no rule for this file")
		}
		if d := cmp.Diff(rule.problems, brief(problems)); d != "" {
			t.Errorf("problems (-want +got):\n%s", d)
		}
		var rows []string
		for _, l := range kept {
			rows = append(rows, fmt.Sprint(l.Row))
			if l.File != kind+".csv" {
				t.Errorf("row %d is of file %q", l.Row, l.File)
			}
		}
		if d := cmp.Diff(rule.kept, strings.Join(rows, " ")); d != "" {
			t.Errorf("rows in effect (-want +got):\n%s", d)
		}
		goldentest.Same(t, strings.TrimSuffix(file, ".csv")+".txt", csvfile.Message(problems, 0))
	})
}

func brief(problems []access.Problem) string {
	var s []string
	for _, p := range problems {
		s = append(s, fmt.Sprintf("%s %d %s", p.Severity, p.Row, p.Column))
	}
	return strings.Join(s, ", ")
}

func day(y int, m time.Month, d int) access.Day {
	return access.Day{At: time.Date(y, m, d, 0, 0, 0, 0, time.UTC)}
}

func TestEveryFieldArrivesInItsPlace(t *testing.T) {
	at := func(file string) access.Line { return access.Line{File: file, Row: 2} }
	ann := access.PersonKey{Source: "s", EmployeeID: "0012"}
	same := func(name string, want, got any) {
		t.Helper()
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s:\n%s", name, d)
		}
	}

	text := []byte("expires_on,role,title,department,worker_type,system,scope,kind,entitlement,requirement,risk,owner,meaning,approved_by,approved_on\n" +
		"2026-12-31,r,t,d,w,AWS,012345678901,Permission Set,e,Required,Privileged,o,m,a,2026-01-02\n")
	rm, problems := ReadRoleMap("rolemap.csv", text, known...)
	same("rolemap", access.RoleMap{SHA256: access.Digest(text), Rules: []access.Rule{{Line: at("rolemap.csv"), Role: "r", Title: "t", Department: "d", WorkerType: "w",
		System: "aws", Scope: "012345678901", Kind: "permission_set", Entitlement: "e", Requirement: access.Required, Risk: access.RiskPrivileged,
		Owner: "o", Meaning: "m", ApprovedBy: "a", ApprovedOn: day(2026, 1, 2), ExpiresOn: day(2026, 12, 31)}}}, rm)
	same("rolemap's problems", []access.Problem(nil), problems)

	ex, _ := ReadExceptions("e.csv", []byte("id,source,employee_id,system,scope,kind,entitlement,reason,ticket,approved_by,approved_on,expires_on\n"+
		"X1,s,0012,Okta,sc,group,e,why,T-1,a,2026-01-02,2026-12-31\n"), known...)
	same("exceptions", []access.Exception{{Line: at("e.csv"), ID: "X1", Person: ann, System: "okta", Scope: "sc", Kind: "group", Entitlement: "e",
		Reason: "why", Ticket: "T-1", ApprovedBy: "a", ApprovedOn: day(2026, 1, 2), ExpiresOn: day(2026, 12, 31)}}, ex)

	nh, _ := ReadNonHuman("n.csv", []byte("system,scope,account,kind,owner_id,purpose,review_by\nokta,sc,svc,break glass,0012,p,2026-12-31\n"))
	same("nonhuman", []access.NonHuman{{Line: at("n.csv"), System: "okta", Scope: "sc", Account: "svc", Kind: access.KindBreakGlass,
		OwnerID: "0012", Purpose: "p", Review: day(2026, 12, 31)}}, nh)

	an, _ := ReadAnswers("a.csv", []byte("source,employee_id,answer,same_as,last_working_day,confirmed_by,confirmed_on\ns,0012,SAME_AS,13,2026-05-01,hr,2026-05-02\n"))
	same("answers", []access.Answer{{Line: at("a.csv"), Person: ann, Answer: SameAs, SameAs: "13", LastWorkingDay: day(2026, 5, 1),
		ConfirmedBy: "hr", ConfirmedOn: day(2026, 5, 2)}}, an)

	li, _ := ReadLinks("l.csv", []byte("system,scope,account_id,source,employee_id,confirmed_by,confirmed_on\nOKTA,sc,00u,s,0012,bo,2026-05-02\n"), known...)
	same("links", []access.Link{{Line: at("l.csv"), Account: access.AccountKey{System: "okta", Scope: "sc", ID: "00u"}, Person: ann,
		ConfirmedBy: "bo", ConfirmedOn: day(2026, 5, 2)}}, li)

	co, _ := ReadContacts("c.csv", []byte("system,responsibility,name,business_hours_contact,after_hours_contact,hours,timezone\nokta,on-call,Desk,b,a,9-17,Europe/Berlin\n"))
	same("contacts", []access.Contact{{Line: at("c.csv"), System: "okta", Responsibility: "on_call", Name: "Desk", BusinessHours: "b",
		AfterHours: "a", Hours: "9-17", TimeZone: "Europe/Berlin"}}, co)

	de, _ := ReadDelegates("d.csv", []byte("source,reviewer_id,delegate_id,from,until,reason,approved_by\ns,0012,13,2026-05-01,2026-05-02,why,hr\n"))
	same("delegates", []access.Delegate{{Line: at("d.csv"), Reviewer: ann, Delegate: access.PersonKey{Source: "s", EmployeeID: "13"},
		From: day(2026, 5, 1), Until: day(2026, 5, 2), Reason: "why", ApprovedBy: "hr"}}, de)
}

// Local is another zone on each machine.
func TestTheZoneOfAContactIsOneOfTheWorld(t *testing.T) {
	kept, problems := ReadContacts("c.csv", []byte("system,responsibility,name,business_hours_contact,timezone\nokta,security,A,a,Local\nokta,security,B,b,\nokta,security,C,c,Asia/Tokyo\n"))
	if len(kept) != 3 || kept[0].TimeZone != "" || kept[2].TimeZone != "Asia/Tokyo" || len(problems) != 1 || problems[0].Column != "timezone" || problems[0].Value != "Local" {
		t.Errorf("%+v %+v", kept, problems)
	}
}

func TestWithoutKnownSystemsEverySystemIsTaken(t *testing.T) {
	kept, problems := readers["links"]("links.csv", goldentest.Read(t, "testdata/links-clean.csv"))
	if len(kept) != 1 || len(problems) != 0 {
		t.Errorf("%v %v", kept, problems)
	}
	kept, _ = readers["rolemap"]("rolemap.csv", goldentest.Read(t, "testdata/rolemap-defects-hold.csv"))
	if len(kept) != 2 || kept[0].Row != 6 {
		t.Errorf("%v", kept)
	}
}

func TestAnUnknownKindOfNonHumanAccountIsShared(t *testing.T) {
	got, _ := ReadNonHuman("n.csv", goldentest.Read(t, "testdata/nonhuman-protects-whatever-else-is-wrong.csv"), known...)
	if got[0].Kind != access.KindShared || !got[1].Review.IsZero() {
		t.Errorf("%+v", got[:2])
	}
}

// Without a column that narrows what a line grants, every line would grant more.
func TestARoleMapWithoutAColumnThatNarrowsIsRefused(t *testing.T) {
	header := "role,title,department,worker_type,system,scope,kind,entitlement,requirement,risk"
	values := "r,t,d,w,okta,sc,group,e,allowed,standard"
	names, cells := strings.Split(header, ","), strings.Split(values, ",")
	for i, name := range names {
		without := func(s []string) string {
			return strings.Join(append(append([]string{}, s[:i]...), s[i+1:]...), ",")
		}
		m, problems := ReadRoleMap("rolemap.csv", []byte(without(names)+"\n"+without(cells)+"\n"))
		if !Stopped(problems) || len(m.Rules) != 0 {
			t.Errorf("without %s: %d rules", name, len(m.Rules))
		}
	}
}

// Whatever the bytes and the reader: no panic, a stopped file gives nothing,
// every row is in effect or told as held, none is both.
func fuzz(f *testing.F, kind string) {
	for _, file := range goldentest.Files(f, "testdata/"+kind+"-*.csv", 1) {
		f.Add(goldentest.Read(f, file))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		kept, problems := readers[kind]("f.csv", b, known...)
		csvfile.Message(problems, 0)
		if Stopped(problems) {
			if len(kept) != 0 {
				t.Fatal("a stopped file has lines")
			}
			return
		}
		table, _ := csvfile.Read[struct{}]("f.csv", b, csvfile.Form{})
		held := map[int]bool{}
		for _, p := range problems {
			if p.Severity == access.Hold {
				held[p.Row] = true
			}
		}
		for _, l := range kept {
			if held[l.Row] {
				t.Fatalf("row %d is held and in effect", l.Row)
			}
		}
		if len(kept)+len(held) != len(table.Records) {
			t.Fatalf("%d in effect and %d held of %d", len(kept), len(held), len(table.Records))
		}
	})
}

func FuzzRoleMap(f *testing.F)    { fuzz(f, "rolemap") }
func FuzzExceptions(f *testing.F) { fuzz(f, "exceptions") }
func FuzzNonHuman(f *testing.F)   { fuzz(f, "nonhuman") }
func FuzzAnswers(f *testing.F)    { fuzz(f, "answers") }
func FuzzLinks(f *testing.F)      { fuzz(f, "links") }
func FuzzContacts(f *testing.F)   { fuzz(f, "contacts") }
func FuzzDelegates(f *testing.F)  { fuzz(f, "delegates") }

func FuzzSoD(f *testing.F) {
	f.Add([]byte("rule,left_system,left_scope,left_kind,left_entitlement,right_system,right_scope,right_kind,right_entitlement,reason\n" +
		"pays and approves,okta,,group,Payments,aws,111111111111,permission_set,Approver,fraud\nboth,okta,,group,*,okta,,group,*,\n,nowhere,,x,,,,,,\n"))
	fuzz(f, "sod")
}

func FuzzExpectations(f *testing.F) {
	f.Add([]byte("expect,source,employee_id,title,department,worker_type,system,scope,kind,entitlement,reason\n" +
		"may,employees,1001,,,,okta,,group,Eng,\nmust,,,Engineer,,,okta,,group,Eng,why\nmay_not,,,*,,,*,,*,Admin*,\nmay,,,,,,,,,,\nmust,employees,1,Engineer,,,okta,,group,E*,\n"))
	fuzz(f, "expectations")
}
