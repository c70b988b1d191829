package roster

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/mail"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/access"
	"rollcall/internal/csvfile"
	"rollcall/internal/goldentest"
)

var today = time.Date(2026, 6, 15, 9, 0, 0, 0, time.UTC)

func source(name string) Source {
	src := Source{Name: "employees", File: name + ".csv", Today: today}
	switch name {
	case "mapped-column-absent-stops":
		src.Columns = map[string]string{"status": "Zustand"}
	case "mapping-of-unknown-column-stops":
		src.Columns = map[string]string{"stats": "Status"}
	case "mapping-wins-over-aliases":
		src.Columns = map[string]string{"employee_id": "KENNUNG"}
	case "location-gives-the-time-zone":
		src.TimeZones = map[string]string{"Berlin office": "Europe/Berlin"}
	case "days-in-two-ways-settled-by-the-configuration":
		src.Dates = "dmy"
	case "status-mapped-by-the-configuration":
		src.Statuses = map[string]access.Status{"inactive": access.StatusLeave, "Karenz": access.StatusLeave, "Odd": "sleeping"}
	}
	return src
}

// The rules: the problems of each file of testdata as "SEVERITY row column",
// and its people as "row id status", with a ! where they are held.
var rules = map[string]struct {
	problems string
	people   string // empty: stopped
}{
	"clean":                                         {"", "4 E9 active, 5 E10 left"},
	"bom-crlf-and-loose-headings":                   {"", "4 E9 active"},
	"old-mac-line-ends":                             {"HOLD 4 status", "4 E9 unknown!"},
	"quoted-newline-is-one-row":                     {"HOLD 6 status", "4 E9 active, 6 E10 unknown!"},
	"windows-1252-is-read-and-told":                 {"NOTE 0 ", "4 E9 active"},
	"unicode-text-is-read":                          {"", "4 E9 active"},
	"days-in-two-ways-settled-by-the-configuration": {"", "4 E9 left"},
	"utf16-without-bom-stops":                       {"STOP 0 ", ""},
	"workbook-stops":                                {"STOP 0 ", ""},
	"semicolons-are-read":                           {"", "4 E9 active"},
	"open-quotation-mark-stops":                     {"STOP 4 ", ""},
	"empty-file-stops":                              {"STOP 0 ", ""},
	"no-people-stops":                               {"STOP 0 ", ""},
	"required-column-missing-stops":                 {"STOP 0 email", ""},
	"two-columns-one-field-stops":                   {"STOP 0 email", ""},
	"mapped-column-absent-stops":                    {"STOP 0 status", ""},
	"mapping-of-unknown-column-stops":               {"STOP 0 stats", ""},
	"mapping-wins-over-aliases":                     {"NOTE 1 , NOTE 2 manager_id", "2 X7 active"},
	"title-and-department-missing-are-noted":        {"NOTE 1 title, NOTE 1 department, NOTE 1 manager_id", "2 E1 active"},
	"columns-not-needed-are-dropped":                {"NOTE 1 , NOTE 2 manager_id", "2 E9 active"},
	"too-few-cells-hold":                            {"HOLD 4 ", "4 E9 unknown!"},
	"too-many-cells-hold":                           {"HOLD 4 ", "4 E9 unknown!"},
	"empty-cells-at-the-end-are-nothing":            {"", "4 E9 active"},
	"duplicate-same-data-uses-one":                  {"NOTE 5 employee_id, NOTE 6 employee_id", "4 E9 active"},
	"duplicate-conflicting-is-told":                 {"NOTE 6 employee_id", "4 E9 active, 5 E9 left, 6 E9 left"},
	"duplicate-no-active-is-held":                   {"HOLD 5 employee_id", "4 E9 leave, 5 E9 left"},
	"duplicate-two-active-is-held":                  {"HOLD 5 employee_id", "4 E9 active, 5 E9 active"},
	"duplicate-not-started-is-held":                 {"HOLD 5 employee_id", "4 E9 left, 5 E9 active"},
	"duplicate-of-a-held-row-is-no-duplicate":       {"HOLD 5 end_date, HOLD 5 employee_id", "4 E9 active, 5 E9 active!"},
	"status-unknown-holds":                          {"HOLD 4 status, HOLD 5 status", "4 E9 unknown!, 5 E10 unknown!"},
	"status-words-of-hr-systems":                    {"", "4 P1 active, 5 P2 leave, 6 P3 pending, 7 P4 garden_leave, 8 P5 left, 9 P6 left"},
	"status-mapped-by-the-configuration":            {"HOLD 6 status", "4 E9 leave, 5 E10 leave, 6 E11 unknown!"},
	"inactive-is-left-only-with-an-end-date":        {"HOLD 4 status, HOLD 6 end_date, HOLD 6 status, HOLD 7 status", "4 E9 unknown!, 5 E10 left, 6 E11 unknown!, 7 E12 unknown!, 8 E13 left"},
	"inactive-and-on-leave-is-held":                 {"HOLD 4 status", "4 E9 unknown!, 5 E10 left, 6 E11 left, 7 E12 leave"},
	"aliases-that-cannot-be-read-are-noted":         {"NOTE 5 aliases, NOTE 6 aliases, NOTE 7 aliases, NOTE 8 aliases, NOTE 9 aliases", "4 E9 active, 5 E10 active, 6 E11 active, 7 E12 left, 8 E13 active, 9 E14 active"},
	"email-with-what-nobody-sees-is-noted":          {"NOTE 4 email, NOTE 5 email, NOTE 6 email", "4 E9 active, 5 E10 active, 6 E11 left, 7 E12 active"},
	"date-that-is-not-iso-holds":                    {"HOLD 4 start_date, HOLD 5 end_date, HOLD 6 last_working_day, HOLD 7 start_date", "4 E9 active!, 5 E10 active!, 6 E11 active!, 7 E12 active!"},
	"date-with-time-is-exact":                       {"", "4 E9 left"},
	"start-after-end-holds":                         {"HOLD 4 end_date, HOLD 5 end_date", "4 E9 active!, 5 E10 left!"},
	"start-and-end-on-one-day-is-fine":              {"", "4 E9 active"},
	"planned-return-is-fine":                        {"", "4 E9 left"},
	"end-before-1990-holds":                         {"HOLD 4 end_date", "4 E9 active!"},
	"more-than-two-years-ahead-holds":               {"HOLD 4 end_date, HOLD 5 last_working_day, HOLD 6 start_date", "4 E9 active!, 5 E10 active!, 6 E11 active!, 7 E12 active"},
	"id-empty-holds":                                {"HOLD 4 employee_id, HOLD 5 employee_id", "4  active!, 5  active!"},
	"id-changed-by-excel-holds":                     {"HOLD 4 employee_id, HOLD 5 employee_id, HOLD 6 employee_id, HOLD 7 employee_id, HOLD 9 employee_id", "4 1.23E+05 active!, 5 E 10 active!, 6 #N/A active!, 7 - active!, 8 12E3 active, 9 E\u200b1 active!"},
	"id-is-text":                                    {"", "4 0012 active, 5 12 active"},
	"invisible-characters-are-trimmed":              {"", "4 E9 active"},
	"email-defect-never-holds":                      {"NOTE 4 email, NOTE 5 email, NOTE 6 email, NOTE 7 email", "4 E9 active, 5 E10 active, 6 E11 active, 7 E12 active"},
	"email-of-two-ids-is-told":                      {"HOLD 5 email", "4 E9 active, 5 E10 active"},
	"email-of-active-and-pending-is-held":           {"HOLD 5 email", "4 E9 pending, 5 E10 active"},
	"rehire-is-noted":                               {"NOTE 5 email", "4 E9 left, 5 E10 active"},
	"two-who-left-with-one-email-are-noted":         {"NOTE 5 email", "4 E9 left, 5 E10 left"},
	"manager-blank-unknown-self-is-noted":           {"NOTE 2 manager_id, NOTE 4 manager_id, NOTE 5 manager_id, NOTE 6 manager_id", "4 E9 active, 5 E10 active, 6 E11 active, 7 E12 left"},
	"manager-who-left-and-circles-are-noted":        {"NOTE 4 manager_id, NOTE 5 manager_id", "4 E9 active, 5 E10 active, 6 E11 active, 7 E12 active, 8 E13 active"},
	"unknown-time-zone-is-noted":                    {"NOTE 4 timezone, NOTE 5 timezone, NOTE 7 timezone", "4 E9 active, 5 E10 active, 6 E11 active, 7 E12 active"},
	"formula-is-text":                               {"NOTE 4 name, NOTE 7 title", "4 E9 active, 5 E10 active, 6 E11 active, 7 E12 active"},
	"location-gives-the-time-zone":                  {"NOTE 6 Office", "4 E9 left, 5 E10 left, 6 E11 active, 7 E12 active, 8 E13 active"},
	"future-action-is-noted":                        {"NOTE 4 FUTURE_ACTION", "4 E9 active, 5 E10 active, 6 E11 active"},
	"formula-in-id-holds":                           {"HOLD 4 employee_id", "4 =1+1 active!"},
}

