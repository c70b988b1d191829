// Package access holds the nouns of rollcall: who there is, what they can
// reach, what was read, what was concluded, what is intended and what
// happened. It is a leaf: it imports nothing of rollcall, and must never decide
// or touch anything. Its invariant: the zero value of every type is the harmless
// one (an unread scope, an unproven outcome, an unmatched account).
package access

// This file is long because it is the vocabulary: each noun once, in the order in which
// the data goes. The words that a noun may use, and what can be asked of it, are in the
// file that is called like it.

import (
	"encoding/json"
	"time"
)

type (
	// System names one configured system, such as "okta" or "aws".
	System string
	// Source names one HR list, such as "employees" or "contractors".
	Source string
	// EmployeeID is HR's id of a person; it is text ("0012" is not "12").
	EmployeeID string
	// AccountID is the vendor's immutable id of an account, never its e-mail.
	AccountID string
	// RunID names one run of the job; it sorts by time.
	RunID string
)

// PersonKey is the key of an Identity. The same employee id in two sources is
// two people.
type PersonKey struct {
	Source     Source     `json:"source"`
	EmployeeID EmployeeID `json:"employee_id"`
}

// Identity is one row of a roster as read. Its csv tags are the canonical
// roster columns, which is also how an accepted roster is archived.
type Identity struct {
	Source         Source     `csv:"source" json:"source"`
	EmployeeID     EmployeeID `csv:"employee_id" json:"employee_id"`
	Email          string     `csv:"email" json:"email"`
	Name           string     `csv:"name" json:"name"`
	Title          string     `csv:"title" json:"title"`
	Department     string     `csv:"department" json:"department"`
	ManagerID      EmployeeID `csv:"manager_id" json:"manager_id"`
	WorkerType     string     `csv:"worker_type" json:"worker_type"`
	Status         Status     `csv:"status" json:"status"`
	StartDate      Day        `csv:"start_date" json:"start_date"`
	EndDate        Day        `csv:"end_date" json:"end_date"`
	LastWorkingDay Day        `csv:"last_working_day" json:"last_working_day"`
	TimeZone       string     `csv:"timezone" json:"timezone"`
	Aliases        string     `csv:"aliases" json:"aliases"` // other e-mail addresses, separated by ; or space
	Row            int        `csv:"roster_row" json:"roster_row"`
	// Problem, when set, holds the person: rollcall changes nothing of theirs
	// until HR mends the row. It is a sentence for HR.
	Problem string `csv:"problem" json:"problem,omitempty"`
}

// Key is the identity's key.
func (i Identity) Key() PersonKey { return PersonKey{i.Source, i.EmployeeID} }

// Roster is one HR list as accepted: its rows, in file order.
type Roster struct {
	Source   Source
	File     string
	AsOf     time.Time // of which day it is, by itself; zero if the file does not say
	AsOfOr   time.Time // where that day can be read in two ways: the later reading, AsOf is the earlier
	Original string    // SHA-256 of the bytes as received, hex
	SHA256   string    // SHA-256 of the normalised rows, hex: the digest that is cited
	Rows     []Identity
	// Working are those whom a list that cannot be used legibly shows working: who they
	// are and what the status says, and no more. It has no Rows then.
	Working []Identity
}

// Account is a login in one system.
type Account struct {
	System       System
	Scope        string // the AWS account id of an IAM user; empty otherwise
	ScopeName    string
	ID           AccountID
	Kind         AccountKind
	Login        string
	Email        string     // several, where a system names several, with commas between
	HRID         EmployeeID // the HR id in the account's profile or tag, if any
	Name         string     // shown to people; never used to match
	Status       AccountStatus
	VendorStatus string // the vendor's own word, such as PASSWORD_EXPIRED
	Upstream     string // the issuer that provisions it (SCIM), empty for an account of its own
	Privileged   bool
	MFA          MFA
	CreatedAt    time.Time
	LastUsedAt   time.Time // zero: never, or not known (UsageKnown tells)
	UsageKnown   bool
	Read         int // index into Observation.Reads: the scope that listed it
}

// Key is the account's key.
func (a Account) Key() AccountKey { return AccountKey{a.System, a.Scope, a.ID} }

// AccountKey is what names an account for ever.
type AccountKey struct {
	System System    `json:"system"`
	Scope  string    `json:"scope"`
	ID     AccountID `json:"account_id"`
}

