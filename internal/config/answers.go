package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
)

// Answers are what a company is asked before its first night. All that is not in
// them stays as the example has it.
type Answers struct {
	Company, TimeZone string
	Okta              *OktaAnswers // nil: the company has none
	AWS               *AWSAnswers
	// Rosters are HR's files, each a path below or from the configuration's folder.
	Rosters []RosterAnswer
}

// OktaAnswers say how to read Okta: with a token, or as a service app.
type OktaAnswers struct {
	URL      string
	Token    Secret // File is a path from the configuration's folder here
	ClientID string
	Key      Secret
}

// AWSAnswers say how to read AWS. What is empty is left out.
type AWSAnswers struct{ Region, Role, ManagementRole, Profile, Endpoint string }

// RosterAnswer is one of HR's lists.
type RosterAnswer struct{ Name, File string }

// Fill writes the answers into the example. What it gives is accepted by Load, if
// the answers are.
func Fill(a Answers) ([]byte, error) {
	f := &filling{text: Example()}
	f.line("  name: Example Ltd", "  name: "+quoted(a.Company))
	f.line("  timezone: Europe/Amsterdam", "  timezone: "+quoted(a.TimeZone))
	f.okta(a.Okta)
	f.aws(a.AWS)
	f.rosters(a.Rosters)
	return f.text, f.err
}

// filling is an example in which lines are being replaced.
type filling struct {
	text []byte
	err  error
}

// line replaces a line that the example has exactly once.
func (f *filling) line(from, to string) {
	from, to = "\n"+from+"\n", "\n"+to+"\n"
	if to == "\n\n" {
		to = "\n"
	}
	if f.err == nil && bytes.Count(f.text, []byte(from)) != 1 {
		f.err = fmt.Errorf("fill in the example: it has %q not once", strings.TrimSpace(from))
		return
	}
	f.text = bytes.Replace(f.text, []byte(from), []byte(to), 1)
}

// cut leaves out what stands from one line up to another.
func (f *filling) cut(from, to string) {
	begin := bytes.Index(f.text, []byte("\n"+from+"\n"))
	end := bytes.Index(f.text, []byte("\n"+to+"\n"))
	if begin < 0 || end < begin {
		if f.err == nil {
			f.err = fmt.Errorf("fill in the example: it has no %q before %q", strings.TrimSpace(from), to)
		}
		return
	}
	f.text = append(f.text[:begin:begin], f.text[end:]...)
}

func (f *filling) okta(o *OktaAnswers) {
	if o == nil {
		f.cut("  okta:", "  aws:")
		return
	}
	url := "    org_url: " + quoted(o.URL)
	if strings.HasPrefix(o.URL, "http:") {
		url += "\n    allow_http: true   # only ever for a system on this machine"
	}
	f.line("    org_url: https://example.okta.com", url)
	if o.ClientID == "" {
		f.line("    token: {env: OKTA_TOKEN}", "    token: "+reference(o.Token))
		return
	}
	f.line("    token: {env: OKTA_TOKEN}", "    # token: {env: OKTA_TOKEN}")
	f.line("    # client_id: 0oa1b2c3d4e5f6g7h8i9", "    client_id: "+quoted(o.ClientID))
	f.line("    # private_key: {file: keys/okta-read.pem}", "    private_key: "+reference(o.Key))
}

func (f *filling) aws(a *AWSAnswers) {
	if a == nil {
		f.cut("  aws:", "# HR's lists of people. Several are fine, such as employees and contractors.")
		return
	}
	role := "    role: " + quoted(a.Role)
	if a.Endpoint != "" {
		role += "\n    endpoint: " + quoted(a.Endpoint) + "   # only ever for a system on this machine"
	}
	f.line("    region: eu-west-1", "    region: "+quoted(a.Region))
	f.line("    role: rollcall-read", role)
	if a.ManagementRole != "" {
		f.line("    # management_role: rollcall-read", "    management_role: "+quoted(a.ManagementRole))
	}
	if a.Profile != "" {
		f.line("    # profile: rollcall-read", "    profile: "+quoted(a.Profile))
	}
}

// rosters names the first list where the example has its own, with what may be said
// of one, and the others below.
func (f *filling) rosters(all []RosterAnswer) {
	if len(all) == 0 {
		return
	}
	f.line("  - name: employees", "  - name: "+quoted(all[0].Name))
	f.line("    file: roster.csv", "    file: "+quoted(all[0].File))
	more := ""
	for _, r := range all[1:] {
		more += "  - name: " + quoted(r.Name) + "\n    file: " + quoted(r.File) + "\n"
	}
	if policy := "\n# The files in which people decide who may have what."; more != "" {
		f.line(policy, more+policy)
	}
}

// quoted is a text as YAML takes it, whatever is in it: plain where that cannot be
// misread, else as JSON, which YAML includes.
func quoted(s string) string {
	if plain(s) {
		return s
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a text always can be
	return strings.TrimSpace(b.String())
}

// plainText is what YAML takes for a text without quotes: words that begin with a
// letter, or an address.
var plainText = regexp.MustCompile(`^(?:[A-Za-z][\w/.-]*(?: [\w/.-]+)*|https?://[\w.:/-]*[\w/])$`)

// plain reports whether a text cannot be misread without quotes.
func plain(s string) bool {
	switch strings.ToLower(s) {
	case "y", "n", "yes", "no", "on", "off", "true", "false", "null":
		return false
	}
	return plainText.MatchString(s)
}

func reference(s Secret) string {
	if s.Env != "" {
		return "{env: " + quoted(s.Env) + "}"
	}
	return "{file: " + quoted(s.File) + "}"
}

// Filled reports with which answers a configuration was filled in, and whether nobody
// changed a byte of it since.
func Filled(c Config, text []byte) (a Answers, untouched bool) {
	for _, back := range []func(string) string{c.fromDir, func(file string) string { return file }} {
		a = c.answers(back)
		if again, err := Fill(a); err == nil && bytes.Equal(again, text) {
			return a, true
		}
	}
	return a, false
}

// fromDir is a path as it stands in the file, if it was relative.
func (c Config) fromDir(file string) string {
	if rel, err := filepath.Rel(c.Dir, file); err == nil && file != "" {
		return filepath.ToSlash(rel)
	}
	return file
}

// answers are those that would have led to this configuration; back gives the file of a
// secret as it was written.
func (c Config) answers(back func(string) string) Answers {
	a := Answers{Company: c.Company.Name, TimeZone: c.Company.TimeZone}
	lies := func(s Secret) Secret { return Secret{Env: s.Env, File: back(s.File)} }
	for _, s := range c.Systems {
		switch s.Type {
		case TypeOkta:
			a.Okta = &OktaAnswers{URL: s.Okta.OrgURL, Token: lies(s.Okta.Read.Token), ClientID: s.Okta.Read.ClientID, Key: lies(s.Okta.Read.PrivateKey)}
		case TypeAWS:
			a.AWS = &AWSAnswers{Region: s.AWS.Region, Role: s.AWS.Role, ManagementRole: s.AWS.ManagementRole, Profile: s.AWS.Profile, Endpoint: s.AWS.Endpoint}
		}
	}
	for _, r := range c.Rosters {
		a.Rosters = append(a.Rosters, RosterAnswer{Name: string(r.Name), File: r.File})
	}
	return a
}