func TestEachRuleHoldsOfItsFile(t *testing.T) {
	goldentest.Each(t, "testdata/*.csv", len(rules), func(t *testing.T, file string) {
		name, b := goldentest.Name(file), goldentest.Read(t, file)
		rule, ok := rules[name]
		if !ok {
			t.Fatal("no rule for this file")
		}
		got, problems := Read(source(name), b)
		if d := cmp.Diff(rule.problems, brief(problems)); d != "" {
			t.Errorf("problems (-want +got):\n%s", d)
		}
		if Stopped(problems) != (rule.people == "") {
			t.Errorf("stopped: %v", Stopped(problems))
		}
		if d := cmp.Diff(rule.people, people(got)); d != "" {
			t.Errorf("people (-want +got):\n%s", d)
		}
		goldentest.Same(t, strings.TrimSuffix(file, ".csv")+".txt", csvfile.Message(problems, 0))
		again, _ := Read(source(name), b)
		if d := cmp.Diff(got, again); d != "" {
			t.Errorf("a second reading differs:\n%s", d)
		}
	})
}

func brief(problems []access.Problem) string {
	var s []string
	for _, p := range problems {
		s = append(s, fmt.Sprintf("%s %d %s", p.Severity, p.Row, p.Column))
	}
	return strings.Join(s, ", ")
}

