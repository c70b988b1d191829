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
