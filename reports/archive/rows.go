package archive

import "time"

// The rows of the tables of facts and decisions. Names, order and types of the
// columns are a contract with those who query the archive: columns are added
// at the end, never renamed, moved or removed.
//
// Text is never NULL (empty is ''); a time or a date that is not known is NULL.
// Times are UTC with milliseconds. Days that people wrote (start_date,
// approved_on, expires_on, review_by, ...) are text as they were understood,
// 2006-01-02 or RFC 3339, since they may carry a time; days that rollcall
// counts (first_seen_on) are dates.

// ReadRow is one read certificate. A claimed_total of -1: the API does not say.
type ReadRow struct {
	RunID        string    `parquet:"run_id,dict"`
	System       string    `parquet:"system,dict"`
	Scope        string    `parquet:"scope,dict"`
	Kind         string    `parquet:"kind,dict"`
	Complete     bool      `parquet:"complete"`
	Gap          string    `parquet:"gap,dict"`
	Requests     int64     `parquet:"requests"`
	Pages        int64     `parquet:"pages"`
	Records      int64     `parquet:"records"`
	ClaimedTotal int64     `parquet:"claimed_total"`
	StartedAt    time.Time `parquet:"started_at,optional,timestamp(millisecond)"`
	FinishedAt   time.Time `parquet:"finished_at,optional,timestamp(millisecond)"`
	SHA256       string    `parquet:"sha256"`
	Caller       string    `parquet:"caller,dict"`
	Lists        bool      `parquet:"lists"` // it lists accounts
}

// IdentityRow is one person of a roster, as it stood that night: what the list
// said (status), and what rollcall concluded from all that it knew (standing). Of
// somebody with several ids, same_as is the one that counts.
type IdentityRow struct {
	RunID           string    `parquet:"run_id,dict"`
	Source          string    `parquet:"source,dict"`
	EmployeeID      string    `parquet:"employee_id"`
	Email           string    `parquet:"email"`
	Name            string    `parquet:"name"`
	Title           string    `parquet:"title,dict"`
	Department      string    `parquet:"department,dict"`
	ManagerID       string    `parquet:"manager_id,dict"`
	WorkerType      string    `parquet:"worker_type,dict"`
	Status          string    `parquet:"status,dict"`
	StartDate       string    `parquet:"start_date,dict"`
	EndDate         string    `parquet:"end_date,dict"`
	LastWorkingDay  string    `parquet:"last_working_day,dict"`
	TimeZone        string    `parquet:"timezone,dict"`
	AccessEndsAt    time.Time `parquet:"access_ends_at,optional,timestamp(millisecond)"`
	Kind            string    `parquet:"kind,dict"`
	RosterRow       int64     `parquet:"roster_row"`
	FirstSeenLeftAt time.Time `parquet:"first_seen_left_at,optional,timestamp(millisecond)"`
	Problem         string    `parquet:"problem,dict"`
	Standing        string    `parquet:"standing,dict"`
	SameAs          string    `parquet:"same_as,dict"`
}

// AccountRow is one login, with whose it is. Of an ambiguous one, candidates is a
// JSON list of those whose it may be.
type AccountRow struct {
	RunID      string    `parquet:"run_id,dict"`
	System     string    `parquet:"system,dict"`
	Scope      string    `parquet:"scope,dict"`
	AccountID  string    `parquet:"account_id"`
	Login      string    `parquet:"login"`
	Email      string    `parquet:"email"`
	Status     string    `parquet:"status,dict"`
	Kind       string    `parquet:"kind,dict"`
	Source     string    `parquet:"source,dict"`
	EmployeeID string    `parquet:"employee_id"`
	Match      string    `parquet:"match,dict"`
	Privileged bool      `parquet:"privileged"`
	MFA        string    `parquet:"mfa,dict"`
	CreatedAt  time.Time `parquet:"created_at,optional,timestamp(millisecond)"`
	LastUsedAt time.Time `parquet:"last_used_at,optional,timestamp(millisecond)"`
	Candidates string    `parquet:"candidates,dict"`

	// What a run that reads no systems must know of an account to block it.
	Name         string `parquet:"name"`
	HRID         string `parquet:"hr_id"`
	ScopeName    string `parquet:"scope_name,dict"`
	VendorStatus string `parquet:"vendor_status,dict"`
	Upstream     string `parquet:"upstream,dict"`
	UsageKnown   bool   `parquet:"usage_known"`
	Read         string `parquet:"read,dict"`    // the read that listed it: system[/scope]/kind
	Self         bool   `parquet:"self"`         // rollcall itself acts as it
	AdminUnread  bool   `parquet:"admin_unread"` // it holds admin roles, and which could not be read
}

