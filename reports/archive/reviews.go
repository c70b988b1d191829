package archive

import (
	"errors"
	"fmt"
	"slices"

	"rollcall/internal/access"
)

// ReviewsOf gives what every campaign asked and was answered about these people, in
// the order in which the campaigns were opened: of each the worksheets with rows of
// theirs, with those rows alone, and the decisions about them. A campaign that did not
// ask about them is there without any. Every byte is checked against the manifests'
// digests first.
//
// Campaigns that have expired are left out, and given by name.
func (a *Archive) ReviewsOf(people []access.PersonKey) (all []access.CampaignRecord, gone []access.CampaignID, err error) {
	h, err := a.head()
	if err != nil {
		return nil, nil, fmt.Errorf("recall past reviews: %w", err)
	}
	s, err := a.state(h)
	if err != nil {
		return nil, nil, fmt.Errorf("recall past reviews: %w", err)
	}
	slices.SortStableFunc(s.Campaigns, func(a, b access.Campaign) int { return a.OpenedAt.Compare(b.OpenedAt) })
	for _, c := range s.Campaigns {
		r := access.CampaignRecord{Campaign: c}
		var x *ExpiredError
		switch err := a.wholeReviewOf(people, &r); {
		case errors.As(err, &x):
			gone = append(gone, c.ID)
		case err != nil:
			return nil, nil, fmt.Errorf("recall campaign %s: %w", c.ID, err)
		default:
			all = append(all, r)
		}
	}
	return all, gone, nil
}

func (a *Archive) wholeReviewOf(people []access.PersonKey, r *access.CampaignRecord) error {
	for _, run := range r.Campaign.Runs {
		if err := a.reviewOf(run, people, r); err != nil {
			return err
		}
	}
	return nil
}

// reviewOf adds what one run recorded of these people.
func (a *Archive) reviewOf(run access.CampaignRun, people []access.PersonKey, r *access.CampaignRecord) error {
	h, err := a.ofCampaign(run)
	if err != nil {
		return err
	}
	sheets := issuedRows{}
	return inTurn([]func() error{
		func() error {
			return theirs(a, h, "items", people, func(i *ItemRow) (string, string) { return i.Source, i.EmployeeID }, sheets.add)
		},
		func() error {
			if len(sheets) == 0 {
				return nil
			}
			return tried(a, h, "worksheets", func(w *WorksheetRow) error {
				if rows := sheets[w.WorksheetID]; w.ReceivedAt.IsZero() && len(rows) > 0 {
					r.Sheets = append(r.Sheets, w.sheet(rows))
				}
				return nil
			})
		},
		func() error {
			return theirs(a, h, "decisions", people, func(d *DecisionRow) (string, string) { return d.Source, d.EmployeeID }, func(d *DecisionRow) error {
				r.Decisions = append(r.Decisions, d.decision())
				return nil
			})
		},
	})
}

// theirs gives the rows about some people of a table that a run may have.
func theirs[T any](a *Archive, h head, table string, people []access.PersonKey, of func(*T) (source, id string), row func(*T) error) error {
	return untilBroken(h, table, row, func(take func(*T)) error { return eachRowAbout(a, h, table, people, of, take) })
}

// unread tells of a table that is as it was written, and says what cannot be.
func unread(h head, table string, why error) error {
	return fmt.Errorf("table %s of run %s: %w; run: rollcall audit verify", table, h.RunID, why)
}
