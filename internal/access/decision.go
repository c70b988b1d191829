package access

import "time"

// Choice is what was decided of a row, as it is stored.
type Choice string

// The words of Choice. Reviewers write Keep, Change, Remove and Not mine; the last
// four are rollcall's own.
const (
	ChooseNothing  Choice = "" // a blank is open: it is never Keep
	ChooseKeep     Choice = "validate"
	ChooseChange   Choice = "modify"
	ChooseRemove   Choice = "revoke"
	ChooseNotMine  Choice = "reassign"
	ChoiceExpired  Choice = "expired_no_answer"
	ChoiceGone     Choice = "superseded" // the right was gone, or the person had left, before an answer
	ChoiceOwnCheck Choice = "blocked_self_review"
	ChoiceReopened Choice = "reopened" // what was gone is there after all: nobody answered, so it is open
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
	case ChoiceReopened:
		return "Open again: it is there after all"
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
	// when that was read back: if it is there again, somebody gave it again. A Remove that is
	// said anew has no DoneAt until it is taken again.
	SentAt time.Time `json:"sent_at,omitzero"`
	DoneAt time.Time `json:"done_at,omitzero"`
	// GoneAt and GoneIn are the first complete night that no longer saw it: the proof.
	GoneAt time.Time `json:"gone_at,omitzero"`
	GoneIn RunID     `json:"gone_in,omitempty"`
	// Overruled is a later campaign that asked about the same right and decided anew:
	// what that one says counts, and this is taken by nobody any more.
	Overruled CampaignID `json:"overruled_by,omitempty"`
}
