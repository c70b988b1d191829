// Package jobs holds the order of events: what a night does first and last, and
// how it acts. It alone causes effects. It must never act without a plan that
// the guards have judged, nor without a durable record of the intent.
//
// Its one invariant: stop it anywhere, even by SIGKILL, and the next run reads
// what was done, closes it, and ends where an uninterrupted run would have.
package jobs

import (
	"context"
	"time"

	"rollcall/internal/access"
	"rollcall/reconcile"
)

// hand makes the changes of one system: a Revoker or a Restorer.
type hand interface {
	// Inspect reads what the action would change, as it is now.
	Inspect(context.Context, access.Action) (access.State, error)
	// Act sends the one change. An error does not say that nothing happened; one that
	// has MayHaveWorked() says that it may have, and is looked into for longer.
	Act(context.Context, access.Action) (access.Receipt, error)
}

// Revoker takes access away, with a credential of its own.
type Revoker interface {
	hand
	// Self are the accounts of the system that it acts as itself, which are left alone;
	// none for a role or a service app.
	Self(context.Context) ([]access.AccountKey, error)
}

// Records is durable, create-exclusive storage by name. Create returns only when
// the record would survive a power cut; an existing name is an error.
type Records interface {
	Create(name string, b []byte) error
	Read(name string) ([]byte, error)
	List(prefix string) ([]string, error)
}

// Archive is the evidence and the memory.
type Archive interface {
	Memory() (access.Memory, error)
	PutInput(b []byte) (sha256 string, err error)
	// Facts writes what was read, concluded and intended, before the first effect.
	Facts(n *access.Night) error
	// Finish writes the rest and commits the run; before it returns nil there is
	// no snapshot. Head is the digest of the new end of the chain.
	Finish(n *access.Night, next access.Memory) (head string, err error)
}

// Inputs are the files of tonight, read and checked.
type Inputs struct {
	Rosters  []RosterFile
	Policy   access.Policy
	Problems []access.Problem // of the policy files
	// Approvals are the files in which people answer for what a guard held.
	Approvals []ApprovalFile
	Digests   []access.Input
	// Raw are the bytes to keep as evidence: the rosters in normal form (without
	// the fields that the job does not need) and the policy files as read.
	Raw [][]byte
}

// RosterFile is one HR list as read tonight.
type RosterFile struct {
	Roster   access.Roster
	Problems []access.Problem
	// Received counts the data rows of the file, duplicates that were ignored
	// included.
	Received int
	Guard    reconcile.RosterGuard
}

// Job is one run of the night, wired by the caller. The zero Settings.Mode
// observes.
type Job struct {
	Run      access.Run
	Now      func() time.Time
	Sleep    func(context.Context, time.Duration) error
	Settings reconcile.Settings
	// Drops says which lists that became shorter are doubted.
	Drops  reconcile.Drops
	Inputs func(access.Memory) (Inputs, error)
	// Collect reads every system. Detail reads the credentials of the accounts
	// (by system and index) that are about to be blocked.
	Collect func(context.Context) []access.Observation
	Detail  func(ctx context.Context, seen []access.Observation, accounts [][]int) []access.Observation
	// Uses, when not nil, reads in the systems' own logs how the watched accounts were
	// used (by system), and Events what became of changes that were sent. What a log did
	// not tell is an error, and may come later.
	Uses   func(ctx context.Context, seen []access.Observation, watches [][]access.Watch) []access.Observation
	Events func(ctx context.Context, sent []access.Sent) ([]access.Event, error)
	// Clock, when not nil, is asked once the systems were read, and before each change:
	// it says why nothing can be decided by the clock of this machine.
	Clock func() error
	// Recall, when not nil, gives what the last committed run saw and did: then the
	// systems are not read, and the run decides over the accounts that are known.
	Recall func() (reconcile.LastRun, error)
	// Order, when not nil, is about one person: they lose all access, and nobody else
	// is touched.
	Order    *access.Order
	Revokers map[access.System]Revoker
	// Outlasts, when not nil, says that nobody else can take the lock within that
	// time, or why that is not certain. It is asked before each change; nil: the lock
	// cannot be lost.
	Outlasts func(time.Duration) error
	Archive  Archive
	Records  Records
	// Only, when not nil, are the actions that may run: those of a plan that was
	// made before, and what a guard held in it and an approval releases by now.
	// Anything else of tonight's plan is not carried out.
	Only *access.Plan
	// Restorers are for Restore alone: the night has none.
	Restorers map[access.System]Restorer
	// Report writes worksheets and pages before the run is committed. Only a night
	// that is about everybody has worksheets.
	Report func(*access.Night) error
	// Changed, when not nil, is told each outcome once the journal has it: also those of
	// a run that could not finish, which may have told them already.
	Changed func(access.Outcome)
	// Notices, when not nil, are the company's choices about who is told: the run then
	// records who has to be told of what, and what was sent since the run before.
	Notices *reconcile.NoticeRules
	Say     func(format string, args ...any)
}

// changed tells an outcome that is in the journal.
func (j *Job) changed(o access.Outcome) {
	if j.Changed != nil {
		j.Changed(o)
	}
}

// clock says why nothing can be decided by the clock of this machine, if it is wrong.
func (j *Job) clock() error {
	if j.Clock == nil {
		return nil
	}
	return j.Clock()
}