// people leaves out the two managers that most files begin with.
func people(r access.Roster) string {
	var s []string
	for _, row := range r.Rows {
		if row.Title == "Director" {
			continue
		}
		held := ""
		if row.Problem != "" {
			held = "!"
		}
		s = append(s, fmt.Sprintf("%d %s %s%s", row.Row, row.EmployeeID, row.Status, held))
	}
	return strings.Join(s, ", ")
}

func read(t *testing.T, name string) (access.Roster, []access.Problem) {
	t.Helper()
	return Read(source(name), goldentest.Read(t, "testdata/"+name+".csv"))
}

func TestEveryFieldArrivesInItsPlace(t *testing.T) {
	csv := "employee_id,email,name,title,department,manager_id,worker_type,status,start_date,end_date,last_working_day,timezone,aliases\n" +
		"E1,a@example.com,Ann,Eng,R&D,E1,staff,Left,2020-01-02,2026-05-04T10:00:00+02:00,2026-05-03,Europe/Berlin,b@example.com;c@example.com\n"
	got, _ := Read(Source{Name: "s", File: "f.csv", Today: today}, []byte(csv))
	want := access.Identity{Source: "s", EmployeeID: "E1", Email: "a@example.com", Name: "Ann", Title: "Eng", Department: "R&D",
		ManagerID: "E1", WorkerType: "staff", Status: access.StatusLeft,
		StartDate:      access.Day{At: time.Date(2020, 1, 2, 0, 0, 0, 0, time.UTC)},
		EndDate:        access.Day{At: time.Date(2026, 5, 4, 8, 0, 0, 0, time.UTC), Exact: true},
		LastWorkingDay: access.Day{At: time.Date(2026, 5, 3, 0, 0, 0, 0, time.UTC)},
		TimeZone:       "Europe/Berlin", Aliases: "b@example.com;c@example.com", Row: 2}
	if d := cmp.Diff([]access.Identity{want}, got.Rows); d != "" {
		t.Error(d)
	}
	if got.Original != access.Digest([]byte(csv)) || got.SHA256 == got.Original || len(got.SHA256) != 64 || !got.AsOf.IsZero() {
		t.Errorf("digests %q %q, as of %v", got.Original, got.SHA256, got.AsOf)
	}
}

