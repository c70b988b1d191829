package access

import "time"

// Status is what HR says of a person, in rollcall's words.
type Status string

// The words of Status. Anything else HR writes is StatusUnknown until the
// configuration maps it.
const (
	StatusUnknown     Status = "unknown"
	StatusActive      Status = "active"
	StatusLeave       Status = "leave"
	StatusPending     Status = "pending"
	StatusGardenLeave Status = "garden_leave"
	StatusLeft        Status = "left"
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

// Standing is where a person stands tonight.
type Standing string

// The standings of a person.
const (
	StandingHeld      Standing = "held" // the zero value is held too: nothing happens to them
	StandingActive    Standing = "active"
	StandingPending   Standing = "pending"
	StandingScheduled Standing = "scheduled" // leaves at a time ahead; works until then
	StandingGarden    Standing = "garden_leave"
	StandingVanished  Standing = "vanished"
	StandingLeft      Standing = "left" // certain, and the time has come
)

// Person is one identity with what was decided about it.
type Person struct {
	Identity
	Standing        Standing
	AccessEndsAt    time.Time // zero: no end known
	FirstSeenLeftAt time.Time
	// Returns: has left, and a list has a start ahead, so that nothing is removed.
	Returns bool
	// SameAs is the id that counts, of somebody whom HR confirmed to have several.
	SameAs PersonKey
	Why    string // why the standing is what it is, for people
	Cites  string // roster row or answer line
}

// Doubt is a question that HR's lists leave open of somebody: of what (a digest, so that
// no word of HR's is kept), and since which night they did without a break.
type Doubt struct {
	Person PersonKey `json:"person"`
	Of     string    `json:"of"`
	Since  time.Time `json:"since"`
	// Several is the last night on which the id stood in the rows of different people: what
	// was answered up to then may be about another one.
	Several time.Time `json:"several,omitzero"`
}

// AcceptedRoster is a list that rollcall relies on, and when it began to.
type AcceptedRoster struct {
	Source     Source    `json:"source"`
	SHA256     string    `json:"sha256"`
	Original   string    `json:"original"`
	AsOf       time.Time `json:"as_of,omitzero"`
	AsOfOr     time.Time `json:"as_of_or,omitzero"` // as in Roster
	AcceptedAt time.Time `json:"accepted_at"`
	Rows       int       `json:"rows"`
	// Gone counts the people whom this list newly says left, or no longer has.
	Gone int `json:"gone"`
	// Approval is the approval by which it was accepted, if it took one.
	Approval string `json:"approval_id,omitempty"`
}

// Dated is the day of which the list is, or both readings of it; empty if it does not say.
func (a AcceptedRoster) Dated() string {
	if a.AsOf.IsZero() {
		return ""
	}
	day := a.AsOf.UTC().Format(time.DateOnly)
	if !a.AsOfOr.IsZero() {
		day += " or " + a.AsOfOr.UTC().Format(time.DateOnly)
	}
	return day
}

// RosterVerdict says what was done with one roster file tonight.
type RosterVerdict struct {
	Source   Source
	File     string
	Accepted bool // false: refused (Refusal says why) and the last accepted one stays in force
	Same     bool // the very file that is already in force
	Refusal  *GuardError
	InForce  AcceptedRoster
	AsOf     time.Time // of which day the file is, by itself; zero if it does not say
	AsOfOr   time.Time // as in Roster
	Received int       // data rows in the file
	Problems []Problem
	// Seen is the file in the terms of an approval, and Approval the one by which
	// it was accepted although the guard refused it; empty if it took none.
	Seen     ApprovedRoster
	Approval string
}
