package access

import (
	"time"
)

// CampaignID names a campaign, such as 2026-q4: lower-case letters, digits and
// hyphens.
type CampaignID string

// Campaign is one periodic review: a population that was frozen when it opened, and
// who is asked about it by when. What came of it is in its CampaignRecord.
type Campaign struct {
	ID       CampaignID `json:"campaign_id"`
	Title    string     `json:"title"`
	Reason   string     `json:"reason"`   // why it is held, for the head of each worksheet
	Approver string     `json:"approver"` // who answers for it, and decides what nobody else does
	// ApproverMail is where the approver is reached, and how a sender is known as them.
	ApproverMail string        `json:"approver_mail"`
	Scope        CampaignScope `json:"scope"`
	OpenedAt     time.Time     `json:"opened_at"`
	OpenedBy     string        `json:"opened_by"` // user@host
	Due          Day           `json:"due"`
	// Night is the run whose facts were frozen, and SeenAt when the systems were read.
	Night  RunID     `json:"night"`
	SeenAt time.Time `json:"seen_at"`
	// Books say where each grant of the night went: issued, or excluded with a reason.
	Books    []Balance `json:"books"`
	Rows     int       `json:"rows"`
	ClosedAt time.Time `json:"closed_at,omitzero"` // zero: it is open
	ClosedBy string    `json:"closed_by,omitempty"`
	// Runs are those that recorded something of it, in order; the first one opened it.
	Runs []CampaignRun `json:"runs"`
}

// Open reports whether answers are still taken.
func (c Campaign) Open() bool { return c.ClosedAt.IsZero() }

// CampaignRun says which run recorded a part of a campaign, and where in the
// archive's chain.
type CampaignRun struct {
	ID       RunID `json:"run_id"`
	Sequence int   `json:"sequence"`
}

// CampaignScope says what a campaign is about. Each list narrows it; an empty one
// does not. Texts are case-insensitive globs.
type CampaignScope struct {
	Systems      []string `json:"systems,omitempty"`
	Departments  []string `json:"departments,omitempty"`
	Entitlements []string `json:"entitlements,omitempty"` // of names and ids
	Risks        []Risk   `json:"risks,omitempty"`
	// Movers: only people whose job changed since the campaign before, or in the last 90 days.
	Movers bool `json:"movers,omitempty"`
	// Delta: only what is new or changed since the campaign Since; the rest is carried
	// over with its last decision, and the books say how much that is.
	Delta bool       `json:"delta,omitempty"`
	Since CampaignID `json:"since,omitempty"`
}

