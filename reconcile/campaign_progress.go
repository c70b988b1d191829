package reconcile

import (
	"cmp"
	"slices"
	"time"

	"rollcall/internal/access"
)

// CampaignProgress says who owes what, and by when.
type CampaignProgress struct {
	// Issued rows are Answered or Open or, once it is closed, Expired: nobody answered
	// them. A row that was passed on is counted once.
	Issued, Answered, Open, Expired int
	Overdue                         bool // something is open, and the due date is over
	Sheets                          []SheetProgress
	Burndown                        []BurnPoint
}

// SheetProgress is how far one worksheet is.
type SheetProgress struct {
	Sheet, Reviewer, Mail string // Sheet.ID, name and address
	Key                   access.PersonKey
	Delegate              string // who stands in for the reviewer today, or ""
	Gone                  bool   // the reviewer does not work here any more, and nobody stands in
	// Issued rows are Answered, PassedOn, Open or, once it is closed, Expired; Urgent are
	// open ones that are flagged or privileged.
	Issued, Answered, PassedOn, Open, Expired, Urgent int
	Keep, Change, Remove                              int
	Due                                               access.Day
	Overdue                                           bool
	LastReceived                                      time.Time // zero: nothing came back yet
	Returned                                          int       // files that came back
	Wrong                                             int       // rows of the last one that do not count
}

// BurnPoint is what was open and answered at the end of a day.
type BurnPoint struct {
	Day            access.Day
	Open, Answered int
}

// Progress is how far a campaign is as of now.
func Progress(rec access.CampaignRecord, st *Staff, rules CampaignRules, now time.Time) CampaignProgress {
	final, holder := Final(rec), holders(rec)
	over := localDay(now, rules.zone()).At.After(rec.Campaign.Due.At)
	var p CampaignProgress
	for n := range rec.Sheets {
		s := sheetProgress(&rec.Sheets[n], final, holder)
		s.Due, s.Overdue = rec.Campaign.Due, s.Open > 0 && over
		s.standing(reviewerOf(&rec.Sheets[n]), st, now)
		s.returned(rec.Files)
		p.Answered, p.Open, p.Expired, p.Overdue = p.Answered+s.Answered, p.Open+s.Open, p.Expired+s.Expired, p.Overdue || s.Overdue
		p.Sheets = append(p.Sheets, s)
	}
	p.Issued = p.Answered + p.Open + p.Expired
	slices.SortStableFunc(p.Sheets, func(a, b SheetProgress) int { return cmp.Or(b.Open-a.Open, cmp.Compare(a.Sheet, b.Sheet)) })
	p.Burndown = burndown(rec, p.Issued, rules.zone(), now)
	return p
}

// holders are the worksheets that ask about each row now.
func holders(rec access.CampaignRecord) map[string]string {
	out := map[string]string{}
	for n := range rec.Sheets {
		for k := range rec.Sheets[n].Rows {
			out[rec.Sheets[n].Rows[k].ID] = rec.Sheets[n].ID
		}
	}
	return out
}

func sheetProgress(s *access.Sheet, final map[string]access.Decision, holder map[string]string) SheetProgress {
	p := SheetProgress{Sheet: s.ID, Reviewer: s.ReviewerName, Mail: s.ReviewerMail, Key: s.Reviewer, Issued: len(s.Rows)}
	for n := range s.Rows {
		row := &s.Rows[n]
		d, answered := final[row.ID]
		switch {
		case holder[row.ID] != s.ID:
			p.PassedOn++
		case !answered:
			p.Open++
			if Flagged(&row.Item) || row.Item.Risk == access.RiskPrivileged {
				p.Urgent++
			}
		case unanswered(d):
			p.Expired++
		default:
			p.Answered++
			p.choice(d.Choice)
		}
	}
	return p
}

func (p *SheetProgress) choice(c access.Choice) {
	switch c {
	case access.ChooseKeep:
		p.Keep++
	case access.ChooseChange:
		p.Change++
	case access.ChooseRemove:
		p.Remove++
	}
}

func (p *SheetProgress) standing(reviewer asked, st *Staff, now time.Time) {
	if st == nil {
		return
	}
	if d, ok := st.delegate(reviewer.key, now); ok {
		p.Delegate = d.name
	}
	p.Gone = p.Delegate == "" && !st.employed(reviewer, now)
}

func (p *SheetProgress) returned(files []access.ReturnedFile) {
	for _, f := range files {
		if f.Sheet == p.Sheet && f.Refused == nil {
			p.Returned, p.LastReceived, p.Wrong = p.Returned+1, f.ReceivedAt, len(f.Problems)
		}
	}
}

// burndown counts what was open at the end of each day, from the one on which the
// campaign opened to today or the one on which it closed.
func burndown(rec access.CampaignRecord, issued int, z *time.Location, now time.Time) (out []BurnPoint) {
	if !rec.Campaign.Open() && rec.Campaign.ClosedAt.Before(now) {
		now = rec.Campaign.ClosedAt
	}
	from, to := localDay(rec.Campaign.OpenedAt, z).At, localDay(now, z).At
	byDay := map[time.Time][]access.Decision{}
	for _, d := range rec.Decisions {
		day := localDay(d.ReceivedAt, z).At
		byDay[day] = append(byDay[day], d)
	}
	standing := map[string]bool{}
	for day := from; !day.After(to); day = day.AddDate(0, 0, 1) {
		for _, d := range byDay[day] {
			switch {
			case d.Choice == access.ChooseNotMine, d.Choice == access.ChoiceReopened:
				delete(standing, d.RowID)
			case d.Choice == access.ChooseNothing, d.Choice == access.ChoiceOwnCheck, unanswered(d):
			default:
				standing[d.RowID] = true
			}
		}
		out = append(out, BurnPoint{access.Day{At: day}, issued - len(standing), len(standing)})
	}
	return out
}
