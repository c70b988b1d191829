package access

// Runbook names a page of the runbooks that rollcall runbook writes: its file is
// <name>.html beside <name>.md.
type Runbook string

// The runbooks.
const (
	RunbookOnboarding       Runbook = "onboarding"
	RunbookRoleChange       Runbook = "role-change"
	RunbookOffboarding      Runbook = "offboarding"
	RunbookUrgentRemoval    Runbook = "urgent-removal"
	RunbookMistake          Runbook = "mistake-and-restore"
	RunbookAccessRequest    Runbook = "access-request"
	RunbookPeriodicReview   Runbook = "periodic-review"
	RunbookAuditRequest     Runbook = "audit-request"
	RunbookRosterRefused    Runbook = "roster-refused"
	RunbookGuardTripped     Runbook = "guard-tripped"
	RunbookRevocationFailed Runbook = "revocation-failed"
	RunbookBreakGlassUsed   Runbook = "break-glass-used"
)

// Runbooks are all of them, in the order in which the index has them.
var Runbooks = []Runbook{RunbookOnboarding, RunbookRoleChange, RunbookOffboarding, RunbookUrgentRemoval, RunbookMistake, RunbookAccessRequest,
	RunbookPeriodicReview, RunbookAuditRequest, RunbookRosterRefused, RunbookGuardTripped, RunbookRevocationFailed, RunbookBreakGlassUsed}

// runbooks are the pages that say what to do about a finding.
var runbooks = map[FindingKind]Runbook{
	LeaverAccess:     RunbookOffboarding,
	LeaverRemains:    RunbookOffboarding,
	VanishedPerson:   RunbookOffboarding,
	UsedAfterExit:    RunbookUrgentRemoval,
	ProtectedLeaver:  RunbookUrgentRemoval,
	PerhapsTheirs:    RunbookUrgentRemoval,
	BlockedActive:    RunbookMistake,
	HeldPerson:       RunbookRosterRefused,
	Excepted:         RunbookAccessRequest,
	ExpiredException: RunbookAccessRequest,
	MissingGrant:     RunbookOnboarding,
	EarlyAccess:      RunbookOnboarding,
	MoverResidue:     RunbookRoleChange,
	UnmappedRole:     RunbookRoleChange,
	BreakGlassUsed:   RunbookBreakGlassUsed,
	UnexpectedGrant:  RunbookPeriodicReview,
	OrphanAccount:    RunbookPeriodicReview,
	AmbiguousMatch:   RunbookPeriodicReview,
	OwnerlessAccount: RunbookPeriodicReview,
	ReviewOverdue:    RunbookPeriodicReview,
	SoDConflict:      RunbookPeriodicReview,
	DormantAccess:    RunbookPeriodicReview,
	StaleKey:         RunbookPeriodicReview,
	NoMFA:            RunbookPeriodicReview,
	ReviewRemoval:    RunbookPeriodicReview,
}

// Runbook is the page that says what to do about a finding of this kind.
func (k FindingKind) Runbook() Runbook { return runbooks[k] }

// GuardRunbook is the page that says what to do about a trip of this guard. A refused
// list has a page of its own, for it is HR who mends it.
func GuardRunbook(guard string) Runbook {
	if guard == "roster" {
		return RunbookRosterRefused
	}
	return RunbookGuardTripped
}

// Page is the file of the page, as a person opens it in a browser.
func (r Runbook) Page() string { return string(r) + ".html" }
