package reports

import (
	"fmt"
	"slices"
	"time"

	"rollcall/internal/access"
)

// blockedAt is when it was read that nothing of an account works: tonight, or on
// an earlier night. It may be known that it is blocked, and not since when. What was done
// to it is not enough: its clock may be open, for somebody gets in elsewhere.
func (g gathering) blockedAt(c *closing) (time.Time, bool) {
	end, counts := g.night.Endings[c.key]
	switch at := end.BlockedAt; {
	case c.open, counts && at.IsZero():
		return time.Time{}, false
	case c.stage == access.Block && c.worst != stateVerified:
		return time.Time{}, false
	case c.stage == access.Block:
		return c.at, true
	default:
		return at, true
	}
}

// openOf are the accounts of each leaver that are not known to be blocked.
func openOf(n *access.Night) map[access.PersonKey][]access.AccountKey {
	open := map[access.PersonKey][]access.AccountKey{}
	for k, end := range n.Endings {
		if end.BlockedAt.IsZero() {
			open[end.Person] = append(open[end.Person], k)
		}
	}
	return open
}

// opens reports whether an account of somebody that nothing of tonight is about is not
// known to be blocked.
func (g gathering) opens(p access.PersonKey, told map[access.AccountKey]*closing) bool {
	return slices.ContainsFunc(g.open[p], func(k access.AccountKey) bool { return told[k] == nil })
}

// clock is when the last of several things happened, if all of them did.
type clock struct {
	all bool
	at  time.Time
}

func newClock() *clock { return &clock{all: true} }

func (c *clock) see(at time.Time, did bool) {
	c.all = c.all && did
	if at.After(c.at) {
		c.at = at
	}
}

func (c *clock) last() time.Time {
	if !c.all {
		return time.Time{}
	}
	return c.at
}

// span says a duration in the two largest units that matter.
func span(d time.Duration) string {
	minutes := max(0, int(d.Round(time.Minute).Minutes()))
	switch {
	case minutes < 60:
		return fmt.Sprintf("%d min", minutes)
	case minutes < 48*60:
		return fmt.Sprintf("%d h %d min", minutes/60, minutes%60)
	}
	return fmt.Sprintf("%d days %d h", minutes/60/24, minutes/60%24)
}
