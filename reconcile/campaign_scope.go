package reconcile

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"rollcall/internal/access"
)

// moverWindow is how many days a change of job makes somebody a mover, if there was no
// campaign before.
const moverWindow = 90

func inSystems(s access.CampaignScope, system access.System) bool {
	return anyGlob(s.Systems, string(system))
}

// anyGlob reports whether a text matches one of the patterns; no pattern narrows
// nothing.
func anyGlob(patterns []string, texts ...string) bool {
	return len(patterns) == 0 || slices.ContainsFunc(patterns, func(p string) bool {
		return slices.ContainsFunc(texts, func(t string) bool { return glob(p, t) })
	})
}

// outside says why a row is not in the campaign's scope; empty: it is.
func (f *freezing) outside(i *access.Item) bucket {
	s := f.c.Scope
	switch {
	case !inSystems(s, i.System):
		return outSystem
	case !anyGlob(s.Departments, i.Person.Department):
		return outDepartment
	case !anyGlob(s.Entitlements, append([]string{i.Entitlement, i.EntitlementID, string(i.Account.ID)}, i.Carries...)...):
		return outEntitlement
	case len(s.Risks) > 0 && !slices.Contains(s.Risks, i.Risk):
		return outRisk
	case s.Movers && !f.moved(i):
		return outMover
	}
	return ""
}

// moved reports whether the person of a row has another job than at the campaign
// before or, if there was none, than 90 days ago.
func (f *freezing) moved(i *access.Item) bool {
	since := f.c.OpenedAt.AddDate(0, 0, -moverWindow)
	if !f.before.openedAt.IsZero() && f.before.openedAt.Before(since) {
		since = f.before.openedAt
	}
	return slices.ContainsFunc(f.e.moves[i.Person.Key()], func(m access.Move) bool { return !m.Until.Before(since) })
}

// before is what rows are compared with: the campaign before or, of several, what
// JoinCampaigns made of them. The zero before has none.
type before struct {
	id       access.CampaignID
	openedAt time.Time
	rows     map[string]*wasAsked // by Item.RowID
}

// wasAsked is what the campaign before asked about a right, and what was decided.
type wasAsked struct {
	item    *access.Item
	by      map[access.Duty]access.LastDecision
	outcome access.Choice
}

func newBefore(last *access.CampaignRecord) before {
	if last == nil {
		return before{}
	}
	b := before{id: last.Campaign.ID, openedAt: last.Campaign.OpenedAt, rows: map[string]*wasAsked{}}
	final := Final(*last)
	for n := range last.Sheets {
		for k := range last.Sheets[n].Rows {
			row := &last.Sheets[n].Rows[k]
			was := b.rows[row.Item.RowID]
			if was == nil {
				was = &wasAsked{item: &row.Item, by: map[access.Duty]access.LastDecision{}}
				b.rows[row.Item.RowID] = was
			}
			if d, ok := final[row.ID]; ok {
				was.by[row.Duty] = access.LastDecision{Campaign: cmp.Or(d.Campaign, b.id), Choice: d.Choice, By: d.ReviewerName, On: dayOf(d.ReceivedAt)}
			}
		}
	}
	for _, o := range Outcomes(*last) {
		b.rows[o.Item.RowID].outcome = o.Choice
	}
	return b
}

// compare says how a row compares with the campaign before.
func (b before) compare(i *access.Item) (access.SinceLast, *wasAsked) {
	was := b.rows[i.RowID]
	switch {
	case was == nil:
		return access.RowNew, nil
	case sameRow(i, was.item):
		return access.RowSame, was
	}
	return access.RowChanged, was
}

// sameRow reports whether nothing changed that a reviewer would want to know: the
// person's job, what the right is, how it is held, what goes with it, and its flag.
func sameRow(a, b *access.Item) bool {
	return a.Person.Profile() == b.Person.Profile() && a.ManagerName == b.ManagerName && a.Account.Login == b.Account.Login &&
		a.Entitlement == b.Entitlement && a.Risk == b.Risk && a.HowHeld == b.HowHeld && a.FindingKind == b.FindingKind && strings.Join(a.Carries, "\n") == strings.Join(b.Carries, "\n")
}

// kept reports whether all who were asked about a right said Keep.
func (w *wasAsked) kept() bool { return w != nil && w.outcome == access.ChooseKeep }

// last is what was last decided in a duty or, if it is asked in this one for the
// first time, in the other.
func (w *wasAsked) last(d access.Duty) access.LastDecision {
	if w == nil {
		return access.LastDecision{}
	}
	if l, ok := w.by[d]; ok {
		return l
	}
	return cmp.Or(w.by[access.DutyManager], w.by[access.DutyOwner])
}
