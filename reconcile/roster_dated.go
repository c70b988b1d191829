package reconcile

import (
	"fmt"
	"slices"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/phrase"
)

// olderThan refuses a list that is, or may be, older than one that was accepted. A day that
// can be read in two ways makes neither list the newer one: what is older by every reading
// is older, and what is by some of them may be.
func olderThan(r access.Roster, dated access.AcceptedRoster) *access.GuardError {
	first, last := span(r.AsOf, r.AsOfOr)
	before, after := span(dated.AsOf, dated.AsOfOr)
	if first.IsZero() || !first.Before(after) || first.Equal(before) && last.Equal(after) {
		return nil
	}
	const anyway = "somebody answers for this very file (rollcall approve --guard roster)"
	how, mend := "is", "send the newest export; if this is it and the day is wrong, "+anyway
	if !last.Before(before) {
		how, mend = "may be", "let the report write its day as 2026-05-04 and send the newest export; if this is it, "+anyway
	}
	of, saw := "it says that it is of "+phrase.Day(first), "a list of "+phrase.Day(first)
	if !first.Equal(last) {
		of, saw = fmt.Sprintf("its day can be read as %s or as %s", phrase.Day(first), phrase.Day(last)), saw+" or "+phrase.Day(last)
	}
	return &access.GuardError{Mend: mend, Saw: saw, Passes: fmt.Sprintf("one of %s (the day of the list accepted on %s) or later", phrase.Day(after), phrase.Day(dated.AcceptedAt)),
		Says: fmt.Sprintf("%s %s older than what is known already: %s, and the list accepted on %s was of %s", r.File, how, of, phrase.Day(dated.AcceptedAt), dated.Dated())}
}

// span is from the earliest to the latest day that is meant.
func span(asOf, or time.Time) (first, last time.Time) {
	if or.IsZero() {
		return asOf, asOf
	}
	return asOf, or
}

// lastDated is the last list of its source that said of which day it was: one that does not
// say makes no older list a newer one.
func lastDated(last access.AcceptedRoster, history []access.AcceptedRoster) access.AcceptedRoster {
	if !last.AsOf.IsZero() {
		return last
	}
	for _, h := range slices.Backward(history) {
		if h.Source == last.Source && !h.AsOf.IsZero() {
			return h
		}
	}
	return last
}