// Whole reports whether a campaign of this scope asks about everything.
func (s CampaignScope) Whole() bool {
	return len(s.Systems)+len(s.Departments)+len(s.Entitlements)+len(s.Risks) == 0 && !s.Movers && !s.Delta
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

// Choice is what was decided of a row, as it is stored.
type Choice string

// The words of Choice. Reviewers write Keep, Change, Remove and Not mine; the last
// three are rollcall's own.
const (
	ChooseNothing  Choice = "" // a blank is open: it is never Keep
	ChooseKeep     Choice = "validate"
	ChooseChange   Choice = "modify"
	ChooseRemove   Choice = "revoke"
	ChooseNotMine  Choice = "reassign"
	ChoiceExpired  Choice = "expired_no_answer"
	ChoiceGone     Choice = "superseded" // the right was gone, or the person had left, before an answer
	ChoiceOwnCheck Choice = "blocked_self_review"
)

// Word is the choice as people write it.
func (c Choice) Word() string {
	switch c {
	case ChooseKeep:
		return "Keep"
	case ChooseChange:
		return "Change"
	case ChooseRemove:
		return "Remove"
	case ChooseNotMine:
		return "Not mine"
	case ChoiceExpired:
		return "No answer"
	case ChoiceGone:
		return "Gone before it was answered"
	case ChoiceOwnCheck:
		return "Own access: not counted"
	}
	return ""
}

// Decision is one answer to one row, as it counts. A later one about the same row
// takes its place; both stay on record.
type Decision struct {
	Campaign  CampaignID
	RowID     string // Issued.ID
	Worksheet string // Sheet.ID
	// WorksheetSHA256 is of the file that the answer came in, and Revision counts the
	// files of that worksheet that came back.
	WorksheetSHA256 string
	Revision        int
	Reviewer        PersonKey
	ReviewerName    string
	// Sender is who sent the file, as far as the channel proves it.
	Sender    string
	Choice    Choice
	Reason    string
	ChangeTo  string
	PassTo    string
	Comment   string
	Suggested string
	// Until ends what a Keep of unexpected access allows; zero: nothing had to be allowed.
	Until      Day
	ReceivedAt time.Time
}

// ReturnedSheet is a file that a reviewer sent back, as it was read: nothing of it
// is judged yet but what makes the whole file unusable.
type ReturnedSheet struct {
	File   string
	SHA256 string // of the bytes as received
	Format string // xlsx, csv or html
	// Campaign and Worksheet are what the file says of itself; a CSV says nothing, and
	// its rows tell.
	Campaign  CampaignID
	Worksheet string
	SignedBy  string
	Sender    string // who sent it, by the channel: the folder, or --from
	Channel   string // file, or what brought it
	Rows      []ReturnedRow
	// Refused says why nothing of the file counts (macros, links to other files, another
	// campaign's layout, too large); nil: its rows are judged one by one.
	Refused *Problem
}

// ReturnedRow is one row of a returned file.
type ReturnedRow struct {
	Line int // as a spreadsheet counts; 0 in an HTML export
	ID   string
	MAC  string
	// Cells are the locked columns as they came back, normalised as those of Issued;
	// nil in an HTML export, which sends answers only.
	Cells                                       []string
	Decision, Reason, ChangeTo, PassTo, Comment string
	// Formula names the columns that came back as formulas, which no reviewer writes.
	Formula []string
}

// ReturnedFile is what became of one returned file.
type ReturnedFile struct {
	Sheet      string // Sheet.ID; empty: it could not be told whose it is
	File       string
	SHA256     string
	Revision   int
	Reviewer   PersonKey
	SignedBy   string // as the reviewer signed it; empty: nobody did
	Sender     string
	Channel    string
	ReceivedAt time.Time
	Rows       int // that it had
	Counted    int // answers that count
	Problems   []RowProblem
	Refused    *Problem
}

// RowProblem is what keeps one row of a returned file from counting.
type RowProblem struct {
	Line   int    `json:"line,omitempty"`
	RowID  string `json:"row_id"`
	Column string `json:"column"`
	Seen   string `json:"seen"`
	Says   string `json:"says"` // in the reviewer's words, with what to do
}

// Notice is a message to somebody, and what became of it.
type Notice struct {
	Kind      string // review_launch, review_day7, review_4_days, ..., review_escalated
	Recipient string
	Channel   string // file: written for somebody to send
	Subject   string // what it is about: Campaign/Sheet.ID, or Concern.Subject
	SentAt    time.Time
	Result    string
	// Of a notice about a run, and not about a review: to whom as what, how urgent, why
	// it was sent, the tier, the message's own name and what the channel answered.
	Audience Audience
	Urgency  Urgency
	Purpose  string
	Tier     int
	Delivery string
	Receipt  string
}

// CampaignRecord is a campaign with all that the archive has of it.
type CampaignRecord struct {
	Campaign  Campaign
	Sheets    []Sheet
	Decisions []Decision // in the order of their receipt
	Files     []ReturnedFile
	Notices   []Notice
}

// Removal is a Remove that a review decided and no complete night has seen done yet.
type Removal struct {
	Campaign    CampaignID      `json:"campaign_id"`
	RowID       string          `json:"row_id"`  // Issued.ID
	Subject     string          `json:"subject"` // Item.RowID
	Person      PersonKey       `json:"person,omitzero"`
	Account     AccountKey      `json:"account"`
	Login       string          `json:"login"`
	Kind        EntitlementKind `json:"kind,omitempty"` // empty: the whole account
	Scope       string          `json:"scope,omitempty"`
	Entitlement string          `json:"entitlement_id,omitempty"`
	Name        string          `json:"entitlement"`
	Risk        Risk            `json:"risk"`
	By          string          `json:"decided_by"`
	Reason      string          `json:"reason,omitempty"`
	DecidedAt   time.Time       `json:"decided_at"`
	Due         Day             `json:"due"` // by when it is to be gone
	// Announced is the first night that told of it; nothing is taken before the notice is over.
	Announced Day `json:"announced,omitzero"`
	// SentAt is when rollcall first took it away, if it did: the guards count it. DoneAt is
	// when that was read back: if it is there again, somebody gave it again.
	SentAt time.Time `json:"sent_at,omitzero"`
	DoneAt time.Time `json:"done_at,omitzero"`
	// GoneAt and GoneIn are the first complete night that no longer saw it: the proof.
	GoneAt time.Time `json:"gone_at,omitzero"`
	GoneIn RunID     `json:"gone_in,omitempty"`
	// Overruled is a later campaign that asked about the same right and decided anew:
	// what that one says counts, and this is taken by nobody any more.
	Overruled CampaignID `json:"overruled_by,omitempty"`
}

// Delegate stands in for a reviewer for a time, by delegates.csv.
type Delegate struct {
	Line
	Reviewer    PersonKey
	Delegate    PersonKey
	From, Until Day // both included
	Reason      string
	ApprovedBy  string
}
