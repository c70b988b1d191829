package access

import "time"

// Mode says whether a run may act.
type Mode string

// The modes of a run. The empty Mode observes.
const (
	Observe Mode = "observe"
	Enforce Mode = "enforce"
)

// Run is the head of one run's record.
type Run struct {
	ID           RunID
	StartedAt    time.Time
	FinishedAt   time.Time
	Mode         Mode
	Trigger      string // the command: nightly, plan, apply, sweep, revoke, demo
	ToolVersion  string
	ConfigSHA256 string
	PlanSHA256   string
	Verdict      string // done, held, incomplete, failed, aborted
	ExitCode     int
	Previous     RunID
	Actor        string // who ran it: user@host
}

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

// AcceptedRoster is a list that rollcall relies on, and when it began to.
type AcceptedRoster struct {
	Source     Source    `json:"source"`
	SHA256     string    `json:"sha256"`
	Original   string    `json:"original"`
	AsOf       time.Time `json:"as_of,omitzero"`
	AcceptedAt time.Time `json:"accepted_at"`
	Rows       int       `json:"rows"`
	// Gone counts the people whom this list newly says left, or no longer has.
	Gone int `json:"gone"`
	// Approval is the approval by which it was accepted, if it took one.
	Approval string `json:"approval_id,omitempty"`
}

// RosterVerdict says what was done with one roster file tonight.
type RosterVerdict struct {
	Source   Source
	File     string
	Accepted bool // false: refused (Refusal says why) and the last accepted one stays in force
	Same     bool // the very file that is already in force
	Refusal  *GuardError
	InForce  AcceptedRoster
	AsOf     time.Time // when HR made the file; zero if it does not say
	Received int       // data rows in the file
	Problems []Problem
	// Seen is the file in the terms of an approval, and Approval the one by which
	// it was accepted although the guard refused it; empty if it took none.
	Seen     ApprovedRoster
	Approval string
}

// Verdict is what policy says of one grant, in 4 bytes: there is one for each.
type Verdict struct {
	// By is what covers the grant: 1 + the index of a rule, or less than 0 for an
	// exception: -1 and -2 are the first one while it lives and once it has expired,
	// -3 and -4 the second; 0: nothing does.
	By int32
}

// ByException is the verdict of an exception, given by 1 + its index.
func ByException(n int32, expired bool) Verdict {
	if expired {
		return Verdict{By: -2 * n}
	}
	return Verdict{By: 1 - 2*n}
}

// Rule is 1 + the index into RoleMap.Rules; 0: no rule covers it.
func (v Verdict) Rule() int32 { return max(v.By, 0) }

// Exception is 1 + the index into Policy.Exceptions; 0: none does.
func (v Verdict) Exception() int32 { return max(1-v.By, 1) / 2 }

// Expected reports whether a rule, or an exception that lives, covers the grant.
func (v Verdict) Expected() bool { return v.By > 0 || v.By&1 != 0 }

// Judged is an Observation with what was decided about each of its parts.
type Judged struct {
	Observation
	Matches  []Match   // one for each account
	Verdicts []Verdict // one for each grant
	// Seen is when each grant was first seen, in days since 1970-01-01; nil: no earlier
	// night remembers any, and all of them were on the day Tonight.
	Seen    []uint16
	Tonight uint16
}

// FirstSeen is the day of the first night that saw a grant, in days since 1970-01-01;
// 0: nobody noted it.
func (j *Judged) FirstSeen(grant int) uint16 {
	if j.Seen == nil {
		return j.Tonight
	}
	return j.Seen[grant]
}

// Balance is one line of the books: the parts add up to the total.
type Balance struct {
	What  string        `json:"what"` // such as "accounts of okta"
	Total int           `json:"total"`
	Parts []BalancePart `json:"parts"`
}

// BalancePart is one bucket of a Balance.
type BalancePart struct {
	Name  string `json:"name"`
	Count int    `json:"count"`
}

// Holds reports whether the parts add up.
func (b Balance) Holds() bool {
	sum := 0
	for _, p := range b.Parts {
		sum += p.Count
	}
	return sum == b.Total
}

// Item is one row of a worksheet: something that can be removed by itself.
type Item struct {
	RowID         string
	FindingID     string // empty: nothing is flagged
	FindingKind   FindingKind
	Person        Person // zero when the account is nobody's
	ManagerName   string
	Account       Account
	System        System
	Scope         string
	ScopeName     string
	Kind          EntitlementKind // empty: the account itself
	EntitlementID string
	Entitlement   string
	Meaning       string // plain words, from the role map
	Risk          Risk
	HowHeld       string // "Role map: Engineer (rolemap.csv row 12)", "Exception until ...", "Direct", ...
	Since         Day
	ApprovedBy    string
	ApprovalRef   string
	LastUsedAt    time.Time
	UsageKnown    bool
	PeersHave     int    // how many of the same title and department have it ...
	PeersAll      int    // ... of how many
	Why           string // why it is flagged
	Suggested     string // Keep, Change, Remove or empty
	SuggestedWhy  string
	Carries       []string // what else goes when this goes: apps and permission sets behind a group
}