// EntitlementRow is one right; risk, owner and meaning are the role map's. When
// it was made is absent where the vendor does not say, and in the files of older
// rollcalls.
type EntitlementRow struct {
	RunID         string    `parquet:"run_id,dict"`
	System        string    `parquet:"system,dict"`
	Scope         string    `parquet:"scope,dict"`
	Kind          string    `parquet:"kind,dict"`
	EntitlementID string    `parquet:"entitlement_id"`
	Name          string    `parquet:"name"`
	Risk          string    `parquet:"risk,dict"`
	Owner         string    `parquet:"owner,dict"`
	Meaning       string    `parquet:"meaning,dict"`
	CreatedAt     time.Time `parquet:"created_at,optional,timestamp(millisecond)"`
	ScopeName     string    `parquet:"scope_name,dict"`
	Privileged    bool      `parquet:"privileged"` // the system's word, whatever the role map says
	Read          string    `parquet:"read,dict"`  // the read that listed its holders: system[/scope]/kind
	Editable      bool      `parquet:"editable"`   // it can be taken away by itself
	Credential    bool      `parquet:"credential"` // whoever holds it needs no other right to get in
	Ruled         bool      `parquet:"ruled"`      // a rule of the system fills it
	Denies        bool      `parquet:"denies"`     // it also denies something: whoever loses it may do more
}

// GrantRow is one right held by one account. Scope is the entitlement's: where
// the right applies.
type GrantRow struct {
	RunID         string    `parquet:"run_id,dict"`
	System        string    `parquet:"system,dict"`
	Scope         string    `parquet:"scope,dict"`
	AccountID     string    `parquet:"account_id,dict"`
	Login         string    `parquet:"login"`
	Source        string    `parquet:"source,dict"`
	EmployeeID    string    `parquet:"employee_id,dict"`
	Kind          string    `parquet:"kind,dict"`
	EntitlementID string    `parquet:"entitlement_id,dict"`
	Entitlement   string    `parquet:"entitlement,dict"`
	Via           string    `parquet:"via,dict"`
	Direct        bool      `parquet:"direct"`
	Expected      bool      `parquet:"expected"`
	Cites         string    `parquet:"cites,dict"`
	ApprovedBy    string    `parquet:"approved_by,dict"`
	Risk          string    `parquet:"risk,dict"`
	LastUsedAt    time.Time `parquet:"last_used_at,optional,timestamp(millisecond)"`
	FirstSeenOn   int32     `parquet:"first_seen_on,optional,date,dict"`
	AccountScope  string    `parquet:"account_scope,dict"`
	ViaID         string    `parquet:"via_id,dict"`    // of the right that carries it
	ViaScope      string    `parquet:"via_scope,dict"` // and its scope
}

