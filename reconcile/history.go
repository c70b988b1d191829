package reconcile

import (
	"time"

	"rollcall/internal/access"
)

// PastNight is what one committed run recorded of some people.
type PastNight struct {
	Run       access.RunID
	StartedAt time.Time
	Reads     []access.Read
	Grants    []PastGrant
	Findings  []access.Finding
	Outcomes  []access.Outcome
}

// Day is the day of the night, in UTC, as the archive counts it.
func (n PastNight) Day() access.Day { return dayOf(n.StartedAt.UTC()) }

// PastGrant is a right that somebody held on a past night, with what was said of
// it then.
type PastGrant struct {
	Person        access.PersonKey       `json:"-"`
	System        access.System          `json:"system"`
	AccountID     access.AccountID       `json:"account_id"`
	Login         string                 `json:"login"`
	Scope         string                 `json:"scope,omitempty"` // the right's
	Kind          access.EntitlementKind `json:"kind"`
	EntitlementID string                 `json:"entitlement_id"`
	Entitlement   string                 `json:"entitlement"`
	Via           string                 `json:"via,omitempty"`
	FirstSeen     access.Day             `json:"first_seen_on,omitzero"`
	Verdict       PastVerdict            `json:"-"`
}

// PastVerdict is what policy said of a grant on a past night.
type PastVerdict struct {
	Expected   bool   `json:"expected"`
	Cites      string `json:"cites,omitempty"`
	ApprovedBy string `json:"approved_by,omitempty"`
}

// Span is the first and the last night of something, and on how many it was so.
type Span struct {
	From   access.Day `json:"from"`
	To     access.Day `json:"to"`
	Nights int        `json:"nights"`
}

// with is the span with one more night.
func (s Span) with(day access.Day) Span {
	if s.Nights == 0 {
		s.From = day
	}
	s.To = day
	s.Nights++
	return s
}

// History is what past nights said about one person.
type History struct {
	// Asked is how many nights were to be looked at; Nights is how many there were.
	Asked    int           `json:"nights_asked"`
	Nights   int           `json:"nights"`
	From     access.Day    `json:"from,omitzero"`
	To       access.Day    `json:"to,omitzero"`
	Rights   []PastRight   `json:"rights"`
	Findings []PastFinding `json:"findings"`
	Actions  []PastAction  `json:"actions"`
	// Campaigns is how many reviews were ever opened; Reviews what they asked and were
	// answered about this person, however long ago.
	Campaigns int          `json:"campaigns"`
	Reviews   []PastReview `json:"reviews"`
}

// PastRight is one right by one path, over the nights.
type PastRight struct {
	PastGrant
	Periods []Period `json:"periods"`
}

// Period is a time during which a right was held and the same was said of it.
type Period struct {
	Span
	PastVerdict
	// Gone is the first night that read the system to its end without it.
	Gone access.Day `json:"gone_on,omitzero"`
	// Unseen counts the nights after its last that did not read the system to its
	// end: whether it was held then is not known.
	Unseen int `json:"nights_not_known,omitempty"`
}

// PastFinding is one finding over the nights, in the words of the last. Its scope
// is where the right applies, else the account's own.
type PastFinding struct {
	ID              string                 `json:"finding_id"`
	Kind            access.FindingKind     `json:"kind"`
	Severity        string                 `json:"severity"`
	Disposition     access.Disposition     `json:"disposition"`
	System          access.System          `json:"system,omitempty"`
	Scope           string                 `json:"scope,omitempty"`
	AccountID       access.AccountID       `json:"account_id,omitempty"`
	Login           string                 `json:"login,omitempty"`
	EntitlementKind access.EntitlementKind `json:"entitlement_kind,omitempty"`
	EntitlementID   string                 `json:"entitlement_id,omitempty"`
	Entitlement     string                 `json:"entitlement,omitempty"`
	Reason          string                 `json:"reason"`
	Cites           string                 `json:"cites,omitempty"`
	FirstSeen       access.Day             `json:"first_seen_on,omitzero"`
	Span
}

// PastAction is what was done, or not done, to one account, over the nights that
// said the same of it.
type PastAction struct {
	ID              string                 `json:"action_id"`
	Stage           access.Stage           `json:"stage"`
	Verb            access.Verb            `json:"verb"`
	System          access.System          `json:"system"`
	Scope           string                 `json:"scope,omitempty"`
	AccountID       access.AccountID       `json:"account_id"`
	Login           string                 `json:"login"`
	EntitlementKind access.EntitlementKind `json:"entitlement_kind,omitempty"`
	EntitlementID   string                 `json:"entitlement_id,omitempty"`
	Entitlement     string                 `json:"entitlement,omitempty"`
	Reason          string                 `json:"reason"`
	Outcome         access.Result          `json:"outcome"`
	Detail          string                 `json:"detail,omitempty"`
	Actor           string                 `json:"actor,omitempty"`
	// At is when it was verified, else sent, else planned, in the run that is named:
	// the last that said so.
	At  time.Time    `json:"at"`
	Run access.RunID `json:"run_id"`
	Span
}
