package archive

import "time"

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
