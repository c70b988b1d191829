package reconcile

import (
	"fmt"
	"slices"
	"strings"

	"rollcall/internal/access"
	"rollcall/internal/phrase"
)

// leastLists is the smallest number of lists after which somebody may count as left:
// one list without them is how every mistake of a report begins.
const leastLists = 2

// countAbsent counts one more list without them for everybody who has vanished, if the
// list is another one than all before. It changes v.
func countAbsent(v map[access.PersonKey]access.Vanished, r access.Roster, m access.Memory) {
	if !newList(r, m) {
		return
	}
	for k, one := range v {
		one.Lists++
		v[k] = one
	}
}

// countAnew forgets what was counted: who chooses to count begins with the next list. It
// changes v.
func countAnew(v map[access.PersonKey]access.Vanished) {
	for k, one := range v {
		one.Lists = 0
		v[k] = one
	}
}

// newList reports whether a list proves anew who is absent from it: neither its bytes
// nor its rows were accepted before, and each row says whose it is. One without an
// employee id may be that of anybody who is missing.
func newList(r access.Roster, m access.Memory) bool {
	same := func(h access.AcceptedRoster) bool {
		return h.Source == r.Source && (h.Original == r.Original || h.SHA256 == r.SHA256)
	}
	return !same(m.Accepted[r.Source]) && !slices.ContainsFunc(m.History, same) &&
		!slices.ContainsFunc(r.Rows, func(i access.Identity) bool { return i.EmployeeID == "" })
}

// countsDown reports whether the absence of somebody is counted. Whoever HR said works
// here never leaves by it, however long ago that was said: HR is asked anew.
func (p *People) countsDown(w World, s SourceRoster, v access.Vanished) bool {
	return mayCountDown(w, s, v) && p.answers[v.Identity.Key()].Answer != "active"
}

// mayCountDown: only plain work may end by absence. On leave, before the start or in a row
// with a fault there is another reason not to be in the list.
func mayCountDown(w World, s SourceRoster, v access.Vanished) bool {
	i := v.Identity
	return s.LeftAfter >= leastLists && (i.Status == access.StatusActive || i.Status == access.StatusGardenLeave) && i.Problem == "" &&
		started(i, v.Since, w.Settings.zone())
}

// countOut lets those count as left who are absent from as many different lists as the
// company chose (RosterGuard.LeftAfter; by default never). An answer of HR's came before
// it. Whoever may be the same person, and has not left, makes it a riddle: held.
func (p *People) countOut(w World) {
	out := p.absentLong(w)
	if len(out) == 0 || p.unread { // whom no list that could be read has, one that could not may have
		return
	}
	here := p.others(w, out)
	for k, left := range out {
		me := p.Get(k)
		if other, is := p.double(me.Identity, here); is {
			me.Standing = access.StandingHeld
			me.Why += fmt.Sprintf("; but %s has not left, and has the same e-mail or an id that differs in zeros alone: the same person? Answer it in answers.csv (same_as or left)", other)
			continue
		}
		*me = left
	}
}

// absentLong are those whose absence is long enough, as they stand by it.
func (p *People) absentLong(w World) map[access.PersonKey]access.Person {
	out := map[access.PersonKey]access.Person{}
	for _, s := range w.Rosters {
		for k, v := range s.Vanished {
			me := p.Get(k)
			if me != nil && me.Standing == access.StandingVanished && p.one(k) == k && p.countsDown(w, s, v) && v.Lists >= s.LeftAfter {
				out[k] = standAbsent(w, s, v)
			}
		}
	}
	return out
}

// standAbsent is somebody who counts as left: at the end of the local day on which the
// list came that made it enough, or later if their last row gave a later end.
func standAbsent(w World, s SourceRoster, v access.Vanished) access.Person {
	i := v.Identity
	i.EndDate, i.LastWorkingDay = access.Day{}, access.Day{}
	p := standLeft(w, s.Verdict.File, i)
	p.Identity, p.Standing = v.Identity, access.StandingLeft
	p.Why = fmt.Sprintf("is absent from %d different lists since %s, and none ever said Left: by the setting left_after_lists (%d) that counts as left", v.Lists, sinceDay(v), s.LeftAfter)
	if end := accessEnd(v.Identity, w.Settings.zone()); end.After(p.AccessEndsAt) {
		p.AccessEndsAt = end
	}
	if w.Now.Before(p.AccessEndsAt) {
		p.Standing = access.StandingScheduled
	}
	return p
}

// orUntil is what besides an answer of HR's ends the waiting of somebody who vanished.
func (e *evaluation) orUntil(p *access.Person) string {
	for _, s := range e.w.Rosters {
		v, is := s.Vanished[e.people.one(p.Key())]
		switch more := s.LeftAfter - v.Lists; {
		case !is || !e.people.countsDown(e.w, s, v):
		case more <= 0: // and a list could not be read
			return ", or until each of HR's lists can be read"
		case more == 1:
			return ", or until 1 more new list without them is accepted"
		default:
			return fmt.Sprintf(", or until %d more new lists without them are accepted", more)
		}
	}
	return ""
}

func sinceDay(v access.Vanished) string { return phrase.Day(v.Since) }

// others are the ids of who has not left and does not count as left tonight; each also by
// its list and the id without the zeros at its beginning.
func (p *People) others(w World, out map[access.PersonKey]access.Person) map[access.PersonKey]access.PersonKey {
	here := map[access.PersonKey]access.PersonKey{}
	for _, o := range p.list {
		if _, gone := out[o.Key()]; gone || !stays(w, o) {
			continue
		}
		here[o.Key()] = o.Key()
		if bare := bareKey(o.Key()); here[bare] == (access.PersonKey{}) {
			here[bare] = o.Key()
		}
	}
	return here
}

func bareKey(k access.PersonKey) access.PersonKey {
	k.EmployeeID = access.EmployeeID(strings.TrimLeft(string(k.EmployeeID), "0"))
	return k
}

// double finds among those who are here one that may be the same person.
func (p *People) double(i access.Identity, here map[access.PersonKey]access.PersonKey) (access.PersonKey, bool) {
	for _, mail := range claims(i) {
		for _, k := range p.claimants(mail) {
			if other, is := here[k]; is && other == k {
				return k, true
			}
		}
	}
	other, is := here[bareKey(i.Key())]
	return other, is
}
