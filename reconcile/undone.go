package reconcile

import (
	"cmp"
	"slices"
	"time"

	"rollcall/internal/access"
)

// mayHaveWorked: the change was sent, and was not read to have had no effect.
func mayHaveWorked(o access.Outcome) bool {
	return o.Result == access.Done || o.Result == access.Pending || o.Result == access.Unknown
}

func present(blocked map[access.AccountKey]access.BlockRecord, k access.AccountKey) bool {
	_, is := blocked[k]
	return is
}

// final adds a step that cannot be undone. One that is sent again is the same step.
func final(before []access.Final, o access.Outcome) []access.Final {
	if o.Action.Undoable {
		return before
	}
	out := slices.Clone(before)
	at := slices.IndexFunc(out, func(f access.Final) bool { return sameStep(f, o.Action) })
	if at < 0 {
		return append(out, access.Final{Verb: o.Action.Verb, ID: o.Action.EntitlementID, At: o.SentAt, Released: o.Action.Released})
	}
	if o.SentAt.After(out[at].At) {
		out[at].At = o.SentAt
	}
	out[at].Released = alsoReleased(out[at].Released, o.Action.Released)
	return out
}

func sameStep(f access.Final, a access.Action) bool {
	return f.Verb == a.Verb && f.ID == a.EntitlementID
}

func alsoReleased(before, by []access.Release) []access.Release {
	for _, r := range by {
		if !slices.Contains(before, r) {
			before = append(slices.Clone(before), r)
		}
	}
	return before
}

// givenByHand are the blocks that are remembered no more, because somebody gave them back by hand.
func givenByHand(before, after map[access.AccountKey]access.BlockRecord) (undone []access.BlockRecord) {
	for k, b := range before {
		if !present(after, k) {
			undone = append(undone, b)
		}
	}
	return undone
}

// AddUndone adds blocks that were given back. What the guards counted goes on counting: a
// mistake that was undone gives no room to the same mistake.
func AddUndone(before, more []access.BlockRecord) []access.BlockRecord {
	out := append(slices.Clone(before), more...)
	slices.SortStableFunc(out, func(a, b access.BlockRecord) int { return cmp.Or(a.Account.Compare(b.Account), a.At.Compare(b.At)) })
	return slices.CompactFunc(out, func(a, b access.BlockRecord) bool { return a.Account == b.Account && a.At.Equal(b.At) })
}

// ofTheWeek are those that a guard still counts.
func ofTheWeek(undone []access.BlockRecord, now time.Time) []access.BlockRecord {
	return slices.DeleteFunc(slices.Clone(undone), func(b access.BlockRecord) bool {
		last := b.At
		for _, f := range b.Final {
			if f.At.After(last) {
				last = f.At
			}
		}
		return !last.After(now.Add(-week))
	})
}
