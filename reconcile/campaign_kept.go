package reconcile

import (
	"strings"
	"time"

	"rollcall/internal/access"
)

// Unexpected reports whether policy does not allow what a row is about, so that a Keep
// of it is an exception, and ends: no rule covers it, or the exception is over.
func Unexpected(i *access.Item, on time.Time) bool {
	if i.Person.Key().Zero() || i.Kind == "" {
		return false
	}
	switch i.FindingKind {
	case access.UnexpectedGrant, access.ExpiredException, access.MoverResidue:
		return true
	}
	if until, ok := strings.CutPrefix(i.HowHeld, heldByException); ok {
		day, err := access.ParseDay(until)
		return err != nil || day.At.Before(dayOf(on).At)
	}
	return i.HowHeld == heldByNoRule
}

// Kept are the exceptions that a review made: unexpected access that all who were
// asked kept, each until the earliest day that they gave it.
func Kept(rec access.CampaignRecord) (out []access.Exception) {
	for _, o := range Outcomes(rec) {
		if o.Choice != access.ChooseKeep || !Unexpected(o.Item, rec.Campaign.OpenedAt) {
			continue
		}
		i, d := o.Item, o.Decision
		x := access.Exception{Line: access.Line{File: keptFile + string(rec.Campaign.ID)}, ID: keptID(rec.Campaign.ID, i.RowID), Person: i.Person.Key(), System: string(i.System),
			Scope: i.Scope, Kind: string(i.Kind), Entitlement: i.EntitlementID, Reason: d.Reason, ApprovedBy: d.ReviewerName, ApprovedOn: dayOf(d.ReceivedAt), ExpiresOn: d.Until}
		for _, a := range o.Answers {
			if !a.Until.IsZero() && (x.ExpiresOn.IsZero() || a.Until.At.Before(x.ExpiresOn.At)) {
				x.ExpiresOn = a.Until
			}
			if a.ReviewerName != d.ReviewerName {
				x.ApprovedBy += " and " + a.ReviewerName
			}
		}
		if !x.ExpiresOn.IsZero() { // what has no end is no exception
			out = append(out, x)
		}
	}
	return out
}

// ToChange is a Change: a task for the owner of the system, with both rights named.
type ToChange struct {
	RowID    string
	Item     access.Item
	To       string
	By       string
	Reason   string
	Decision access.Decision
}

// Changes are the rights that reviewers want to be others.
func Changes(rec access.CampaignRecord) (out []ToChange) {
	for _, o := range Outcomes(rec) {
		if o.Choice == access.ChooseChange {
			out = append(out, ToChange{RowID: o.Decision.RowID, Item: *o.Item, To: o.Decision.ChangeTo, By: o.Decision.ReviewerName, Reason: o.Decision.Reason, Decision: o.Decision})
		}
	}
	return out
}
