package reconcile

import (
	"slices"

	"rollcall/internal/access"
)

// pastNights is how many nights are remembered in numbers: a quarter of a year.
const pastNights = 92

// Past gives the last nights in numbers with this one, whose verdict is known, at the
// end. A run that did not read the systems, or is about one person, is no night.
func Past(earlier []access.PastNight, n *access.Night) []access.PastNight {
	if !n.SeenAt.IsZero() || n.Order != nil {
		return earlier
	}
	all := append(slices.Clone(earlier), inNumbers(n))
	return all[max(0, len(all)-pastNights):]
}

func inNumbers(n *access.Night) access.PastNight {
	p := access.PastNight{Run: n.Run.ID, At: n.Run.StartedAt, Mode: n.Run.Mode, Verdict: n.Run.Verdict, Findings: len(n.Findings)}
	for _, r := range n.Reads() {
		p.Reads++
		if r.Complete {
			p.Complete++
		}
	}
	for _, f := range n.Findings {
		if f.Urgent() {
			p.Urgent++
		}
	}
	blocked, removed, held := map[access.AccountKey]bool{}, map[access.AccountKey]bool{}, map[access.AccountKey]bool{}
	for _, o := range n.Outcomes {
		switch a := o.Action; {
		case a.InUse() || o.Result != access.Done || o.VerifiedAt.IsZero():
		case a.Stage == access.Block:
			blocked[a.Account] = true
		case a.Stage == access.Remove:
			removed[a.Account] = true
		}
	}
	for _, h := range n.Plan.Held {
		if !h.Action.InUse() {
			held[h.Action.Account] = true
		}
	}
	p.Blocked, p.Removed, p.Held = len(blocked), len(removed), len(held)
	return p
}