func TestAnEmailThatIsNoneIsNotUsed(t *testing.T) {
	got, _ := read(t, "email-defect-never-holds")
	for _, row := range got.Rows[2:] {
		if row.Email != "" {
			t.Errorf("row %d keeps %q", row.Row, row.Email)
		}
	}
}

// TestAnEmailThatIsNoneStillProtects: what looks like an address in it is kept where it
// finds no account.
func TestAnEmailThatIsNoneStillProtects(t *testing.T) {
	for cell, want := range map[string]string{
		"ann@example.com": "old@example.com", "none": "old@example.com", "Ann <Ann@example.com>": "old@example.com <ann@example.com>",
		"smtp:ann@example.com": "old@example.com <ann@example.com>", "ann@\u200bexample.com": "old@example.com <ann@example.com>", "a@example.com;b@example.com": "old@example.com <a@example.com> <b@example.com>",
	} {
		got, _ := Read(Source{Name: "s", File: "f.csv", Today: today}, []byte("employee_id,email,status,aliases\nE1,"+cell+",Active,old@example.com\n"))
		if got.Rows[0].Aliases != want || got.Rows[0].Problem != "" {
			t.Errorf("%s: aliases %q, not %q; %s", cell, got.Rows[0].Aliases, want, got.Rows[0].Problem)
		}
	}
}

func TestAHeldPersonCarriesTheSentenceForHR(t *testing.T) {
	got, _ := read(t, "id-changed-by-excel-holds")
	want := "Row 4, employee_id: Employee ID 1.23E+05: Excel changed it. Format the column as Text and write the whole ID again."
	if got.Rows[2].Problem != want {
		t.Errorf("got %q", got.Rows[2].Problem)
	}
}

func TestProblemsNameTheHeadingOfTheFile(t *testing.T) {
	_, problems := Read(Source{Name: "s", File: "f.csv", Today: today}, []byte("Emp No,E-mail,Worker Status\n7,a@example.com,Odd\n"))
	if !slices.ContainsFunc(problems, func(p access.Problem) bool { return p.Column == "Worker Status" && p.Value == "Odd" }) {
		t.Errorf("%+v", problems)
	}
}

func TestRowsAddUp(t *testing.T) {
	roster, problems := read(t, "duplicate-same-data-uses-one")
	if d := cmp.Diff(Tally{Received: 5, Accepted: 3, Ignored: 2}, Count(roster, problems)); d != "" {
		t.Error(d)
	}
	roster, problems = read(t, "status-unknown-holds")
	if d := cmp.Diff(Tally{Received: 4, Accepted: 2, Held: 2}, Count(roster, problems)); d != "" {
		t.Error(d)
	}
}

func TestTheMessageShowsAtMostTwentyAndTheTotal(t *testing.T) {
	var b bytes.Buffer
	b.WriteString("employee_id,email,status,title,department,manager_id\n")
	for i := range 30 {
		fmt.Fprintf(&b, "E%d,e%d@example.com,Odd,t,d,E1\n", i, i)
	}
	_, problems := Read(Source{Name: "s", File: "f.csv", Today: today}, b.Bytes())
	got := csvfile.Message(problems, 0)
	if strings.Count(got, "\n- ") != 20 || !strings.Contains(got, "Shown: 20 of 30.") {
		t.Error(got)
	}
}

func TestARosterWithoutTodayHoldsEveryDate(t *testing.T) {
	got, _ := Read(Source{Name: "s", File: "f.csv"}, []byte("employee_id,email,status,end_date\nE1,a@example.com,Left,2026-05-04\n"))
	if got.Rows[0].Problem == "" {
		t.Error("not held")
	}
}

func TestTwoMappedWordsThatDisagreeMeanNothing(t *testing.T) {
	src := Source{Name: "s", File: "f.csv", Today: today, Statuses: map[string]access.Status{"Off": access.StatusLeft, "off!": access.StatusLeave}}
	for range 20 { // map order
		got, _ := Read(src, []byte("employee_id,email,status\nE1,a@example.com,OFF\n"))
		if got.Rows[0].Status != access.StatusUnknown || got.Rows[0].Problem == "" {
			t.Fatalf("%+v", got.Rows[0])
		}
	}
}

func TestAFileThatIsTooLargeStops(t *testing.T) {
	src := source("clean")
	src.MaxBytes = 10
	if _, problems := Read(src, []byte("employee_id,email,status\n")); !Stopped(problems) {
		t.Error("read")
	}
}

