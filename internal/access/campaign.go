package access

import (
	"slices"
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

// CampaignRecord is a campaign with all that the archive has of it.
type CampaignRecord struct {
	Campaign  Campaign
	Sheets    []Sheet
	Decisions []Decision // in the order of their receipt
	Files     []ReturnedFile
	Notices   []Notice
}

// With is a record and a later part of it, one after the other.
func (r CampaignRecord) With(part CampaignRecord) CampaignRecord {
	r.Sheets, r.Decisions = slices.Concat(r.Sheets, part.Sheets), slices.Concat(r.Decisions, part.Decisions)
	r.Files, r.Notices = slices.Concat(r.Files, part.Files), slices.Concat(r.Notices, part.Notices)
	return r
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