// Worksheet is everything that one reviewer is asked about.
type Worksheet struct {
	Reviewer     PersonKey // zero for a system owner who is in contacts.csv only
	ReviewerName string
	ReviewerMail string
	Because      string // why this reviewer: "manager", "owner of okta: the account is nobody's", ...
	Items        []Item // flagged first
	// File and SHA256 are of the workbook as it was issued.
	File   string
	SHA256 string
}

// Night is the whole record of one run: what the archive keeps and the reports
// tell. Each part is filled in the order of the night; nothing is filled later
// than it was decided.
type Night struct {
	Run Run
	// SeenAt is when the systems were read, if an earlier run did; zero: this one did.
	SeenAt time.Time
	// Order is set of a run that is about one person.
	Order     *Order
	Inputs    []Input
	Policy    Policy
	Rosters   []RosterVerdict
	People    []Person
	Systems   []Judged
	Findings  []Finding
	Plan      Plan
	Approvals []ApprovalVerdict
	Outcomes  []Outcome
	// Events are those of tonight's actions, and of earlier ones that came late, as the
	// systems' own logs have them.
	Events     []Evidence
	Endings    map[AccountKey]Ending // as the next night will know them
	Past       []PastNight           // the last nights in numbers, oldest first; this one is the last of them if it read the systems
	Residues   []Residue             // whose removal is announced tonight, by finding
	Worksheets []Worksheet
	Problems   []Problem // of the policy files; those of rosters are in Rosters
	Balances   []Balance
	// Notices are those that were sent since the run before, and Told the records that
	// say so.
	Notices []Notice
	Told    []string
	// Damaged are records of earlier runs' journals that cannot be read.
	Damaged []string
	Notes   []string
}

// Reads gives every read certificate of the night.
func (n *Night) Reads() []Read {
	var all []Read
	for i := range n.Systems {
		all = append(append(all, n.Systems[i].Reads...), n.Systems[i].Aside...)
	}
	return all
}

// Unusable gives the problems for which a whole file of policy was left out.
func (n *Night) Unusable() []Problem {
	var out []Problem
	for _, p := range n.Problems {
		if p.Severity == Stop {
			out = append(out, p)
		}
	}
	return out
}

// Memory is what earlier nights left behind; it all comes out of the archive.
type Memory struct {
	// Previous is the last committed run, empty before the first.
	Previous RunID
	// Accounts counts the accounts of each system in the last complete
	// snapshot: the denominators of the guards. A system that is absent has no
	// baseline.
	Accounts map[System]int
	// Counts are the records of each read (Read.Name) on the last run that read
	// it to its end, less what rollcall took away: what tonight is held against.
	Counts map[string]Counted
	// Accepted is the roster in force of each source, and its rows.
	Accepted map[Source]AcceptedRoster
	InForce  map[Source][]Identity
	// History is every list ever accepted, oldest first.
	History []AcceptedRoster
	// Vanished are people that an accepted roster no longer had, by last known
	// row, with the first night without them.
	Vanished map[PersonKey]Vanished
	// FirstSeenLeft is when a roster first said that the person left.
	FirstSeenLeft map[PersonKey]time.Time
	// FirstSeen is when a finding was first made.
	FirstSeen map[string]Day
	// Moves are the jobs that people had before, oldest first.
	Moves map[PersonKey][]Move
	// GlassUsed is when each break-glass account was last seen to be used.
	GlassUsed map[AccountKey]time.Time
	// Watched is how far the log of each account that was watched was read.
	Watched map[AccountKey]Watched
	// Awaited are changes that were sent, and whose events no log has had yet.
	Awaited []Sent
	// GrantsSeen is when a grant (GrantKey) was first seen, in days since 1970.
	GrantsSeen map[uint64]uint32
	// Blocked are the accounts that rollcall blocked and nobody restored.
	Blocked map[AccountKey]BlockRecord
	// Endings are the accounts of certain leavers, and how far each is.
	Endings map[AccountKey]Ending
	// Residues are rights of former jobs whose removal was announced, or begun, by
	// the id of their finding.
	Residues map[string]Residue
	// Campaigns are the reviews that were opened, by id; Removals what they decided to
	// take away, by the id of the row, until long after it was seen gone; Kept what they
	// allowed for a time, by the id of the row.
	Campaigns map[CampaignID]Campaign
	Removals  map[string]Removal
	Kept      map[string]Exception
	// Notices is who has to be told of what, and who was.
	Notices NoticeBook
	// Upkeep are the runs that tended the archive itself, oldest first.
	Upkeep []Upkeep
	// Past are the last nights in numbers, oldest first.
	Past []PastNight
	// Journals are the runs whose journals are already accounted for.
	Journals map[RunID]bool
}

