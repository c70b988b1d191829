package runbook

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"rollcall/internal/access"
	"rollcall/internal/config"
)

const settings = `
company: {name: "Eve <b>Ltd</b> | x", timezone: Europe/Amsterdam}
systems:
  okta: {type: okta, org_url: "https://acme.okta.com", token: {env: A}}
  aws: {type: aws, region: eu-west-1, role: read}
rosters: [{name: employees, file: "hr's list.csv"}]
policy: {rolemap: rolemap.csv, contacts: contacts.csv, nonhuman: nonhuman.csv, protected: ["<i>root</i>*"]}
review: {approver: {name: "Pat <u>x</u>", mail: pat@example.com}}
archive: {signing_key: {env: B}, public_key: public.pem}
`

func loaded(t *testing.T, yaml string) config.Config {
	t.Helper()
	cfg, err := config.Load("rollcall.yaml", []byte(yaml))
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

func staff() []access.Contact {
	contact := func(system, responsibility, after string) access.Contact {
		return access.Contact{System: system, Responsibility: responsibility, Name: hostile, BusinessHours: responsibility + "@example.com", AfterHours: after, Hours: "09:00-17:00", TimeZone: "UTC"}
	}
	return []access.Contact{contact("", "on_call", "+31 20 555 0101"), contact("", "security", "+31 20 555 0100"), contact("", "hr", ""), contact("", "compliance", ""),
		contact("okta", "owner", ""), contact("aws", "owner", "")}
}

func book(t *testing.T) Book {
	t.Helper()
	rule := access.Rule{Role: hostile, Title: "=cmd|' /C calc'!A0", System: "okta", Kind: "group", Entitlement: hostile, Requirement: access.Required, Risk: access.RiskStandard, Owner: hostile, Meaning: hostile, ApprovedBy: hostile}
	p := access.Policy{Contacts: staff(), RoleMap: access.RoleMap{Rules: []access.Rule{rule}},
		NonHuman: []access.NonHuman{{System: "okta", Account: "break-glass@example.com", Kind: access.KindBreakGlass}}}
	b, err := New(loaded(t, settings), p, "/etc/it's here/rollcall.yaml", "rollcall test")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func files(t *testing.T) map[string]string {
	t.Helper()
	all, err := book(t).Files()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, f := range all {
		out[f.Name] = string(f.Text)
	}
	return out
}

func TestThereIsAPageForEachRunbookAndAnIndex(t *testing.T) {
	all := files(t)
	for _, r := range append(slices.Clone(access.Runbooks), "index") {
		for _, ext := range []string{".md", ".html"} {
			if all[string(r)+ext] == "" {
				t.Errorf("there is no %s%s", r, ext)
			}
			delete(all, string(r)+ext)
		}
	}
	for name := range all {
		t.Errorf("%s is no runbook that findings know", name)
	}
}

func TestEachStepSaysWhoHowToSeeItWhatItLeavesAndWhomToCall(t *testing.T) {
	for _, p := range book(t).Pages {
		if len(p.Steps) < 3 || len(p.Here) == 0 || len(p.Readers) == 0 || p.Happened == "" {
			t.Errorf("%s is not whole", p.Name)
		}
		for n, s := range p.Steps {
			if s.Do == "" || len(s.Who) == 0 || s.Verify.Command == nil || s.Verify.Says == "" || s.Leaves == "" || len(s.Fails.To) == 0 || s.Fails.Say == "" {
				t.Errorf("%s, step %d is not whole: %+v", p.Name, n+1, s)
			}
			if strings.Contains(s.Fails.Say, "%!") {
				t.Errorf("%s, step %d: %s", p.Name, n+1, s.Fails.Say)
			}
			for _, who := range s.Fails.To {
				if s.Fails.Now && who.Business != "" && who.After == "wait for business hours" {
					t.Errorf("%s, step %d sends people at any hour to %s, who cannot be reached then", p.Name, n+1, who.For)
				}
			}
		}
	}
}

func TestNobodyButHRAndSecurityIsToldOfADayThatIsAhead(t *testing.T) {
	for _, p := range book(t).Pages {
		for n, s := range p.Steps {
			for _, who := range s.Fails.To {
				if strings.Contains(s.Fails.Say, "leaves on") && who.For != "HR" && who.For != "Security" {
					t.Errorf("%s, step %d has %s told: %s", p.Name, n+1, who.For, s.Fails.Say)
				}
			}
		}
	}
}

func TestEveryWordInCapitalsIsExplained(t *testing.T) {
	known := []string{"CSV", "HR", "IT", "AWS", "IAM", "STOP", "HOLD", "SQL", "SHA", "ANSWER"}
	for _, p := range book(t).Pages {
		for n, s := range p.Steps {
			explained := slices.Clone(known)
			for _, b := range s.Blanks() {
				explained = append(explained, b.Word)
			}
			for _, c := range append(slices.Clone(s.Tools), s.Verify) {
				if c.Command == nil {
					continue
				}
				for _, word := range capitals.FindAllString(c.Command.Line, -1) {
					if !slices.Contains(explained, word) {
						t.Errorf("%s, step %d: what is %s?", p.Name, n+1, word)
					}
				}
			}
		}
	}
}

func TestBothFormsSayTheSame(t *testing.T) {
	all := files(t)
	plain := strings.NewReplacer(`\`, "")
	for _, p := range book(t).Pages {
		_, page := elements(t, all[string(p.Name)+".html"])
		md := plain.Replace(all[string(p.Name)+".md"])
		for _, s := range p.Steps {
			says := append([]string{s.Do, s.Leaves, s.Fails.Say, s.Verify.Says, s.Verify.Command.Line}, s.How...)
			for _, tool := range s.Tools {
				if tool.Command != nil {
					says = append(says, tool.Command.Line)
				}
				says = append(says, tool.URL, tool.Says)
			}
			for _, text := range says {
				flat := strings.Join(strings.Fields(text), " ")
				if !strings.Contains(page, flat) || !strings.Contains(md, plain.Replace(flat)) {
					t.Errorf("%s: only one form says %q", p.Name, text)
				}
			}
		}
	}
}

func TestConsolesAreThoseOfTheCompany(t *testing.T) {
	for org, want := range map[string]string{"https://acme.okta.com": "https://acme-admin.okta.com", "https://acme.oktapreview.com/": "https://acme-admin.oktapreview.com",
		"https://acme-admin.okta.com": "https://acme-admin.okta.com", "https://id.acme.example": "https://id.acme.example"} {
		if got := oktaAdmin(org); got != want {
			t.Errorf("%s: %s, want %s", org, got, want)
		}
	}
	if page := files(t)["urgent-removal.html"]; !strings.Contains(page, `href="https://acme-admin.okta.com/admin/users"`) || !strings.Contains(page, "https://eu-west-1.console.aws.amazon.com/singlesignon/home?region=eu-west-1") {
		t.Error("the consoles are not in the page")
	}
}

func TestWhoIsMissingIsNamedWithWhatToWrite(t *testing.T) {
	cfg := loaded(t, settings)
	if lacks := Lacking(cfg, staff()); len(lacks) != 0 {
		t.Errorf("nobody is missing: %+v", lacks)
	}
	without := func(responsibility, system string) []access.Contact {
		return slices.DeleteFunc(staff(), func(c access.Contact) bool { return c.Responsibility == responsibility && c.System == system })
	}
	change := func(responsibility string, do func(*access.Contact)) []access.Contact {
		all := staff()
		for n := range all {
			if all[n].Responsibility == responsibility {
				do(&all[n])
			}
		}
		return all
	}
	for _, c := range []struct {
		contacts   []access.Contact
		says, mend string
	}{
		{without("hr", ""), "Nobody is named as hr (HR) for every system.", "begins with ,hr,"},
		{without("on_call", ""), "Nobody is named as on_call (IT on call) for every system.", "and a business_hours_contact, with an after_hours_contact."},
		{without("owner", "aws"), "Nobody is named as owner (System owner) for aws.", "begins with aws,owner,"},
		{change("security", func(c *access.Contact) { c.System = "okta" }), "Nobody is named as security (Security) for every system.", "begins with ,security,"},
		{change("security", func(c *access.Contact) { c.AfterHours = " " }), "cannot be reached after hours", "answers at night"},
		{change("compliance", func(c *access.Contact) { c.BusinessHours = "" }), "(Compliance) for every system cannot be reached.", "Write an e-mail"},
	} {
		lacks := Lacking(cfg, c.contacts)
		if len(lacks) != 1 || !strings.Contains(lacks[0].Says, c.says) || !strings.Contains(lacks[0].Mend, c.mend) || lacks[0].File != "contacts.csv" {
			t.Errorf("want %q, %q: %+v", c.says, c.mend, lacks)
		}
		if _, err := New(cfg, access.Policy{Contacts: c.contacts}, "rollcall.yaml", ""); err == nil {
			t.Errorf("pages were made although %s", c.says)
		}
	}
	cfg.Policy.Contacts, cfg.Review.Approver = "", ""
	if lacks := Lacking(cfg, nil); len(lacks) != 1 || lacks[0].Column != "policy.contacts" {
		t.Errorf("%+v", lacks)
	}
}

func TestPathsBeginInTheConfigurationsFolder(t *testing.T) {
	b := book(t)
	if got := b.Pages[0].Commands()[0].Line; !strings.Contains(got, `'/etc/it'\''s here/hr'\''s list.csv'`) || filepath.Base(b.Config) != "rollcall.yaml" {
		t.Error(got)
	}
}

// Whoever approves is often not at the machine of the night: its paths are not theirs.
func TestWhoeverApprovesElsewhereFindsThePlanAndSeesThatItIsTheOne(t *testing.T) {
	elsewhere, here := "", ""
	for name, text := range files(t) {
		if strings.HasSuffix(name, "guard-tripped.md") {
			elsewhere = text
		}
	}
	b, err := New(loaded(t, settings+"approvals: {key: {file: keys/approval.pem}}\n"), access.Policy{Contacts: staff()}, "/etc/rollcall.yaml", "rollcall test")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range b.Pages {
		for _, c := range p.Commands() {
			if strings.Contains(c.Line, " approve --plan") {
				here = c.Line
			}
		}
	}
	for _, want := range []string{"--plan 'PLAN'", "archive/plans/RUN.json", "plan_sha256"} {
		if !strings.Contains(elsewhere, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if !strings.Contains(here, "--plan /etc/reports/RUN/plan.json") {
		t.Errorf("at the machine of the night the plan lies where it was written: %s", here)
	}
}

func TestThatAbsenceCountsIsToldWhereItDoes(t *testing.T) {
	told := func(setting string) bool {
		b, err := New(loaded(t, strings.Replace(settings, `list.csv"}`, `list.csv"`+setting+"}", 1)), access.Policy{Contacts: staff()}, "/etc/rollcall.yaml", "rollcall test")
		if err != nil {
			t.Fatal(err)
		}
		all, err := b.Files()
		if err != nil {
			t.Fatal(err)
		}
		return slices.ContainsFunc(all, func(f File) bool {
			return strings.Contains(string(f.Text), "absent from 4 different lists of employees")
		})
	}
	if told("") || !told(", left_after_lists: 4") {
		t.Errorf("told without the setting: %t", told(""))
	}
}