// FindingRow is one conclusion. Scope is where the right applies, else the
// account's own.
type FindingRow struct {
	RunID           string `parquet:"run_id,dict"`
	FindingID       string `parquet:"finding_id"`
	Kind            string `parquet:"kind,dict"`
	Severity        string `parquet:"severity,dict"`
	Disposition     string `parquet:"disposition,dict"`
	Source          string `parquet:"source,dict"`
	EmployeeID      string `parquet:"employee_id,dict"`
	System          string `parquet:"system,dict"`
	Scope           string `parquet:"scope,dict"`
	AccountID       string `parquet:"account_id,dict"`
	Login           string `parquet:"login,dict"`
	EntitlementKind string `parquet:"entitlement_kind,dict"`
	EntitlementID   string `parquet:"entitlement_id,dict"`
	Entitlement     string `parquet:"entitlement,dict"`
	Reason          string `parquet:"reason,dict"`
	Cites           string `parquet:"cites,dict"`
	FirstSeenOn     int32  `parquet:"first_seen_on,optional,date,dict"`
}

// RuleRow is one line of the role map.
type RuleRow struct {
	RunID       string `parquet:"run_id,dict"`
	File        string `parquet:"file,dict"`
	Line        int64  `parquet:"line"`
	Role        string `parquet:"role,dict"`
	Title       string `parquet:"title,dict"`
	Department  string `parquet:"department,dict"`
	WorkerType  string `parquet:"worker_type,dict"`
	System      string `parquet:"system,dict"`
	Scope       string `parquet:"scope,dict"`
	Kind        string `parquet:"kind,dict"`
	Entitlement string `parquet:"entitlement,dict"`
	Requirement string `parquet:"requirement,dict"`
	Risk        string `parquet:"risk,dict"`
	Owner       string `parquet:"owner,dict"`
	Meaning     string `parquet:"meaning,dict"`
	ApprovedBy  string `parquet:"approved_by,dict"`
	ApprovedOn  string `parquet:"approved_on,dict"`
	ExpiresOn   string `parquet:"expires_on,dict"`
}

// ExceptionRow is one line of the exceptions register.
type ExceptionRow struct {
	RunID       string `parquet:"run_id,dict"`
	File        string `parquet:"file,dict"`
	Line        int64  `parquet:"line"`
	ID          string `parquet:"id"`
	Source      string `parquet:"source,dict"`
	EmployeeID  string `parquet:"employee_id,dict"`
	System      string `parquet:"system,dict"`
	Scope       string `parquet:"scope,dict"`
	Kind        string `parquet:"kind,dict"`
	Entitlement string `parquet:"entitlement,dict"`
	Reason      string `parquet:"reason,dict"`
	Ticket      string `parquet:"ticket,dict"`
	ApprovedBy  string `parquet:"approved_by,dict"`
	ApprovedOn  string `parquet:"approved_on,dict"`
	ExpiresOn   string `parquet:"expires_on,dict"`
}

// NonHumanRow is one line of the register of accounts that are no person's.
type NonHumanRow struct {
	RunID    string `parquet:"run_id,dict"`
	File     string `parquet:"file,dict"`
	Line     int64  `parquet:"line"`
	System   string `parquet:"system,dict"`
	Scope    string `parquet:"scope,dict"`
	Account  string `parquet:"account"`
	Kind     string `parquet:"kind,dict"`
	OwnerID  string `parquet:"owner_id,dict"`
	Purpose  string `parquet:"purpose,dict"`
	ReviewBy string `parquet:"review_by,dict"`
}

// RunRow is the head of one run. With several roster sources roster_sha256
// holds one digest each, in the order of the sources' names, separated by a
// space. policy_unread names the policy files that were there and could not be
// used (rolemap, exceptions), separated by a space.
type RunRow struct {
	RunID         string    `parquet:"run_id"`
	StartedAt     time.Time `parquet:"started_at,optional,timestamp(millisecond)"`
	FinishedAt    time.Time `parquet:"finished_at,optional,timestamp(millisecond)"`
	Mode          string    `parquet:"mode"`
	Trigger       string    `parquet:"trigger"`
	ToolVersion   string    `parquet:"tool_version"`
	ConfigSHA256  string    `parquet:"config_sha256"`
	RosterSHA256  string    `parquet:"roster_sha256"`
	RoleMapSHA256 string    `parquet:"rolemap_sha256"`
	PlanSHA256    string    `parquet:"plan_sha256"`
	Verdict       string    `parquet:"verdict"`
	ExitCode      int64     `parquet:"exit_code"`
	PreviousRunID string    `parquet:"previous_run_id"`
	Actor         string    `parquet:"actor"`
	PolicyUnread  string    `parquet:"policy_unread"`
}

