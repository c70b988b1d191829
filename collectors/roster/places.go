package roster

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"rollcall/internal/access"
	"rollcall/internal/csvfile"
)

// places gives the time zone of every folded location. Two that differ in case and
// punctuation only, and in their zone, are neither.
func places(mapped map[string]string) map[string]string {
	all := map[string]string{}
	for place, zone := range mapped {
		place = csvfile.Fold(place)
		if before, ok := all[place]; ok && before != zone {
			zone = ""
		}
		all[place] = zone
	}
	return all
}

// zoneAt gives the time zone of a location, and remembers one that has none.
func (r *reader) zoneAt(row int, location string) string {
	zone := r.places[csvfile.Fold(location)]
	if zone == "" {
		at := r.strange[location]
		at.or(row, location)
		r.strange[location] = at
	}
	return zone
}

// strangeLocations notes each location once, however many people are there.
func (r *reader) strangeLocations(found map[string]cell) {
	for _, at := range slices.SortedFunc(maps.Values(found), func(a, b cell) int { return cmp.Compare(a.row, b.row) }) {
		r.problems = append(r.problems, access.Problem{Severity: access.Note, File: r.src.File, Row: at.row, Column: r.sheet.Heading("location"), Value: at.value,
			Says:      fmt.Sprintf("We do not know the time zone of %s.", csvfile.Shown(at.value)),
			Meanwhile: "For everybody there the company's time zone counts.", Mend: "Ask IT to add it to timezones of this list in rollcall.yaml."})
	}
}

// future notes a leaving that only a column of plans tells (Workday's FUTURE_ACTION):
// nothing follows from it, so that whoever relies on it has to know.
func (r *reader) future(id *access.Identity, l *line) {
	if l.FutureAction == "" {
		return
	}
	word := csvfile.Fold(l.FutureAction)
	if !strings.Contains(word, "terminat") || left(*id) || !id.EndDate.IsZero() || !id.LastWorkingDay.IsZero() {
		return
	}
	when := "on a day that is not said"
	if l.FutureDate != "" {
		when = "on " + csvfile.Shown(l.FutureDate)
	}
	r.note(*id, "future_action", l.FutureAction, fmt.Sprintf("The list plans %s %s, and has no end date for this person.", csvfile.Shown(l.FutureAction), when),
		"Nothing follows from it: access ends by the end date, the last working day or the status.", "Add the end date to the report, so that access ends on that day and not when a later list says so.")
}
