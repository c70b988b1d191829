package reports

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"rollcall/internal/access"
)

// leaver is a person who has left with something of theirs open tonight, and
// the clocks that an auditor asks for.
type leaver struct {
	Who         string    `json:"who"`
	Person      string    `json:"person"`
	EffectiveAt string    `json:"effective_at,omitempty"`
	FirstSeenAt string    `json:"first_seen_at,omitempty"`
	BlockedAt   string    `json:"blocked_verified_at,omitempty"` // empty: not all of tonight's accounts are, or not all was read
	AfterEnd    string    `json:"after_end,omitempty"`
	RemovedAt   string    `json:"removed_verified_at,omitempty"` // empty: not all of tonight's accounts are
	Accounts    []closing `json:"accounts"`
	worst       int
	key         access.PersonKey
	ended       time.Time // EffectiveAt and BlockedAt
	blocked     time.Time
	unclear     int  // accounts that work and could be theirs or somebody else's
	partly      bool // what of theirs is not known, or was left, is not among the accounts
}

// closing is what became of one account of a leaver.
type closing struct {
	System     string   `json:"system"`
	Account    string   `json:"account"`
	State      string   `json:"state"`
	VerifiedAt string   `json:"blocked_verified_at,omitempty"`
	RemovedAt  string   `json:"removed_verified_at,omitempty"`
	Details    []string `json:"details,omitempty"`
	key        access.AccountKey
	worst      int
	stage      access.Stage // remove: tonight is about removing it only
	at         time.Time    // when the last of its actions was read back
	open       bool         // somebody may get in by a way that no action ends
}

// gathering collects, per person and account, what was meant and what became
// of it.
type gathering struct {
	night  *access.Night
	d      discretion
	people map[access.PersonKey]map[access.AccountKey]*closing
	trips  map[tripKey]string
	open   map[access.PersonKey][]access.AccountKey // accounts of leavers that are not known to be blocked
}

// restricted counts what was done about people whose departure is not to be
// told: they are blocked already and still employed.
type restricted struct {
	People   int            `json:"people"`
	Accounts map[string]int `json:"accounts"` // by state
}

func leavers(n *access.Night, d discretion) ([]leaver, restricted) {
	g := gathering{n, d, map[access.PersonKey]map[access.AccountKey]*closing{}, tripsByAccount(n.Plan.Trips), openOf(n)}
	done := map[string]bool{}
	for _, o := range n.Outcomes {
		done[o.Action.ID] = true
		if !o.Action.InUse() {
			g.outcome(o)
		}
	}
	for _, h := range n.Plan.Held {
		done[h.Action.ID] = true
		if h.Action.InUse() {
			continue
		}
		g.add(h.Action, stateHeld, time.Time{}, "held by guard "+h.Guard+": "+g.why(h))
	}
	for _, a := range n.Plan.Actions {
		if !done[a.ID] && !a.InUse() {
			g.add(a, g.notDone(), time.Time{}, g.would(a))
		}
	}
	g.findings()
	return g.sorted()
}

func worksHere(people []access.Person, k access.PersonKey) bool {
	return slices.ContainsFunc(people, func(p access.Person) bool { return p.Key() == k && p.Standing == access.StandingActive })
}

func (g gathering) notDone() int {
	if isPlan(g.night) || firstMode(g.night.Run.Mode) == access.Observe {
		return statePlanned
	}
	return stateNotAttempted
}

// would says what an action that only is planned would do.
func (g gathering) would(a access.Action) string {
	if g.notDone() != statePlanned {
		return ""
	}
	right := strings.TrimSpace(string(a.EntitlementKind) + " " + cmp.Or(a.Entitlement, a.EntitlementID))
	if a.GrantScope != "" {
		right += " in " + a.GrantScope
	}
	return strings.TrimSpace("would " + string(a.Verb) + " " + right)
}

// outcome adds what became of an action. What an interrupted run did to somebody
// who works here by now is no leaver's: the finding blocked_active tells it.
func (g gathering) outcome(o access.Outcome) {
	if o.Action.Stage == access.Restore || o.AdoptedFrom != "" && worksHere(g.night.People, o.Action.Person) {
		return
	}
	state, detail := outcomeState(o), ""
	if state < stateVerified || o.Detail != "" {
		detail = strings.TrimSuffix(string(o.Action.Verb)+" "+string(o.Result)+": "+o.Detail, ": ")
	}
	if o.AdoptedFrom != "" {
		detail = strings.TrimSpace(detail + " (found in the journal of " + string(o.AdoptedFrom) + ")")
	}
	g.add(o.Action, state, o.VerifiedAt, detail)
}

func (g gathering) why(h access.Held) string {
	return cmp.Or(g.trips[tripKey{h.Guard, h.Action.Account}], g.trips[tripKey{guard: h.Guard}], "see the guards")
}