// ActionRow is one intended change and what became of it; before is JSON. Several
// approvals that released it are separated by a space.
type ActionRow struct {
	RunID           string    `parquet:"run_id,dict"`
	ActionID        string    `parquet:"action_id"`
	FindingID       string    `parquet:"finding_id,dict"`
	Stage           string    `parquet:"stage,dict"`
	Verb            string    `parquet:"verb,dict"`
	Source          string    `parquet:"source,dict"`
	EmployeeID      string    `parquet:"employee_id,dict"`
	System          string    `parquet:"system,dict"`
	Scope           string    `parquet:"scope,dict"`
	AccountID       string    `parquet:"account_id,dict"`
	EntitlementKind string    `parquet:"entitlement_kind,dict"`
	EntitlementID   string    `parquet:"entitlement_id,dict"`
	Reason          string    `parquet:"reason,dict"`
	Outcome         string    `parquet:"outcome,dict"`
	Detail          string    `parquet:"detail,dict"`
	RequestID       string    `parquet:"request_id"`
	PlannedAt       time.Time `parquet:"planned_at,optional,timestamp(millisecond)"`
	SentAt          time.Time `parquet:"sent_at,optional,timestamp(millisecond)"`
	VerifiedAt      time.Time `parquet:"verified_at,optional,timestamp(millisecond)"`
	Before          string    `parquet:"before"`
	Undoable        bool      `parquet:"undoable"`
	ApprovalID      string    `parquet:"approval_id,dict"`
	Actor           string    `parquet:"actor,dict"`
	AccountScope    string    `parquet:"account_scope,dict"`
	Ticket          string    `parquet:"ticket,dict"` // of an order that it follows
	OrderedBy       string    `parquet:"ordered_by,dict"`
}

// ApprovalRow is one approval file that the run looked at, and what became of it:
// spent_at is NULL unless this run spent it. What a file that is not proven says
// of itself is not kept; its name and why are.
type ApprovalRow struct {
	RunID        string    `parquet:"run_id,dict"`
	ApprovalID   string    `parquet:"approval_id"`
	Guard        string    `parquet:"guard,dict"`
	CohortSHA256 string    `parquet:"cohort_sha256"`
	Count        int64     `parquet:"count"`
	ApprovedBy   string    `parquet:"approved_by,dict"`
	Reason       string    `parquet:"reason"`
	ExpiresAt    time.Time `parquet:"expires_at,optional,timestamp(millisecond)"`
	SpentAt      time.Time `parquet:"spent_at,optional,timestamp(millisecond)"`
	Scope        string    `parquet:"scope,dict"`
	CreatedAt    time.Time `parquet:"created_at,optional,timestamp(millisecond)"`
	PlanSHA256   string    `parquet:"plan_sha256"` // the plan that the approver saw
	File         string    `parquet:"file"`
	FileSHA256   string    `parquet:"file_sha256"`
	Counted      bool      `parquet:"counted"`
	Detail       string    `parquet:"detail"`
}

// EndingRow is the clocks of one account of somebody who left, as they stand after
// the run; one that has not stopped is absent.
type EndingRow struct {
	RunID             string    `parquet:"run_id,dict"`
	Source            string    `parquet:"source,dict"`
	EmployeeID        string    `parquet:"employee_id,dict"`
	System            string    `parquet:"system,dict"`
	Scope             string    `parquet:"scope,dict"`
	AccountID         string    `parquet:"account_id"`
	AccessEndsAt      time.Time `parquet:"access_ends_at,optional,timestamp(millisecond)"`
	FirstSeenLeftAt   time.Time `parquet:"first_seen_left_at,optional,timestamp(millisecond)"`
	BlockedVerifiedAt time.Time `parquet:"blocked_verified_at,optional,timestamp(millisecond)"`
	RemovingAt        time.Time `parquet:"removing_at,optional,timestamp(millisecond)"`
	RemovedVerifiedAt time.Time `parquet:"removed_verified_at,optional,timestamp(millisecond)"`
}

