package access

import "time"

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
	// Final are its steps that cannot be undone and were sent, whether or not they were
	// seen to work.
	Final []Final `json:"final,omitempty"`
}

// Final is a step of a block that cannot be undone.
type Final struct {
	Verb     Verb      `json:"verb"`
	ID       string    `json:"entitlement_id,omitempty"`
	At       time.Time `json:"at"` // sent; of one that was sent again, the last time
	Released []Release `json:"released,omitempty"`
}

// Taken is a right that a block took away.
type Taken struct {
	Kind  EntitlementKind `json:"entitlement_kind"`
	Scope string          `json:"grant_scope,omitempty"`
	ID    string          `json:"entitlement_id"`
	Name  string          `json:"entitlement"`
}

// Ending is how far the end of a certain leaver's account has come, as the SLA counts it.
// It is kept until the person is back, and stands while nobody can say that they left.
type Ending struct {
	Account AccountKey `json:"account"`
	Person  PersonKey  `json:"person"`
	// BlockedAt is when it was read that nothing of the account can be used, and
	// has been so on every night since (blocked_verified).
	BlockedAt time.Time `json:"blocked_verified_at,omitzero"`
	// Ordered: an order began its block while no list, nor an answer, said for certain
	// that the person left. CertainAt is the first run after that on which one did: only
	// from then on do the days of grace before a removal count.
	Ordered   bool      `json:"ordered,omitempty"`
	CertainAt time.Time `json:"certain_at,omitzero"`
	// ShutUpstream: of an account that is used by signing in to another system, an
	// account there was known and was read as blocked too. That a list has it no more
	// opens nothing.
	ShutUpstream bool `json:"shut_upstream,omitempty"`
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
	// DeletingAt is when the deletion of the user was last sent, whether or not it was seen
	// to work.
	DeletingAt time.Time `json:"deleting_at,omitzero"`
}

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
