package archive

import (
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"rollcall/internal/access"
)

// RecordCampaign writes a part of a campaign as a run of its own, all of it or
// nothing: worksheets that went out (Sheets), files that came back (Files, whose
// bytes PutInput has kept before) with the answers that count (Decisions), and
// Notices. part.Campaign is the campaign as it stands after the run. Of next it keeps
// Campaigns, Removals and Kept, and all else as the last run left it: a campaign
// looks at no system. It gives the digest of the chain's new end.
func (a *Archive) RecordCampaign(run access.Run, part access.CampaignRecord, next access.Memory) (string, error) {
	s, err := a.Begin(run)
	if err != nil {
		return "", err
	}
	part.Campaign.Runs = next.Campaigns[part.Campaign.ID].Runs
	after, err := s.campaignState(part.Campaign, next)
	if err == nil {
		err = s.fitsCampaign(part)
	}
	if err == nil {
		err = s.campaign(part, after)
	}
	if err != nil {
		return "", fmt.Errorf("record campaign %s: %w", part.Campaign.ID, err)
	}
	_, head, _, err := a.Head()
	return head, err
}

// campaign writes the tables of a campaign run, and commits it.
func (s *Snapshot) campaign(part access.CampaignRecord, after state) error {
	c := part.Campaign
	rows, err := s.archive.rowsAskedOf(c, part)
	if err != nil {
		return err
	}
	write := []func() error{func() error { return s.listReturned(part.Files) }}
	if len(part.Sheets) > 0 {
		write = append(write, func() error { return put(s, "items", itemRows(s.run.ID, c.ID, part.Sheets)) })
	}
	if len(part.Sheets)+len(part.Files) > 0 {
		write = append(write, func() error { return put(s, "worksheets", campaignSheetRows(s.run.ID, c, part)) })
	}
	if len(part.Decisions) > 0 {
		write = append(write, func() error { return put(s, "decisions", decisionRows(s.run.ID, c.ID, part.Decisions, rows)) })
	}
	if len(part.Notices) > 0 {
		write = append(write, func() error { return put(s, "notices", noticeRows(s.run.ID, c.ID, part.Notices)) })
	}
	return inTurn(append(write,
		func() error { return put(s, "runs", runRow(&access.Night{Run: s.run})) },
		func() error { return s.putJSON(stateName(s.run.ID), after) },
		func() error { return s.archive.commit(s.manifest(s.run.FinishedAt)) },
	))
}

// campaignState is what the run before left, with the campaigns as they now stand.
func (s *Snapshot) campaignState(c access.Campaign, next access.Memory) (state, error) {
	if s.base.Sequence == 0 {
		return state{}, errors.New("the archive is empty, so there is no night whose access could be reviewed; run rollcall nightly first")
	}
	last, err := s.archive.state(s.base)
	if err != nil {
		return state{}, err
	}
	after := *last
	after.RunID = s.run.ID
	after.Journals = append(slices.Clone(last.Journals), s.run.ID)
	slices.Sort(after.Journals)
	c.Runs = append(slices.Clone(c.Runs), access.CampaignRun{ID: s.run.ID, Sequence: s.base.Sequence + 1})
	campaigns := maps.Clone(next.Campaigns)
	if campaigns == nil {
		campaigns = map[access.CampaignID]access.Campaign{}
	}
	campaigns[c.ID] = c
	after.reviews(campaigns, next.Removals, next.Kept)
	return after, nil
}

// fitsCampaign refuses what could not be told apart, or told to an auditor, later.
func (s *Snapshot) fitsCampaign(part access.CampaignRecord) error {
	if part.Campaign.ID == "" || s.run.FinishedAt.IsZero() {
		return errors.New("a campaign needs an id, and its run an end")
	}
	for i := range part.Sheets {
		if err := fitsSheet(&part.Sheets[i]); err != nil {
			return err
		}
	}
	for _, f := range part.Files {
		if f.ReceivedAt.IsZero() || !isDigest(f.SHA256) {
			return fmt.Errorf("file %s has no time of receipt, or no SHA-256 of its bytes", f.File)
		}
	}
	for _, d := range part.Decisions {
		if d.Campaign != part.Campaign.ID || d.ReceivedAt.IsZero() {
			return fmt.Errorf("the decision about row %s is of campaign %q, or has no time of receipt", d.RowID, d.Campaign)
		}
	}
	return nil
}

func fitsSheet(w *access.Sheet) error {
	if w.ID == "" || w.IssuedAt.IsZero() {
		return fmt.Errorf("worksheet %q of %s has no id, or was not issued", w.ID, w.ReviewerName)
	}
	seen := make(map[string]bool, len(w.Rows))
	for i := range w.Rows {
		r := &w.Rows[i]
		if r.ID == "" || seen[r.ID] || r.Worksheet != w.ID {
			return fmt.Errorf("worksheet %s: row %q has no id, is there twice, or is of worksheet %q", w.ID, r.ID, r.Worksheet)
		}
		seen[r.ID] = true
	}
	return nil
}

