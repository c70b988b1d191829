package access

import (
	"encoding/json"
	"slices"
	"time"
)

// MatchHow says how an account was tied to an identity.
type MatchHow string

// The words of MatchHow.
const (
	Unmatched     MatchHow = "unmatched"
	MatchedLink   MatchHow = "link"
	MatchedHRID   MatchHow = "hr_id"
	MatchedEmail  MatchHow = "email"
	MatchedNonHum MatchHow = "nonhuman"
	// MatchedRoot is the root user of an AWS account: it belongs to the account.
	MatchedRoot MatchHow = "root"
	Ambiguous   MatchHow = "ambiguous"
)

// Match ties one account to an identity, or says why not.
type Match struct {
	How        MatchHow
	Person     PersonKey
	NonHuman   int         // index into Policy.NonHuman when How is MatchedNonHum
	Candidates []PersonKey // when ambiguous
}

// FindingKind names a conclusion (design.md, section 4).
type FindingKind string

// The kinds of finding.
const (
	LeaverAccess     FindingKind = "leaver_access"
	LeaverRemains    FindingKind = "leaver_remains"
	VanishedPerson   FindingKind = "vanished_person"
	BlockedActive    FindingKind = "blocked_active"
	Excepted         FindingKind = "excepted"
	ExpiredException FindingKind = "expired_exception"
	UnexpectedGrant  FindingKind = "unexpected_grant"
	MissingGrant     FindingKind = "missing_grant"
	EarlyAccess      FindingKind = "early_access"
	OrphanAccount    FindingKind = "orphan_account"
	AmbiguousMatch   FindingKind = "ambiguous_match"
	OwnerlessAccount FindingKind = "ownerless_account"
	ReviewOverdue    FindingKind = "review_overdue"
	HeldPerson       FindingKind = "held_person"
	ProtectedLeaver  FindingKind = "protected_leaver"
	UnmappedRole     FindingKind = "unmapped_role"
	UsedAfterExit    FindingKind = "used_after_exit"
	MoverResidue     FindingKind = "mover_residue"
	SoDConflict      FindingKind = "sod_conflict"
	BreakGlassUsed   FindingKind = "break_glass_used"
	DormantAccess    FindingKind = "dormant_access"
	StaleKey         FindingKind = "stale_key"
	NoMFA            FindingKind = "no_mfa"
	// ReviewRemoval: a review decided to remove it, and it is still there.
	ReviewRemoval FindingKind = "review_removal"
)

// Disposition is what follows from a finding.
type Disposition string

// The dispositions of a finding.
const (
	ToRevoke Disposition = "revoke"
	ToReview Disposition = "review"
	ToHold   Disposition = "hold"
	ToUrgent Disposition = "urgent"
	ToTask   Disposition = "task"
	ToReport Disposition = "report"
)

// Finding is a conclusion about one subject. ID is the same on every night on
// which the same fact holds of the same subject.
type Finding struct {
	ID              string          `json:"finding_id"`
	Kind            FindingKind     `json:"kind"`
	Severity        string          `json:"severity"` // critical, high, medium, low, info
	Disposition     Disposition     `json:"disposition"`
	Person          PersonKey       `json:"person,omitzero"`
	Account         AccountKey      `json:"account,omitzero"`
	Login           string          `json:"login,omitempty"`
	EntitlementKind EntitlementKind `json:"entitlement_kind,omitempty"`
	EntitlementID   string          `json:"entitlement_id,omitempty"`
	Entitlement     string          `json:"entitlement,omitempty"`
	// GrantScope is the scope of the entitlement, when it is not the account's.
	GrantScope string `json:"grant_scope,omitempty"`
	Via        string `json:"via,omitempty"`
	Reason     string `json:"reason"` // for a manager, in plain words
	Cites      string `json:"cites"`  // the rule, line or roster row it rests on
	FirstSeen  Day    `json:"-"`
}

// Urgent: the finding says so, or its kind is one that is urgent beside another
// disposition.
func (f Finding) Urgent() bool {
	switch f.Kind {
	case UsedAfterExit, BlockedActive, ProtectedLeaver:
		return true
	}
	return f.Disposition == ToUrgent
}

// Stage of a revocation.
type Stage string

// The stages. Block stops all use at once; remove tidies up after a grace period
// and cannot be undone.
const (
	Block  Stage = "block"
	Remove Stage = "remove"
)

// Verb is one change that a Revoker can make.
type Verb string

// The verbs of the block stage (design.md, section 6).
const (
	OktaSuspend       Verb = "suspend"          // LOCKED_OUT: unlock and suspend at once
	OktaDeactivate    Verb = "deactivate"       // for states that cannot be suspended; irreversible
	OktaClearSessions Verb = "clear_sessions"   // sessions and OAuth tokens
	OktaDeleteToken   Verb = "delete_api_token" // irreversible

	IAMDeny                  Verb = "deny_all" // AWSDenyAll as policy, else as boundary
	IAMDeactivateKey         Verb = "deactivate_access_key"
	IAMDeactivateSSHKey      Verb = "deactivate_ssh_key"
	IAMDeactivateCertificate Verb = "deactivate_certificate"
	IAMDeactivateCredential  Verb = "deactivate_service_credential"

	SSODeleteAssignment Verb = "delete_assignment"
	SSODeleteMembership Verb = "delete_membership"
)

