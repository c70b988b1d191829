package reconcile

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"rollcall/internal/access"
)

// choiceWords are what people may write for a choice; nothing else is guessed.
var choiceWords = map[string]access.Choice{
	"keep": access.ChooseKeep, "validate": access.ChooseKeep, "approve": access.ChooseKeep, "maintain": access.ChooseKeep,
	"certify": access.ChooseKeep, "retain": access.ChooseKeep, "ok": access.ChooseKeep, "yes": access.ChooseKeep,
	"change": access.ChooseChange, "modify": access.ChooseChange, "downgrade": access.ChooseChange,
	"remove": access.ChooseRemove, "revoke": access.ChooseRemove, "deny": access.ChooseRemove, "reject": access.ChooseRemove, "no": access.ChooseRemove,
	"not mine": access.ChooseNotMine, "reassign": access.ChooseNotMine,
}

// ParseChoice reads a decision as people write it; a blank is no choice. False: the
// word is none that a decision has.
func ParseChoice(written string) (access.Choice, bool) {
	word := access.Fold(strings.Join(strings.Fields(written), " "))
	if word == "" {
		return access.ChooseNothing, true
	}
	c, ok := choiceWords[word]
	return c, ok
}

// shortestReason is how many characters a reason has at least, where one is needed.
const shortestReason = 10

// Flagged reports whether a reviewer is shown why a row is flagged.
func Flagged(i *access.Item) bool { return i.FindingID != "" || i.Why != "" }

// ReasonFor says why a choice about a row needs a reason, as reviewers read it; "": it
// does not.
func ReasonFor(i *access.Item, c access.Choice) string {
	switch {
	case c == access.ChooseChange:
		return "Change"
	case c == access.ChooseNotMine:
		return "Not mine"
	case c != access.ChooseKeep:
		return ""
	case i.Risk == access.RiskPrivileged:
		return "Keep of privileged access"
	case Flagged(i):
		return "Keep of a flagged row"
	case i.Suggested != "" && i.Suggested != "Keep":
		return "Keep against the suggestion"
	}
	return ""
}

// reasoned reports whether a text is long enough for a reason.
func reasoned(reason string) bool {
	return utf8.RuneCountInString(strings.Join(strings.Fields(reason), " ")) >= shortestReason
}

// ownWords says who has to judge a row in the place of whom it is about.
func (j *judging) ownWords() string {
	i, reviewer := &j.issued.Item, reviewerOf(&j.sheet.Sheet)
	switch {
	case !j.st.subject(i, j.by):
		return fmt.Sprintf("this is the access of %s, who stands in for %s, and nothing proves who of them answered. %s has to send the file themselves", j.other.name, j.by.name, j.by.name)
	case j.route.may(i, reviewer):
		return fmt.Sprintf("nobody reviews their own access. Leave the row blank: %s has to answer it", reviewer.name)
	}
	return fmt.Sprintf("nobody reviews their own access. Leave the row blank, and tell %s that somebody else has to answer it", j.c.Approver)
}