// tripKey finds the refusal that holds an account; without an account, the
// one that holds everything.
type tripKey struct {
	guard   string
	account access.AccountKey
}

func tripsByAccount(trips []access.GuardError) map[tripKey]string {
	out := map[tripKey]string{}
	for _, t := range trips {
		for _, k := range t.Cohort {
			out[tripKey{t.Guard, k}] = t.Says
		}
		if len(t.Cohort) == 0 {
			out[tripKey{guard: t.Guard}] = t.Says
		}
	}
	return out
}

func (g gathering) add(a access.Action, state int, at time.Time, detail string) {
	c := g.account(a.Person, a.Account, a.Login)
	c.worst = min(c.worst, state)
	if a.Stage != access.Remove {
		c.stage = access.Block
	}
	if at.After(c.at) {
		c.at = at
	}
	if detail != "" {
		c.Details = appendNew(c.Details, line(detail))
	}
}

func (g gathering) account(p access.PersonKey, k access.AccountKey, login string) *closing {
	if g.people[p] == nil {
		g.people[p] = map[access.AccountKey]*closing{}
	}
	c := g.people[p][k]
	if c == nil {
		c = &closing{System: systemScope(k), Account: g.d.account(p, k, login), key: k, worst: stateRemoved, stage: access.Remove}
		g.people[p][k] = c
	}
	return c
}

// findings adds the accounts of leavers for which nothing was even planned:
// something withheld it, and the reader must know. Of one that lets somebody in by a way
// that no action ends it is told too, whatever was done.
func (g gathering) findings() {
	for _, f := range g.night.Findings {
		held := f.Kind == access.HeldPerson && g.d.people[f.Person].Standing == access.StandingLeft
		if f.Kind != access.LeaverAccess && f.Kind != access.ProtectedLeaver && !held || f.Account == (access.AccountKey{}) {
			continue
		}
		if c := g.people[f.Person][f.Account]; c != nil {
			if f.Disposition == access.ToUrgent && f.Kind == access.LeaverAccess {
				c.open, c.Details = true, appendNew(c.Details, line(f.Reason))
			}
			continue
		}
		c := g.account(f.Person, f.Account, f.Login)
		c.worst, c.stage = stateHeld, access.Block
		c.Details = []string{"no action: " + line(f.Reason)}
	}
}

func (g gathering) sorted() ([]leaver, restricted) {
	out, hidden := []leaver{}, restricted{Accounts: map[string]int{}}
	for key, accounts := range g.people {
		if !g.d.ahead[key] {
			out = append(out, g.leaver(key, accounts))
			continue
		}
		hidden.People++
		for _, c := range accounts {
			hidden.Accounts[states[c.worst]]++
		}
	}
	slices.SortFunc(out, func(a, b leaver) int {
		return cmp.Or(cmp.Compare(a.worst, b.worst), strings.Compare(string(a.key.Source), string(b.key.Source)),
			strings.Compare(string(a.key.EmployeeID), string(b.key.EmployeeID)))
	})
	return out, hidden
}

func (g gathering) leaver(key access.PersonKey, accounts map[access.AccountKey]*closing) leaver {
	p := g.d.people[key]
	l := leaver{Who: g.d.who(key), Person: line(key.String()), key: key, worst: stateRemoved,
		EffectiveAt: stamp(p.AccessEndsAt), FirstSeenAt: stamp(p.FirstSeenLeftAt)}
	blocked, removed := newClock(), newClock()
	for _, c := range accounts {
		c.State = states[c.worst]
		at, known := g.blockedAt(c)
		if !known && c.worst >= stateVerified {
			l.worst = min(l.worst, stateHeld)
			c.Details = appendNew(c.Details, "it is not known that nothing of it can be used")
		}
		blocked.see(at, known)
		c.VerifiedAt = stamp(at)
		at = g.night.Endings[c.key].RemovedAt
		removed.see(at, !at.IsZero())
		c.RemovedAt = stamp(at)
		l.worst = min(l.worst, c.worst)
		l.Accounts = append(l.Accounts, *c)
	}
	if g.opens(key, accounts) {
		blocked.see(time.Time{}, false)
		l.worst = min(l.worst, stateHeld)
	}
	slices.SortFunc(l.Accounts, func(a, b closing) int { return a.key.Compare(b.key) })
	l.ended, l.blocked = p.AccessEndsAt, blocked.last()
	l.BlockedAt, l.RemovedAt = stamp(blocked.last()), stamp(removed.last())
	if l.BlockedAt != "" && !p.AccessEndsAt.IsZero() {
		l.AfterEnd = span(blocked.last().Sub(p.AccessEndsAt))
	}
	return l
}
