package roster

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/access"
	"rollcall/internal/csvfile"
	"rollcall/internal/goldentest"
)

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