func TestAColumnOfNothingButMidnightsIsOfDays(t *testing.T) {
	const head = "employee_id,email,status,start_date,end_date\n"
	for name, c := range map[string]struct{ rows, want string }{
		"midnight in UTC":             {"E1,a@example.com,left,2020-01-02,2026-05-04T00:00:00Z\n", "2026-05-04"},
		"midnight of the place":       {"E1,a@example.com,left,2020-01-02,2026-05-04T00:00:00+02:00\n", "2026-05-04"},
		"parts of a second":           {"E1,a@example.com,left,2020-01-02,2026-05-04T00:00:00.000Z\n", "2026-05-04"},
		"beside plain days":           {"E1,a@example.com,left,2020-01-02,2026-05-04T00:00:00Z\nE2,b@example.com,left,2020-01-02,2026-05-03\n", "2026-05-04"},
		"beside another time of day":  {"E1,a@example.com,left,2020-01-02,2026-05-04T00:00:00Z\nE2,b@example.com,left,2020-01-02,2026-05-03T12:00:00Z\n", "2026-05-04T00:00:00Z"},
		"another time of day, alone":  {"E1,a@example.com,left,2020-01-02,2026-05-04T16:00:00Z\n", "2026-05-04T16:00:00Z"},
		"midnight of starts says nil": {"E1,a@example.com,left,2020-01-02T00:00:00Z,2026-05-04T16:00:00Z\n", "2026-05-04T16:00:00Z"},
	} {
		got, problems := Read(Source{Name: "s", File: "f.csv", Today: today}, []byte(head+c.rows))
		if len(got.Rows) == 0 || got.Rows[0].EndDate.String() != c.want || got.Rows[0].Problem != "" {
			t.Errorf("%s: %+v, want the end %s; %v", name, got.Rows, c.want, problems)
		}
	}
}

func TestOfMidnightsWhatFollowsIsSaidForEachColumn(t *testing.T) {
	_, problems := Read(Source{Name: "s", File: "f.csv", Today: today}, []byte("employee_id,email,status,start_date,end_date\nE1,a@example.com,left,2020-01-02T00:00:00Z,2026-05-04T00:00:00Z\n"))
	said := map[string]string{}
	for _, p := range problems {
		said[p.Column] = p.Meanwhile
	}
	if !strings.Contains(said["start_date"], "begins where the person is") || !strings.Contains(said["end_date"], "Access ends when the day is over") {
		t.Errorf("%v", said)
	}
}

func TestWhatIsTakenForAUsualAddressIsOne(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	taken := 0
	for range 200_000 {
		b := make([]byte, 1+r.IntN(9))
		for i := range b {
			b[i] = "aZ9aZ9aZ9@@.-_+ <é\"'"[r.IntN(21)]
		}
		s := string(b)
		if !usual(s) {
			continue
		}
		taken++
		if a, err := mail.ParseAddress(s); err != nil || a.Address != s || a.Name != "" {
			t.Fatalf("%q is taken, and is %v, %v", s, a, err)
		}
	}
	if taken < 1000 {
		t.Errorf("only %d were taken", taken)
	}
	for _, s := range []string{"ann.lee@example.com", "a@b", "x_y-z.1@sub.example-company.co"} {
		if !usual(s) {
			t.Errorf("%q is not", s)
		}
	}
}

func TestTheTimeZoneIsThatOfTheRowElseOfTheLocation(t *testing.T) {
	list, _ := read(t, "location-gives-the-time-zone")
	var zones []string
	for _, row := range list.Rows {
		zones = append(zones, row.TimeZone)
	}
	want := []string{"Europe/Berlin", "Europe/Berlin", "Europe/Berlin", "Asia/Tokyo", "", "", ""}
	if d := cmp.Diff(want, zones); d != "" {
		t.Error(d)
	}
}

func TestTwoLocationsThatDifferInDressOnlyAndInTheirZoneHaveNone(t *testing.T) {
	all := places(map[string]string{"Berlin-Office": "Europe/Berlin", "berlin office": "Asia/Tokyo", "Rome": "Europe/Rome"})
	if d := cmp.Diff(map[string]string{"berlinoffice": "", "rome": "Europe/Rome"}, all); d != "" {
		t.Error(d)
	}
}
