package access

import (
	"encoding/json"
	"time"
)

// Restore is the stage of an action that gives back what a block took.
const Restore Stage = "restore"

// The verbs of the restore stage: each undoes one of the block stage (Undo).
const (
	OktaUnsuspend Verb = "unsuspend"

	IAMUndeny              Verb = "undeny" // AWSDenyAll detached, or the boundary of before put back
	IAMActivateKey         Verb = "activate_access_key"
	IAMActivateSSHKey      Verb = "activate_ssh_key"
	IAMActivateCertificate Verb = "activate_certificate"
	IAMActivateCredential  Verb = "activate_service_credential"

	SSOCreateAssignment Verb = "create_assignment"
	SSOCreateMembership Verb = "create_membership"
)

var undoes = map[Verb]Verb{
	OktaSuspend:              OktaUnsuspend,
	IAMDeny:                  IAMUndeny,
	IAMDeactivateKey:         IAMActivateKey,
	IAMDeactivateSSHKey:      IAMActivateSSHKey,
	IAMDeactivateCertificate: IAMActivateCertificate,
	IAMDeactivateCredential:  IAMActivateCredential,
	SSODeleteAssignment:      SSOCreateAssignment,
	SSODeleteMembership:      SSOCreateMembership,
}

// Undo is the verb that undoes this one; empty: nothing does.
func (v Verb) Undo() Verb { return undoes[v] }

// Undone is the action that a restore undoes, as its record has it.
type Undone struct {
	Run      RunID           `json:"run_id"`
	ActionID string          `json:"action_id"`
	Verb     Verb            `json:"verb"`
	At       time.Time       `json:"at"` // when it was read back as done
	Detail   string          `json:"detail,omitempty"`
	Before   json.RawMessage `json:"before,omitempty"` // what was there before it
	// Forbidden says that the policy of today keeps it from being undone.
	Forbidden bool `json:"forbidden,omitempty"`
}
