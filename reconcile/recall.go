package reconcile

import (
	"cmp"
	"rollcall/internal/access"
	"slices"
	"strings"
	"time"
)

// Recall folds what past nights, oldest first, said about somebody. Asked about
// one right, it tells of that alone, and of what was done to whole accounts.
func Recall(nights []PastNight, who access.PersonKey, right string) History {
	h := History{Nights: len(nights), Rights: []PastRight{}, Findings: []PastFinding{}, Actions: []PastAction{}, Reviews: []PastReview{}}
	f := folding{h: &h, who: who, right: right, rights: map[PastGrant]int{}, findings: map[string]int{}, actions: map[actionSaid]int{}}
	for _, n := range nights {
		if h.From.IsZero() {
			h.From = n.Day()
		}
		h.To = n.Day()
		f.grants(n)
		f.finds(n)
		f.acts(n)
	}
	slices.SortStableFunc(h.Rights, func(a, b PastRight) int { return a.compare(b.PastGrant) })
	slices.SortStableFunc(h.Findings, func(a, b PastFinding) int {
		return cmp.Or(a.From.At.Compare(b.From.At), cmp.Compare(rank(a.Severity), rank(b.Severity)), cmp.Compare(a.ID, b.ID))
	})
	slices.SortStableFunc(h.Actions, func(a, b PastAction) int { return a.At.Compare(b.At) })
	return h
}

// folding is a History that grows by nights.
type folding struct {
	h        *History
	who      access.PersonKey
	right    string
	rights   map[PastGrant]int // without what changes
	findings map[string]int
	actions  map[actionSaid]int
}

type actionSaid struct {
	id, detail string
	result     access.Result
	run        access.RunID
}

// subject is the grant without what may change from night to night.
func (g PastGrant) subject() PastGrant {
	g.Login, g.Entitlement, g.FirstSeen, g.Verdict = "", "", access.Day{}, PastVerdict{}
	return g
}

func (g PastGrant) compare(o PastGrant) int {
	return cmp.Or(cmp.Compare(g.System, o.System), cmp.Compare(g.Login, o.Login), cmp.Compare(g.AccountID, o.AccountID), cmp.Compare(g.Kind, o.Kind),
		cmp.Compare(g.Scope, o.Scope), cmp.Compare(g.Entitlement, o.Entitlement), cmp.Compare(g.EntitlementID, o.EntitlementID), cmp.Compare(g.Via, o.Via))
}

func (f *folding) grants(n PastNight) {
	held := map[int]bool{}
	for _, g := range n.Grants {
		if g.Person != f.who || !named(access.Entitlement{ID: g.EntitlementID, Name: g.Entitlement}, f.right) {
			continue
		}
		at, known := f.rights[g.subject()]
		if !known {
			at = len(f.h.Rights)
			f.rights[g.subject()] = at
			f.h.Rights = append(f.h.Rights, PastRight{PastGrant: g})
		}
		if !held[at] { // the archive has one row for each path; a second says nothing more
			f.h.Rights[at].seen(n.Day(), g)
		}
		held[at] = true
	}
	for at := range f.h.Rights {
		if r := &f.h.Rights[at]; !held[at] {
			r.unseen(n.Day(), wholly(n.Reads, r.System))
		}
	}
}

// wholly reports whether a system was read to its end.
func wholly(reads []access.Read, s access.System) bool {
	any := false
	for _, r := range reads {
		if r.System == s && !r.Complete {
			return false
		}
		any = any || r.System == s
	}
	return any
}

// seen adds a night on which it was held.
func (r *PastRight) seen(day access.Day, g PastGrant) {
	r.Login, r.Entitlement = g.Login, g.Entitlement
	if r.FirstSeen.IsZero() || !g.FirstSeen.IsZero() && g.FirstSeen.At.Before(r.FirstSeen.At) {
		r.FirstSeen = g.FirstSeen
	}
	last := len(r.Periods) - 1
	if last < 0 || !r.Periods[last].Gone.IsZero() || r.Periods[last].PastVerdict != g.Verdict {
		r.Periods = append(r.Periods, Period{PastVerdict: g.Verdict})
		last++
	}
	p := &r.Periods[last]
	p.Span, p.Unseen = p.Span.with(day), 0
}

