package main

import (
	"bytes"
	"fmt"

	"rollcall/internal/config"
	"rollcall/internal/sandbox/company"
	"rollcall/reports/archive"
)

// demoConfig is a small rollcall.yaml; the commented one is what init writes.
const demoConfig = `# rollcall.yaml of the demo. What each key means: rollcall init --dir somewhere,
# and read the rollcall.yaml that it writes.
company:
  name: %[1]s
  timezone: %[2]s

# The two systems run inside "rollcall demo", on this machine only.
systems:
  okta:
    type: okta
    org_url: http://%[3]s
    allow_http: true                            # only ever for a system on this machine
    token: {file: keys/okta-read.token}         # can only read
    revoke_token: {file: keys/okta-revoke.token}
    share: 1
    canaries: [%[5]s]
  aws:
    type: aws
    region: %[6]s
    endpoint: http://%[4]s
    role: %[7]s
    management_role: %[7]s
    revoke_role: %[8]s
    management_revoke_role: %[8]s
    canaries: [%[10]s]

rosters:
  - name: employees
    file: employees.csv
  - name: contractors
    file: contractors.csv

policy:
  rolemap: rolemap.csv
  exceptions: exceptions.csv
  nonhuman: nonhuman.csv
  links: links.csv
  answers: answers.csv
  contacts: contacts.csv
  garden_leave: revoke
  protected:
    - %[9]s   # the bank asks for this person by name

mode: observe
manual: observe

review:
  approver: {name: %[11]s, mail: %[12]s}   # answers for access reviews

archive:
  root: archive
  signing_key: {file: keys/rollcall-signing.pem}
  public_key: keys/rollcall-public.pem

reports:
  dir: reports
`

// writeFiles writes everything that the first night reads.
func (d *demo) writeFiles() error {
	c := d.company
	private, public, err := archive.NewKey()
	if err != nil {
		return err
	}
	files := []startFile{
		{"rollcall.yaml", fmt.Appendf(nil, demoConfig, company.Name, company.Zone, d.state.Okta, d.state.AWS, company.BreakGlass,
			company.Region, company.ReadRole, company.RevokeRole, c.Cast[company.LeaverProtected].Mail, company.CloudAuditor, c.People[0].Name, c.People[0].Mail), 0o640},
		{"keys/okta-read.token", []byte(company.OktaReadToken + "\n"), 0o600},
		{"keys/okta-revoke.token", []byte(company.OktaRevokeToken + "\n"), 0o600},
		{"keys/rollcall-signing.pem", private, 0o600},
		{"keys/rollcall-public.pem", public, 0o644},
	}
	for _, f := range append(append([]company.File{}, c.Policy...), c.Day1...) {
		files = append(files, startFile{f.Name, f.Text, 0o640})
	}
	return writeNew(d.dir, files)
}

// editConfig changes a text of the configuration and nothing else of it.
func (d *demo) editConfig(from, to string) error {
	file := d.path("rollcall.yaml")
	b, err := readFrom(file, config.MaxBytes)
	if err != nil {
		return err
	}
	return writeFile(file, bytes.Replace(b, []byte(from), []byte(to), 1))
}
