package roster

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"rollcall/internal/access"
	"rollcall/internal/csvfile"
	"rollcall/internal/phrase"
)

// between drops rows that repeat others and tells what rows say against each other.
func (r *reader) between(found found) []access.Identity {
	ids, mails := found.lookups()
	if twins := r.duplicates(found.rows, ids.groups()); len(twins) > 0 {
		found.drop(twins)
		ids, mails = found.lookups()
	}
	r.emails(found.rows, mails.groups())
	r.managers(found.rows, ids)
	return found.rows
}

// lookups find rows by their ids and by their e-mails.
func (f *found) lookups() (ids, mails *lookup) {
	var both sync.WaitGroup
	both.Go(func() { mails = newLookup(f.rows, mailOf, f.emails) })
	ids = newLookup(f.rows, idOf, f.ids)
	both.Wait()
	return ids, mails
}

// drop takes rows out.
func (f *found) drop(twins map[int]bool) {
	kept := 0
	for i := range f.rows {
		if !twins[i] {
			f.rows[kept], f.ids[kept], f.emails[kept] = f.rows[i], f.ids[i], f.emails[i]
			kept++
		}
	}
	f.rows, f.ids, f.emails = f.rows[:kept], f.ids[:kept], f.emails[:kept]
}

func idOf(row *access.Identity) string { return string(row.EmployeeID) }

// mailOf is the e-mail of a row that has an id.
func mailOf(row *access.Identity) string {
	if row.EmployeeID == "" {
		return ""
	}
	return strings.ToLower(row.Email)
}

// saying is what a row says, wherever it stands. A held row is never the same
// as one that is not: what could not be read in it may be the difference.
type saying struct {
	access.Identity
	held bool
}

// duplicates tells of rows that repeat an earlier one in everything, which it
// gives, and of ids whose rows contradict each other.
func (r *reader) duplicates(rows []access.Identity, shared [][]int) (twins map[int]bool) {
	twins = map[int]bool{}
	for _, group := range shared {
		said := map[saying]int{} // -> the row's number
		var differ []access.Identity
		for _, i := range group {
			what := saying{rows[i], rows[i].Problem != ""}
			what.Row, what.Problem = 0, ""
			if twin, ok := said[what]; ok {
				twins[i] = true
				r.note(rows[i], "employee_id", string(what.EmployeeID),
					fmt.Sprintf("This row says the same as row %d.", twin), oneUsed, "Keep one of them.")
				continue
			}
			said[what] = rows[i].Row
			differ = append(differ, rows[i])
		}
		if len(differ) > 1 {
			r.contradiction(differ)
		}
	}
	return twins
}

// contradiction tells of one id with several fates. Exactly one active row that
// has started settles it; whatever else there is, is reconcile's to hold.
func (r *reader) contradiction(rows []access.Identity) {
	last := rows[len(rows)-1]
	says := fmt.Sprintf("Rows %s are all ID %s (%s).", numbers(rows), csvfile.Shown(string(last.EmployeeID)), fates(rows))
	if len(rows) == 2 {
		says = strings.Replace(says, " are all ID", " are both ID", 1)
	}
	if r.startedIn(rows) == 1 {
		r.note(last, "employee_id", string(last.EmployeeID), says, "The active row counts.", "Keep one of them.")
		return
	}
	r.tell(access.Hold, last, "employee_id", string(last.EmployeeID), says, untouched, "Keep the one that is right.")
}

// emails tells of one e-mail with several ids.
func (r *reader) emails(rows []access.Identity, groups [][]int) {
	for _, group := range groups {
		if same := pick(rows, group); !oneID(same) {
			r.shared(same)
		}
	}
}

func oneID(rows []access.Identity) bool {
	return !slices.ContainsFunc(rows, func(r access.Identity) bool { return r.EmployeeID != rows[0].EmployeeID })
}

// shared tells of several ids with one e-mail: a rehire, where all but one left.
func (r *reader) shared(rows []access.Identity) {
	last := rows[len(rows)-1]
	says := fmt.Sprintf("Rows %s have the same e-mail and different IDs (%s).", numbers(rows), fates(rows))
	if r.startedIn(rows) == 1 && slices.ContainsFunc(rows, left) {
		r.note(last, "email", last.Email, says+" It looks like a rehire.",
			"Nothing is taken away until it is answered.", "Confirm it in answers.csv (same_as), or correct the e-mail.")
		return
	}
	if !slices.ContainsFunc(rows, func(row access.Identity) bool { return !left(row) }) {
		r.note(last, "email", last.Email, says, "Each is judged by its own date; an account that has only the e-mail, and no ID, waits.",
			"Correct the e-mail, or say in links.csv whose account it is.")
		return
	}
	r.tell(access.Hold, last, "email", last.Email, says, untouched,
		"Correct the e-mail, set the old row to Left, or confirm in answers.csv that they are one person (same_as).")
}

func left(row access.Identity) bool { return row.Status == access.StatusLeft }

func (r *reader) startedIn(rows []access.Identity) int {
	n := 0
	for _, row := range rows {
		if r.started(row) {
			n++
		}
	}
	return n
}

func pick(rows []access.Identity, at []int) []access.Identity {
	var of []access.Identity
	for _, i := range at {
		of = append(of, rows[i])
	}
	return of
}

// most rows that a sentence names.
const most = 5

func numbers(rows []access.Identity) string {
	var s []string
	for _, row := range rows {
		s = append(s, fmt.Sprint(row.Row))
	}
	if len(s) > most {
		return phrase.AndMore(s, most)
	}
	return phrase.Listed(s)
}

func fates(rows []access.Identity) string {
	var s []string
	for _, row := range rows[:min(most, len(rows))] {
		s = append(s, called(row)+", "+string(row.Status))
	}
	return strings.Join(s, " / ")
}
