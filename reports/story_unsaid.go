package reports

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/phrase"
)

// unsaid is a scope that lists accounts and was not read to its end: what people
// who have left still have there cannot be said.
type unsaid struct {
	Read    string   `json:"read"`
	Leavers int      `json:"leavers"`
	Recent  []string `json:"left_recently"`
	// ordered is the person of a run about one person; empty of any other.
	ordered string
}

// recent is how long somebody counts as having left recently: since their access
// ended, or since a list first said so. The first list ever says it of everybody.
const recent = 7 * 24 * time.Hour

func unsaids(n *access.Night, d discretion) []unsaid {
	out := []unsaid{}
	if n.Order != nil {
		return unsaidOf(n, d.who(n.Ordered()))
	}
	left, lately := 0, []string{}
	for _, p := range n.People {
		if p.Standing != access.StandingLeft {
			continue
		}
		left++
		said := n.Run.Previous != "" && n.Run.StartedAt.Sub(p.FirstSeenLeftAt) < recent
		if said || n.Run.StartedAt.Sub(p.AccessEndsAt) < recent {
			lately = append(lately, d.who(p.Key()))
		}
	}
	if left == 0 {
		return out
	}
	slices.Sort(lately)
	for _, r := range n.Reads() {
		if r.Lists && !r.Complete {
			out = append(out, unsaid{Read: line(r.Name()), Leavers: left, Recent: lately})
		}
	}
	return out
}

// unsaidOf are the scopes, of lists or of anything else, that were not read to their end
// for somebody who is to lose everything now.
func unsaidOf(n *access.Night, who string) []unsaid {
	out := []unsaid{}
	for _, r := range n.Reads() {
		if !r.Complete {
			out = append(out, unsaid{Read: line(r.Name()), Leavers: 1, Recent: []string{who}, ordered: who})
		}
	}
	return out
}

// doubt takes back that all of somebody's is blocked, where not all was read, where an
// account that works could be theirs, or where a run about one person left something to
// people.
func (s *story) doubt(n *access.Night) {
	could := unclear(n)
	for i := range s.Leavers {
		l := &s.Leavers[i]
		l.unclear = could[l.key]
		if l.partly = len(s.Unsaid)+s.left+l.unclear > 0; l.partly {
			l.BlockedAt, l.AfterEnd = "", ""
		}
	}
}

// unclear counts the accounts that work and could be each person's, or somebody else's.
func unclear(n *access.Night) map[access.PersonKey]int {
	out := map[access.PersonKey]int{}
	for s := range n.Systems {
		for a, m := range n.Systems[s].Matches {
			if m.How != access.Ambiguous || n.Systems[s].Accounts[a].Status != access.AccountActive {
				continue
			}
			for _, k := range slices.Compact(slices.Clone(m.Candidates)) {
				out[k]++
			}
		}
	}
	return out
}

// words says it to whoever has to look by hand.
func (u unsaid) words() string {
	if u.ordered != "" {
		return fmt.Sprintf("%s was not read to its end: whether %s can still use it cannot be said. Look in its console now, block by hand what is theirs, and run rollcall revoke --read when it can be read again.", u.Read, u.ordered)
	}
	s := fmt.Sprintf("%s was not read to its end: whether any of the %s who have left can still use it cannot be said.", u.Read, phrase.Counted(u.Leavers, "person"))
	if u.Leavers == 1 {
		s = fmt.Sprintf("%s was not read to its end: whether the person who has left can still use it cannot be said.", u.Read)
	}
	if len(u.Recent) == 0 {
		return s
	}
	shown := u.Recent[:min(len(u.Recent), mostProblems)]
	if more := len(u.Recent) - len(shown); more > 0 {
		return fmt.Sprintf("%s Look by hand for who left, or was first said to have left, in the last 7 days: %s, and %d more.", s, strings.Join(shown, ", "), more)
	}
	return fmt.Sprintf("%s Look by hand for who left, or was first said to have left, in the last 7 days: %s.", s, strings.Join(shown, ", "))
}
