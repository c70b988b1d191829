package runbook

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"rollcall/internal/access"
	"rollcall/internal/config"
	"rollcall/reports"
)

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