// Entitlement is a right that can be held.
type Entitlement struct {
	System    System
	Scope     string // the AWS account id, or empty
	ScopeName string
	Kind      EntitlementKind
	ID        string // the vendor's id
	Name      string // what people know it by
	// Privileged is a fact of the vendor's (an admin role, an admin policy);
	// the role map's risk is policy and is kept apart.
	Privileged bool
	// Editable says that a membership can be taken away by itself: false for
	// Okta's APP_GROUP and BUILT_IN groups and for groups pushed from upstream.
	Editable bool
	// Ruled says that a rule of the system fills it: whoever is taken out of it is
	// excluded from the rule, also when they come back.
	Ruled bool
	// Denies says that it, or what it carries, also denies something, as a policy of
	// AWS can: whoever loses it may do more than before.
	Denies bool
	// Credential says that holding it lets somebody in without any other right
	// (an access key, an API token), so a block must end it. A key that is inactive
	// already is held and is no credential.
	Credential bool
	// CreatedAt is when it was made, where the vendor says so: of a key it
	// tells the age. Zero: not known.
	CreatedAt time.Time
	Read      int // index into Observation.Reads: the scope that listed its holders
}

// Grant says that an account holds an entitlement. Both are indexes into the
// Observation that holds the grant, so that a grant costs 16 bytes.
type Grant struct {
	Account     uint32
	Entitlement uint32
	Carrier     uint32 // 1 + index of the entitlement that carries it (a group); 0: held directly
	LastUsed    uint32 // unix seconds; 0: never or unknown
}

// Direct reports whether the grant is held without a path.
func (g Grant) Direct() bool { return g.Carrier == 0 }

// Read is the certificate of one scope that was read: complete, or why not.
// The zero Read is incomplete.
type Read struct {
	System       System    `json:"system"`
	Scope        string    `json:"scope"` // the AWS account id, or empty
	Kind         string    `json:"kind"`  // the family of endpoints, such as "users" or "iam"
	Complete     bool      `json:"complete"`
	Gap          string    `json:"gap,omitempty"` // what could not be read, and why, when not complete
	Requests     int       `json:"requests"`
	Pages        int       `json:"pages"`
	Records      int       `json:"records"`
	ClaimedTotal int       `json:"claimed_total"` // what the API says there is; -1: it does not say
	StartedAt    time.Time `json:"started_at"`
	FinishedAt   time.Time `json:"finished_at"`
	SHA256       string    `json:"sha256"` // over the raw pages, in order
	Caller       string    `json:"caller"` // the identity that read
	// Lists says that this scope lists accounts, so that a block may rest on it.
	Lists bool `json:"lists"`
	// Recalled says that an earlier run read it, and this one did not.
	Recalled bool `json:"recalled,omitempty"`
}

// Name is system[/scope]/kind, as messages print a scope.
func (r Read) Name() string {
	if r.Scope == "" {
		return string(r.System) + "/" + r.Kind
	}
	return string(r.System) + "/" + r.Scope + "/" + r.Kind
}

// Observation is what one collector saw. Accounts, entitlements and reads are
// tables; a grant refers to them by index.
type Observation struct {
	System       System
	Accounts     []Account
	Entitlements []Entitlement
	Grants       []Grant
	Reads        []Read
	// Aside are the certificates of what was read besides (LogsRead): nothing rests on
	// them that is decided about who holds what, or what is taken from whom.
	Aside []Read
	// Self are the accounts that the job itself acts as: never acted on.
	Self []AccountKey
	// AdminsUnread are accounts that the system names as holders of admin roles,
	// when which ones could not be read: each may hold any of them.
	AdminsUnread []AccountKey
	// Uses are what the system's own log says of the use of accounts that were
	// watched, oldest first; Watched are those whose log was read to its end.
	Uses    []Event
	Watched []Watched
	// Notes are facts a person should know that are no grant, such as "account
	// 1234 is suspended and was not read".
	Notes []string
}

// RoleMap is the policy: every rule, in file order.
type RoleMap struct {
	SHA256 string
	Rules  []Rule
}

// Rule is one line of the role map: people whose title, department and worker
// type match may (or must) hold entitlements that match. The matching fields
// are case-insensitive globs; an empty one matches anything.
type Rule struct {
	Line
	Role        string
	Title       string
	Department  string
	WorkerType  string
	System      string
	Scope       string
	Kind        string
	Entitlement string
	Requirement Requirement
	Risk        Risk
	Owner       string
	Meaning     string
	ApprovedBy  string
	ApprovedOn  Day
	ExpiresOn   Day
}

// Exception is a time-boxed allowance for one person. Entitlement matches an
// entitlement's id or name exactly (case-insensitive).
type Exception struct {
	Line
	ID          string
	Person      PersonKey
	System      string
	Scope       string
	Kind        string
	Entitlement string
	Reason      string
	Ticket      string
	ApprovedBy  string
	ApprovedOn  Day
	ExpiresOn   Day
}

// Match ties one account to an identity, or says why not.
type Match struct {
	How        MatchHow
	Person     PersonKey
	NonHuman   int         // index into Policy.NonHuman when How is MatchedNonHuman
	Candidates []PersonKey // when ambiguous
}

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
	// Saw is what was seen, and Passes what would pass by itself, where that is no number:
	// words that follow "it was" and "what passes is".
	Saw    string `json:"saw,omitempty"`
	Passes string `json:"passes,omitempty"`
}

func (g GuardError) Error() string { return g.Guard + " (" + g.Scope + "): " + g.Says }

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
