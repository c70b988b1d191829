package reconcile

import (
	"fmt"
	"maps"
	"strings"
	"time"

	"rollcall/internal/access"
)

// unite reads which ids HR confirmed to be one person: sameAs leads from each to
// the id that counts. Whom nobody knows, and answers that go in a circle, hold. What may
// have been said of another one who had the id counts for nobody.
func (p *People) unite(w World) {
	answers := maps.Clone(p.answers)
	maps.DeleteFunc(answers, func(k access.PersonKey, a access.Answer) bool { return p.mixed[k] || ofSeveral(w, a) != "" })
	for n := range p.list {
		me := &p.list[n]
		k, a := me.Key(), answers[me.Key()]
		for steps := 0; answers[k].Answer == "same_as" && steps <= len(answers); steps++ {
			k = otherID(answers[k])
		}
		switch {
		case a.Answer != "same_as":
		case p.Get(k) == nil || answers[k].Answer == "same_as" || k == me.Key():
			me.Standing, me.Cites = access.StandingHeld, cite(a.File, a.Row)
			me.Why = fmt.Sprintf("%s says that they are %s, which leads to nobody in the HR lists", cite(a.File, a.Row), a.SameAs)
		default:
			p.sameAs[me.Key()] = k
			me.Cites = cite(a.File, a.Row)
		}
	}
}

// otherID is the id that an answer names, qualified ("contractors/1001") or of
// the same list.
func otherID(a access.Answer) access.PersonKey {
	if source, id, ok := strings.Cut(string(a.SameAs), "/"); ok {
		return access.PersonKey{Source: access.Source(source), EmployeeID: access.EmployeeID(id)}
	}
	return access.PersonKey{Source: a.Person.Source, EmployeeID: a.SameAs}
}

// one is the id that counts for a person.
func (p *People) one(k access.PersonKey) access.PersonKey {
	if same, ok := p.sameAs[k]; ok {
		return same
	}
	return k
}

// agree lets the standing of the id that counts be that of all ids of a person.
// Where another of them works, has begun, or is held, while that one does not work, the
// lists contradict each other: held. They still do when both ids are gone; and who is to
// begin has left by none of them while one that had begun has not, or vanished.
func (p *People) agree(w World) {
	if len(p.sameAs) == 0 {
		return
	}
	returns, since := p.returnAs(w), vanishedSince(w)
	for _, me := range p.list {
		them := p.Get(p.one(me.Key()))
		doubt := stillWorks(me) || me.Standing == access.StandingHeld || hasBegun(w, me) && leftFor(w, *them)
		if doubt && !stillWorks(*them) && them.Standing != access.StandingHeld {
			them.Standing = access.StandingHeld
			them.Why = fmt.Sprintf("the same person as %s by %s, of whom the list says %s", me.Key(), me.Cites, me.Status)
		}
		together := me.Standing == access.StandingVanished && goneTogether(since, me.Key(), them.Key())
		if leftFor(w, *them) && (together || returns[them.Key()] && stays(w, me) && !me.Returns) {
			them.Standing = access.StandingHeld
			them.Why += fmt.Sprintf(", but is the same person as %s by %s, of whom the last list that had them said %s", me.Key(), me.Cites, me.Status)
		}
		them.Returns = them.Returns || me.Returns || me.Standing == access.StandingPending
	}
	for n := range p.list {
		me := &p.list[n]
		if k := p.one(me.Key()); k != me.Key() {
			them := p.Get(k)
			me.Standing, me.AccessEndsAt, me.Returns = them.Standing, them.AccessEndsAt, them.Returns // what the list said of this id, and when, stays its own
			me.SameAs, me.Why = k, "is the same person as "+k.String()
		}
	}
}

// returnAs lets somebody be gone until they begin who left by one id and is to begin by the
// one that counts: a planned return, as where one id has both rows. From the day of the
// start on they are held. Of several ends the last one counts. It gives the ids that are to
// begin.
func (p *People) returnAs(w World) map[access.PersonKey]bool {
	ahead := map[access.PersonKey]bool{}
	for n := range p.list {
		ahead[p.list[n].Key()] = p.list[n].Standing == access.StandingPending
	}
	for _, me := range p.list {
		them := p.Get(p.one(me.Key()))
		switch {
		case me.Standing == access.StandingPending && leftFor(w, *them):
			*them = withoutGap(w, *them, []access.Identity{me.Identity})
		case ahead[them.Key()] && leftFor(w, me) && them.Key() != me.Key() && !them.AccessEndsAt.After(me.AccessEndsAt):
			until := withoutGap(w, me, []access.Identity{them.Identity})
			why := fmt.Sprintf("%s as %s, the same person by %s, and starts %s", me.Why, me.Key(), me.Cites, orUnknown(them.StartDate))
			them.Returns, them.Standing, them.AccessEndsAt, them.Why = true, until.Standing, until.AccessEndsAt, why
			if startHasCome(w, them.Identity) {
				them.Standing, them.Why = access.StandingHeld, why+", and that day has come"
			}
		}
	}
	return ahead
}

// leftFor reports whether somebody is gone, by what the lists say of one id.
func leftFor(w World, p access.Person) bool {
	return p.Standing != access.StandingPending && !stays(w, p)
}

// hasBegun reports whether an id is one of which the list still says that it is to begin,
// and the day has come.
func hasBegun(w World, p access.Person) bool {
	return p.Standing == access.StandingPending && startHasCome(w, p.Identity)
}

func startHasCome(w World, i access.Identity) bool {
	return !i.StartDate.IsZero() && started(i, w.Now, w.Settings.zone())
}

func stillWorks(p access.Person) bool {
	return p.Standing == access.StandingActive || p.Standing == access.StandingScheduled
}

// vanishedSince is when each person was first in no list.
func vanishedSince(w World) map[access.PersonKey]time.Time {
	since := map[access.PersonKey]time.Time{}
	for _, s := range w.Rosters {
		for k, v := range s.Vanished {
			since[k] = v.Since
		}
	}
	return since
}

// goneTogether reports whether an id went when the id that counts was gone
// already, or with it: no list ever had that one alone.
func goneTogether(since map[access.PersonKey]time.Time, me, counts access.PersonKey) bool {
	other, gone := since[counts]
	return gone && me != counts && !since[me].Before(other)
}
