package roster

import (
	"fmt"

	"rollcall/internal/access"
	"rollcall/internal/csvfile"
)

// inactive is not a status: Personio writes it of people who left, others of
// people on leave. It means left only where there is an end date that is not ahead,
// and no other column says that they are on leave.
const inactive access.Status = "inactive"

// known are the status words of the common HR systems (Workday, ADP, BambooHR,
// HiBob, Personio, Rippling, Gusto, UKG), as they write them.
var known = map[access.Status][]string{
	access.StatusActive:      {"Active", "Employed", "Full Time", "Part Time", "Working", "A", "Current", "Regular", "Serving Notice", "On Notice"},
	access.StatusLeave:       {"Leave", "On Leave", "LOA", "Leave of Absence", "Parental Leave", "Unpaid Leave", "Maternity Leave", "Paternity Leave", "Sick Leave", "Medical Leave", "Paid Leave", "L"},
	access.StatusPending:     {"Pending", "Hired", "Onboarding", "Prehire", "Prestart", "Accepted", "Offer Accepted", "Not Started", "Future Hire", "New Hire", "F"},
	access.StatusGardenLeave: {"Garden Leave", "Gardening Leave"},
	access.StatusLeft:        {"Left", "Terminated", "Retired", "Deceased", "Resigned", "Dismissed", "Former", "Separated", "Ex-Employee", "T"},
	inactive:                 {"Inactive", "I"},
}

// words gives the status of every folded word, the configuration's last. Two
// mapped words that differ in punctuation only and in their meaning are neither.
func words(mapped map[string]access.Status) map[string]access.Status {
	all := map[string]access.Status{}
	for status, list := range known {
		for _, w := range list {
			all[csvfile.Fold(w)] = status
		}
	}
	own := map[string]access.Status{}
	for w, status := range mapped {
		w = csvfile.Fold(w)
		if _, ok := known[status]; !ok || status == inactive {
			status = access.StatusUnknown
		}
		if before, ok := own[w]; ok && before != status {
			status = access.StatusUnknown
		}
		own[w], all[w] = status, status
	}
	return all
}

// word gives the status that a row's word means, without telling anyone.
func (r *reader) word(l *line, end access.Day) access.Status {
	status := r.said.get(l.Status)
	switch {
	case status == inactive && (end.IsZero() || dateOf(end).After(r.today) || awayByColumn(l)):
		return access.StatusUnknown
	case status == inactive:
		return access.StatusLeft
	}
	return status
}

// meaning gives what a word means by itself.
func (r *reader) meaning(word string) access.Status {
	if status, ok := r.statuses[csvfile.Fold(word)]; ok {
		return status
	}
	return access.StatusUnknown
}

// status gives the status of a row; a word that is not known holds the person.
func (r *reader) status(id *access.Identity, l *line) access.Status {
	status := r.word(l, id.EndDate)
	if status != access.StatusUnknown {
		return status
	}
	use := "Use one of Active, Leave, Pending, Garden leave, Left, or ask IT to map the word."
	switch {
	case l.Status == "":
		r.hold(id, "status", "", "The status is empty.", use)
	case r.said.get(l.Status) == inactive:
		r.hold(id, "status", l.Status, fmt.Sprintf("%q can mean left or on leave, and %s.", l.Status, r.unsettled(id, l)),
			"Write Left with the end date, or Leave.")
	default:
		r.hold(id, "status", l.Status, fmt.Sprintf("Status %q is new to us.", csvfile.Shown(l.Status)), use)
	}
	return access.StatusUnknown
}

// unsettled says why the end date does not settle what Inactive means.
func (r *reader) unsettled(id *access.Identity, l *line) string {
	switch {
	case id.EndDate.IsZero():
		return "there is no end date"
	case awayByColumn(l):
		return fmt.Sprintf("the column %s says on leave", r.sheet.Heading("on_leave"))
	}
	return "the end date is ahead"
}