// The verbs of the remove stage; nothing that they do to who left can be undone.
// OktaDeactivate, the last one in Okta, is a verb of both stages, and so are those of
// Identity Center where access of a former job is taken.
const (
	OktaRevokeGrants    Verb = "revoke_grants" // consents to OAuth clients
	OktaResetFactors    Verb = "reset_factors"
	OktaLeaveGroup      Verb = "leave_group"
	OktaUnassignApp     Verb = "unassign_app"
	OktaRemoveAdminRole Verb = "remove_admin_role"

	IAMDeleteLogin       Verb = "delete_login_profile" // the console password
	IAMDeleteKey         Verb = "delete_access_key"
	IAMDeleteSSHKey      Verb = "delete_ssh_key"
	IAMDeleteCertificate Verb = "delete_certificate"
	IAMDeleteCredential  Verb = "delete_service_credential"
	IAMLeaveGroup        Verb = "remove_from_group"
	IAMDetachPolicy      Verb = "detach_policy" // any but AWSDenyAll
	IAMDeletePolicy      Verb = "delete_inline_policy"
	IAMRemoveMFA         Verb = "remove_mfa"
	IAMTagRemoved        Verb = "tag_removed" // rollcall:removed, with the run
	IAMDeleteUser        Verb = "delete_user" // by policy, of one who holds nothing else
)

// Action is one intended change to one account. It is judged, journalled and
// carried out as one piece.
type Action struct {
	ID              string          `json:"action_id"`
	FindingID       string          `json:"finding_id"`
	Stage           Stage           `json:"stage"`
	Verb            Verb            `json:"verb"`
	Person          PersonKey       `json:"person"`
	Account         AccountKey      `json:"account"`
	AccountKind     AccountKind     `json:"account_kind"`
	Login           string          `json:"login"`
	EntitlementKind EntitlementKind `json:"entitlement_kind,omitempty"`
	EntitlementID   string          `json:"entitlement_id,omitempty"`
	// Entitlement and GrantScope name what is taken; GrantScope is the AWS
	// account of a permission set.
	Entitlement string `json:"entitlement,omitempty"`
	GrantScope  string `json:"grant_scope,omitempty"`
	Reason      string `json:"reason"`
	Undoable    bool   `json:"undoable"`
	// Rests names the reads (Read.Name) and rosters that the action cites: all
	// of them are complete, or the action does not exist.
	Rests []string `json:"rests"`
	// Mover says that the account is one of somebody who works here: it stays in use,
	// and only this one right of an earlier job is taken, by a verb that takes one
	// (Verb.Separate). Every other remove demands that the account is blocked.
	Mover bool `json:"mover,omitempty"`
	// Review is the row of a campaign in which a reviewer decided it (Removal.RowID). As
	// with Mover the account stays in use, and only the one right is taken.
	Review string `json:"review,omitempty"`
	// Order is what it follows, when a person ordered it by hand.
	Order *Order `json:"order,omitempty"`
	// First says that this is the first action on an account that nobody has
	// blocked yet, or (of every remove) that nothing of the account was removed
	// before: the blast radius counts these accounts.
	First bool `json:"first"`
	// Released names the approvals without which a guard would hold it.
	Released []Release `json:"released,omitempty"`
	// Undoes is the block that an action of the restore stage undoes.
	Undoes *Undone `json:"undoes,omitempty"`
}

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

// Plan is what is intended: actions to run and actions that a guard holds. It
// is bound to the digests of everything it was made from.
type Plan struct {
	RunID     RunID        `json:"run_id"`
	CreatedAt time.Time    `json:"created_at"`
	Inputs    []Input      `json:"inputs"`
	Actions   []Action     `json:"actions"` // what will run, in this order
	Held      []Held       `json:"held"`    // what a guard keeps from running
	Trips     []GuardError `json:"trips"`
	// Behind are the trips that would show if those in Trips were approved: what
	// one guard holds, the next one has not judged.
	Behind []GuardError `json:"behind,omitempty"`
	SHA256 string       `json:"sha256"` // over all of the above but run id, time and itself
}

// Held is an action that a guard keeps from running.
type Held struct {
	Action Action `json:"action"`
	Guard  string `json:"guard"`
}

// GuardError is a refusal to act: what tripped, the numbers, whose actions it
// holds, what happens next and what to do.
type GuardError struct {
	Guard  string       `json:"guard"` // reads, roster, blast_radius, concentration, irreversible, protected, baseline, mode
	Scope  string       `json:"scope"` // the system, source or "total" it judged
	Says   string       `json:"says"`
	Mend   string       `json:"mend"`
	Cohort []AccountKey `json:"cohort,omitempty"` // whose actions are held, sorted
	// Approvable: a person may answer for it (rollcall approve). Stakes is what the
	// approval would name, sorted; of a list of HR's, nothing.
	Approvable bool    `json:"approvable,omitempty"`
	Stakes     []Stake `json:"stakes,omitempty"`
	Count      int     `json:"count"`
	Limit      int     `json:"limit"`
}

func (g GuardError) Error() string { return g.Guard + " (" + g.Scope + "): " + g.Says }

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

// Outcome is what became of an action.
type Outcome struct {
	Action     Action          `json:"action"`
	Result     Result          `json:"outcome"`
	Detail     string          `json:"detail,omitempty"`
	RequestID  string          `json:"request_id,omitempty"`
	PlannedAt  time.Time       `json:"planned_at"`
	SentAt     time.Time       `json:"sent_at,omitzero"`
	VerifiedAt time.Time       `json:"verified_at,omitzero"`
	Before     json.RawMessage `json:"before,omitempty"` // the before-image
	Actor      string          `json:"actor,omitempty"`
	// AdoptedFrom is the run whose journal this was found in, when that run
	// could not finish.
	AdoptedFrom RunID `json:"adopted_from,omitempty"`
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
