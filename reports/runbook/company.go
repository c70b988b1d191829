package runbook

import (
	"cmp"
	"fmt"
	"net/url"
	"path/filepath"
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

// Lack is somebody whom the pages would have to name, and nobody has named.
type Lack struct {
	File   string `json:"file"`
	Column string `json:"column"` // or the key
	Says   string `json:"says"`
	Mend   string `json:"mend"`
}

// Lacking tells who is missing: without them a page could not say whom to call.
func Lacking(cfg config.Config, contacts []access.Contact) []Lack {
	file := cmp.Or(cfg.Policy.Contacts, "contacts.csv")
	var out []Lack
	if cfg.Policy.Contacts == "" {
		return append(out, Lack{cfg.File, "policy.contacts", "policy.contacts is not set: nobody is named.", "Write contacts.csv with on_call and security (both with an after_hours_contact), hr, compliance, and an owner of each system; and contacts: contacts.csv under policy."})
	}
	for _, r := range []string{"on_call", "security", "hr", "compliance"} {
		night := r == "on_call" || r == "security"
		out = append(out, lacking(file, r, "", night, contactsOf(contacts, r, ""))...)
	}
	for _, s := range cfg.Systems {
		out = append(out, lacking(file, "owner", string(s.Name), false, contactsOf(contacts, "owner", string(s.Name)))...)
	}
	if cfg.Review.Approver == "" {
		out = append(out, Lack{cfg.File, "review.approver", "review.approver is not set: nobody answers for access reviews.", "Write review: {approver: {name: ..., mail: ...}}."})
	}
	return out
}

// lacking tells what is missing of one responsibility. Somebody who is called at night
// needs a way to be reached then.
func lacking(file, responsibility, system string, night bool, named []access.Contact) []Lack {
	about, line := "every system", ","+responsibility
	if system != "" {
		about, line = system, system+","+responsibility
	}
	word := reports.ResponsibilityWord(responsibility)
	if len(named) == 0 {
		more := ""
		if night {
			more = ", with an after_hours_contact"
		}
		return []Lack{{file, "responsibility", fmt.Sprintf("Nobody is named as %s (%s) for %s.", responsibility, word, about),
			fmt.Sprintf("Add a line that begins with %s, with a name and a business_hours_contact%s.", line, more)}}
	}
	var out []Lack
	if !slices.ContainsFunc(named, func(c access.Contact) bool { return strings.TrimSpace(c.BusinessHours) != "" }) {
		out = append(out, Lack{file, "business_hours_contact", fmt.Sprintf("%s (%s) for %s cannot be reached.", named[0].Name, word, about), "Write an e-mail or a telephone number."})
	}
	if night && !slices.ContainsFunc(named, func(c access.Contact) bool { return strings.TrimSpace(c.AfterHours) != "" }) {
		out = append(out, Lack{file, "after_hours_contact", fmt.Sprintf("%s (%s) for %s cannot be reached after hours, and pages send people there at any hour.", named[0].Name, word, about),
			"Write a telephone number or a pager that somebody answers at night."})
	}
	return out
}

// contactsOf are those with a responsibility for a system, or for every one. For every
// one (system is empty) a line about one system does not count.
func contactsOf(all []access.Contact, responsibility, system string) []access.Contact {
	var out []access.Contact
	for _, c := range all {
		if c.Responsibility == responsibility && (c.System == "" || system != "" && strings.EqualFold(c.System, system)) {
			out = append(out, c)
		}
	}
	return out
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

// type types a command with this company's configuration.
func (c company) command(args ...string) *Command { return c.commandWith(c.file, args...) }

func (c company) commandWith(file string, args ...string) *Command {
	words := []string{"rollcall"}
	for _, a := range append(args, "--config", file) {
		words = append(words, shellWord(a))
	}
	return &Command{Line: strings.Join(words, " "), Ends: []int{0}}
}

func (c *Command) ends(codes ...int) *Command     { c.Ends = codes; return c }
func (c *Command) shows(texts ...string) *Command { c.Shows = texts; return c }
func (c *Command) not(texts ...string) *Command   { c.Not = texts; return c }

// shellWord writes a word so that a shell takes it for one. What a person writes in
// the place of a blank may have spaces.
func shellWord(s string) string {
	plain := s != "" && strings.IndexFunc(s, func(r rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=@,+", r)
	}) < 0
	if plain && !slices.Contains([]string{"WHO", "WHY", "RIGHT", "FILE", "FOLDER", "TICKET"}, s) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

func typed(says string, k *Command) Tool { return Tool{Says: says, Command: k} }

// path is a place of the configuration as commands name it.
func (c company) path(p string, more ...string) string {
	if !filepath.IsAbs(p) {
		p = filepath.Join(filepath.Dir(c.file), p)
	}
	return filepath.Join(append([]string{p}, more...)...)
}

// inReports is a place in the folder of a run's reports.
func (c company) inReports(more ...string) string {
	return c.path(c.cfg.Reports.Dir, append([]string{"RUN"}, more...)...)
}

// summary says where a run's summary is.
func (c company) summary() Tool {
	return Tool{Says: "The summary of the run: " + c.inReports("summary.md")}
}

// lists names HR's lists with their files.
func (c company) lists() string {
	var all []string
	for _, r := range c.cfg.Rosters {
		all = append(all, fmt.Sprintf("%s (%s)", r.Name, c.path(r.File)))
	}
	return strings.Join(all, ", ")
}

// checkLists are the commands with which HR tries a list.
func (c company) checkLists(more ...string) []Tool {
	var out []Tool
	for _, r := range c.cfg.Rosters {
		k := c.command(append([]string{"check", "--roster", c.path(r.File), "--source", string(r.Name)}, more...)...)
		out = append(out, typed(fmt.Sprintf("Try the list %s:", r.Name), k))
	}
	return out
}

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

func days(n int) string {
	if n == 1 {
		return "1 day"
	}
	return fmt.Sprintf("%d days", n)
}
