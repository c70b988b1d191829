package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"time"

	"rollcall/internal/access"
	"rollcall/reconcile"
)

// A review opens every quarter, is answered in parts, and closes.
const (
	quarter   = 91
	opensOn   = 30 // of the quarter
	imports   = 4
	importing = 3 // days from one part to the next
)

func (w *writer) opens() error {
	run := w.run("review open", w.c.now().Add(7*time.Hour))
	night := &access.Night{}
	world, err := w.world(night)
	if err != nil {
		return err
	}
	d := reconcile.Identify(world).Evaluate()
	c := access.Campaign{ID: access.CampaignID(fmt.Sprintf("q-%s", w.c.now().Format("2006-01"))), Title: "Quarterly review", Reason: "each quarter", Approver: person{number: 2}.name(), ApproverMail: person{number: 2}.mail(),
		OpenedAt: run.StartedAt, OpenedBy: run.Actor, Due: access.Day{At: w.c.on(w.c.day + imports*importing + 1)}, Night: w.memory.Previous}
	sheets, c, _, err := reconcile.OpenCampaign(world, d, c, nil, nil)
	if err != nil {
		return err
	}
	for i := range sheets {
		s := &sheets[i]
		s.SHA256 = access.Digest([]byte(s.ID))
		for n := range s.Rows {
			r := &s.Rows[n]
			r.MAC, r.Cells = access.Digest([]byte(r.ID+s.ID)), []string{r.Item.Person.Name, string(r.Item.System), r.Item.Entitlement, string(r.Item.Risk)}
		}
	}
	return w.record(run, access.CampaignRecord{Campaign: c, Sheets: sheets})
}

// record commits a part of a review.
func (w *writer) record(run access.Run, part access.CampaignRecord) error {
	run.Previous, run.FinishedAt, run.Verdict = w.memory.Previous, w.tick(), "done"
	next := w.memory
	next.Campaigns = maps.Clone(next.Campaigns)
	if next.Campaigns == nil {
		next.Campaigns = map[access.CampaignID]access.Campaign{}
	}
	part.Campaign.Runs = next.Campaigns[part.Campaign.ID].Runs
	next.Campaigns[part.Campaign.ID] = part.Campaign
	if _, err := w.RecordCampaign(run, part, next); err != nil {
		return err
	}
	one := part.Campaign
	one.Runs = append(slices.Clone(one.Runs), access.CampaignRun{ID: run.ID, Sequence: w.step})
	next.Campaigns[one.ID] = one
	w.remember(run.ID, next)
	w.open.Campaign, w.open.Sheets = one, append(w.open.Sheets, part.Sheets...)
	w.open.Decisions = append(w.open.Decisions, part.Decisions...)
	if !one.Open() {
		w.open = access.CampaignRecord{}
	}
	return nil
}

// resumed reads the open review from the archive where an earlier process opened it.
func (w *writer) resumed() error {
	if w.open.Campaign.ID != "" {
		return nil
	}
	for _, c := range w.memory.Campaigns {
		if c.Open() {
			var err error
			w.open, err = w.Campaign(c)
			return err
		}
	}
	return fmt.Errorf("no review is open on day %d", w.c.day)
}

// answers takes in what a part of the reviewers sent back. A few rows are left blank.
func (w *writer) answers(part int) error {
	if err := w.resumed(); err != nil {
		return err
	}
	run := w.run("review import", w.c.now().Add(7*time.Hour))
	now := access.CampaignRecord{Campaign: w.open.Campaign}
	next := maps.Clone(w.memory.Removals)
	if next == nil {
		next = map[string]access.Removal{}
	}
	for i := range w.open.Sheets {
		s := &w.open.Sheets[i]
		if i%imports != part {
			continue
		}
		var back bytes.Buffer
		var all []access.Decision
		for n := range s.Rows {
			choice := chosen(&s.Rows[n])
			if choice == access.ChooseNothing {
				continue
			}
			fmt.Fprintf(&back, "%s,%s\n", s.Rows[n].ID, choice.Word())
			all = append(all, access.Decision{Campaign: w.open.Campaign.ID, RowID: s.Rows[n].ID, Worksheet: s.ID, Revision: 1, Reviewer: s.Reviewer, ReviewerName: s.ReviewerName, Sender: s.ReviewerMail,
				Choice: choice, Reason: "as agreed", Suggested: s.Rows[n].Item.Suggested, ReceivedAt: run.StartedAt})
		}
		sum, err := w.PutInput(back.Bytes())
		if err != nil {
			return err
		}
		for n := range all {
			all[n].WorksheetSHA256 = sum
		}
		now.Decisions = append(now.Decisions, all...)
		now.Files = append(now.Files, access.ReturnedFile{Sheet: s.ID, File: s.ID + ".csv", SHA256: sum, Revision: 1, Reviewer: s.Reviewer, Sender: s.ReviewerMail, Channel: "file", ReceivedAt: run.StartedAt, Rows: len(s.Rows), Counted: len(all)})
	}
	record := w.open
	record.Decisions = append(slices.Clone(record.Decisions), now.Decisions...)
	for _, r := range reconcile.CampaignRemovals(record, reconcile.CampaignRules{}) {
		if _, known := next[r.RowID]; !known {
			next[r.RowID] = r
		}
	}
	w.memory.Removals = next
	return w.record(run, now)
}

func chosen(r *access.Issued) access.Choice {
	switch sum := sha256.Sum256([]byte(r.ID)); {
	case sum[0] < 8:
		return access.ChooseNothing
	case sum[0] < 10:
		return access.ChooseRemove
	case sum[0] < 11:
		return access.ChooseNotMine
	}
	return access.ChooseKeep
}

func (w *writer) closes() error {
	if err := w.resumed(); err != nil {
		return err
	}
	run := w.run("review close", w.c.now().Add(7*time.Hour))
	closed, err := reconcile.CloseCampaign(w.open, nil, reconcile.CampaignRules{}, run.Actor, run.StartedAt)
	if err != nil {
		return err
	}
	return w.record(run, access.CampaignRecord{Campaign: closed.Campaign, Decisions: closed.Decisions})
}
