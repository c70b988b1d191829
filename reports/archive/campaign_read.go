package archive

import (
	"encoding/json"
	"errors"
	"fmt"

	"rollcall/internal/access"
)

// Campaign reads back all that was recorded of a campaign, run after run, in the order
// in which it was; c is the campaign as Memory knows it. Every byte is checked against
// the manifest's digests first. Of the people and accounts of its rows it has what a
// worksheet tells and what privacy needs: more of them is in the tables of the night.
func (a *Archive) Campaign(c access.Campaign) (access.CampaignRecord, error) {
	r := access.CampaignRecord{Campaign: c}
	for _, run := range c.Runs {
		if err := a.campaignRun(run, &r); err != nil {
			return access.CampaignRecord{}, fmt.Errorf("recall campaign %s: %w", c.ID, err)
		}
	}
	return r, nil
}

// issuedRows are the rows of worksheets, by worksheet.
type issuedRows map[string][]access.Issued

func (s issuedRows) add(i *ItemRow) error {
	issued, err := i.issued()
	s[i.WorksheetID] = append(s[i.WorksheetID], issued)
	return err
}

// campaignRun adds what one run recorded.
func (a *Archive) campaignRun(run access.CampaignRun, r *access.CampaignRecord) error {
	h, err := a.ofCampaign(run)
	if err != nil {
		return err
	}
	sheets := issuedRows{}
	return inTurn([]func() error{
		func() error {
			return someItems(a, h, sheets.add)
		},
		func() error {
			return tried(a, h, "worksheets", func(w *WorksheetRow) error {
				if w.ReceivedAt.IsZero() {
					r.Sheets = append(r.Sheets, w.sheet(sheets[w.WorksheetID]))
					return nil
				}
				f, err := w.returned()
				r.Files = append(r.Files, f)
				return err
			})
		},
		func() error {
			return tried(a, h, "decisions", func(d *DecisionRow) error {
				r.Decisions = append(r.Decisions, d.decision())
				return nil
			})
		},
		func() error {
			return tried(a, h, "notices", func(n *NoticeRow) error {
				r.Notices = append(r.Notices, access.Notice{Kind: n.Kind, Recipient: n.Recipient, Channel: n.Channel, Subject: n.SubjectID, SentAt: instant(n.SentAt), Result: n.Result})
				return nil
			})
		},
	})
}

// ofCampaign is the manifest of a run that recorded a part of a campaign.
func (a *Archive) ofCampaign(run access.CampaignRun) (head, error) {
	h, err := a.load(run.Sequence)
	if err == nil && h.RunID != run.ID {
		err = fmt.Errorf("%s is of run %s, and the campaign was recorded by run %s; run: rollcall audit verify", manifestName(run.Sequence), h.RunID, run.ID)
	}
	return h, err
}

