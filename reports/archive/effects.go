package archive

import (
	"cmp"
	"iter"
	"slices"
	"strings"

	"rollcall/internal/access"
)

// actionRows gives every action of the night once: those with an outcome, those
// that a guard held, and those that were planned but not attempted. Whoever
// applies a plan gives an outcome for all that was attempted, so that a planned
// action without one was not.
func actionRows(n *access.Night) iter.Seq[ActionRow] {
	rows := make([]ActionRow, 0, len(n.Outcomes)+len(n.Plan.Held))
	happened := make(map[string]bool, len(n.Outcomes))
	for i := range n.Outcomes {
		happened[n.Outcomes[i].Action.ID] = true
		rows = append(rows, outcomeRow(n.Run.ID, &n.Outcomes[i]))
	}
	for i := range n.Plan.Actions {
		if a := &n.Plan.Actions[i]; !happened[a.ID] {
			rows = append(rows, skippedRow(n, a, "not attempted in this run"))
		}
	}
	for i := range n.Plan.Held {
		if a := n.Plan.Held[i].Action; a.Stage == access.Restore && happened[a.ID] {
			continue // its outcome says more
		}
		rows = append(rows, skippedRow(n, &n.Plan.Held[i].Action, "held by guard "+n.Plan.Held[i].Guard))
	}
	slices.SortStableFunc(rows, func(a, b ActionRow) int {
		return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.EmployeeID, b.EmployeeID),
			cmp.Compare(a.System, b.System), cmp.Compare(a.Scope, b.Scope), cmp.Compare(a.AccountID, b.AccountID),
			cmp.Compare(a.Stage, b.Stage), cmp.Compare(a.Verb, b.Verb), cmp.Compare(a.ActionID, b.ActionID))
	})
	return readable(slices.Values(rows))
}

func outcomeRow(run access.RunID, o *access.Outcome) ActionRow {
	row := actionRow(run, &o.Action)
	row.Outcome, row.Detail = string(cmp.Or(o.Result, access.Unknown)), o.Detail
	row.RequestID, row.Before, row.Actor = o.RequestID, string(o.Before), o.Actor
	row.PlannedAt, row.SentAt, row.VerifiedAt = o.PlannedAt.UTC(), o.SentAt.UTC(), o.VerifiedAt.UTC()
	if o.AdoptedFrom != "" {
		row.Detail = strings.TrimPrefix(o.Detail+"; found in the journal of run "+string(o.AdoptedFrom), "; ")
	}
	return row
}

func skippedRow(n *access.Night, a *access.Action, why string) ActionRow {
	row := actionRow(n.Run.ID, a)
	row.Outcome, row.Detail, row.PlannedAt = string(access.Skipped), why, n.Plan.CreatedAt.UTC()
	return row
}

func actionRow(run access.RunID, a *access.Action) ActionRow {
	row := ActionRow{
		RunID: string(run), ActionID: a.ID, FindingID: a.FindingID, Stage: string(a.Stage), Verb: string(a.Verb),
		Source: string(a.Person.Source), EmployeeID: string(a.Person.EmployeeID),
		System: string(a.Account.System), Scope: cmp.Or(a.GrantScope, a.Account.Scope), AccountID: string(a.Account.ID),
		EntitlementKind: string(a.EntitlementKind), EntitlementID: a.EntitlementID, Reason: a.Reason, Undoable: a.Undoable,
		ApprovalID:   strings.Join(a.ApprovalIDs(), " "),
		AccountScope: a.Account.Scope,
	}
	if a.Order != nil {
		row.Ticket, row.OrderedBy = a.Order.Ticket, a.Order.By
	}
	return row
}

// approvalRows gives one row for each approval file that the run looked at.
func approvalRows(n *access.Night) iter.Seq[ApprovalRow] {
	rows := make([]ApprovalRow, len(n.Approvals))
	for i := range n.Approvals {
		v := &n.Approvals[i]
		rows[i] = ApprovalRow{RunID: string(n.Run.ID), File: v.File, FileSHA256: v.SHA256, Counted: v.Counts, Detail: v.Says, SpentAt: v.SpentAt.UTC()}
		if v.Unproven == "" {
			r := &rows[i]
			r.ApprovalID, r.Guard, r.Scope, r.CohortSHA256, r.Count = v.ID, v.Guard, v.Scope, v.CohortSHA256, int64(v.Count)
			r.ApprovedBy, r.Reason, r.PlanSHA256 = v.By, v.Reason, v.PlanSHA256
			r.CreatedAt, r.ExpiresAt = v.CreatedAt.UTC(), v.ExpiresAt.UTC()
		}
	}
	slices.SortStableFunc(rows, func(a, b ApprovalRow) int {
		return cmp.Or(cmp.Compare(a.ApprovalID, b.ApprovalID), cmp.Compare(a.File, b.File))
	})
	return readable(slices.Values(rows))
}

