package reconcile

import (
	"fmt"
	"rollcall/internal/access"
	"slices"
)

// stays reports whether somebody has not left: they work here, or nobody can say that they do not.
func stays(w World, o access.Person) bool {
	switch o.Standing {
	case access.StandingLeft:
		return false
	case access.StandingGarden:
		return !w.Settings.RevokeGardenLeave
	case access.StandingPending:
		return started(o.Identity, w.Now, w.Settings.zone())
	}
	return true
}

// holdRehires holds a leaver whose e-mail somebody who has not left has under
// another id: it looks like a rehire, and revoking by the old id would cut them
// off. Ids that HR confirmed to be one person are no riddle. It gives, of each
// whom it holds, the day on which there was a riddle at the earliest: the lists
// said left, and the other had started.
func (p *People) holdRehires(w World) map[access.PersonKey]access.Day {
	riddles := map[access.PersonKey]access.Day{}
	stay := make([]bool, len(p.list))
	for n, o := range p.list {
		stay[n] = stays(w, o)
	}
	for n := range p.list {
		me := &p.list[n]
		if me.Standing != access.StandingLeft && me.Standing != access.StandingGarden {
			continue
		}
		self, asked := p.one(me.Key()), earliestDay(me.FirstSeenLeftAt, w.Settings.zone())
		for _, mail := range claims(me.Identity) {
			for _, k := range p.claimants(mail) {
				if p.one(k) != self && (stay[p.byKey[k]] || followsOn(w, *me, *p.Get(k))) {
					asked = later(asked, p.Get(k).StartDate)
					riddles[me.Key()], me.Standing = asked, access.StandingHeld
					me.Why = "left, but " + mail + " is also the e-mail of " + k.String() + ", who has not left: a rehire? Answer it in answers.csv (same_as or left)"
				}
			}
		}
	}
	return riddles
}

// later is the last of several days.
func later(all ...access.Day) access.Day {
	return slices.MaxFunc(all, func(a, b access.Day) int { return a.At.Compare(b.At) })
}

// holdRefused holds a leaver whom tonight's refused file shows as working, by
// their id or by their e-mail. Of several such rows it names one, whatever their order:
// one that is theirs for certain rather than one that has their address.
func (p *People) holdRefused(w World) {
	works := map[access.PersonKey]atWork{}
	for _, s := range w.Rosters {
		for _, i := range s.Refused {
			if working(i.Status) {
				at := fmt.Sprintf("%s (row %d)", s.Verdict.File, i.Row)
				p.shownBy(works, atWork{false, at}, append(p.having(addresses(i)), keyOf(i), p.one(keyOf(i))))
				p.shownBy(works, atWork{true, at}, p.having(claims(i)))
			}
		}
	}
	for k, by := range works {
		me := p.Get(k)
		me.Standing, me.Why = access.StandingHeld, by.why()
	}
}

// atWork is the row of a refused file by which somebody works here; perhaps: it only has what
// looks like an address of theirs.
type atWork struct {
	perhaps bool
	at      string
}

func (s atWork) before(o atWork) bool {
	if s.perhaps != o.perhaps {
		return o.perhaps
	}
	return s.at < o.at
}

func (s atWork) why() string {
	says := "works here by " + s.at + ", which was refused tonight"
	if s.perhaps {
		says = s.at + ", which was refused tonight, has an address of theirs in a row of somebody who works here (their own row, or one that only names them, as somebody's manager)"
	}
	return "left by the list in force, but " + says + ": HR corrects that file, and the first one that is accepted decides"
}

// shownBy notes a row for those of these people who have left.
func (p *People) shownBy(works map[access.PersonKey]atWork, row atWork, all []access.PersonKey) {
	for _, k := range all {
		if me := p.Get(k); me != nil && (me.Standing == access.StandingLeft || me.Standing == access.StandingGarden) {
			if was, is := works[me.Key()]; !is || row.before(was) {
				works[me.Key()] = row
			}
		}
	}
}

// having are all who have one of these addresses, or look to have.
func (p *People) having(mails []string) (keys []access.PersonKey) {
	for _, mail := range mails {
		for _, k := range p.claimants(mail) {
			keys = append(keys, k, p.one(k))
		}
	}
	return keys
}