// listReturned lists the files that came back, as they were received.
func (s *Snapshot) listReturned(files []access.ReturnedFile) error {
	for _, f := range files {
		if err := s.listed(inputName(f.SHA256)); err != nil {
			return fmt.Errorf("file %s was not put into the archive: %w", f.File, err)
		}
	}
	return nil
}

// askedOf names a row of a worksheet: what is passed on may keep its id.
type askedOf struct{ worksheet, row string }

// rowsAskedOf are the rows that the decisions of a part are about, as they were
// issued: by the part itself, or by a run before it.
func (a *Archive) rowsAskedOf(c access.Campaign, part access.CampaignRecord) (map[askedOf]*access.Issued, error) {
	asked := make(map[askedOf]*access.Issued, len(part.Decisions))
	if len(part.Decisions) == 0 {
		return asked, nil
	}
	for _, d := range part.Decisions {
		asked[askedOf{d.Worksheet, d.RowID}] = nil
	}
	take := func(r *access.Issued) {
		if _, wanted := asked[askedOf{r.Worksheet, r.ID}]; wanted {
			asked[askedOf{r.Worksheet, r.ID}] = r
		}
	}
	if err := a.eachItem(c, func(r *ItemRow) error {
		if _, wanted := asked[askedOf{r.WorksheetID, r.RowID}]; !wanted {
			return nil
		}
		i, err := r.issued()
		take(&i)
		return err
	}); err != nil {
		return nil, err
	}
	for i := range part.Sheets {
		for j := range part.Sheets[i].Rows {
			take(&part.Sheets[i].Rows[j])
		}
	}
	for k, r := range asked {
		if r == nil {
			return nil, fmt.Errorf("row %s of worksheet %s was decided, and never issued", k.row, k.worksheet)
		}
	}
	return asked, nil
}

func itemRows(run access.RunID, c access.CampaignID, sheets []access.Sheet) iter.Seq[ItemRow] {
	return readable(func(yield func(ItemRow) bool) {
		for w := range inOrder(sheets, func(a, b *access.Sheet) int { return strings.Compare(a.ID, b.ID) }) {
			asked := reviewerOf(w)
			for i := range w.Rows {
				row := itemRow(&w.Rows[i])
				row.RunID, row.CampaignID, row.Reviewer = string(run), string(c), asked
				if !yield(row) {
					return
				}
			}
		}
	})
}

func itemRow(r *access.Issued) ItemRow {
	i, p, a := &r.Item, &r.Item.Person, &r.Item.Account
	return ItemRow{
		WorksheetID: r.Worksheet, RowID: r.ID, Subject: i.RowID, Duty: string(r.Duty),
		Source: string(p.Source), EmployeeID: string(p.EmployeeID), Name: p.Name, Email: p.Email, Title: p.Title, Department: p.Department,
		ManagerID: string(p.ManagerID), ManagerName: i.ManagerName, WorkerType: p.WorkerType, Status: string(p.Status), Standing: string(p.Standing),
		EndDate: p.EndDate.String(), LastWorkingDay: p.LastWorkingDay.String(), AccessEndsAt: p.AccessEndsAt.UTC(),
		System: string(i.System), Scope: i.Scope, ScopeName: i.ScopeName, AccountScope: a.Scope, AccountID: string(a.ID), AccountKind: string(a.Kind),
		Login: a.Login, AccountEmail: a.Email, AccountName: a.Name, AccountStatus: string(a.Status), Privileged: a.Privileged,
		EntitlementKind: string(i.Kind), EntitlementID: i.EntitlementID, Entitlement: i.Entitlement, Meaning: i.Meaning, Risk: string(i.Risk),
		HowHeld: i.HowHeld, SinceOn: date(i.Since.At), ApprovedBy: i.ApprovedBy, ApprovalRef: i.ApprovalRef,
		LastUsedAt: i.LastUsedAt.UTC(), UsageKnown: i.UsageKnown, PeersHave: int64(i.PeersHave), PeersAll: int64(i.PeersAll),
		FindingID: i.FindingID, FindingKind: string(i.FindingKind), Why: i.Why, Suggested: i.Suggested, SuggestedWhy: i.SuggestedWhy, Carries: textList(i.Carries),
		SinceLast: string(r.SinceLast), LastCampaignID: string(r.Last.Campaign), LastDecision: string(r.Last.Choice), LastDecidedBy: r.Last.By, LastDecidedOn: date(r.Last.On.At),
		MAC: r.MAC, Cells: textList(r.Cells),
	}
}

// textList gives texts as a JSON list; none is ”.
func textList(texts []string) string { return jsonOf(texts, len(texts) == 0) }

// jsonOf gives a value as JSON; none is ”.
func jsonOf(v any, none bool) string {
	if none {
		return ""
	}
	b, _ := json.Marshal(v) // texts and plain structs always are JSON
	return string(b)
}

// reviewerOf names who was asked: the person, else the address, else the name.
func reviewerOf(w *access.Sheet) string {
	return reviewer(&access.Worksheet{Reviewer: w.Reviewer, ReviewerMail: w.ReviewerMail, ReviewerName: w.ReviewerName})
}

