package access

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"time"
)

// Approval is a person's word that what one guard holds is right: of exactly the
// named cohort, for a time, and once. It is believed only under a signature.
type Approval struct {
	ID    string `json:"approval_id"`
	Guard string `json:"guard"`
	Scope string `json:"scope"` // GuardError.Scope of the trip
	// Cohort is what it releases, sorted; nothing else ever rides along. Of a list
	// of HR's it is empty: Roster says which.
	Cohort []Stake         `json:"cohort,omitempty"`
	Roster *ApprovedRoster `json:"roster,omitempty"`
	// CohortSHA256 is CohortDigest of the cohort, or the digest of the list's rows.
	CohortSHA256 string    `json:"cohort_sha256"`
	Count        int       `json:"count"` // of the cohort, or of the people who are newly gone
	By           string    `json:"approved_by"`
	Reason       string    `json:"reason"`
	CreatedAt    time.Time `json:"created_at"`
	ExpiresAt    time.Time `json:"expires_at"`
	PlanSHA256   string    `json:"plan_sha256,omitempty"` // the plan in which it was seen, for the record
}

// Stake is one thing that a guard holds and a person may release: the block of
// an account, or of what cannot be undone one action of it.
type Stake struct {
	Account AccountKey `json:"account"`
	Stage   Stage      `json:"stage"`
	Action  string     `json:"action_id,omitempty"`
}

// ApprovedRoster is a list of HR's as the approver saw it: its bytes, its rows,
// and what it was held against.
type ApprovedRoster struct {
	Source   Source `json:"source"`
	File     string `json:"file"`
	Original string `json:"original_sha256"` // of the bytes as received
	Rows     string `json:"rows_sha256"`     // of the rows as read
	People   int    `json:"people"`          // in the list
	// Before is how many people the list in force had, whose rows have the digest
	// Against.
	Before  int    `json:"people_before"`
	Against string `json:"against_sha256"`
	Gone    int    `json:"newly_gone"` // left, or in no list any more
}

// GivenApproval is one approval file as a run found it.
type GivenApproval struct {
	Approval
	File   string
	SHA256 string // of the file's bytes
	// Unproven says why the file is not to be believed (malformed, not signed by
	// a key that is trusted); what it says of itself proves nothing then.
	Unproven string
	// Spent is the run that spent it, empty if none did. Resumable: that run could
	// not finish, and this one takes over its journal.
	Spent     RunID
	Resumable bool
}

// ApprovalVerdict says what became of one approval file in a run.
type ApprovalVerdict struct {
	GivenApproval
	// Counts: it releases something that would be held without it.
	Counts   bool
	Says     string    // why it does not count, or what it releases
	Accounts int       // whose actions it releases
	SpentAt  time.Time // when this run spent it; zero if it did not
}

// Release names the approval by which an action passed a guard.
type Release struct {
	Approval string `json:"approval_id"`
	Guard    string `json:"guard"`
	Scope    string `json:"scope"`
}

// CompareStakes orders stakes by account, stage and action.
func CompareStakes(a, b Stake) int {
	return cmp.Or(cmp.Compare(a.Account.String(), b.Account.String()), cmp.Compare(a.Stage, b.Stage), cmp.Compare(a.Action, b.Action))
}

// CohortDigest is the SHA-256 of a cohort, in hex; the order does not matter.
func CohortDigest(cohort []Stake) string {
	sorted := slices.Clone(cohort)
	slices.SortFunc(sorted, CompareStakes)
	b, err := json.Marshal(sorted)
	if err != nil {
		panic("a cohort is plain data: " + err.Error())
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
