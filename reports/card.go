package reports

import (
	"cmp"
	"fmt"
	"slices"

	"rollcall/internal/access"
)

// The escalation card has one wording, wherever it stands: in worksheets, in
// summaries, and in the runbooks.

// CardGive is what to have ready before calling.
func CardGive() []string { return slices.Clone(cardGive) }

// CardRules is what the card says below that list.
func CardRules() []string { return slices.Clone(cardRest) }

// ContactLine is whom to call for a system, in words, each in one line.
type ContactLine struct {
	For      string `json:"for"`
	System   string `json:"system"`
	Name     string `json:"name"`
	Business string `json:"business_hours"`
	After    string `json:"after_hours"`
	Hours    string `json:"hours,omitempty"`
}

// Contacts are whom to call about these systems, in the order in which they are called.
func Contacts(all []access.Contact, systems []string) []ContactLine {
	out := []ContactLine{}
	for _, k := range contactsFor(all, systems) {
		out = append(out, ContactLineOf(k))
	}
	return out
}

// ContactLineOf is one contact in words.
func ContactLineOf(k access.Contact) ContactLine {
	return ContactLine{For: line(ResponsibilityWord(k.Responsibility)), System: line(contactSystem(k)), Name: line(k.Name),
		Business: line(k.BusinessHours), After: cmp.Or(line(k.AfterHours), "wait for business hours"), Hours: line(contactHours(k))}
}

// SayNotBlocked is what to say when an account of somebody whose access ended could
// not be blocked. Ended is a clause such as "their employment ended".
func SayNotBlocked(subject, ended string, run access.RunID) string {
	return fmt.Sprintf("%s: %s, and rollcall could not block this account. Block it by hand now, read it back, and tell HR. Run %s.", subject, ended, run)
}

// SayUnseen is what to say when nobody has seen the block to work.
func SayUnseen(subject, ended string, run access.RunID) string {
	return fmt.Sprintf("%s: %s, and nobody has seen the block to work. Look now whether a login or a key still works, and block it if so. Run %s.", subject, ended, run)
}

// SayHeld is what to say when something holds the block.
func SayHeld(subject, ended string, run access.RunID) string {
	return fmt.Sprintf("%s: %s, and a guard or a gap holds the block. Decide today: clear what holds it, or block it by hand. Run %s.", subject, ended, run)
}

// SayUrgent is what to say about an urgent finding; reason is a sentence.
func SayUrgent(kind access.FindingKind, subject, reason, finding string, run access.RunID) string {
	return fmt.Sprintf("%s: %s. %s Finding %s of run %s.", kind, subject, reason, finding, run)
}

// SayGuard is what to say when a guard tripped; says and mend are sentences.
func SayGuard(guard, scope, held, says, mend string, run access.RunID) string {
	return fmt.Sprintf("The guard %s (%s) tripped; it holds %s. %s %s Run %s.", guard, scope, held, says, mend, run)
}

// stepsIn names the page with the steps, among those that rollcall runbook writes.
func stepsIn(r access.Runbook) string { return "the page " + r.Page() + " of the runbooks" }

// steps points to the page with the steps; nothing where there is none.
func steps(r access.Runbook) string {
	if r == "" {
		return ""
	}
	return "Steps: " + stepsIn(r) + "."
}
