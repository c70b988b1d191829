package reconcile

import (
	"cmp"
	"rollcall/internal/access"
	"slices"
	"time"
)

// HandOver is a worksheet whose rows came from another one, or that somebody else
// answered.
type HandOver struct {
	From, To string // Sheet.ID; From is To where somebody stood in
	Reviewer string
	Rows     int
	At       time.Time
	Because  string
}

// ReviewerFigures count what one worksheet came to.
type ReviewerFigures struct {
	SheetProgress
	SelfReview int           // answers about access of their own, which did not count
	Took       time.Duration // from the issue to the last file; 0: nothing came back
}

// tieOut are the books of the campaign, and that what was issued adds up.
func tieOut(rec access.CampaignRecord, p CampaignProgress) []access.Balance {
	out := slices.Clone(rec.Campaign.Books)
	out = append(out, balance("rows issued", rec.Campaign.Rows, map[string]int{"answered": p.Answered, "open": p.Open, "nobody answered": p.Expired}))
	again := 0
	issued := 0
	for n := range rec.Sheets {
		issued += len(rec.Sheets[n].Rows)
		if rec.Sheets[n].From != "" {
			again += len(rec.Sheets[n].Rows)
		}
	}
	return append(out, balance("rows on all worksheets", issued, map[string]int{"issued when it opened": rec.Campaign.Rows, "issued again to somebody else": again}))
}

// handOvers are the worksheets that came from others, and the files that somebody sent
// who stood in.
func handOvers(rec access.CampaignRecord) (out []HandOver) {
	sheets := map[string]*access.Sheet{}
	for n := range rec.Sheets {
		s := &rec.Sheets[n]
		sheets[s.ID] = s
		if s.From != "" {
			out = append(out, HandOver{From: s.From, To: s.ID, Reviewer: s.ReviewerName, Rows: len(s.Rows), At: s.IssuedAt, Because: s.Because})
		}
	}
	for _, f := range rec.Files {
		if s := sheets[f.Sheet]; s != nil && f.Refused == nil && !f.Reviewer.Zero() && f.Reviewer != s.Reviewer {
			out = append(out, HandOver{From: s.ID, To: s.ID, Reviewer: f.Reviewer.String(), Rows: f.Counted, At: f.ReceivedAt, Because: "stood in for " + s.ReviewerName})
		}
	}
	return out
}

func figures(rec access.CampaignRecord, p CampaignProgress) (out []ReviewerFigures) {
	own := map[string]int{}
	for _, d := range rec.Decisions {
		if d.Choice == access.ChoiceOwnCheck {
			own[d.Worksheet]++
		}
	}
	issued := map[string]time.Time{}
	for _, s := range rec.Sheets {
		issued[s.ID] = s.IssuedAt
	}
	for _, s := range p.Sheets {
		f := ReviewerFigures{SheetProgress: s, SelfReview: own[s.Sheet]}
		if !s.LastReceived.IsZero() {
			f.Took = s.LastReceived.Sub(issued[s.Sheet])
		}
		out = append(out, f)
	}
	slices.SortFunc(out, func(a, b ReviewerFigures) int { return cmp.Compare(a.Sheet, b.Sheet) })
	return out
}
