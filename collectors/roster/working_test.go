package roster

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/access"
)

func briefWorking(r access.Roster) string {
	var s []string
	for _, i := range r.Working {
		s = append(s, strings.TrimSpace(fmt.Sprintf("%d %s %s %s %s", i.Row, i.EmployeeID, i.Email, i.Status, i.Aliases)))
	}
	return strings.Join(s, ", ")
}

// A list that cannot be used shows who works, as far as that can be read.
func TestAListThatCannotBeUsedShowsWhoWorks(t *testing.T) {
	const head, ann, bo, cy = "employee_id,email,status,start_date,end_date\n", "E1,ann@x.example,Active,2020-01-06,\n", "E2,bo@x.example,On leave,2020-01-06,\n", "E3,cy@x.example,Left,2020-01-06,2026-05-13\n"
	const all = "2 E1 ann@x.example active, 3 E2 bo@x.example leave"
	for name, c := range map[string]struct{ csv, want string }{
		"a total that is wrong":                {head + ann + bo + cy + "Total: 999,,,,\n", all},
		"days of which nobody knows":           {strings.ReplaceAll(head+ann+bo+cy, "2026-05-13", "04/05/2026"), all},
		"two orders of days":                   {strings.ReplaceAll(head+ann+bo+cy, "2026-05-13", "13/05/2026") + "E4,di@x.example,Left,2020-01-06,05/14/2026\n", all},
		"a day in doubt in the row itself":     {head + "E1,ann@x.example,Active,2020-01-06,04/05/2026\n" + bo, all},
		"ids that Excel changed":               {head + ann + bo + cy + "1.2E+05,di@x.example,Active,2020-01-06,\n1.2E+05,,Active,2020-01-06,\n", all + ", 5 1.2E+05 di@x.example active, 6 1.2E+05  active"},
		"a quotation mark further down":        {head + ann + bo + "E4,\"di@x.example,Active,2020-01-06,\n" + cy, all},
		"no column of addresses":               {"employee_id,status\nE1,Active\nE2,On leave\nE3,Left\n", "2 E1  active, 3 E2  leave"},
		"no column of ids":                     {"email,status\nann@x.example,Active\nbo@x.example,Left\n", "2  ann@x.example active"},
		"two columns of addresses":             {"employee_id,email,Work Email,status\nE1,a@x.example,b@x.example,Active\n", "2 E1  active <a@x.example> <b@x.example>"},
		"two of addresses, and no ids":         {"email,Work Email,status\na@x.example,b@x.example,Active\nc@x.example,,Left\n", "2   active <a@x.example> <b@x.example>"},
		"two of addresses, one of them empty":  {"email,Work Email,status\n,b@x.example,Active\na@x.example,A@x.example,Active\n", "2  b@x.example active, 3   active <a@x.example>"},
		"one heading twice":                    {"email,email,status\na@x.example,Ann <b@x.example>,Active\n", "2   active <a@x.example> <b@x.example>"},
		"two of ids and two of addresses":      {"employee_id,Worker ID,email,Work Email,status\nE1,9,a@x.example,b@x.example,Active\n", "2   active <a@x.example> <b@x.example>"},
		"two of headings that nobody knows":    {"employee_id,Mail A,Mail B,Desk,status\nE1,a@x.example,b@x.example,5B,Active\nE2,,,7,Active\n", "2 E1  active <a@x.example> <b@x.example>, 3 E2  active"},
		"and no ids":                           {"Desk,Mail A,Mail B,status\n5B,a@x.example,b@x.example,Active\n7,,,Active\n", "2   active <a@x.example> <b@x.example>"},
		"a manager's address, known as such":   {"employee_id,Manager Email,Mail A,status\nE1,boss@x.example,a@x.example,Active\n", "2 E1 a@x.example active"},
		"a manager's address, and not known":   {"employee_id,Boss,Mail A,status\nE1,boss@x.example,a@x.example,Active\n", "2 E1  active <a@x.example> <boss@x.example>"},
		"a private address, known as such":     {"employee_id,Personal E-Mail,Mail A,status\nE1,ann@home.example,a@x.example,Active\n", "2 E1 a@x.example active"},
		"an address beside one that is known":  {"email,Boss,status\na@x.example,boss@x.example,Active\n", "2  a@x.example active"},
		"no column of status":                  {"employee_id,email\nE1,ann@x.example\n", ""},
		"two columns of status":                {"employee_id,email,status,Worker Status\nE1,ann@x.example,Active,Left\n", ""},
		"a status that nobody knows":           {head + "E1,ann@x.example,Karenz,,\nTotal: 999,,,,\n", ""},
		"nobody to be told by an id or a mail": {head + ",,Active,,\nTotal: 999,,,,\n", ""},
		"an e-mail with a name before it":      {head + ",Ann <ann@x.example>,Active,,\nTotal: 999,,,,\n", "2   active <ann@x.example>"},
		"other e-mails alone":                  {"employee_id,email,status,aliases\n,,Active,Ann: ann@x.example\nTotal: 999,,,\n", "2   active Ann: ann@x.example"},
		"other e-mails in a strange list":      {"employee_id,email,status,start_date,start_date,Other Emails\n9,new@x.example,Active,,,ann@x.example\n", "2 9 new@x.example active ann@x.example"},
		"other e-mails and two of e-mails":     {"employee_id,email,Work Email,status,aliases\n9,a@x.example,b@x.example,Active,ann@x.example\n", "2 9  active ann@x.example <a@x.example> <b@x.example>"},
		"other e-mails and no ids":             {"email,status,aliases\nnew@x.example,Active,ann@x.example\n", "2  new@x.example active ann@x.example"},
		"only other e-mails":                   {"status,aliases\nActive,ann@x.example\nLeft,bo@x.example\n", "2   active ann@x.example"},
		"two columns of other e-mails":         {"employee_id,email,status,aliases,Other Emails\n9,new@x.example,Active,a@x.example,b@x.example\n", "2 9 new@x.example active a@x.example b@x.example"},
		"words for other e-mails":              {"employee_id,email,status,aliases\n,,Active,none\nTotal: 999,,,\n", ""},
		"a web page":                           {"<html><body>Active</body></html>", ""},
		"nothing":                              {"", ""},
	} {
		got, problems := Read(Source{Name: "s", File: "f.csv", Today: today}, []byte(c.csv))
		if !Stopped(problems) || len(got.Rows) != 0 || got.SHA256 != "" {
			t.Errorf("%s: %d rows, %v", name, len(got.Rows), problems)
		}
		if d := cmp.Diff(c.want, briefWorking(got)); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
}

// A heading that the configuration names and the file has not is no reason to overlook who works.
func TestAMappedColumnThatIsMissingHidesOnlyItself(t *testing.T) {
	for columns, want := range map[[2]string]string{
		{"email", "Mail"}: "2 E1 a@x.example active", {"employee_id", "Kennung"}: "2  a@x.example active", {"title", "Rolle"}: "2 E1 a@x.example active", {"aliases", "Weitere"}: "2 E1 a@x.example active",
		{"bogus", "status"}: "2 E1 a@x.example active", {"status", "Zustand"}: "",
	} {
		src := Source{Name: "s", File: "f.csv", Today: today, Columns: map[string]string{columns[0]: columns[1]}}
		got, problems := Read(src, []byte("employee_id,email,status\nE1,a@x.example,Active\n"))
		if !Stopped(problems) || briefWorking(got) != want {
			t.Errorf("%v: %q, %v", columns, briefWorking(got), problems)
		}
	}
}

// However a list is cut into parts, it shows the same people up to where it cannot be read.
func TestWhatALaterPartCannotReadHidesNobodyBefore(t *testing.T) {
	var csv strings.Builder
	csv.WriteString("employee_id,email,status\n")
	for n := range 300 {
		if n == 200 {
			csv.WriteString("E,\"x,Active\n")
		}
		fmt.Fprintf(&csv, "E%d,p%d@x.example,Active\n", n, n)
	}
	for _, bytes := range []int{0, 100, 1000} {
		got, problems := Read(Source{Name: "s", File: "f.csv", Today: today, partBytes: bytes}, []byte(csv.String()))
		if !Stopped(problems) || len(got.Working) != 200 || got.Working[199].EmployeeID != "E199" {
			t.Errorf("in parts of %d bytes: %d people", bytes, len(got.Working))
		}
	}
}

// Of whom a list that cannot be used shows working nothing is kept but who they are.
func TestOfAListThatCannotBeUsedOnlyWhoTheyAreIsKept(t *testing.T) {
	got, _ := Read(Source{Name: "s", File: "f.csv", Today: today}, []byte("employee_id,email,name,title,department,manager_id,worker_type,status,start_date,end_date,last_working_day,timezone,aliases\n"+
		"E1,a@x.example,Ann,Eng,R&D,E1,staff,Active,2020-01-02,2027-01-01,2027-01-01,Europe/Berlin,b@x.example\nTotal: 9,,,,,,,,,,,,\n"))
	want := []access.Identity{{Source: "s", EmployeeID: "E1", Email: "a@x.example", Name: "Ann", Status: access.StatusActive, Aliases: "b@x.example", Row: 2}}
	if d := cmp.Diff(want, got.Working); d != "" {
		t.Error(d)
	}
}
