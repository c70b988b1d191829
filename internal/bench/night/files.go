package main

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/population"
	"rollcall/reports/archive"
)

const (
	titles      = 300
	departments = 90
	uncovered   = 50 // one team in so many is in nobody's role
)

const configuration = `company: {name: Population Example, timezone: Europe/Amsterdam}
systems:
%[1]s  aws: {type: aws, region: %[2]s, endpoint: "%[3]s", role: %[4]s, revoke_role: %[5]s, management_revoke_role: %[5]s, revoke_profile: block}
rosters:
  - {name: employees, file: employees.csv}
policy: {rolemap: rolemap.csv, contacts: contacts.csv, dormant_days: 365}
mode: %[6]s
manual: observe
archive: {root: archive, signing_key: {file: signing.pem}, public_key: public.pem}
reports: {dir: reports}
review: {approver: {name: Cora Compliance, mail: cora@population.example}}
`

const oktaPart = `  %s: {type: okta, org_url: "%s", allow_http: true, token: {env: OKTA_TOKEN}, revoke_token: {env: OKTA_REVOKE_TOKEN}}
`

// awsFile is where the SDK finds who blocks.
const awsFile = "aws-credentials"

const awsProfile = `[block]
aws_access_key_id = ` + population.AWSBlockingKeyID + `
aws_secret_access_key = ` + population.AWSBlockingSecret + "\n"

const contacts = `system,responsibility,name,business_hours_contact,after_hours_contact,hours,timezone
,security,Security desk,security@population.example,+31 20 555 0100,09:00-17:00,Europe/Amsterdam
,hr,People team,people@population.example,+31 20 555 0104,09:00-17:00,Europe/Amsterdam
,compliance,Compliance,compliance@population.example,+31 20 555 0105,09:00-17:00,Europe/Amsterdam
,on_call,IT on call,it@population.example,+31 20 555 0101,09:00-17:00,Europe/Amsterdam
`

// folder writes what the first night reads.
func folder(dir string, s size, addresses []string) error {
	private, public, err := archive.NewKey()
	if err != nil {
		return err
	}
	return write(dir, map[string][]byte{
		"signing.pem": private, "public.pem": public, "contacts.csv": []byte(contacts), awsFile: []byte(awsProfile), "rolemap.csv": roleMap(s),
		"rollcall.yaml": settings(s, addresses, access.Observe), "employees.csv": people(s, time.Time{}),
	})
}

func write(dir string, files map[string][]byte) error {
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			return fmt.Errorf("write what the night reads: %w", err)
		}
	}
	return nil
}

// settings are the configuration; every limit of a guard is rollcall's own.
func settings(s size, addresses []string, mode access.Mode) []byte {
	oktas := ""
	for org := range s.Orgs {
		oktas += fmt.Sprintf(oktaPart, oktaName(org), addresses[org])
	}
	return fmt.Appendf(nil, configuration, oktas, population.AWSRegion, addresses[s.Orgs], population.AWSRole, population.AWSBlockingRole, mode)
}

// people is HR's list. With a day, one person in so many has left on it.
func people(s size, left time.Time) []byte {
	rows := [][]string{{"employee_id", "email", "name", "title", "department", "manager_id", "worker_type", "status", "start_date", "last_working_day"}}
	active, _ := s.users()
	for org := range s.Orgs {
		for i := range active {
			n, manager := s.number(org, i), ""
			if i > 0 {
				manager = population.EmployeeID(s.number(org, i/10))
			}
			row := []string{population.EmployeeID(n), fmt.Sprintf("person.%05d@population.example", n), fmt.Sprintf("Given%05d Family%05d", n, n),
				fmt.Sprintf("Specialist %03d", n%titles), fmt.Sprintf("Department %02d", n%departments), manager, "employee", "active", fmt.Sprintf("2024-%02d-%02d", n%12+1, n%28+1), ""}
			if s.leaves(i) && !left.IsZero() {
				row[7], row[9] = "left", left.Format(time.DateOnly)
			}
			rows = append(rows, row)
		}
	}
	return table(rows)
}

// roleMap allows everybody what most people hold, by lines for each team; a team in
// fifty is in nobody's role, so that somebody has to look at who is in it.
func roleMap(s size) []byte {
	rows := [][]string{{"role", "title", "department", "worker_type", "system", "scope", "kind", "entitlement", "requirement", "risk", "owner", "meaning", "approved_by", "approved_on", "expires_on"}}
	add := func(role, title, system, kind, entitlement, risk string) {
		rows = append(rows, []string{role, title, "", "", system, "", kind, entitlement, "allowed", risk, "Otto Owner", "What the work of " + role + " takes", "Otto Owner", "2026-01-12", ""})
	}
	add("Everyone", "", "okta-*", "app", "*", "standard")
	for _, kind := range []string{"sso_group", "permission_set", "iam_group", "iam_policy", "console_login", "access_key"} {
		add("Cloud", "", "aws", kind, "*", "sensitive")
	}
	add("Everyone", "", "okta-*", "admin_role", "*", "privileged")
	for _, group := range []string{"Everyone", "App * users *", "Admins *"} {
		add("Everyone", "", "okta-*", "group", group, "standard")
	}
	teams := s.okta(0).Groups
	for team := range teams {
		if team%uncovered != uncovered-1 {
			add("Everyone", "", "okta-*", "group", fmt.Sprintf("Team %03d", team), "standard")
		}
	}
	for title := range titles {
		for n := range 10 {
			if team := (title*10 + n) % teams; team%uncovered != uncovered-1 {
				add("Specialist "+strconv.Itoa(title), fmt.Sprintf("Specialist %03d", title), "okta-*", "group", fmt.Sprintf("Team %03d", team), "standard")
			}
		}
	}
	return table(rows)
}

func table(rows [][]string) []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	_ = w.WriteAll(rows) // a buffer takes all
	return b.Bytes()
}
