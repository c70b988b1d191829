package reconcile

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"time"

	"rollcall/internal/access"
)

// answeredAhead is how many days an answer may be older than the night that first asks: a
// list that is looked at on a Friday is often that of the night after the Monday.
const answeredAhead = 4

// earliest is how much before UTC the day begins where it begins first.
const earliest = 14 * time.Hour

// rowNumber is where a row stood, which changes from list to list and asks nothing.
var rowNumber = regexp.MustCompile(`(?i)\brow \d+`)

// noteDoubts says of everybody who is held since when the lists leave open the same of
// them. It is asked before anything that was answered, so that an answer does not make the
// question new. Of an id that was of several it is kept until when, held or not.
func (p *People) noteDoubts(w World) {
	p.doubts = map[access.PersonKey]access.Doubt{}
	for _, me := range p.list {
		was, known := w.Memory.Doubts[me.Key()]
		now := access.Doubt{Person: me.Key(), Since: w.Now, Several: was.Several}
		if p.mixed[me.Key()] {
			now.Several = w.Now
		}
		if me.Standing == access.StandingHeld {
			sum := sha256.Sum256([]byte(rowNumber.ReplaceAllString(me.Why, "row")))
			now.Of = hex.EncodeToString(sum[:8])
		} else if now.Several.IsZero() {
			continue
		}
		if known && was.Of == now.Of {
			now.Since = was.Since
		}
		p.doubts[me.Key()] = now
	}
}

// outdated says why an answer that somebody works here is none to what is asked since a
// night; nothing if it is one. What came after it HR did not know when they wrote it.
func outdated(w World, a access.Answer, since time.Time) string {
	switch on := a.ConfirmedOn; {
	case on.IsZero():
		return "not when that was confirmed: write the day in confirmed_on"
	case isAhead(w, a):
		return aheadOfTonight(a)
	case on.At.AddDate(0, 0, answeredAhead).Before(dayOf(since).At):
		return "was confirmed on " + on.String() + ", before that was to be asked: if it still holds, confirm it anew"
	}
	return ""
}

// isAhead reports whether the day on which an answer was confirmed has not begun anywhere.
func isAhead(w World, a access.Answer) bool { return a.ConfirmedOn.At.After(w.Now.Add(earliest)) }

func aheadOfTonight(a access.Answer) string {
	return "by a day that is ahead (" + a.ConfirmedOn.String() + "): correct confirmed_on"
}
