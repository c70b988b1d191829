package reconcile

import (
	"cmp"
	"maps"
	"slices"

	"rollcall/internal/access"
)

// An order that is not done stays open, and every run that is about everybody looks again
// for what it left (findLeft), and tells it:
//
//	the order                                          | stays open
//	ended with something held, skipped, failed, left   |
//	to people, or not read                             | yes
//	was begun, and nothing says that it came to an end | yes
//	a night read everything, and nothing is left       | no
//	answers.csv says active of them since              | no: they work here again
//	a restore gave them something back since           | no
//	was given again, and is done                       | no
//
// It begins nothing: only an order does that.

// lookAfter finds the orders whose person may still get in: that of this run, or, of a run
// that is about everybody, those of earlier ones, by person.
func (e *evaluation) lookAfter() {
	if o := e.w.Order; o != nil {
		mine := access.OpenOrder{Order: *o, At: e.w.Now}
		mine.Person = e.people.one(o.Person)
		e.orders = []access.OpenOrder{mine}
		return
	}
	open := map[access.PersonKey]access.OpenOrder{}
	for _, o := range slices.SortedFunc(maps.Values(e.w.Memory.Orders), earlier) {
		if o.Person = e.people.one(o.Person); !e.worksAgain(o) {
			addOpen(open, o)
		}
	}
	e.orders = slices.SortedFunc(maps.Values(open), func(a, b access.OpenOrder) int { return a.Person.Compare(b.Person) })
}

func earlier(a, b access.OpenOrder) int {
	return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Run, b.Run))
}

// addOpen adds an order to open ones. Of two about one person the older one is kept: it did
// not come to its end if either did not, and what was there before either settles nothing.
func addOpen(open map[access.PersonKey]access.OpenOrder, o access.OpenOrder) {
	if was, has := open[o.Person]; has {
		was.Interrupted = was.Interrupted || o.Interrupted
		was.Known = append(slices.Clip(was.Known), o.Known...)
		o = was
	}
	open[o.Person] = o
}

// worksAgain reports whether HR answered since that the person of an order works here. Of
// somebody who has several ids only the one that counts has such an answer. What may have
// been said of another one who had the id settles nothing.
func (e *evaluation) worksAgain(o access.OpenOrder) bool {
	a := e.people.answers[o.Person]
	return a.Answer == "active" && !e.people.mixed[o.Person] && ofSeveral(e.w, a) == "" && since(o, e.dayOf(o), a.ConfirmedOn, o.Person.String())
}

// dayOf is the day on which an order was given, by the company's clock: whoever answers
// writes the day that it is where they are.
func (e *evaluation) dayOf(o access.OpenOrder) access.Day {
	return localDay(o.At, e.w.Settings.zone())
}

// since reports whether what was confirmed on a day can be an answer to what an order left:
// it is of a later day than it was given, or of that very day and was not there before. Of an
// order that was interrupted nobody noted what was there.
func since(o access.OpenOrder, given, day access.Day, about string) bool {
	return (day.At.After(given.At) || day.At.Equal(given.At) && !o.Interrupted) && !slices.Contains(o.Known, answerOf(about, day))
}

func answerOf(about string, day access.Day) string { return about + " " + day.String() }

// linkedSince reports whether links.csv says since an order whose an account is.
func (e *evaluation) linkedSince(o access.OpenOrder, account access.AccountKey) bool {
	return e.w.Order == nil && slices.ContainsFunc(e.w.Policy.Links, func(l access.Link) bool {
		return l.Account == account && since(o, e.dayOf(o), l.ConfirmedOn, account.String())
	})
}

// known are the answers of the day of an order, or of a later one, that settle nothing of it,
// for they were there when it was given: also about whom, or of what, nobody knew then that
// the order would be about them.
func known(w World, o access.OpenOrder) (all []string) {
	day := localDay(o.At, w.Settings.zone()).At
	for _, a := range w.Policy.Answers {
		if a.Answer == "active" && !a.ConfirmedOn.At.Before(day) {
			all = append(all, answerOf(a.Person.String(), a.ConfirmedOn))
		}
	}
	for _, l := range w.Policy.Links {
		if !l.ConfirmedOn.At.Before(day) {
			all = append(all, answerOf(l.Account.String(), l.ConfirmedOn))
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// StillOrdered are open orders with those that interrupted runs were about, less those
// whose person was given something back since.
func StillOrdered(open map[access.PersonKey]access.OpenOrder, more []access.OpenOrder, outcomes []access.Outcome) map[access.PersonKey]access.OpenOrder {
	all := maps.Clone(open)
	if all == nil {
		all = map[access.PersonKey]access.OpenOrder{}
	}
	for _, o := range more {
		addOpen(all, o)
	}
	for _, out := range outcomes {
		if who := out.Action.Person; out.Action.Stage == access.Restore && settled(out) && !out.PlannedAt.Before(all[who].At) {
			delete(all, who)
		}
	}
	return all
}

// rememberOrders keeps what is not done of orders.
func rememberOrders(next *access.Memory, w World, d Decision, outcomes []access.Outcome, run access.RunID) {
	next.Orders = map[access.PersonKey]access.OpenOrder{}
	left := map[access.PersonKey][]access.Finding{}
	for _, f := range d.Findings {
		if f.Kind == access.PerhapsTheirs || f.Kind == access.LeaverAccess && f.Disposition == access.ToUrgent {
			left[f.Person] = append(left[f.Person], f)
		}
	}
	whole := w.SeenAt.IsZero() && !w.Policy.Unjudged() && wasRead(d)
	if w.Order == nil {
		for _, o := range d.Orders {
			there := slices.ContainsFunc(d.People, func(p access.Person) bool { return p.Key() == o.Person })
			if !whole || !there || len(left[o.Person]) > 0 {
				next.Orders[o.Person] = o
			}
		}
		return
	}
	o, before := d.Orders[0], map[access.PersonKey]access.OpenOrder{}
	for _, was := range slices.SortedFunc(maps.Values(w.Memory.Orders), earlier) {
		if who := oneOf(d.People, was.Person); who == o.Person {
			was.Person = who
			addOpen(before, was)
			continue
		}
		next.Orders[was.Person] = was
	}
	if len(left[o.Person]) == 0 && len(d.Plan.Held) == 0 && len(Unproven(outcomes)) == 0 && wasRead(d) {
		return
	}
	o.Run = run
	if was, has := before[o.Person]; has {
		o.Run, o.At = was.Run, was.At
	}
	o.Known = known(w, o)
	next.Orders[o.Person] = o
}

// oneOf is the id that counts of whoever has this one.
func oneOf(all []access.Person, k access.PersonKey) access.PersonKey {
	n := slices.IndexFunc(all, func(p access.Person) bool { return p.Key() == k && !p.SameAs.Zero() })
	if n < 0 {
		return k
	}
	return all[n].SameAs
}

// wasRead reports whether a run goes by nothing that was not read to its end.
func wasRead(d Decision) bool {
	for s := range d.Systems {
		if slices.ContainsFunc(append(slices.Clone(d.Systems[s].Reads), d.Systems[s].Aside...), func(r access.Read) bool { return !r.Complete }) {
			return false
		}
	}
	return true
}
