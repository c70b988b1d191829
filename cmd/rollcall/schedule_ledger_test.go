package main

import (
	"slices"
	"time"
)

// ledger is what one HR list is known for: the list in force, and what is
// remembered of everybody who was ever in it.
type ledger struct {
	last  sheet
	known map[*soul]*known
	past  []string // every list that was ever in force
}

// known is what is remembered of one soul.
type known struct {
	said
	since    time.Time // when a list first said that they left
	listed   bool
	tainted  bool // somebody else has, or had, the same address
	vanished bool
}

// shrink is the guard that the schedules are played with, in percent.
const shrink = 40

// accepts says whether a list takes force.
func (g ledger) accepts(s sheet) bool {
	if !s.legible {
		return false
	}
	if g.known == nil || g.last.text == s.text {
		return true
	}
	return !slices.Contains(g.past, s.text) && (g.last.rows-s.rows)*100 <= g.last.rows*shrink
}

// next is the ledger once a list has taken force.
func (g ledger) next(s sheet, now time.Time) ledger {
	out := ledger{last: s, known: map[*soul]*known{}, past: append(slices.Clone(g.past), s.text)}
	for who, k := range g.known {
		copied := *k
		copied.listed = false
		out.known[who] = &copied
	}
	for who, what := range s.says {
		k := out.known[who]
		switch {
		case what.fate != absent:
			if k == nil {
				k = &known{}
				out.known[who] = k
			}
			k.said, k.listed, k.vanished = what, true, false
			k.tainted = k.tainted || what.fate == rehired
		case k != nil && !k.vanished:
			k.vanished = !k.fate.gone()
		}
	}
	for _, k := range out.known {
		if ends := k.fate.gone() || k.fate == garden || k.fate == rehired; !ends || k.vanished {
			k.since = time.Time{}
		} else if k.since.IsZero() {
			k.since = now
		}
	}
	return out
}

// over reports whether a soul has left beyond doubt by now; answered is the last
// day that HR confirmed of somebody who is in no list, zero if nobody was asked.
func (k *known) over(now, answered time.Time) bool {
	midnight := func(t time.Time) time.Time { return t.UTC().Truncate(24*time.Hour).AddDate(0, 0, 1) }
	switch {
	case k == nil || k.tainted:
		return false
	case k.vanished:
		return !answered.IsZero() && !now.Before(midnight(answered))
	case k.fate == left || k.fate == ahead:
		return !now.Before(midnight(k.day))
	case k.fate == undated:
		return !now.Before(midnight(k.since))
	}
	return k.fate == garden
}
