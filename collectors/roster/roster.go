// Package roster reads HR's list of people: a CSV file that people edited, into
// identities and into problems told in HR's words.
//
// It states what the file says. It never decides who has left (reconcile does),
// never mends a value by guessing, never matches by name, opens no file and
// knows no clock. Its invariant: every row of the file is exactly one of an
// accepted identity, a held identity (Identity.Problem is set), or an ignored
// duplicate that a problem tells of; Count adds them up.
package roster

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"sync"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/csvfile"
)

// Source describes one HR list.
type Source struct {
	Name access.Source
	// File is the file's name as people know it.
	File string
	// Columns gives, for a canonical column, the heading that this file uses;
	// it wins over the headings that are recognised by themselves.
	Columns map[string]string
	// Statuses gives HR's status words in rollcall's; it wins over the words
	// that are recognised by themselves. Case and punctuation do not matter.
	Statuses map[string]access.Status
	// TimeZones gives the time zone of people at a location, by HR's word for it,
	// for rows that have no time zone. Case and punctuation do not matter.
	TimeZones map[string]string
	// Dates says how the file writes days that can be read in two ways: dmy or
	// mdy; empty: the column itself has to settle it.
	Dates string
	// Today is the day on which the list is read: without it every end date is
	// too far ahead and is held.
	Today time.Time
	// MaxBytes, when set, replaces csvfile.DefaultMaxBytes.
	MaxBytes int

	partBytes int // replaces csvfile.DefaultPartBytes in tests
}

const (
	inForce   = "The last accepted list stays in force; nobody loses access because of this file."
	untouched = "Nothing of this person's is changed until the row is mended."
	oneUsed   = "One row was used, this one was ignored."
)

// Read reads one HR list. Where Stopped says so of the problems, the roster has
// no rows and must not be used: it is no list of zero people. Whom it legibly shows
// working is in Working then.
//
// A row that is held keeps its place in Rows, with Problem set. Rows that
// contradict each other (one id with two fates, one e-mail with two ids) are
// told as problems, but keep an empty Problem: what follows from a
// contradiction is reconcile's to decide. Rows without an employee id are told with the
// key (source, ""); reconcile tells them apart. An e-mail that is no address is left
// empty in the identity; what looks like one in it is among the aliases, as <address>.
func Read(src Source, b []byte) (access.Roster, []access.Problem) {
	roster := access.Roster{Source: src.Name, File: src.File}
	var digested sync.WaitGroup
	digested.Go(func() { roster.Original = access.Digest(b) })
	rows, problems := readRows(src, b, &roster)
	digested.Wait()
	if Stopped(problems) {
		roster.Working = working(rows)
		return roster, problems
	}
	sum := sha256.New()
	if err := encodeTo(sum, rows); err != nil {
		roster.Working = working(rows)
		return roster, append(problems, access.Problem{Severity: access.Stop, File: src.File,
			Says: "We could not keep a copy of the list: " + err.Error() + ".", Meanwhile: inForce,
			Mend: "Send this message to IT."})
	}
	roster.Rows, roster.SHA256 = rows, hex.EncodeToString(sum.Sum(nil))
	return roster, problems
}

// readRows gives the rows of a list; when a problem is a Stop, those that could be read
// nevertheless. Of one that is no Stop it notes in roster of which day it is.
func readRows(src Source, b []byte, roster *access.Roster) ([]access.Identity, []access.Problem) {
	sheet, problems := csvfile.Open(src.File, b, form(src))
	if Stopped(problems) {
		return whoAndStatus(src, b), problems
	}
	r := newReader(src, sheet)
	rows, problems := r.list()
	roster.AsOf, roster.AsOfOr = r.asOf, r.asOfOr
	return rows, problems
}

func newReader(src Source, sheet csvfile.Sheet) *reader {
	return &reader{src: src, sheet: sheet, today: src.Today.UTC().Truncate(24 * time.Hour), statuses: words(src.Statuses), places: places(src.TimeZones)}
}

