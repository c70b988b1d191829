package reconcile

import (
	"cmp"
	"slices"

	"rollcall/internal/access"
)

// PastReview is what one campaign asked about one right, in one duty, and what was
// answered.
type PastReview struct {
	Campaign      access.CampaignID      `json:"campaign_id"`
	RowID         string                 `json:"row_id"`
	Duty          access.Duty            `json:"duty"`
	System        access.System          `json:"system"`
	Scope         string                 `json:"scope,omitempty"` // the right's
	AccountID     access.AccountID       `json:"account_id"`
	Login         string                 `json:"login"`
	Kind          access.EntitlementKind `json:"kind,omitempty"` // empty: the account itself
	EntitlementID string                 `json:"entitlement_id,omitempty"`
	Entitlement   string                 `json:"entitlement,omitempty"`
	// Answers are all there were, in the order of receipt: of several the last counts.
	Answers []PastAnswer `json:"answers"`
	// Asked is who has to answer now, why them, since when and by when; empty where an
	// answer counts, or none is taken any more.
	Asked   string     `json:"asked,omitempty"`
	Because string     `json:"because,omitempty"`
	AskedOn access.Day `json:"asked_on,omitzero"`
	Due     access.Day `json:"due,omitzero"`
}

// PastAnswer is one answer to a row. Its comment is for who reads the campaign.
type PastAnswer struct {
	On       access.Day    `json:"on"`
	Choice   access.Choice `json:"decision"`
	By       string        `json:"by,omitempty"`
	Reason   string        `json:"reason,omitempty"`
	ChangeTo string        `json:"change_to,omitempty"`
	PassTo   string        `json:"pass_to,omitempty"`
	Until    access.Day    `json:"until,omitzero"`
}

// RecallReviews tells what campaigns, in the order in which they were opened, asked and
// were answered about somebody. Asked about one right, it tells of that alone.
func RecallReviews(campaigns []access.CampaignRecord, who access.PersonKey, right string) []PastReview {
	out := []PastReview{}
	for _, rec := range campaigns {
		var of []PastReview
		final := Final(rec)
		for _, row := range currentRows(rec) {
			if row.Item.Person.Key() == who && named(access.Entitlement{ID: row.Item.EntitlementID, Name: row.Item.Entitlement}, right) {
				of = append(of, pastReview(rec, row, final))
			}
		}
		slices.SortStableFunc(of, func(a, b PastReview) int {
			return cmp.Or(cmp.Compare(a.System, b.System), cmp.Compare(a.Login, b.Login), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Entitlement, b.Entitlement), cmp.Compare(a.RowID, b.RowID))
		})
		out = append(out, of...)
	}
	return out
}

func pastReview(rec access.CampaignRecord, row *access.Issued, final map[string]access.Decision) PastReview {
	i := &row.Item
	p := PastReview{Campaign: rec.Campaign.ID, RowID: row.ID, Duty: row.Duty, System: i.System, Scope: i.Scope, AccountID: i.Account.ID, Login: cmp.Or(i.Account.Login, string(i.Account.ID)),
		Kind: i.Kind, EntitlementID: i.EntitlementID, Entitlement: i.Entitlement, Answers: []PastAnswer{}}
	for _, d := range rec.Decisions {
		if d.RowID == row.ID {
			p.Answers = append(p.Answers, PastAnswer{On: dayOf(d.ReceivedAt.UTC()), Choice: d.Choice, By: cmp.Or(d.ReviewerName, d.Reviewer.String()),
				Reason: d.Reason, ChangeTo: d.ChangeTo, PassTo: d.PassTo, Until: d.Until})
		}
	}
	if _, answered := final[row.ID]; answered || !rec.Campaign.Open() {
		return p
	}
	for _, s := range rec.Sheets { // the newest one with the row asks now
		if slices.ContainsFunc(s.Rows, func(r access.Issued) bool { return r.ID == row.ID }) {
			p.Asked, p.Because = cmp.Or(s.ReviewerName, s.ReviewerMail, s.Reviewer.String()), s.Because
			p.AskedOn, p.Due = dayOf(s.IssuedAt.UTC()), rec.Campaign.Due
		}
	}
	return p
}
