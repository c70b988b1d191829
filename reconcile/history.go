package reconcile

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"rollcall/internal/access"
)

// PastNight is what one committed run recorded of some people.
type PastNight struct {
	Run       access.RunID
	StartedAt time.Time
	Reads     []access.Read
	Grants    []PastGrant
	Findings  []access.Finding
	Outcomes  []access.Outcome
}

// Day is the day of the night, in UTC, as the archive counts it.
func (n PastNight) Day() access.Day { return dayOf(n.StartedAt.UTC()) }

// PastGrant is a right that somebody held on a past night, with what was said of
// it then.
type PastGrant struct {
	Person        access.PersonKey       `json:"-"`
	System        access.System          `json:"system"`
	AccountID     access.AccountID       `json:"account_id"`
	Login         string                 `json:"login"`
	Scope         string                 `json:"scope,omitempty"` // the right's
	Kind          access.EntitlementKind `json:"kind"`
	EntitlementID string                 `json:"entitlement_id"`
	Entitlement   string                 `json:"entitlement"`
	Via           string                 `json:"via,omitempty"`
	FirstSeen     access.Day             `json:"first_seen_on,omitzero"`
	Verdict       PastVerdict            `json:"-"`
}

// PastVerdict is what policy said of a grant on a past night.
type PastVerdict struct {
	Expected   bool   `json:"expected"`
	Cites      string `json:"cites,omitempty"`
	ApprovedBy string `json:"approved_by,omitempty"`
}

// Span is the first and the last night of something, and on how many it was so.
type Span struct {
	From   access.Day `json:"from"`
	To     access.Day `json:"to"`
	Nights int        `json:"nights"`
}

// with is the span with one more night.
func (s Span) with(day access.Day) Span {
	if s.Nights == 0 {
		s.From = day
	}
	s.To = day
	s.Nights++
	return s
}

// History is what past nights said about one person.
type History struct {
	// Asked is how many nights were to be looked at; Nights is how many there were.
	Asked    int           `json:"nights_asked"`
	Nights   int           `json:"nights"`
	From     access.Day    `json:"from,omitzero"`
	To       access.Day    `json:"to,omitzero"`
	Rights   []PastRight   `json:"rights"`
	Findings []PastFinding `json:"findings"`
	Actions  []PastAction  `json:"actions"`
	// Campaigns is how many reviews were ever opened; Reviews what they asked and were
	// answered about this person, however long ago.
	Campaigns int          `json:"campaigns"`
	Reviews   []PastReview `json:"reviews"`
}

// PastRight is one right by one path, over the nights.
type PastRight struct {
	PastGrant
	Periods []Period `json:"periods"`
}

// Period is a time during which a right was held and the same was said of it.
type Period struct {
	Span
	PastVerdict
	// Gone is the first night that read the system to its end without it.
	Gone access.Day `json:"gone_on,omitzero"`
	// Unseen counts the nights after its last that did not read the system to its
	// end: whether it was held then is not known.
	Unseen int `json:"nights_not_known,omitempty"`
}

// PastFinding is one finding over the nights, in the words of the last. Its scope
// is where the right applies, else the account's own.
type PastFinding struct {
	ID              string                 `json:"finding_id"`
	Kind            access.FindingKind     `json:"kind"`
	Severity        string                 `json:"severity"`
	Disposition     access.Disposition     `json:"disposition"`
	System          access.System          `json:"system,omitempty"`
	Scope           string                 `json:"scope,omitempty"`
	AccountID       access.AccountID       `json:"account_id,omitempty"`
	Login           string                 `json:"login,omitempty"`
	EntitlementKind access.EntitlementKind `json:"entitlement_kind,omitempty"`
	EntitlementID   string                 `json:"entitlement_id,omitempty"`
	Entitlement     string                 `json:"entitlement,omitempty"`
	Reason          string                 `json:"reason"`
	Cites           string                 `json:"cites,omitempty"`
	FirstSeen       access.Day             `json:"first_seen_on,omitzero"`
	Span
}

// PastAction is what was done, or not done, to one account, over the nights that
// said the same of it.
type PastAction struct {
	ID              string                 `json:"action_id"`
	Stage           access.Stage           `json:"stage"`
	Verb            access.Verb            `json:"verb"`
	System          access.System          `json:"system"`
	Scope           string                 `json:"scope,omitempty"`
	AccountID       access.AccountID       `json:"account_id"`
	Login           string                 `json:"login"`
	EntitlementKind access.EntitlementKind `json:"entitlement_kind,omitempty"`
	EntitlementID   string                 `json:"entitlement_id,omitempty"`
	Entitlement     string                 `json:"entitlement,omitempty"`
	Reason          string                 `json:"reason"`
	Outcome         access.Result          `json:"outcome"`
	Detail          string                 `json:"detail,omitempty"`
	Actor           string                 `json:"actor,omitempty"`
	// At is when it was verified, else sent, else planned, in the run that is named:
	// the last that said so.
	At  time.Time    `json:"at"`
	Run access.RunID `json:"run_id"`
	Span
}

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
