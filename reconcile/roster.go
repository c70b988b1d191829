package reconcile

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/phrase"
)

// SourceRoster is one HR list tonight: the rows that are in force, and what was
// decided about the file.
type SourceRoster struct {
	Verdict access.RosterVerdict
	// Rows are in force: tonight's file if it was accepted, else the last
	// accepted one. Empty and InForce.SHA256 == "" means that none ever was.
	Rows []access.Identity
	// Refused are the rows of a refused file as far as they are legible; of one that
	// could not be used at all those that show somebody working. They add no facts;
	// they can only keep somebody from being cut off, or say whom an order is about.
	Refused []access.Identity
	// Vanished are people who were in an accepted list and are in none now.
	Vanished map[access.PersonKey]access.Vanished
	// LeftAfter is after how many different lists without them somebody counts as
	// left; 0: never.
	LeftAfter int
}

// RosterGuard are the limits of guard 2 for one source, with its canaries:
// employee ids that must be in the list.
type RosterGuard struct {
	ShrinkPercent int
	GoneMin       int
	GonePercent   int
	Canaries      []access.EmployeeID
	// LeftAfter is after how many accepted lists of different content somebody who is
	// in none of them counts as left; 0: never, then nothing is counted.
	LeftAfter int
	// Approvals are what people answered for; ApprovalAge is how old one may be (0: 72 hours).
	Approvals   []access.GivenApproval
	ApprovalAge time.Duration
}

func (g RosterGuard) defaults() RosterGuard {
	if g.ShrinkPercent == 0 {
		g.ShrinkPercent = 10
	}
	if g.GoneMin == 0 {
		g.GoneMin = 5
	}
	if g.GonePercent == 0 {
		g.GonePercent = 5
	}
	return g
}

// Accept decides whether tonight's file takes force. It is refused when it
// cannot be read, is older than the one in force, misses a canary, shrank, or
// says of too many people that they are gone; then the last accepted list stays
// in force. A person can answer for the numbers and for the day of which the list says
// that it is, and for nothing else. The very file that is in force already is only noted.
func Accept(r access.Roster, problems []access.Problem, m access.Memory, g RosterGuard, now time.Time) SourceRoster {
	last, has := m.Accepted[r.Source]
	rows := m.InForce[r.Source]
	s := SourceRoster{Verdict: access.RosterVerdict{Source: r.Source, File: r.File, AsOf: r.AsOf, AsOfOr: r.AsOfOr, Received: len(r.Rows), Problems: problems}, LeftAfter: g.LeftAfter}
	gone := newlyGone(rows, r.Rows)
	refusal := refuse(r, problems, last, has, rows, gone, m.History, g.defaults(), now)
	s.Verdict.Seen = access.ApprovedRoster{Source: r.Source, File: r.File, Original: r.Original, Rows: r.SHA256, People: len(r.Rows), Before: len(rows), Against: last.SHA256, Gone: len(gone)}
	if refusal != nil && refusal.Approvable {
		if s.Verdict.Approval = approvedBy(s.Verdict.Seen, g, now); s.Verdict.Approval != "" {
			refusal = nil
		}
	}
	s.Verdict.Same = has && last.Original == r.Original && last.SHA256 == r.SHA256
	s.Vanished = vanishedOf(r.Source, m)
	if g.LeftAfter == 0 {
		countAnew(s.Vanished)
	}
	if refusal != nil {
		s.Verdict.Refusal, s.Verdict.InForce, s.Rows, s.Refused = refusal, last, rows, r.Rows
		if len(r.Rows) == 0 {
			s.Refused = r.Working
		}
		return s
	}
	s.Verdict.Accepted, s.Rows = true, r.Rows
	s.Verdict.InForce = last
	if !s.Verdict.Same {
		s.Verdict.InForce = access.AcceptedRoster{
			Source: r.Source, SHA256: r.SHA256, Original: r.Original, AsOf: r.AsOf, AsOfOr: r.AsOfOr,
			AcceptedAt: now, Rows: len(r.Rows), Gone: len(gone), Approval: s.Verdict.Approval,
		}
	}
	s.Vanished = vanishedNow(s.Vanished, rows, r.Rows, now)
	if g.LeftAfter > 0 {
		countAbsent(s.Vanished, r, m)
	}
	return s
}

// refuse gives the reason to refuse the file, or nil.
func refuse(r access.Roster, problems []access.Problem, last access.AcceptedRoster, has bool, rows []access.Identity,
	gone []access.PersonKey, history []access.AcceptedRoster, g RosterGuard, now time.Time) *access.GuardError {
	no := func(g access.GuardError, says string, args ...any) *access.GuardError {
		g.Guard, g.Scope, g.Says = "roster", string(r.Source), fmt.Sprintf(says, args...)
		return &g
	}
	for _, p := range problems {
		if p.Severity == access.Stop {
			return no(access.GuardError{Saw: "a list that cannot be used", Passes: "one that can", Mend: p.Mend}, "%s could not be used: %s", r.File, p.Says)
		}
	}
	if missing := missingCanaries(r.Rows, g.Canaries); len(missing) > 0 {
		return no(access.GuardError{Count: len(missing), Saw: fmt.Sprintf("a list without %d who must always be there", len(missing)), Passes: "one with all of them",
			Mend: "check the filter of the report that made the file"}, "%s does not have %s, who must always be there", r.File, strings.Join(missing, ", "))
	}
	if !has || (last.Original == r.Original && last.SHA256 == r.SHA256) {
		return nil
	}
	// The same bytes read by another mapping of columns or status words are news.
	if last.Original != r.Original && acceptedBefore(r, history) {
		return no(access.GuardError{Saw: "a list from before the one in force", Passes: "a newer one", Mend: "send the newest export; to take back a mistake, correct it in HR's system and export anew"},
			"%s is older than the list in force (accepted %s)", r.File, phrase.Day(last.AcceptedAt))
	}
	if zeros, most := lostZeros(rows, r.Rows), max(1, len(rows)/100); len(zeros) > most {
		return no(access.GuardError{Count: len(zeros), Limit: most, Mend: "send the export as it came, without opening it in Excel, or make the column Text"},
			"%d employee IDs of %s lost the zeros at their beginning (%s was %s): Excel does that, and they would be other people", len(zeros), r.File, zeros[0].now, zeros[0].was)
	}
	return answerable(r, last, rows, gone, history, g, now)
}

