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
