package access

import (
	"encoding/json"
	"time"
)

// Result of an action.
type Result string

// The results. Nothing is ever Done that was not read back.
const (
	Unknown       Result = "unknown" // the answer was lost and reading did not settle it
	Done          Result = "done"
	AlreadyAbsent Result = "already_absent"
	Skipped       Result = "skipped"
	Failed        Result = "failed"
	Pending       Result = "pending" // accepted, not yet seen to have worked
)

// longestSession is the longest that AWS lets a session of a role, or of a
// permission set, live (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use.html).
const longestSession = 12 * time.Hour

// LingersUntil is by when the sessions end that the account began before this was
// done and that no verb can end; zero if there are none.
func (o Outcome) LingersUntil() time.Time {
	switch o.Action.Verb {
	case IAMDeny, SSODeleteAssignment, SSODeleteMembership:
		if o.Result == Done && !o.VerifiedAt.IsZero() {
			return o.VerifiedAt.Add(longestSession)
		}
	}
	return time.Time{}
}

// State is what a Revoker reads of the one thing an action would change.
type State struct {
	// Holds: what the action wants is already so; nothing is left to do.
	Holds bool
	// Refuse, when set, is why the action must not be carried out on what was
	// found (another person's account, a state that forbids it).
	Refuse string
	// InProgress: the system is still working on it.
	InProgress bool
	// Before is the before-image, JSON without secrets.
	Before json.RawMessage
	// Detail is a sentence for the record, such as which session lives until when.
	Detail string
}

// Receipt is what a system answered to a change.
type Receipt struct {
	RequestID string
	Detail    string
}