// PastNight is a night in numbers: a run that read the systems and asked about everybody.
// It names nobody.
type PastNight struct {
	Run      RunID     `json:"run_id"`
	At       time.Time `json:"at"` // when it began
	Mode     Mode      `json:"mode"`
	Verdict  string    `json:"verdict"`
	Reads    int       `json:"reads"`
	Complete int       `json:"reads_complete"`
	Findings int       `json:"findings"`
	Urgent   int       `json:"urgent"`
	// Accounts of leavers: of how many something was blocked, removed, or held.
	Blocked int `json:"blocked"`
	Removed int `json:"removed"`
	Held    int `json:"held"`
}

// Upkeep is a run that looked at no system and is of no review: it handed the archive
// over to another key, or let data about people expire.
type Upkeep struct {
	Run      RunID  `json:"run_id"`
	Sequence int    `json:"sequence"`
	Kind     string `json:"kind"`
}

// The kinds of Upkeep.
const (
	UpkeepKey    = "key"
	UpkeepExpiry = "expiry"
)

// Residue is a right of a former job that is taken away by policy: announced
// first, and removed when it is due.
type Residue struct {
	FindingID string          `json:"finding_id"`
	Person    PersonKey       `json:"person"`
	Account   AccountKey      `json:"account"`
	Kind      EntitlementKind `json:"entitlement_kind"`
	Scope     string          `json:"grant_scope,omitempty"`
	ID        string          `json:"entitlement_id"`
	// AnnouncedAt is the first night that announced it, and every one since has;
	// zero once it was removed.
	AnnouncedAt time.Time `json:"announced_at,omitzero"`
	// DueAt is the day that was announced: it never comes sooner.
	DueAt time.Time `json:"due_at,omitzero"`
	// RemovingAt is when the removal was first sent: the guards count it for a week.
	RemovingAt time.Time `json:"removing_at,omitzero"`
}

// Ending is how far the end of a certain leaver's account has come: the clocks of
// design.md, section 4. It is kept until the person is no certain leaver any more.
type Ending struct {
	Account AccountKey `json:"account"`
	Person  PersonKey  `json:"person"`
	// BlockedAt is when it was read that nothing of the account can be used, and
	// has been so on every night since (blocked_verified).
	BlockedAt time.Time `json:"blocked_verified_at,omitzero"`
	// RemovingAt is when the first thing was removed.
	RemovingAt time.Time `json:"removing_at,omitzero"`
	// RemovedAt is when it was read that nothing was left to remove
	// (removed_verified).
	RemovedAt time.Time `json:"removed_verified_at,omitzero"`
	// Verbs are the removals, done and read back, that no list of the system tells
	// of, sorted.
	Verbs []Verb `json:"verbs,omitempty"`
	// Released names the approvals that let the removal happen.
	Released []Release `json:"released,omitempty"`
	// Used is the last use after the end that the system's log told of.
	Used Use `json:"used_after_exit,omitzero"`
}

// Counted is how many records a read had.
type Counted struct {
	System  System `json:"system"`
	Scope   string `json:"scope,omitempty"`
	Kind    string `json:"kind"`
	Lists   bool   `json:"lists,omitempty"`
	Records int    `json:"records"`
	Run     RunID  `json:"run"`
}

// Name is the name of the read (Read.Name).
func (c Counted) Name() string {
	return Read{System: c.System, Scope: c.Scope, Kind: c.Kind}.Name()
}

// Move is a job that a person had until an HR list first gave another one.
type Move struct {
	Title      string    `json:"title,omitempty"`
	Department string    `json:"department,omitempty"`
	WorkerType string    `json:"worker_type,omitempty"`
	Until      time.Time `json:"until"`
}

// Vanished remembers a person who is in no roster any more.
type Vanished struct {
	Identity Identity  `json:"identity"`
	Since    time.Time `json:"since"`
}

// BlockRecord remembers that rollcall blocked an account.
type BlockRecord struct {
	Account AccountKey `json:"account"`
	Person  PersonKey  `json:"person"`
	At      time.Time  `json:"at"`
	Run     RunID      `json:"run"`
	// Verified: a verb that stops use was read back as done by rollcall.
	Verified bool `json:"verified"`
	// Verbs are those that were read back as done, sorted: what is left of a
	// block that was interrupted is done on the next night.
	Verbs []Verb `json:"verbs,omitempty"`
	// Order is set when a person ordered it by hand: HR's lists need not agree.
	Order *Order `json:"order,omitempty"`
	// Taken is what was taken from an account that cannot be disabled.
	Taken []Taken `json:"taken,omitempty"`
	// Released names the approvals that let it happen: a guard that a person
	// answered does not count the block once more.
	Released []Release `json:"released,omitempty"`
}

// Taken is a right that a block took away.
type Taken struct {
	Kind  EntitlementKind `json:"entitlement_kind"`
	Scope string          `json:"grant_scope,omitempty"`
	ID    string          `json:"entitlement_id"`
	Name  string          `json:"entitlement"`
}