// EventRow is one event of a system's own log, of a revocation or of the use of a
// watched account (action_id is empty then), without what may be secret: systems keep
// them for 90 days. The same event may be in the files of several nights. action_run_id
// is the run that sent the action, an earlier one where the log had the event late.
type EventRow struct {
	RunID       string    `parquet:"run_id,dict"`
	EventID     string    `parquet:"event_id"`
	System      string    `parquet:"system,dict"`
	Scope       string    `parquet:"scope,dict"`
	AccountID   string    `parquet:"account_id,dict"`
	ActionID    string    `parquet:"action_id,dict"`
	EventType   string    `parquet:"event_type,dict"`
	Outcome     string    `parquet:"outcome,dict"`
	Actor       string    `parquet:"actor,dict"`
	Client      string    `parquet:"client,dict"`
	PublishedAt time.Time `parquet:"published_at,optional,timestamp(millisecond)"`
	RequestID   string    `parquet:"request_id"`
	Raw         string    `parquet:"raw"` // JSON
	ActionRunID string    `parquet:"action_run_id,dict"`
	Says        string    `parquet:"says,dict"` // of a use: what was done, in plain words
}

// WorksheetRow is one worksheet as issued, or one file as it came back: then
// received_at is known. worksheet_sha256 is of the workbook, or of the file as it
// was received, which is inputs/<worksheet_sha256>; it is empty when no workbook was
// written (Snapshot.Issued). The worksheets of a night belong to no campaign.
type WorksheetRow struct {
	RunID           string    `parquet:"run_id,dict"`
	CampaignID      string    `parquet:"campaign_id,dict"`
	WorksheetSHA256 string    `parquet:"worksheet_sha256"`
	Revision        int64     `parquet:"revision"`
	Reviewer        string    `parquet:"reviewer"`
	Rows            int64     `parquet:"rows"`
	IssuedAt        time.Time `parquet:"issued_at,optional,timestamp(millisecond)"`
	ReceivedAt      time.Time `parquet:"received_at,optional,timestamp(millisecond)"`
	Channel         string    `parquet:"channel,dict"`
	Sender          string    `parquet:"sender,dict"`

	// Of a campaign's.
	WorksheetID        string `parquet:"worksheet_id"`
	ReviewerSource     string `parquet:"reviewer_source,dict"`
	ReviewerEmployeeID string `parquet:"reviewer_employee_id"`
	ReviewerName       string `parquet:"reviewer_name"`
	ReviewerEmail      string `parquet:"reviewer_email"`
	ManagerEmail       string `parquet:"manager_email,dict"` // of the reviewer's own manager
	Because            string `parquet:"because,dict"`       // why this reviewer
	DelegateSource     string `parquet:"delegate_source,dict"`
	DelegateEmployeeID string `parquet:"delegate_employee_id,dict"`
	DelegateName       string `parquet:"delegate_name,dict"`
	DelegateEmail      string `parquet:"delegate_email,dict"`
	PassedFrom         string `parquet:"passed_from,dict"` // the worksheet whose rows it takes over
	DueOn              int32  `parquet:"due_on,optional,date"`
	File               string `parquet:"file"`     // as it came back
	Answers            int64  `parquet:"answers"`  // that count
	Refused            string `parquet:"refused"`  // JSON: why nothing of it counts
	Problems           string `parquet:"problems"` // JSON: what keeps single rows from counting
	SignedBy           string `parquet:"signed_by,dict"`
}
