package audit

import (
	"slices"
	"strings"

	"rollcall/reports/archive"
)

// Chain gives what the answers can rest on: every committed run, oldest first.
func (a *Archive) Chain() []archive.CommittedRun { return a.runs }

// Signed gives the manifest of a run of the chain, with its signature.
func (a *Archive) Signed(r archive.CommittedRun) (archive.Signed, error) { return r.Signed(a.store) }

// HasNight reports whether a night stands at a date: questions about one night have no
// answer before the first.
func (a *Archive) HasNight(date string) (bool, error) {
	_, found, err := a.nightAt(date)
	return found, err
}

// NeedsNight reports whether the question is about single nights, and so has no answer
// before the first.
func (q Question) NeedsNight() bool {
	return slices.ContainsFunc(q.nights, func(p string) bool { return !strings.HasSuffix(p, "?") })
}
