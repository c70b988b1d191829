// Package reconcile decides: who stands where, whose account is whose, what is
// expected, what is found, what is intended and what must be held. It is pure:
// values in, values out; no clock, no file, no network, no log, no chance. The
// same World gives the same Decision, to the byte.
//
// Its one invariant: a contradiction, a gap or a doubt never revokes. An action
// exists only for a certain leaver, by an order about one person or, if the company
// chose so, for what a job that somebody had before left them; and Judge decides
// which of them may run.
package reconcile

import (
	"cmp"
	"time"

	"rollcall/internal/access"
)

// Settings are the choices of the company that bear on decisions. The zero
// Settings is harmless: UTC, garden leave is reviewed, the guards at their
// defaults.
type Settings struct {
	Zone *time.Location
	// RevokeGardenLeave ends access when garden leave begins.
	RevokeGardenLeave bool
	// Protected are globs over "login" or "system:account id": never acted on.
	Protected []string
	Limits    Limits
	Mode      access.Mode
	Removal   Removal
	Reviewed  Reviewed
	// DormantDays, KeyDays and MoverDays say when access that nobody uses, an
	// access key and access of a former job are overdue; 0: 45, 90 and 30.
	DormantDays, KeyDays, MoverDays int
	// ApprovalAge is how long an approval lasts at the most; 0: 72 hours.
	ApprovalAge time.Duration
}

// zone is the company's time zone.
func (s Settings) zone() *time.Location { return cmp.Or(s.Zone, time.UTC) }

// World is everything that tonight's decisions rest on.
type World struct {
	Now      time.Time
	Settings Settings
	Memory   access.Memory
	Rosters  []SourceRoster
	Policy   access.Policy
	Systems  []access.Observation
	// Counts are those of tonight's reads (see Count).
	Counts map[string]access.Counted
	// Inputs are the digests that bind the plan.
	Inputs []access.Input
	// Approvals are the files of people who answered for what a guard held.
	Approvals []access.GivenApproval
	// SeenAt is when the systems were read, if an earlier run did and this one did
	// not; zero: this run read them.
	SeenAt time.Time
	// Order, when not nil, makes one person a certain leaver, and the plan has their
	// accounts only.
	Order *access.Order
}

// Decision is what follows from a World.
type Decision struct {
	People     []access.Person
	Systems    []access.Judged
	Findings   []access.Finding
	Plan       access.Plan
	Approvals  []access.ApprovalVerdict
	Worksheets []access.Worksheet
	Balances   []access.Balance
	// Doubts are what HR's lists leave open of people, whatever was answered.
	Doubts map[access.PersonKey]access.Doubt
	// Closings are the accounts of certain leavers that are not over for long.
	Closings []Closing
	// Residues are the rights of former jobs whose removal is announced, by finding.
	Residues []access.Residue
	// Orders are the order that the run is about, or those of earlier runs that are not settled.
	Orders []access.OpenOrder
}
