package runbook

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"rollcall/internal/access"
	"rollcall/internal/config"
	"rollcall/reconcile"
	"rollcall/reports"
)

// company is what the pages are about.
type company struct {
	cfg    config.Config
	policy access.Policy
	file   string // the configuration's path, for commands
}

// New makes the pages. The commands in them name the configuration by file; tool is
// which program made them. It is an error if anybody is missing whom a page has to name.
func New(cfg config.Config, policy access.Policy, file, tool string) (Book, error) {
	if lacks := Lacking(cfg, policy.Contacts); len(lacks) > 0 {
		return Book{}, fmt.Errorf("%s: %s %s", lacks[0].File, lacks[0].Says, lacks[0].Mend)
	}
	cfg.Policy.DormantDays = cmp.Or(cfg.Policy.DormantDays, reconcile.UsualDormantDays)
	cfg.Policy.KeyDays = cmp.Or(cfg.Policy.KeyDays, reconcile.UsualKeyDays)
	cfg.Policy.MoverDays = cmp.Or(cfg.Policy.MoverDays, reconcile.UsualMoverDays)
	c := company{cfg, policy, file}
	b := Book{Company: cmp.Or(cfg.Company.Name, "this company"), Config: file, Tool: tool, Contacts: c.contacts()}
	for _, page := range []func() Page{c.onboarding, c.roleChange, c.offboarding, c.urgentRemoval, c.mistake, c.accessRequest, c.periodicReview,
		c.auditRequest, c.rosterRefused, c.guardTripped, c.revocationFailed, c.breakGlassUsed} {
		b.Pages = append(b.Pages, page())
	}
	return b, nil
}

func (c company) contacts() []Person {
	var names []string
	for _, s := range c.cfg.Systems {
		names = append(names, string(s.Name))
	}
	var out []Person
	for _, l := range reports.Contacts(c.policy.Contacts, names) {
		out = append(out, personOf(l))
	}
	return append(out, c.approver()...)
}

func personOf(l reports.ContactLine) Person {
	p := Person{For: l.For, Name: l.Name, Business: l.Business, After: l.After}
	if l.System != "every system" {
		p.For += " of " + l.System
	}
	if l.Hours != "" {
		p.Business += " (" + l.Hours + ")"
	}
	return p
}

func (c company) named(responsibility, system string) []Person {
	var out []Person
	for _, k := range contactsOf(c.policy.Contacts, responsibility, system) {
		out = append(out, personOf(reports.ContactLineOf(k)))
	}
	return out
}

func (c company) hr() []Person         { return c.named("hr", "") }
func (c company) security() []Person   { return c.named("security", "") }
func (c company) compliance() []Person { return c.named("compliance", "") }
func (c company) onCall() []Person     { return c.named("on_call", "") }

// owners are the owners of all systems.
func (c company) owners() []Person {
	var out []Person
	for _, s := range c.cfg.Systems {
		for _, p := range c.named("owner", string(s.Name)) {
			if !slices.Contains(out, p) {
				out = append(out, p)
			}
		}
	}
	return out
}

func (c company) approver() []Person {
	return []Person{{"Approver of reviews", c.cfg.Review.Approver, cmp.Or(c.cfg.Review.ApproverMail, "in person"), "wait for business hours"}}
}

// Somebody whom no file names, because it depends on the case.
var (
	manager   = []Person{{For: "The person's manager", Name: "whom HR's list names in the column manager_id"}}
	reviewer  = []Person{{For: "Reviewer", Name: "whose name is on the worksheet"}}
	keyHolder = []Person{{For: "Whoever may approve", Name: "somebody whose public key approvals.keys names; never the one whose mistake it may be"}}
)

func either(all ...[]Person) []Person { return slices.Concat(all...) }

// consoles are the pages of the systems where people are looked after.
func (c company) consoles() []Tool {
	var out []Tool
	for _, s := range c.cfg.Systems {
		switch s.Type {
		case config.TypeOkta:
			out = append(out, Tool{Says: fmt.Sprintf("Okta's console (%s), page People:", s.Name), URL: oktaAdmin(s.Okta.OrgURL) + "/admin/users"})
		case config.TypeAWS:
			out = append(out, Tool{Says: fmt.Sprintf("The console of AWS (%s), users of IAM, in the account that the summary names:", s.Name), URL: "https://console.aws.amazon.com/iam/home#/users"})
			if !s.AWS.SkipIdentityCenter {
				out = append(out, Tool{Says: fmt.Sprintf("The console of AWS (%s), users of Identity Center:", s.Name),
					URL: "https://" + s.AWS.Region + ".console.aws.amazon.com/singlesignon/home?region=" + url.QueryEscape(s.AWS.Region) + "#!/users"})
			}
		}
	}
	return out
}

// oktaAdmin is where administrators of an Okta organisation work: its name with -admin
// (https://help.okta.com/en-us/content/topics/settings/settings-configure-custom-url.htm);
// an organisation under a domain of its own leads there itself.
func oktaAdmin(org string) string {
	org = strings.TrimSuffix(org, "/")
	u, err := url.Parse(org)
	if err != nil {
		return org
	}
	for _, domain := range []string{".okta.com", ".oktapreview.com", ".okta-emea.com"} {
		if name, is := strings.CutSuffix(u.Host, domain); is && !strings.HasSuffix(name, "-admin") {
			return u.Scheme + "://" + name + "-admin" + domain
		}
	}
	return org
}

// acts reports whether the night blocks by itself.
func (c company) acts() bool { return c.cfg.Mode == access.Enforce }

// manually reports whether what a person starts acts.
func (c company) manually() bool { return c.cfg.Manual == access.Enforce }

// removes reports whether what is left of blocked accounts is removed.
func (c company) removes() bool { return c.acts() && c.cfg.Remove.Mode == access.Enforce }

// restoring is the configuration of the machine that gives back: this one, if it has
// the credentials.
func (c company) restoring() string {
	for _, s := range c.cfg.Systems {
		if !s.Okta.Restore.Zero() || s.AWS.RestoreRole != "" {
			return c.file
		}
	}
	return "CONFIG"
}

// approving is the configuration of the machine that approves.
func (c company) approving() string {
	if !c.cfg.Approvals.Key.Zero() {
		return c.file
	}
	return "CONFIG"
}
