package reports

import (
	"cmp"

	"rollcall/internal/access"
)

// findingTitles say a kind of finding to people.
var findingTitles = map[access.FindingKind]string{
	access.LeaverAccess:     "Has left and still has access",
	access.LeaverRemains:    "Has left: blocked, not removed yet",
	access.UsedAfterExit:    "Used after the person had left",
	access.ProtectedLeaver:  "Has left, and the account is protected",
	access.PerhapsTheirs:    "May be theirs, and was not touched",
	access.VanishedPerson:   "No longer in HR's list",
	access.BlockedActive:    "Works here, but was blocked",
	access.HeldPerson:       "HR's list is unclear",
	access.Excepted:         "Allowed by an exception",
	access.ExpiredException: "The exception has ended",
	access.UnexpectedGrant:  "Access that no rule gives",
	access.MissingGrant:     "Access that is missing",
	access.EarlyAccess:      "Access before the first day",
	access.MoverResidue:     "Access of an earlier job",
	access.UnmappedRole:     "A role without rules",
	access.OrphanAccount:    "Account that is nobody's",
	access.AmbiguousMatch:   "Account that could be several people's",
	access.OwnerlessAccount: "Non-human account without an owner",
	access.ReviewOverdue:    "Non-human account, review overdue",
	access.SoDConflict:      "Two rights that nobody should have together",
	access.BreakGlassUsed:   "Break-glass account was used",
	access.DormantAccess:    "Access that nobody uses",
	access.StaleKey:         "Old access key",
	access.NoMFA:            "Sign-in without a second factor",
	access.ReviewRemoval:    "A review removes it, and it is still there",
}

func findingTitle(k access.FindingKind) string { return cmp.Or(findingTitles[k], string(k)) }

// nextWords say what follows from a finding.
var nextWords = map[access.Disposition]string{
	access.ToRevoke: "rollcall ends it",
	access.ToReview: "a reviewer decides",
	access.ToHold:   "nothing is touched; HR or security answers",
	access.ToUrgent: "security looks at once",
	access.ToTask:   "its owner sees to it",
	access.ToReport: "for your information",
}

func nextWord(d access.Disposition) string { return cmp.Or(nextWords[d], string(d)) }

// Texts that stand for what not everybody may read. A finding's own words may say
// that somebody is ill or on leave, or why an exception was needed.
var untold = map[access.FindingKind]string{
	access.HeldPerson:     "HR's list does not say clearly whether this person works here. HR has the details, and answers them.",
	access.VanishedPerson: "An earlier list of HR's had this person, and the list in force does not. HR has been asked, and answers in answers.csv.",
	access.Excepted:       "An exception allows it for a time. The line that is named has the reason and the end.",
}
