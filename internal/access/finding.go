package access

// MatchHow says how an account was tied to an identity.
type MatchHow string

// The words of MatchHow.
const (
	Unmatched       MatchHow = "unmatched"
	MatchedLink     MatchHow = "link"
	MatchedHRID     MatchHow = "hr_id"
	MatchedEmail    MatchHow = "email"
	MatchedNonHuman MatchHow = "nonhuman"
	// MatchedRoot is the root user of an AWS account: it belongs to the account.
	MatchedRoot MatchHow = "root"
	Ambiguous   MatchHow = "ambiguous"
)

// FindingKind names a conclusion (docs/policy.md).
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
	// PerhapsTheirs: of an order about one person, an account that may be theirs and
	// that the order did not touch; of a night after it also one that is theirs and works.
	PerhapsTheirs FindingKind = "perhaps_theirs"
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

// Urgent: the finding says so, or its kind is one that is urgent beside another
// disposition.
func (f Finding) Urgent() bool {
	switch f.Kind {
	case UsedAfterExit, BlockedActive, ProtectedLeaver:
		return true
	}
	return f.Disposition == ToUrgent
}
