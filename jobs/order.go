package jobs

import (
	"fmt"

	"rollcall/internal/access"
	"rollcall/internal/phrase"
)

// recordOrder puts on record what the run is about, before any system is asked: whatever
// happens to the run from here on, the next one knows that somebody is to lose all access.
func (j *Job) recordOrder(journal *journal) error {
	if j.Order == nil {
		return nil
	}
	if _, err := journal.write(entry{Kind: "order", At: j.Run.StartedAt, Order: j.Order, Actor: j.Run.Actor}); err != nil {
		return fmt.Errorf("put the order on record (nothing was changed in any system; if it cannot wait, block the person in the consoles now): %w", err)
	}
	return nil
}

// ordered keeps an order of a run that could not finish.
func (p *past) ordered(e entry, known bool) {
	if !known {
		p.orders = append(p.orders, access.OpenOrder{Order: *e.Order, Run: e.Run, At: e.At, Interrupted: true})
	}
}

// interrupted tells of orders that were begun and never ended. One about the very person
// of this order is given again by it.
func (j *Job) interrupted(n *access.Night, orders []access.OpenOrder) {
	for _, o := range orders {
		if j.Order != nil && j.Order.Person == o.Person {
			continue
		}
		n.Interrupted = append(n.Interrupted, o)
		n.Notes = append(n.Notes, neverEnded(o))
		j.Say("%s", neverEnded(o))
	}
}

// neverEnded says what to do about an order that was interrupted. Why it was given is for
// few to read, and stays in the journal.
func neverEnded(o access.OpenOrder) string {
	return fmt.Sprintf("run %s was an order to end all access of %s, given by %s at %s, and did not come to its end: what of it was done is not known, and no night goes on with it. IT on call, now: rollcall revoke --read --person %s --reason WHY, until it ends with 0. If they are to work here, have answers.csv say active of them, confirmed on a later day",
		o.Run, o.Person, o.By, phrase.Minute(o.At), o.Person)
}