// lost is an id that differs from one of the last list in zeros at its beginning.
type lost struct{ was, now access.EmployeeID }

// lostZeros finds the ids that the list in force had with zeros before them and
// has no longer, in the order of the new rows.
func lostZeros(before, after []access.Identity) (out []lost) {
	here, bare := map[access.EmployeeID]bool{}, map[access.EmployeeID]access.EmployeeID{}
	for _, i := range after {
		here[i.EmployeeID] = true
	}
	for _, i := range before {
		if short := strings.TrimLeft(string(i.EmployeeID), "0"); short != "" && short != string(i.EmployeeID) && !here[i.EmployeeID] {
			bare[access.EmployeeID(short)] = i.EmployeeID
		}
	}
	for _, i := range after {
		if was, is := bare[i.EmployeeID]; is {
			out = append(out, lost{was, i.EmployeeID})
		}
	}
	return out
}

func missingCanaries(rows []access.Identity, canaries []access.EmployeeID) []string {
	seen := map[access.EmployeeID]bool{}
	for _, i := range rows {
		seen[i.EmployeeID] = true
	}
	var missing []string
	for _, c := range canaries {
		if !seen[c] {
			missing = append(missing, string(c))
		}
	}
	return missing
}

// acceptedBefore reports whether the file is one from before the list in force.
func acceptedBefore(r access.Roster, history []access.AcceptedRoster) bool {
	return slices.ContainsFunc(history, func(h access.AcceptedRoster) bool {
		return h.Source == r.Source && h.Original == r.Original
	})
}

// goneBy reports whether a status ends somebody's work: garden leave counts, for
// policy may end access with it.
func goneBy(s access.Status) bool { return s == access.StatusLeft || s == access.StatusGardenLeave }

// newlyGone are the people that the old rows had as working and the new rows
// have as gone, or no longer have at all; sorted.
func newlyGone(before, after []access.Identity) []access.PersonKey {
	here, stayed := map[access.PersonKey]bool{}, map[access.PersonKey]bool{}
	for _, i := range after {
		if !goneBy(i.Status) {
			here[keyOf(i)] = true
		}
	}
	for _, i := range before {
		if !goneBy(i.Status) {
			stayed[keyOf(i)] = true
		}
	}
	var gone []access.PersonKey
	for k := range stayed {
		if !here[k] {
			gone = append(gone, k)
		}
	}
	return sortKeys(withoutMended(gone, before, after))
}

// vanishedOf is what memory knows of a source's vanished people.
func vanishedOf(s access.Source, m access.Memory) map[access.PersonKey]access.Vanished {
	out := map[access.PersonKey]access.Vanished{}
	for k, v := range m.Vanished {
		if k.Source == s {
			if k.EmployeeID == "" { // as older versions remembered all of them
				v.Identity = withID(v.Identity)
				k = v.Identity.Key()
			}
			out[k] = v
		}
	}
	return out
}

// vanishedNow adds who is in the old rows and not in the new ones, and drops
// who came back. Somebody who had left already does not vanish: they stay what
// they were, known by their last row.
func vanishedNow(v map[access.PersonKey]access.Vanished, before, after []access.Identity, now time.Time) map[access.PersonKey]access.Vanished {
	out := maps.Clone(v)
	here := map[access.PersonKey]bool{}
	for _, i := range after {
		k := keyOf(i)
		here[k] = true
		delete(out, k)
	}
	was := map[access.PersonKey][]access.Identity{}
	for _, i := range before {
		i = withID(i)
		was[i.Key()] = append(was[i.Key()], i)
	}
	for k, rows := range was {
		if _, known := out[k]; !here[k] && !known {
			out[k] = access.Vanished{Identity: withAddresses(lastWord(rows), rows), Since: now}
		}
	}
	return dropMended(out, before, after)
}

// lastWord is the row by which a vanished person is remembered: one that works
// here, else one that says anything but a clean left. Left is remembered only of
// whom every row said it, of the same day; what nobody can tell is a problem.
func lastWord(rows []access.Identity) access.Identity {
	for _, says := range []func(access.Identity) bool{
		func(i access.Identity) bool { return working(i.Status) && i.Problem == "" },
		func(i access.Identity) bool { return i.Status != access.StatusLeft || i.Problem != "" },
	} {
		for n := len(rows) - 1; n >= 0; n-- {
			if says(rows[n]) {
				return rows[n]
			}
		}
	}
	last := rows[len(rows)-1]
	for _, i := range rows {
		if i.EndDate != last.EndDate || i.LastWorkingDay != last.LastWorkingDay || i.TimeZone != last.TimeZone {
			last.Problem = "the list gave several last days before it no longer had them"
		}
	}
	return last
}

func sortKeys(keys []access.PersonKey) []access.PersonKey {
	slices.SortFunc(keys, access.PersonKey.Compare)
	return keys
}
