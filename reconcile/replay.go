package reconcile

import (
	"cmp"
	"slices"
	"strings"

	"rollcall/internal/access"
)

// Replay is what a change of the role map would have done on past nights. What
// several nights have in common is told once.
type Replay struct {
	// Asked is how many nights were to be replayed; Archived is how many there are.
	Asked      int             `json:"nights_asked"`
	Archived   int             `json:"nights_archived"`
	Nights     []ReplayedNight `json:"nights"` // oldest first
	Allowed    []SpanOfChange  `json:"allowed"`
	Unexpected []SpanOfChange  `json:"unexpected"`
	Appear     []SpanOfFinding `json:"appear"`
	Vanish     []SpanOfFinding `json:"vanish"`
	// ChangesOnly: findings were not looked at.
	ChangesOnly bool `json:"changes_only,omitempty"`
}

// ReplayedNight counts what the change would have done on one night.
type ReplayedNight struct {
	Date   access.Day   `json:"date"`
	Run    access.RunID `json:"run_id"`
	Gained int          `json:"gained"` // rights that are held and would have been allowed
	Lost   int          `json:"lost"`   // rights that are held and nothing would have allowed any more
	Appear int          `json:"findings_appear"`
	Vanish int          `json:"findings_vanish"`
	// Unread says what that night did not read to its end, so that what is told of
	// it is not all.
	Unread []string `json:"unread,omitempty"`
}

// SpanOfChange is one grant that would have been judged in another way, and on
// which nights; the person's job is that of the last of them.
type SpanOfChange struct {
	GrantChange
	Span
}

// SpanOfFinding is one finding that would have appeared or vanished, in the words
// of the last night.
type SpanOfFinding struct {
	access.Finding
	Span
}

// Replaying folds nights into a Replay, one after another, so that no two of them
// have to be held at once.
type Replaying struct {
	replay   Replay
	changes  [2]map[GrantChange]*SpanOfChange // allowed, unexpected; by what does not change from night to night
	findings [2]map[string]*SpanOfFinding     // appear, vanish
}

// Add replays the next night.
func (r *Replaying) Add(n access.Night, m access.Memory, s Settings, older, newer access.RoleMap) {
	d := CompareMapsOn(n, m, s, older, newer)
	night := ReplayedNight{Date: dayOf(n.Run.StartedAt.UTC()), Run: n.Run.ID, Gained: len(d.Allowed), Lost: len(d.Unexpected),
		Appear: len(d.Appear), Vanish: len(d.Vanish), Unread: unreadOn(n)}
	r.replay.Nights = append(r.replay.Nights, night)
	for i, all := range [][]GrantChange{d.Allowed, d.Unexpected} {
		for _, c := range all {
			one := entry(&r.changes[i], c.subject())
			one.GrantChange, one.Span = c, one.Span.with(night.Date)
		}
	}
	for i, all := range [][]access.Finding{d.Appear, d.Vanish} {
		for _, f := range all {
			one := entry(&r.findings[i], f.ID)
			one.Finding, one.Span = f, one.Span.with(night.Date)
		}
	}
}

// entry is what a map has of a key, made if there is nothing.
func entry[K comparable, V any](m *map[K]*V, key K) *V {
	if *m == nil {
		*m = map[K]*V{}
	}
	if (*m)[key] == nil {
		(*m)[key] = new(V)
	}
	return (*m)[key]
}

// subject is the change without what may differ between nights that say the same.
func (c GrantChange) subject() GrantChange {
	c.Name, c.Title, c.Department, c.WorkerType, c.Login, c.Entitlement = "", "", "", "", "", ""
	return c
}

// ExceptionsUnread is what a night could not tell.
const ExceptionsUnread = "exceptions: the file could not be used, so that who held what by an exception is not known"

// unreadOn says what a night could not read to its end.
func unreadOn(n access.Night) (all []string) {
	for _, r := range n.Reads() {
		if !r.Complete {
			all = append(all, strings.TrimSuffix(r.Name()+": "+r.Gap, ": "))
		}
	}
	if n.Policy.ExceptionsUnread {
		all = append(all, ExceptionsUnread)
	}
	return all
}

// Replay is what was folded so far, in order.
func (r *Replaying) Replay() Replay {
	out := r.replay
	out.Allowed, out.Unexpected = changesOf(r.changes[0]), changesOf(r.changes[1])
	out.Appear, out.Vanish = findingsOf(r.findings[0]), findingsOf(r.findings[1])
	return out
}

func changesOf(m map[GrantChange]*SpanOfChange) []SpanOfChange {
	out := make([]SpanOfChange, 0, len(m))
	for _, c := range m {
		out = append(out, *c)
	}
	SortChanges(out)
	return out
}

// SortChanges puts them in the order of a Replay.
func SortChanges(all []SpanOfChange) {
	slices.SortFunc(all, func(a, b SpanOfChange) int {
		return cmp.Or(a.GrantChange.compare(b.GrantChange), a.From.At.Compare(b.From.At), cmp.Compare(a.Before, b.Before), cmp.Compare(a.After, b.After))
	})
}

func findingsOf(m map[string]*SpanOfFinding) []SpanOfFinding {
	out := make([]SpanOfFinding, 0, len(m))
	for _, f := range m {
		out = append(out, *f)
	}
	slices.SortFunc(out, func(a, b SpanOfFinding) int {
		return cmp.Or(cmp.Compare(rank(a.Severity), rank(b.Severity)), cmp.Compare(a.Kind, b.Kind), a.Person.Compare(b.Person),
			a.Account.Compare(b.Account), cmp.Compare(a.Entitlement, b.Entitlement), cmp.Compare(a.ID, b.ID))
	})
	return out
}
