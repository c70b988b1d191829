// Package access holds the nouns of rollcall: who there is, what they can
// reach, what was read, what was concluded, what is intended and what
// happened. It is a leaf: it imports nothing of rollcall, decides nothing and
// touches nothing. Its invariant: the zero value of every type is the harmless
// one (an unread scope, an unproven outcome, an unmatched account).
package access

import "time"

type (
	// System names one configured system, such as "okta" or "aws".
	System string
	// Source names one HR list, such as "employees" or "contractors".
	Source string
	// EmployeeID is HR's id of a person; it is text ("0012" is not "12").
	EmployeeID string
	// AccountID is the vendor's immutable id of an account, never its e-mail.
	AccountID string
	// RunID names one run of the job; it sorts by time.
	RunID string
)

// PersonKey is the key of an Identity. The same employee id in two sources is
// two people.
type PersonKey struct {
	Source     Source     `json:"source"`
	EmployeeID EmployeeID `json:"employee_id"`
}

// Zero reports whether the key names nobody.
func (k PersonKey) Zero() bool { return k == PersonKey{} }

// String gives source/id, as notices and messages print it.
func (k PersonKey) String() string {
	if k.Zero() {
		return ""
	}
	return string(k.Source) + "/" + string(k.EmployeeID)
}

// AppendTo writes a key as String does.
func (k PersonKey) AppendTo(b []byte) []byte {
	if k.Zero() {
		return b
	}
	return append(append(append(b, k.Source...), '/'), k.EmployeeID...)
}

// Status is what HR says of a person, in rollcall's words.
type Status string

// The words of Status. Anything else HR writes is StatusUnknown until the
// configuration maps it.
const (
	StatusUnknown    Status = "unknown"
	StatusActive     Status = "active"
	StatusLeave      Status = "leave"
	StatusPending    Status = "pending"
	StatusGardenLeft Status = "garden_leave"
	StatusLeft       Status = "left"
)

// IdentityKind says what an account's owner of record is.
type IdentityKind string

// The kinds of an identity.
const (
	KindPerson     IdentityKind = "person"
	KindService    IdentityKind = "service"
	KindBreakGlass IdentityKind = "break_glass"
	KindShared     IdentityKind = "shared"
	KindExternal   IdentityKind = "external"
)

// Day is a calendar date or an instant that HR wrote. An instant (RFC 3339)
// has Exact set. The zero Day is "no date".
type Day struct {
	At    time.Time // midnight UTC of the date, or the instant
	Exact bool
}

// IsZero reports whether no date was given.
func (d Day) IsZero() bool { return d.At.IsZero() }

// String gives 2006-01-02, or RFC 3339 for an instant, or nothing.
func (d Day) String() string { return string(d.AppendTo(nil)) }

// AppendTo writes a Day as String does.
func (d Day) AppendTo(b []byte) []byte {
	switch {
	case d.IsZero():
		return b
	case d.Exact:
		return d.At.UTC().AppendFormat(b, time.RFC3339)
	}
	return appendDate(b, d.At)
}

// appendDate writes 2006-01-02: what Time.AppendFormat does, for lists with millions
// of them.
func appendDate(b []byte, at time.Time) []byte {
	year, month, day := at.Date()
	if year < 0 || year > 9999 {
		return at.AppendFormat(b, time.DateOnly)
	}
	digit := func(n int) byte { return byte('0' + n%10) }
	return append(b, digit(year/1000), digit(year/100), digit(year/10), digit(year), '-',
		digit(int(month)/10), digit(int(month)), '-', digit(day/10), digit(day))
}

// MarshalText writes a Day as String does.
func (d Day) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (d *Day) UnmarshalText(b []byte) error {
	parsed, err := ParseDay(string(b))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}

// ParseDay reads 2006-01-02 or RFC 3339; empty text is no date.
func ParseDay(s string) (Day, error) {
	if s == "" {
		return Day{}, nil
	}
	if at, ok := parseDate(s); ok {
		return Day{At: at}, nil
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return Day{}, err
	}
	return Day{At: t.UTC(), Exact: true}, nil
}

// parseDate reads 2006-01-02: what time.Parse does, for lists with millions of them.
func parseDate(s string) (at time.Time, ok bool) {
	if len(s) != len(time.DateOnly) || s[4] != '-' || s[7] != '-' {
		return at, false
	}
	n := 0
	for i := range len(s) {
		if i == 4 || i == 7 {
			continue
		}
		if s[i] < '0' || s[i] > '9' {
			return at, false
		}
		n = n*10 + int(s[i]-'0')
	}
	year, month, day := n/10_000, time.Month(n/100%100), n%100
	at = time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	if month >= 1 && month <= 12 && day >= 1 && day <= 28 {
		return at, true
	}
	return at, at.Month() == month && at.Day() == day // there is no 31st of February
}

// Identity is one row of a roster as read. Its csv tags are the canonical
// roster columns, which is also how an accepted roster is archived.
type Identity struct {
	Source         Source     `csv:"source" json:"source"`
	EmployeeID     EmployeeID `csv:"employee_id" json:"employee_id"`
	Email          string     `csv:"email" json:"email"`
	Name           string     `csv:"name" json:"name"`
	Title          string     `csv:"title" json:"title"`
	Department     string     `csv:"department" json:"department"`
	ManagerID      EmployeeID `csv:"manager_id" json:"manager_id"`
	WorkerType     string     `csv:"worker_type" json:"worker_type"`
	Status         Status     `csv:"status" json:"status"`
	StartDate      Day        `csv:"start_date" json:"start_date"`
	EndDate        Day        `csv:"end_date" json:"end_date"`
	LastWorkingDay Day        `csv:"last_working_day" json:"last_working_day"`
	TimeZone       string     `csv:"timezone" json:"timezone"`
	Aliases        string     `csv:"aliases" json:"aliases"` // other e-mail addresses, separated by ; or space
	Row            int        `csv:"roster_row" json:"roster_row"`
	// Problem, when set, holds the person: rollcall changes nothing of theirs
	// until HR mends the row. It is a sentence for HR.
	Problem string `csv:"problem" json:"problem,omitempty"`
}

// Key is the identity's key.
func (i Identity) Key() PersonKey { return PersonKey{i.Source, i.EmployeeID} }

// Roster is one HR list as accepted: its rows, in file order.
type Roster struct {
	Source   Source
	File     string
	AsOf     time.Time // when HR made it; zero if the file does not say
	Original string    // SHA-256 of the bytes as received, hex
	SHA256   string    // SHA-256 of the normalised rows, hex: the digest that is cited
	Rows     []Identity
}

// Severity of a Problem: what it stops.
type Severity string

// The severities of a problem with an input file.
const (
	Stop Severity = "STOP" // the whole file is refused
	Hold Severity = "HOLD" // this line has no effect, this person is untouched
	Note Severity = "NOTE" // told, nothing held
	// Wide is a line that counts and allows more than it plainly says.
	Wide Severity = "WIDE"
)

// Problem is something wrong in a file that a person can mend.
type Problem struct {
	Severity  Severity  `json:"severity"`
	File      string    `json:"file"`
	Row       int       `json:"row,omitempty"` // as a spreadsheet counts: the header is row 1; 0 is the whole file
	Column    string    `json:"column,omitempty"`
	Value     string    `json:"value,omitempty"`     // what was there
	Person    PersonKey `json:"person,omitzero"`     // whom it is about, if anyone
	Says      string    `json:"says"`                // what is wrong
	Meanwhile string    `json:"meanwhile,omitempty"` // what rollcall did meanwhile
	Mend      string    `json:"mend,omitempty"`      // what to do
}
