package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"rollcall/internal/access"
	"rollcall/internal/config"
	"rollcall/reconcile"
)

// checkNotices names every audience that no channel reaches, and hours that are not
// understood. Who has no contact at all, checkContacts tells.
func checkNotices(k *checkup, cfg config.Config, contacts []access.Contact) {
	for _, c := range contacts {
		if _, err := reconcile.ParseHours(c.Hours); err != nil {
			k.Problems = append(k.Problems, access.Problem{Severity: access.Note, File: c.File, Row: c.Row, Column: "hours", Value: c.Hours,
				Says: "We do not understand these hours: " + err.Error() + ".", Meanwhile: "Monday to Friday, 9 to 17, is taken.", Mend: "Write them as Mon-Fri 09:00-17:30."})
		}
	}
	rules := noticeRules(cfg)
	if rules == nil {
		return
	}
	rules.Contacts = contacts
	for _, a := range reconcile.NoticeAudiences() {
		channels := cfg.Notices.Tell[a.Audience]
		people := a.Audience == access.ForManager || a.Audience == access.ForReviewer
		addressed := slices.ContainsFunc(channels, func(name string) bool { return rules.Channels[name].Addressed })
		switch {
		case len(channels) == 0:
			k.note(cfg.File, fmt.Sprintf("notices.tell has no channel for %s.", a.Audience), fmt.Sprintf("They are told nothing; the most urgent of it is %s.", strings.ReplaceAll(string(a.Urgency), "_", " ")), "Add the channels by which they are told.")
		case people && !addressed:
			k.note(cfg.File, fmt.Sprintf("notices.tell has no channel for %s that sends mail.", a.Audience), "They are people of HR's lists, and are reached by nothing else.", "Add one with smtp.")
		case people:
		case addressed && len(rules.Addresses(a.Audience)) == 0:
			k.note(cmp.Or(cfg.Policy.Contacts, cfg.File), fmt.Sprintf("There is no e-mail address of %s.", a.Audience), "The channel that sends mail is passed over.", "Write one into business_hours_contact.")
		}
	}
}