// campaignSheetRows gives a row for each worksheet that went out and for each file
// that came back.
func campaignSheetRows(run access.RunID, c access.Campaign, part access.CampaignRecord) iter.Seq[WorksheetRow] {
	return readable(func(yield func(WorksheetRow) bool) {
		for w := range inOrder(part.Sheets, func(a, b *access.Sheet) int { return strings.Compare(a.ID, b.ID) }) {
			if !yield(issuedSheetRow(run, c, w)) {
				return
			}
		}
		for i := range part.Files {
			if !yield(returnedFileRow(run, c.ID, &part.Files[i])) {
				return
			}
		}
	})
}

func issuedSheetRow(run access.RunID, c access.Campaign, w *access.Sheet) WorksheetRow {
	return WorksheetRow{
		RunID: string(run), CampaignID: string(c.ID), WorksheetSHA256: w.SHA256, Revision: int64(w.Revision), Reviewer: reviewerOf(w), Rows: int64(len(w.Rows)), IssuedAt: w.IssuedAt.UTC(),
		WorksheetID: w.ID, ReviewerSource: string(w.Reviewer.Source), ReviewerEmployeeID: string(w.Reviewer.EmployeeID), ReviewerName: w.ReviewerName, ReviewerEmail: w.ReviewerMail,
		ManagerEmail: w.ManagerMail, Because: w.Because, DelegateSource: string(w.Delegate.Source), DelegateEmployeeID: string(w.Delegate.EmployeeID),
		DelegateName: w.DelegateName, DelegateEmail: w.DelegateMail, PassedFrom: w.From, DueOn: date(c.Due.At),
	}
}

func returnedFileRow(run access.RunID, c access.CampaignID, f *access.ReturnedFile) WorksheetRow {
	return WorksheetRow{
		RunID: string(run), CampaignID: string(c), WorksheetSHA256: f.SHA256, Revision: int64(f.Revision), Reviewer: f.Reviewer.String(), Rows: int64(f.Rows),
		ReceivedAt: f.ReceivedAt.UTC(), Channel: f.Channel, Sender: f.Sender, SignedBy: f.SignedBy, WorksheetID: f.Sheet,
		ReviewerSource: string(f.Reviewer.Source), ReviewerEmployeeID: string(f.Reviewer.EmployeeID), File: f.File, Answers: int64(f.Counted),
		Refused: jsonOf(f.Refused, f.Refused == nil), Problems: jsonOf(f.Problems, len(f.Problems) == 0),
	}
}

func decisionRows(run access.RunID, c access.CampaignID, all []access.Decision, rows map[askedOf]*access.Issued) iter.Seq[DecisionRow] {
	inReceipt := slices.Clone(all)
	slices.SortStableFunc(inReceipt, func(a, b access.Decision) int { return a.ReceivedAt.Compare(b.ReceivedAt) })
	return rowsOf(inFile(inReceipt), func(d *access.Decision) DecisionRow {
		i := &rows[askedOf{d.Worksheet, d.RowID}].Item
		return DecisionRow{
			RunID: string(run), CampaignID: string(c), RowID: d.RowID, WorksheetSHA256: d.WorksheetSHA256, Revision: int64(d.Revision), Reviewer: decidedBy(d),
			Source: string(i.Person.Source), EmployeeID: string(i.Person.EmployeeID), System: string(i.System), Scope: i.Scope, AccountID: string(i.Account.ID), EntitlementID: i.EntitlementID,
			Suggested: d.Suggested, Decision: string(d.Choice), DecisionReason: d.Reason, ChangeTo: d.ChangeTo, ReceivedAt: d.ReceivedAt.UTC(),
			WorksheetID: d.Worksheet, Subject: i.RowID, AccountScope: i.Account.Scope, EntitlementKind: string(i.Kind),
			ReviewerSource: string(d.Reviewer.Source), ReviewerEmployeeID: string(d.Reviewer.EmployeeID), ReviewerName: d.ReviewerName,
			Sender: d.Sender, PassTo: d.PassTo, Comment: d.Comment, UntilOn: date(d.Until.At),
		}
	})
}

// decidedBy names who decided: the person, else the name.
func decidedBy(d *access.Decision) string {
	return reviewer(&access.Worksheet{Reviewer: d.Reviewer, ReviewerName: d.ReviewerName})
}

func noticeRows(run access.RunID, c access.CampaignID, all []access.Notice) iter.Seq[NoticeRow] {
	return rowsOf(inFile(all), func(n *access.Notice) NoticeRow {
		return NoticeRow{RunID: string(run), Kind: n.Kind, Recipient: n.Recipient, Channel: n.Channel, SubjectID: n.Subject, SentAt: n.SentAt.UTC(), Result: n.Result, CampaignID: string(c),
			Audience: string(n.Audience), Urgency: string(n.Urgency), Purpose: n.Purpose, Tier: int64(n.Tier), DeliveryID: n.Delivery, Receipt: n.Receipt}
	})
}