// endingRows gives the clocks of every account of somebody who left.
func endingRows(n *access.Night) iter.Seq[EndingRow] {
	people := make(map[access.PersonKey]*access.Person, len(n.Endings))
	for i := range n.People {
		people[n.People[i].Key()] = &n.People[i]
	}
	rows := make([]EndingRow, 0, len(n.Endings))
	for k, e := range n.Endings {
		row := EndingRow{
			RunID: string(n.Run.ID), Source: string(e.Person.Source), EmployeeID: string(e.Person.EmployeeID),
			System: string(k.System), Scope: k.Scope, AccountID: string(k.ID),
			BlockedVerifiedAt: e.BlockedAt.UTC(), RemovingAt: e.RemovingAt.UTC(), RemovedVerifiedAt: e.RemovedAt.UTC(),
		}
		if p := people[e.Person]; p != nil {
			row.AccessEndsAt, row.FirstSeenLeftAt = p.AccessEndsAt.UTC(), p.FirstSeenLeftAt.UTC()
		}
		rows = append(rows, row)
	}
	slices.SortFunc(rows, func(a, b EndingRow) int {
		return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.EmployeeID, b.EmployeeID),
			cmp.Compare(a.System, b.System), cmp.Compare(a.Scope, b.Scope), cmp.Compare(a.AccountID, b.AccountID))
	})
	return readable(slices.Values(rows))
}

// eventRows gives what the systems' own logs say of the use of watched accounts, and
// of what rollcall did.
func eventRows(n *access.Night) iter.Seq[EventRow] {
	var rows []EventRow
	for i := range n.Systems {
		for _, e := range n.Systems[i].Uses {
			rows = append(rows, eventRow(n.Run.ID, access.Evidence{Event: e}))
		}
	}
	for _, e := range n.Events {
		rows = append(rows, eventRow(n.Run.ID, e))
	}
	slices.SortStableFunc(rows, func(a, b EventRow) int {
		return cmp.Or(cmp.Compare(a.System, b.System), cmp.Compare(a.Scope, b.Scope), cmp.Compare(a.AccountID, b.AccountID),
			a.PublishedAt.Compare(b.PublishedAt), cmp.Compare(a.EventID, b.EventID), cmp.Compare(a.ActionID, b.ActionID))
	})
	return readable(slices.Values(rows))
}

func eventRow(run access.RunID, e access.Evidence) EventRow {
	return EventRow{
		RunID: string(run), EventID: e.ID, System: string(e.Account.System), Scope: e.Account.Scope, AccountID: string(e.Account.ID), ActionID: e.ActionID,
		EventType: e.Type, Outcome: e.Outcome, Actor: e.Actor, Client: e.Client, PublishedAt: e.At.UTC(), RequestID: e.RequestID, Raw: string(e.Raw),
		ActionRunID: string(e.Run), Says: e.Says,
	}
}

// worksheetRows gives one row for each worksheet. The nightly worksheets belong
// to no campaign, and nothing has come back yet.
func worksheetRows(n *access.Night, issued map[int]string) iter.Seq[WorksheetRow] {
	rows := make([]WorksheetRow, len(n.Worksheets))
	for i := range n.Worksheets {
		w := &n.Worksheets[i]
		rows[i] = WorksheetRow{
			RunID: string(n.Run.ID), WorksheetSHA256: issued[i], Revision: 1, Reviewer: reviewer(w),
			Rows: int64(len(w.Items)), IssuedAt: n.Run.FinishedAt.UTC(),
		}
	}
	slices.SortStableFunc(rows, func(a, b WorksheetRow) int { return cmp.Compare(a.Reviewer, b.Reviewer) })
	return readable(slices.Values(rows))
}

// reviewer names who was asked: the person, else the address, else the name.
func reviewer(w *access.Worksheet) string {
	return cmp.Or(w.Reviewer.String(), w.ReviewerMail, w.ReviewerName)
}

// rosterDigests names the rosters in force, in the order of their sources.
func rosterDigests(rosters []access.RosterVerdict) string {
	var sums []string
	for r := range inOrder(rosters, func(a, b *access.RosterVerdict) int { return cmp.Compare(a.Source, b.Source) }) {
		if r.InForce.SHA256 != "" {
			sums = append(sums, r.InForce.SHA256)
		}
	}
	return strings.Join(sums, " ")
}