// eachItem gives every row that a campaign issued, run after run.
func (a *Archive) eachItem(c access.Campaign, row func(*ItemRow) error) error {
	for _, run := range c.Runs {
		h, err := a.ofCampaign(run)
		if err == nil {
			err = someItems(a, h, row)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func someItems(a *Archive, h head, row func(*ItemRow) error) error {
	return tried(a, h, "items", row)
}

// tried gives the rows of a table that a run may have, until one cannot be read.
func tried[T any](a *Archive, h head, table string, row func(*T) error) error {
	return untilBroken(h, table, row, func(take func(*T)) error {
		return eachRow(a, h, table, func(r T) { take(&r) })
	})
}

func untilBroken[T any](h head, table string, row func(*T) error, read func(take func(*T)) error) error {
	if !h.has(table) {
		return nil
	}
	var broken error
	err := read(func(r *T) {
		if broken == nil {
			broken = row(r)
		}
	})
	if err == nil && broken != nil {
		err = unread(h, table, broken)
	}
	return err
}

// issued is the inverse of itemRow.
func (r *ItemRow) issued() (out access.Issued, err error) {
	p := access.Person{Standing: access.Standing(r.Standing), AccessEndsAt: instant(r.AccessEndsAt), Identity: access.Identity{
		Source: access.Source(r.Source), EmployeeID: access.EmployeeID(r.EmployeeID), Name: r.Name, Email: r.Email, Title: r.Title, Department: r.Department,
		ManagerID: access.EmployeeID(r.ManagerID), WorkerType: r.WorkerType, Status: access.Status(r.Status)}}
	if p.EndDate, err = access.ParseDay(r.EndDate); err == nil {
		p.LastWorkingDay, err = access.ParseDay(r.LastWorkingDay)
	}
	if err != nil {
		return out, fmt.Errorf("row %s: %w", r.RowID, err)
	}
	account := access.Account{System: access.System(r.System), Scope: r.AccountScope, ID: access.AccountID(r.AccountID), Kind: access.AccountKind(r.AccountKind),
		Login: r.Login, Email: r.AccountEmail, Name: r.AccountName, Status: access.AccountStatus(r.AccountStatus), Privileged: r.Privileged}
	out = access.Issued{ID: r.RowID, Worksheet: r.WorksheetID, Duty: access.Duty(r.Duty), SinceLast: access.SinceLast(r.SinceLast), MAC: r.MAC,
		Last: access.LastDecision{Campaign: access.CampaignID(r.LastCampaignID), Choice: access.Choice(r.LastDecision), By: r.LastDecidedBy, On: day(r.LastDecidedOn)},
		Item: access.Item{RowID: r.Subject, FindingID: r.FindingID, FindingKind: access.FindingKind(r.FindingKind), Person: p, ManagerName: r.ManagerName, Account: account,
			System: access.System(r.System), Scope: r.Scope, ScopeName: r.ScopeName, Kind: access.EntitlementKind(r.EntitlementKind), EntitlementID: r.EntitlementID, Entitlement: r.Entitlement,
			Meaning: r.Meaning, Risk: access.Risk(r.Risk), HowHeld: r.HowHeld, Since: day(r.SinceOn), ApprovedBy: r.ApprovedBy, ApprovalRef: r.ApprovalRef,
			LastUsedAt: instant(r.LastUsedAt), UsageKnown: r.UsageKnown, PeersHave: int(r.PeersHave), PeersAll: int(r.PeersAll), Why: r.Why, Suggested: r.Suggested, SuggestedWhy: r.SuggestedWhy}}
	if out.Item.Carries, err = textsOf(r.Carries); err == nil {
		out.Cells, err = textsOf(r.Cells)
	}
	if err != nil {
		return out, fmt.Errorf("row %s: %w", r.RowID, err)
	}
	return out, nil
}

// textsOf is the inverse of textList.
func textsOf(list string) (texts []string, err error) {
	err = ifAny(list, &texts)
	return texts, err
}

// ifAny is the inverse of jsonOf.
func ifAny(text string, into any) error {
	if text == "" {
		return nil
	}
	return json.Unmarshal([]byte(text), into)
}

// sheet is the inverse of issuedSheetRow.
func (w *WorksheetRow) sheet(rows []access.Issued) access.Sheet {
	return access.Sheet{
		ID: w.WorksheetID, Reviewer: personKey(w.ReviewerSource, w.ReviewerEmployeeID), ReviewerName: w.ReviewerName, ReviewerMail: w.ReviewerEmail, ManagerMail: w.ManagerEmail,
		Because: w.Because, Delegate: personKey(w.DelegateSource, w.DelegateEmployeeID), DelegateName: w.DelegateName, DelegateMail: w.DelegateEmail,
		Rows: rows, SHA256: w.WorksheetSHA256, Revision: int(w.Revision), From: w.PassedFrom, IssuedAt: instant(w.IssuedAt),
	}
}

// returned is the inverse of returnedFileRow.
func (w *WorksheetRow) returned() (access.ReturnedFile, error) {
	f := access.ReturnedFile{Sheet: w.WorksheetID, File: w.File, SHA256: w.WorksheetSHA256, Revision: int(w.Revision), Reviewer: personKey(w.ReviewerSource, w.ReviewerEmployeeID),
		Sender: w.Sender, SignedBy: w.SignedBy, Channel: w.Channel, ReceivedAt: instant(w.ReceivedAt), Rows: int(w.Rows), Counted: int(w.Answers)}
	err := errors.Join(ifAny(w.Problems, &f.Problems), ifAny(w.Refused, &f.Refused))
	if err != nil {
		return f, fmt.Errorf("file %s: %w", w.File, err)
	}
	return f, nil
}

// decision is the inverse of decisionRows, but for what the row itself says.
func (d *DecisionRow) decision() access.Decision {
	return access.Decision{Campaign: access.CampaignID(d.CampaignID), RowID: d.RowID, Worksheet: d.WorksheetID, WorksheetSHA256: d.WorksheetSHA256, Revision: int(d.Revision),
		Reviewer: personKey(d.ReviewerSource, d.ReviewerEmployeeID), ReviewerName: d.ReviewerName, Sender: d.Sender, Choice: access.Choice(d.Decision), Reason: d.DecisionReason,
		ChangeTo: d.ChangeTo, PassTo: d.PassTo, Comment: d.Comment, Suggested: d.Suggested, Until: day(d.UntilOn), ReceivedAt: instant(d.ReceivedAt)}
}

func personKey(source, id string) access.PersonKey {
	return access.PersonKey{Source: access.Source(source), EmployeeID: access.EmployeeID(id)}
}
