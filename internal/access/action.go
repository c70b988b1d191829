package access

import (
	"slices"
	"time"
)

// InUse reports whether the account stays in use, and only one right of it is taken.
func (a *Action) InUse() bool { return a.Mover || a.Review != "" }

// ApprovalIDs are the approvals that released the action, each once, in the
// order of the guards.
func (a *Action) ApprovalIDs() []string {
	var ids []string
	for _, r := range a.Released {
		if !slices.Contains(ids, r.Approval) {
			ids = append(ids, r.Approval)
		}
	}
	return ids
}

// Order says that all access of one person is to end now, whatever HR's lists say.
type Order struct {
	Person PersonKey `json:"person"`
	Reason string    `json:"reason"`
	Ticket string    `json:"ticket,omitempty"`
	By     string    `json:"by"` // user@host
}

// String says by whom and why, as reasons and findings cite it.
func (o Order) String() string {
	says := o.By + ": " + o.Reason
	if o.Ticket != "" {
		says += " (" + o.Ticket + ")"
	}
	return says
}

// OpenOrder is an order that was given and is not done: what it left is told on every night
// until it is settled (ADR 58).
type OpenOrder struct {
	Order
	Run RunID     `json:"run_id"`
	At  time.Time `json:"at"`
	// Interrupted: its run was begun, and nothing says that it came to its end.
	Interrupted bool `json:"interrupted,omitempty"`
	// Known are the answers of that very day, or of a later one, that were there before the
	// order was given, by whom or what they are about and their day: they settle nothing of it.
	Known []string `json:"known_answers,omitempty"`
}

// Held is an action that a guard keeps from running.
type Held struct {
	Action Action `json:"action"`
	Guard  string `json:"guard"`
}
