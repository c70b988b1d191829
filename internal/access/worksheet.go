package access

import "time"

// Item is one row of a worksheet: something that can be removed by itself.
type Item struct {
	RowID         string
	FindingID     string // empty: nothing is flagged
	FindingKind   FindingKind
	Person        Person // zero when the account is nobody's
	ManagerName   string
	Account       Account
	System        System
	Scope         string
	ScopeName     string
	Kind          EntitlementKind // empty: the account itself
	EntitlementID string
	Entitlement   string
	Meaning       string // plain words, from the role map
	Risk          Risk
	HowHeld       string // "Role map: Engineer (rolemap.csv row 12)", "Exception until ...", "Direct", ...
	Since         Day
	ApprovedBy    string
	ApprovalRef   string
	LastUsedAt    time.Time
	UsageKnown    bool
	PeersHave     int    // how many of the same title and department, who do not leave, have it ...
	PeersAll      int    // ... of how many
	Why           string // why it is flagged
	Suggested     string // Keep, Change, Remove or empty
	SuggestedWhy  string
	Carries       []string // what else goes when this goes: apps and permission sets behind a group
}

// Worksheet is everything that one reviewer is asked about.
type Worksheet struct {
	Reviewer     PersonKey // zero for a system owner who is in contacts.csv only
	ReviewerName string
	ReviewerMail string
	Because      string // why this reviewer: "manager", "owner of okta: the account is nobody's", ...
	Items        []Item // flagged first
	// File and SHA256 are of the workbook as it was issued.
	File   string
	SHA256 string
}

// Issued is one row as it went out to a reviewer.
type Issued struct {
	// ID is the row's own, unique in the campaign; Item.RowID is the same in every
	// campaign (and night) for the same right of the same account.
	ID        string
	Worksheet string // WorksheetID
	Duty      Duty
	SinceLast SinceLast
	Last      LastDecision // zero: never reviewed
	Item      Item
	// MAC proves that the row was issued so: over the campaign, the worksheet, the id
	// and Cells, hex. Cells are the texts of the locked columns, in their order.
	MAC   string
	Cells []string
}

// Sheet is one worksheet of a campaign: all that one reviewer is asked.
type Sheet struct {
	// ID names it in its campaign; it is the file's name without its ending.
	ID           string
	Reviewer     PersonKey // zero: somebody who is in contacts.csv only
	ReviewerName string
	ReviewerMail string
	// Manager is the reviewer's own manager's address, told when it is late; may be "".
	ManagerMail string
	Because     string // why this reviewer, for people
	// Delegate answers in the reviewer's place, if delegates.csv says so.
	Delegate     PersonKey
	DelegateName string
	DelegateMail string
	Rows         []Issued // flagged first
	SHA256       string   // of the workbook as issued
	// From is the worksheet that its rows were passed on from ("Not mine"), Revision 1
	// when it went out first.
	Revision int
	From     string
	IssuedAt time.Time
}

// Duty says in which capacity somebody is asked about a row. A privileged right is
// asked of two people, and each has a row of their own.
type Duty string

// The duties.
const (
	DutyManager Duty = "manager" // of the person, or whoever stands in for them
	DutyOwner   Duty = "owner"   // of the system
)

// SinceLast says how a row compares with the campaign before.
type SinceLast string

// The words of SinceLast.
const (
	RowNew     SinceLast = "new"
	RowSame    SinceLast = "same"
	RowChanged SinceLast = "changed"
)

// LastDecision is what was last decided about the same right of the same account.
type LastDecision struct {
	Campaign CampaignID `json:"campaign_id"`
	Choice   Choice     `json:"decision"`
	By       string     `json:"by"`
	On       Day        `json:"on"`
}