// list reads the rows, and tells first what is wrong with the list, then with
// each row by itself, then between rows.
func (r *reader) list() ([]access.Identity, []access.Problem) {
	found, problems := r.pass()
	if Stopped(problems) {
		return found.rows, problems
	}
	if stop := r.unusable(found); stop != nil {
		return found.rows, append(problems, *stop)
	}
	if r.turns() { // how days are written is known only now
		found, _ = r.pass()
	}
	if r.sheet.Has("manager_email") { // then nobody misses the ids
		problems = slices.DeleteFunc(problems, func(p access.Problem) bool { return p.Severity == access.Note && p.Column == "manager_id" })
	}
	r.problems = append(r.problems, found.problems...)
	r.asOf, r.asOfOr = r.readAsOf(r.sheet.Around(found.end))
	r.strangeLocations(found.strange)
	managersByMail(found)
	rows := r.between(found)
	return rows, append(problems, r.problems...)
}

// unusable says why a list cannot be used, whatever its rows say; if it can, it
// settles how its days are written.
func (r *reader) unusable(found found) *access.Problem {
	if len(found.rows) == 0 {
		return &access.Problem{Severity: access.Stop, File: r.src.File,
			Says: "The list has no people in it.", Meanwhile: inForce,
			Mend: "Check the filter of the report and send the whole list."}
	}
	r.readMidnights(found.days)
	r.tellNumbers(found.days)
	if stop := r.readOrders(found.days); stop != nil {
		return stop
	}
	return r.manyDamaged(found)
}

// Stopped reports whether the list is refused as a whole.
func Stopped(problems []access.Problem) bool { return csvfile.Stopped(problems) }

// Tally says what became of the rows of a list that was not stopped.
type Tally struct {
	Received, Accepted, Held, Ignored int
}

// Count adds up what Read gave. Received is the number of rows in the file
// that have anything in them.
func Count(r access.Roster, problems []access.Problem) Tally {
	var t Tally
	for _, row := range r.Rows {
		if row.Problem != "" {
			t.Held++
		} else {
			t.Accepted++
		}
	}
	for _, p := range problems {
		if p.Meanwhile == oneUsed {
			t.Ignored++
		}
	}
	t.Received = t.Accepted + t.Held + t.Ignored
	return t
}

// reader reads one list, or one part of it.
type reader struct {
	src      Source
	sheet    csvfile.Sheet
	today    time.Time // the day, at midnight
	statuses map[string]access.Status
	places   map[string]string // time zones by folded location
	orders   map[string]order  // by column: how its days are written
	midnight map[string]bool   // by column: its instants are days written with a midnight
	asOf     time.Time         // of which day the list is, at midnight; zero: it does not say
	asOfOr   time.Time         // where it can be read in two ways: the later one
	problems []access.Problem

	// Words that were seen, as written, with what they mean.
	zones   meanings[bool] // time zones: whether they exist
	said    meanings[access.Status]
	outside meanings[bool]  // worker types: whether they are no employees
	strange map[string]cell // locations that are in no time zone we know: the first of each
}

// tell adds a problem of one row. column is canonical; people are told the
// heading of their own file.
func (r *reader) tell(severity access.Severity, id access.Identity, column, value, says, meanwhile, mend string) {
	r.problems = append(r.problems, access.Problem{
		Severity: severity, File: r.src.File, Row: id.Row, Column: r.sheet.Heading(column), Value: value,
		Person: id.Key(), Says: says, Meanwhile: meanwhile, Mend: mend,
	})
}

// hold tells a problem and holds the person.
func (r *reader) hold(id *access.Identity, column, value, says, mend string) {
	r.tell(access.Hold, *id, column, value, says, untouched, mend)
	id.Problem = join(id.Problem, fmt.Sprintf("Row %d%s: %s %s", id.Row, named(r.sheet.Heading(column)), says, mend))
}

func (r *reader) note(id access.Identity, column, value, says, meanwhile, mend string) {
	r.tell(access.Note, id, column, value, says, meanwhile, mend)
}

func join(a, b string) string {
	if a == "" {
		return b
	}
	return a + " " + b
}
