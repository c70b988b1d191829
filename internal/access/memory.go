package access

import (
	"cmp"
	"time"
)

// Memory is what earlier nights left behind; it all comes out of the archive.
type Memory struct {
	// Previous is the last committed run, empty before the first.
	Previous RunID
	// Looked is the last committed run that looked at systems: it may have begun what it
	// did not see end. Empty: Previous is. Reviews and what tends the archive are
	// committed after it, and begin nothing.
	Looked RunID
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
	// Doubts are what the rosters leave open of people who are held.
	Doubts map[PersonKey]Doubt
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
	// Undone are blocks of the last days that were given back, sorted by account and time:
	// for the guards they are blocks all the same.
	Undone []BlockRecord
	// Endings are the accounts of certain leavers, and how far each is.
	Endings map[AccountKey]Ending
	// Orders are those about one person that are not done, by the person.
	Orders map[PersonKey]OpenOrder
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

// LastLook is the last committed run that looked at systems, empty before the first.
func (m Memory) LastLook() RunID { return cmp.Or(m.Looked, m.Previous) }

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
	// Lists are the accepted lists of different content that did not have them, counted
	// while the configuration has rosters.left_after_lists. A state without it: 0.
	Lists int `json:"lists,omitempty"`
}
