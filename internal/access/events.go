package access

import (
	"encoding/json"
	"time"
)

// Event is one line of a system's own log that is about one account.
type Event struct {
	ID      string // the system's
	Account AccountKey
	Type    string    // the system's word, such as user.session.start
	Outcome string    // the system's word, such as SUCCESS
	Says    string    // of a use: what was done, in plain words, such as "signed in"
	Actor   string    // who did it, as the system names them
	Client  string    // from where: address, browser and operating system, as far as known
	At      time.Time // when it happened; the log may have had it later
	// RequestID is that of the request that caused it, where the system says.
	RequestID string
	// Verb is the one of ours that leaves such an event, and EntitlementID what it was
	// about, where the event names it.
	Verb          Verb
	EntitlementID string
	// Raw is the event as JSON, without what may be secret.
	Raw json.RawMessage
}

// Use is the use of an account as memory keeps it.
type Use struct {
	At     time.Time `json:"at,omitzero"`
	Says   string    `json:"says,omitempty"`
	Client string    `json:"client,omitempty"`
}

// Use is the event without what only evidence needs.
func (e Event) Use() Use { return Use{e.At, e.Says, e.Client} }

// Watch is an account whose use is to be read in its system's own log: what the
// log has had since a time, but nothing that happened before another.
type Watch struct {
	Account AccountKey
	Since   time.Time
	From    time.Time
}

// Watched is how far the log of an account was read.
type Watched struct {
	Account AccountKey `json:"account"`
	// Until is the time by the system's clock before which the log had nothing more.
	Until time.Time `json:"until"`
	// Seen are the ids of the uses that the last run told, sorted: one that is read
	// once more is told once.
	Seen []string `json:"seen,omitempty"`
}

// Sent is a change that was sent to a system, whose events belong to its evidence.
type Sent struct {
	ActionID      string     `json:"action_id"`
	Run           RunID      `json:"run_id"` // that sent it
	Verb          Verb       `json:"verb"`
	Account       AccountKey `json:"account"`
	EntitlementID string     `json:"entitlement_id,omitempty"`
	RequestID     string     `json:"request_id,omitempty"` // empty: the answer was lost
	At            time.Time  `json:"sent_at"`
}

// Evidence is an event with the action that caused it.
type Evidence struct {
	Event
	ActionID string
	Run      RunID // that sent the action
}
