package reports

import (
	"cmp"
	"slices"
	"strings"

	"rollcall/internal/access"
)

// responsibilities in the order in which they are called.
var responsibilities = []string{"on_call", "owner", "security", "hr", "compliance"}

// responsibilityWords says a responsibility of contacts.csv in plain words.
var responsibilityWords = map[string]string{
	"on_call": "IT on call", "owner": "System owner", "security": "Security", "hr": "HR", "compliance": "Compliance",
}

// ResponsibilityWord says a responsibility of contacts.csv in plain words.
func ResponsibilityWord(r string) string { return cmp.Or(responsibilityWords[r], r) }

// contactsFor gives the contacts of these systems and those of every system,
// in the order in which they are called.
func contactsFor(all []access.Contact, systems []string) []access.Contact {
	var out []access.Contact
	for _, c := range all {
		if c.System == "" || slices.Contains(systems, c.System) {
			out = append(out, c)
		}
	}
	rank := func(c access.Contact) int {
		if at := slices.Index(responsibilities, c.Responsibility); at >= 0 {
			return at
		}
		return len(responsibilities)
	}
	slices.SortStableFunc(out, func(a, b access.Contact) int {
		return cmp.Or(rank(a)-rank(b), strings.Compare(a.System, b.System), strings.Compare(a.Name, b.Name))
	})
	return out
}

// ownersOf names the owners of a system, as contacts.csv has them.
func ownersOf(all []access.Contact, system string) []string {
	var out []string
	for _, c := range contactsFor(all, []string{system}) {
		if c.Responsibility == "owner" {
			out = appendNew(out, c.Name)
		}
	}
	return out
}

// contactSystem says which systems a contact is for.
func contactSystem(c access.Contact) string { return cmp.Or(c.System, "every system") }

// contactHours says when a contact's business hours are.
func contactHours(c access.Contact) string {
	return strings.TrimSpace(c.Hours + " " + c.TimeZone)
}

// cardGive is what to have ready before calling (the escalation card).
var cardGive = []string{
	"The person's full name and employee ID, or their work e-mail.",
	"What must happen: remove everything, remove one thing (which), or restore.",
	"From when, with the time zone.",
	"Why, in one of these words: resignation, dismissal, contract end, lost device, suspected misuse, mistake.",
	"Who approved it, and a number on which they can be reached.",
	"The run ID, and the row ID or finding ID if there is one.",
	"Whether the person has been told already: yes or no.",
	"Which systems you know of.",
}

// cardGive is the card's list for this worksheet.
func (s *sheet) cardGive() []string {
	list := slices.Clone(cardGive)
	if s.campaign != nil {
		list[cardRun] = "The campaign, " + string(s.campaign.Campaign.ID) + ", and the Row ID if there is one."
	}
	return list
}

// cardRest is the card's end for this worksheet: the pages with the steps too, for
// reviewers and for what its rows are about.
func (s *sheet) cardRest() []string {
	pages := []access.Runbook{access.RunbookPeriodicReview}
	for i := range s.issued {
		if r := s.issued[i].Item.FindingKind.Runbook(); r != "" && !slices.Contains(pages, r) {
			pages = append(pages, r)
		}
	}
	slices.Sort(pages[1:])
	says := steps(pages[0])
	for _, r := range pages[1:] {
		says += " " + runbookFor[r] + ": " + r.Page() + "."
	}
	return append(slices.Clone(cardRest), says)
}

// runbookFor says what of a worksheet's flags a page is about.
var runbookFor = map[access.Runbook]string{
	access.RunbookOffboarding: "People who left", access.RunbookUrgentRemoval: "Access of people who left that was used, or is protected",
	access.RunbookMistake: "People who are blocked by mistake", access.RunbookAccessRequest: "Exceptions", access.RunbookOnboarding: "People who start",
	access.RunbookRoleChange: "Access of an earlier job", access.RunbookBreakGlassUsed: "Break-glass accounts", access.RunbookRosterRefused: "People whom HR's list leaves open",
}

// cardRun is the line of cardGive that names the run.
const cardRun = 5

// cardRest is what the card says below that list.
var cardRest = []string{cardAfter, cardDoNot, cardPromise, cardLadder}

// The sentences of cardRest.
const (
	cardAfter   = "After hours only when somebody must lose access now, the wrong person was cut off, or misuse is possible."
	cardDoNot   = "Do not send passwords, or medical or disciplinary detail."
	cardPromise = "You get back: an answer within 15 minutes (after hours, critical) or 4 hours, a reference number, and a list of what was removed and when."
	cardLadder  = "No answer? IT on call: 15 minutes. Then the security lead: 30 minutes. Then the head of security or of HR: 60 minutes."
)