// unseen adds a night on which it was not seen.
func (r *PastRight) unseen(day access.Day, whole bool) {
	p := &r.Periods[len(r.Periods)-1]
	switch {
	case !p.Gone.IsZero():
	case whole:
		p.Gone = day
	default:
		p.Unseen++
	}
}

func (f *folding) finds(n PastNight) {
	for _, found := range n.Findings {
		if found.Person != f.who || !f.about(found.EntitlementID, found.Entitlement) {
			continue
		}
		at, known := f.findings[found.ID]
		if !known {
			at = len(f.h.Findings)
			f.findings[found.ID] = at
			f.h.Findings = append(f.h.Findings, PastFinding{})
		}
		p := &f.h.Findings[at]
		*p = PastFinding{ID: found.ID, Kind: found.Kind, Severity: found.Severity, Disposition: found.Disposition,
			System: found.Account.System, Scope: cmp.Or(found.GrantScope, found.Account.Scope), AccountID: found.Account.ID, Login: found.Login,
			EntitlementKind: found.EntitlementKind, EntitlementID: found.EntitlementID, Entitlement: found.Entitlement,
			Reason: found.Reason, Cites: found.Cites, FirstSeen: found.FirstSeen, Span: p.Span.with(n.Day())}
	}
}

// about reports whether something is about the right that is asked for. What is
// missing is called as the role map's line has it, which may be a pattern.
func (f *folding) about(id, name string) bool {
	return f.right == "" || id == f.right || strings.EqualFold(name, f.right) || id == "" && name != "" && glob(name, f.right)
}

func (f *folding) acts(n PastNight) {
	for _, o := range n.Outcomes {
		if o.Action.Person != f.who || !f.concerns(&o.Action) {
			continue
		}
		said := actionSaid{id: o.Action.ID, detail: o.Detail, result: o.Result}
		if o.Result != access.Skipped {
			said.run = n.Run // what was sent is told each time
		}
		at, known := f.actions[said]
		if !known {
			at = len(f.h.Actions)
			f.actions[said] = at
			f.h.Actions = append(f.h.Actions, PastAction{})
		}
		p := &f.h.Actions[at]
		a := o.Action
		*p = PastAction{ID: a.ID, Stage: a.Stage, Verb: a.Verb, System: a.Account.System, Scope: cmp.Or(a.GrantScope, a.Account.Scope), AccountID: a.Account.ID, Login: n.login(a),
			EntitlementKind: a.EntitlementKind, EntitlementID: a.EntitlementID, Entitlement: a.Entitlement, Reason: a.Reason,
			Outcome: o.Result, Detail: o.Detail, Actor: o.Actor, At: happened(o), Run: n.Run, Span: p.Span.with(n.Day())}
	}
}

// concerns reports whether an action is about the right that is asked for, or
// about a whole account. It gives the action the name of its right, which the
// archive keeps with the grants.
func (f *folding) concerns(a *access.Action) bool {
	if a.EntitlementID == "" {
		return true
	}
	for _, r := range f.h.Rights {
		if r.System == a.Account.System && r.Kind == a.EntitlementKind && r.EntitlementID == a.EntitlementID {
			a.Entitlement = r.Entitlement
			return true
		}
	}
	return f.right == "" || a.EntitlementID == f.right
}

// happened is the time of what is known last of an action.
func happened(o access.Outcome) time.Time {
	for _, at := range []time.Time{o.VerifiedAt, o.SentAt} {
		if !at.IsZero() {
			return at
		}
	}
	return o.PlannedAt
}

// login is what the night called the account of an action.
func (n PastNight) login(a access.Action) string {
	for _, f := range n.Findings {
		if f.ID == a.FindingID && f.Login != "" {
			return f.Login
		}
	}
	for _, g := range n.Grants {
		if g.System == a.Account.System && g.AccountID == a.Account.ID {
			return g.Login
		}
	}
	return string(a.Account.ID)
}
