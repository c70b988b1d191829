package reconcile

import (
	"slices"
	"strings"
	"time"

	"rollcall/internal/access"
)

// LaterNight is what a later night saw of what a campaign asked about. It says that
// something is gone only where all was read that would show it.
type LaterNight struct {
	Run     access.RunID
	At      time.Time
	systems map[access.System]*seenSystem
	people  map[access.PersonKey]access.Standing
}

type seenSystem struct {
	o        *access.Observation
	accounts map[access.AccountKey]int
	rights   map[string]int
	direct   map[[2]uint32]bool
}

// NewLaterNight prepares what a night saw; people may be nil.
func NewLaterNight(run access.RunID, at time.Time, systems []access.Observation, people []access.Person) *LaterNight {
	n := &LaterNight{Run: run, At: at, systems: map[access.System]*seenSystem{}, people: map[access.PersonKey]access.Standing{}}
	for s := range systems {
		n.systems[systems[s].System] = newSeenSystem(&systems[s])
	}
	for _, p := range people {
		n.people[p.Key()] = p.Standing
	}
	return n
}

func newSeenSystem(o *access.Observation) *seenSystem {
	s := &seenSystem{o: o, accounts: map[access.AccountKey]int{}, rights: map[string]int{}, direct: map[[2]uint32]bool{}}
	for a := range o.Accounts {
		s.accounts[o.Accounts[a].Key()] = a
	}
	for e := range o.Entitlements {
		s.rights[seenRight(o.Entitlements[e].Kind, o.Entitlements[e].Scope, o.Entitlements[e].ID)] = e
	}
	for _, g := range o.Grants {
		if g.Direct() {
			s.direct[[2]uint32{g.Account, g.Entitlement}] = true
		}
	}
	return s
}

func seenRight(kind access.EntitlementKind, scope, id string) string {
	return strings.Join([]string{string(kind), scope, id}, "\x00")
}

// Gone reports whether a right of an account, or with no kind the account, is seen to
// be gone: the account has ended, or does not hold the right by itself any more. What
// was not read to its end shows nothing.
func (n *LaterNight) Gone(account access.AccountKey, kind access.EntitlementKind, scope, id string) bool {
	if n == nil {
		return false
	}
	s := n.systems[account.System]
	if s == nil || !s.complete(account.Scope, scope) {
		return false
	}
	a, listed := s.accounts[account]
	if listed && (!s.whole(s.o.Accounts[a].Read) || s.o.Accounts[a].Status == access.AccountUnknown || s.o.Accounts[a].Status == "") {
		return false
	}
	if !listed || s.o.Accounts[a].Status == access.AccountDisabled {
		return true
	}
	if kind == "" {
		return false
	}
	e, known := s.rights[seenRight(kind, scope, id)]
	if !known {
		return true
	}
	return s.whole(s.o.Entitlements[e].Read) && !s.direct[[2]uint32{uint32(a), uint32(e)}]
}

// lost reports whether what a review decided to remove is seen to be gone. An account that
// has ended has what is listed of it again once somebody lets it in (Okta keeps the groups,
// Identity Center the assignments): only of who has left is that gone with the account.
func (n *LaterNight) lost(r *access.Removal) bool {
	return n.Gone(r.Account, r.Kind, r.Scope, r.Entitlement) && (r.Kind == "" || n.left(r.Person) || !n.lists(r.Account, r.Kind, r.Scope, r.Entitlement))
}

// lists reports whether a right of an account, or with no kind the account, is listed:
// whether it can be used is another matter.
func (n *LaterNight) lists(account access.AccountKey, kind access.EntitlementKind, scope, id string) bool {
	s := n.systems[account.System]
	if s == nil {
		return false
	}
	a, listed := s.accounts[account]
	if !listed || kind == "" {
		return listed
	}
	e, known := s.rights[seenRight(kind, scope, id)]
	return known && s.direct[[2]uint32{uint32(a), uint32(e)}]
}

// ended reports whether an account is listed as disabled, whatever else was read.
func (n *LaterNight) ended(account access.AccountKey) bool {
	s := n.systems[account.System]
	if s == nil {
		return false
	}
	a, listed := s.accounts[account]
	return listed && s.o.Accounts[a].Status == access.AccountDisabled
}

// complete reports whether all was read that could show an account of one scope and
// rights of another, and that the accounts were listed. What an earlier run read is no
// news.
func (s *seenSystem) complete(scopes ...string) bool {
	lists := false
	for _, r := range s.o.Reads {
		if r.Scope != "" && !slices.Contains(scopes, r.Scope) {
			continue
		}
		if !r.Complete || r.Recalled {
			return false
		}
		lists = lists || r.Lists && r.Scope == scopes[0]
	}
	return lists
}

func (s *seenSystem) whole(read int) bool {
	return read >= 0 && read < len(s.o.Reads) && s.o.Reads[read].Complete && !s.o.Reads[read].Recalled
}

// left reports whether the night's lists say that somebody has left for certain.
func (n *LaterNight) left(k access.PersonKey) bool {
	return n != nil && !k.Zero() && n.people[k] == access.StandingLeft
}
