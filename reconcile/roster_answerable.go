package reconcile

import (
	"fmt"
	"time"

	"rollcall/internal/access"
)

// answerable gives the reasons to refuse the file of which a person may know that they are
// none, in one: who answers for the file answers for them all.
func answerable(r access.Roster, last access.AcceptedRoster, rows []access.Identity, gone []access.PersonKey, history []access.AcceptedRoster, g RosterGuard, now time.Time) *access.GuardError {
	count, limit, says := numbersAgainst(r, rows, gone, history, g, now)
	no := &access.GuardError{Says: says, Mend: "if that is right, somebody answers for this very file (rollcall approve --guard roster); if not, check the report's filter and send the list again"}
	if older := olderThan(r, lastDated(last, history)); older != nil {
		no = older
		if says != "" {
			no.Says += "; and " + says
			no.Saw += fmt.Sprintf(" (and %d, the limit is %d)", count, limit)
		}
	}
	if no.Says == "" {
		return nil
	}
	no.Guard, no.Scope, no.Count, no.Limit, no.Approvable = "roster", string(r.Source), count, limit, true
	return no
}

// numbersAgainst says which number of the list is more than is believed; nothing if none is.
func numbersAgainst(r access.Roster, rows []access.Identity, gone []access.PersonKey, history []access.AcceptedRoster, g RosterGuard, now time.Time) (count, limit int, says string) {
	if shrunk := len(rows) - len(r.Rows); shrunk*100 > len(rows)*g.ShrinkPercent {
		return shrunk, len(rows) * g.ShrinkPercent / 100,
			fmt.Sprintf("%s has %d people, the list in force has %d: %d fewer, and %d %% is the most that is believed", r.File, len(r.Rows), len(rows), shrunk, g.ShrinkPercent)
	}
	limit = max(g.GoneMin, len(rows)*g.GonePercent/100)
	if len(gone) > limit {
		return len(gone), limit, fmt.Sprintf("%s says that %d people are newly gone (left or no longer listed); up to %d is believed in one night", r.File, len(gone), limit)
	}
	if week := len(gone) + goneSince(history, r.Source, now.AddDate(0, 0, -7)); week > limit {
		return week, limit, fmt.Sprintf("%s brings the people who are newly gone in 7 days to %d; up to %d is believed", r.File, week, limit)
	}
	return 0, 0, ""
}

// goneSince counts who was newly gone, but in lists that a person answered for.
func goneSince(history []access.AcceptedRoster, s access.Source, since time.Time) int {
	sum := 0
	for _, h := range history {
		if h.Source == s && h.AcceptedAt.After(since) && h.Approval == "" {
			sum += h.Gone
		}
	}
	return sum
}
