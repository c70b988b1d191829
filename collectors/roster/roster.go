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
	// Dates says how the file writes days that can be read in two ways: dmy or
	// mdy; empty: the column itself has to settle it.
	Dates string
	// Today is the day on which the list is read: without it every end date is
	// too far ahead and is held.
	Today time.Time
	// MaxBytes, when set, replaces csvfile.DefaultMaxBytes.
	MaxBytes int
}

const (
	inForce   = "The last accepted list stays in force; nobody loses access because of this file."
	untouched = "Nothing of this person's is changed until the row is mended."
	oneUsed   = "One row was used, this one was ignored."
)

// Read reads one HR list. Where Stopped says so of the problems, the roster has
// no rows and must not be used: it is no list of zero people.
//
// A row that is held keeps its place in Rows, with Problem set. Rows that
// contradict each other (one id with two fates, one e-mail with two ids) are
// told as problems, but keep an empty Problem: what follows from a
// contradiction is reconcile's to decide. Rows without an employee id share the
// key (source, ""). An e-mail that is no address is left empty in the identity.
func Read(src Source, b []byte) (access.Roster, []access.Problem) {
	roster := access.Roster{Source: src.Name, File: src.File, Original: digest(b)}
	table, problems := csvfile.Read[line](src.File, b, form(src))
	if csvfile.Stopped(problems) {
		return roster, problems
	}
	if len(table.Records) == 0 {
		return roster, append(problems, access.Problem{Severity: access.Stop, File: src.File,
			Says: "The list has no people in it.", Meanwhile: inForce,
			Mend: "Check the filter of the report and send the whole list."})
	}
	r := reader{src: src, table: table, statuses: words(src.Statuses), zones: map[string]bool{}, orders: map[string]order{}}
	r.readMidnights()
	if stop := r.readOrders(); stop != nil {
		return roster, append(problems, *stop)
	}
	if stop := r.manyDamaged(); stop != nil {
		return roster, append(problems, *stop)
	}
	rows := make([]access.Identity, 0, len(table.Records))
	for _, rec := range table.Records {
		rows = append(rows, r.row(rec))
	}
	r.managersByMail(rows)
	if table.Has("manager_email") { // then nobody misses the ids
		problems = slices.DeleteFunc(problems, func(p access.Problem) bool { return p.Severity == access.Note && p.Column == "manager_id" })
	}
	rows = r.duplicates(rows)
	r.emails(rows)
	r.managers(rows)
	problems = append(problems, r.problems...)
	encoded, err := Encode(rows)
	if err != nil {
		return roster, append(problems, access.Problem{Severity: access.Stop, File: src.File,
			Says: "We could not keep a copy of the list: " + err.Error() + ".", Meanwhile: inForce,
			Mend: "Send this message to IT."})
	}
	roster.Rows, roster.SHA256 = rows, digest(encoded)
	return roster, problems
}

// Stopped reports whether the list is refused as a whole.
func Stopped(problems []access.Problem) bool { return csvfile.Stopped(problems) }

// Message is what HR is sent: at most max problems (0: 20), the gravest first,
// and their number.
func Message(problems []access.Problem, max int) string { return csvfile.Message(problems, max) }

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

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// reader reads one list.
type reader struct {
	src      Source
	table    csvfile.Table[line]
	statuses map[string]access.Status
	zones    map[string]bool  // time zones seen: whether they exist
	orders   map[string]order // by column: how its days are written
	midnight map[string]bool  // by column: its instants are days written with a midnight
	problems []access.Problem
}

// tell adds a problem of one row. column is canonical; people are told the
// heading of their own file.
func (r *reader) tell(severity access.Severity, id access.Identity, column, value, says, meanwhile, mend string) {
	r.problems = append(r.problems, access.Problem{
		Severity: severity, File: r.src.File, Row: id.Row, Column: r.table.Heading(column), Value: value,
		Person: id.Key(), Says: says, Meanwhile: meanwhile, Mend: mend,
	})
}

// hold tells a problem and holds the person.
func (r *reader) hold(id *access.Identity, column, value, says, mend string) {
	r.tell(access.Hold, *id, column, value, says, untouched, mend)
	id.Problem = join(id.Problem, fmt.Sprintf("Row %d%s: %s %s", id.Row, named(r.table.Heading(column)), says, mend))
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
