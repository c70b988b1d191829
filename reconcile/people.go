package reconcile

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"rollcall/internal/access"
)

// People are the persons of tonight, sorted by key, with the indexes by which
// accounts find them.
type People struct {
	list    []access.Person
	byKey   map[access.PersonKey]int
	byHRID  map[access.EmployeeID][]access.PersonKey
	byEmail map[string][]access.PersonKey
	sameAs  map[access.PersonKey]access.PersonKey
	// roles are the distinct titles, departments and worker types, and role says
	// which one each person has; departments are theirs, as HR writes them.
	roles       []access.Profile
	departments []string
	role        []int32
	// stances say where each person stands, in short.
	stances []stance
	// unread: a source has no list in force at all.
	unread bool
}

// stance is what is asked of everybody: a byte is at hand where a Person is not.
type stance uint8

const (
	standsElse stance = iota // any other standing
	standsHere               // active, or scheduled to leave
	standsLeft
)

// noteStances tells of everybody where they stand, in short.
func (p *People) noteStances() {
	p.stances = make([]stance, len(p.list))
	for n := range p.list {
		switch p.list[n].Standing {
		case access.StandingActive, access.StandingScheduled:
			p.stances[n] = standsHere
		case access.StandingLeft:
			p.stances[n] = standsLeft
		}
	}
}

// Get is the person with that key, or nil.
func (p *People) Get(k access.PersonKey) *access.Person {
	if i, ok := p.byKey[k]; ok {
		return &p.list[i]
	}
	return nil
}

// number is the index of the person with that key, or -1.
func (p *People) number(k access.PersonKey) int32 {
	if n, ok := p.byKey[k]; ok {
		return int32(n)
	}
	return -1
}

// List is every person, sorted by key.
func (p *People) List() []access.Person { return p.list }

// Stand decides where everybody stands tonight.
//
//	rows of one person                        | standing
//	a started active (or leave) row           | active; a past end date beside it: held
//	any row with a problem of its own         | held
//	left, its end reached                     | left (certain)
//	left, no date                             | left at the end of the day that first said so
//	left, its end ahead                       | scheduled: works until then
//	left now, a start ahead (planned return)  | left
//	garden leave                              | garden_leave; its last working day ahead: scheduled
//	pending, or a start ahead                 | pending
//	anything else                             | held
//	in no list any more                       | what the last row said if that was left, else vanished
//
// On top of it: left while somebody who has not left has the same e-mail is held
// (it looks like a rehire); answers.csv settles vanished and held, never against
// a started active row; left while a refused file still shows them active is held,
// whatever was answered. An order (World.Order) stands above all of it.
func Stand(w World) *People {
	p := &People{sameAs: map[access.PersonKey]access.PersonKey{}}
	for _, s := range w.Rosters {
		p.unread = p.unread || s.Verdict.InForce.SHA256 == ""
		p.addSource(w, s)
		p.addOrdered(w, s)
	}
	slices.SortFunc(p.list, func(a, b access.Person) int { return compareKeys(a.Key(), b.Key()) })
	p.index()
	answers := newestAnswers(w)
	p.unite(answers)
	p.answer(w, answers, p.holdRehires(w))
	p.agree(w)
	p.holdRefused(w)
	p.obey(w)
	p.numberRoles()
	p.noteStances()
	return p
}

// numberRoles finds the distinct roles, as HR writes them.
func (p *People) numberRoles() {
	var titles, departments, types numbers
	known := map[[3]int32]int32{}
	p.role = make([]int32, len(p.list))
	for n := range p.list {
		i := &p.list[n].Identity
		written := [3]int32{titles.of(i.Title), departments.of(i.Department), types.of(i.WorkerType)}
		role, has := known[written]
		if !has {
			role = int32(len(p.roles))
			known[written] = role
			p.roles, p.departments = append(p.roles, i.Profile()), append(p.departments, i.Department)
		}
		p.role[n] = role
	}
}

// addSource stands everybody of one source.
func (p *People) addSource(w World, s SourceRoster) {
	first := make(map[access.EmployeeID]int32, len(s.Rows))
	next := make([]int32, len(s.Rows)) // the next row of the same person, or 0
	last := map[access.EmployeeID]int32{}
	for n, i := range s.Rows {
		begin, again := first[i.EmployeeID]
		if !again {
			first[i.EmployeeID] = int32(n)
			continue
		}
		if tail, more := last[i.EmployeeID]; more {
			begin = tail
		}
		next[begin], last[i.EmployeeID] = int32(n), int32(n)
	}
	file := s.Verdict.File
	p.list = slices.Grow(p.list, len(first)+len(s.Vanished))
	for n, i := range s.Rows {
		switch {
		case first[i.EmployeeID] != int32(n):
		case next[n] == 0:
			p.list = append(p.list, stand(w, file, s.Rows[n:n+1:n+1]))
		default:
			p.list = append(p.list, stand(w, file, together(s.Rows, next, int32(n))))
		}
	}
	for k, v := range s.Vanished {
		if _, has := first[k.EmployeeID]; !has {
			p.list = append(p.list, standVanished(w, file, v))
		}
	}
}

// together are the rows of one person, in the order of the list.
func together(rows []access.Identity, next []int32, n int32) []access.Identity {
	all := []access.Identity{rows[n]}
	for n = next[n]; n != 0; n = next[n] {
		all = append(all, rows[n])
	}
	slices.SortStableFunc(all, func(a, b access.Identity) int { return a.Row - b.Row })
	return all
}

// index makes the look-ups.
func (p *People) index() {
	p.byKey = make(map[access.PersonKey]int, len(p.list))
	p.byHRID = make(map[access.EmployeeID][]access.PersonKey, len(p.list))
	p.byEmail = make(map[string][]access.PersonKey, len(p.list))
	for n := range p.list {
		i := &p.list[n].Identity
		k := i.Key()
		p.byKey[k] = n
		p.byHRID[i.EmployeeID] = append(p.byHRID[i.EmployeeID], k)
		for _, mail := range addresses(*i) {
			if !slices.Contains(p.byEmail[mail], k) {
				p.byEmail[mail] = append(p.byEmail[mail], k)
			}
		}
	}
}

// addresses are the e-mail and the aliases of a row, lower case.
func addresses(i access.Identity) []string {
	split := func(r rune) bool { return r == ';' || r == ',' || r == ' ' || r == '\n' }
	all := []string{}
	for _, a := range append([]string{i.Email}, strings.FieldsFunc(i.Aliases, split)...) {
		if a = normalMail(a); a != "" {
			all = append(all, a)
		}
	}
	return all
}

// normalMail is the form in which addresses are compared; "" if it is none.
func normalMail(s string) string {
	s = strings.ToLower(strings.TrimSpace(s))
	if !strings.Contains(s, "@") {
		return ""
	}
	return s
}

// stand decides one person from their rows in one list.
func stand(w World, file string, rows []access.Identity) access.Person {
	z := w.Settings.zone()
	if rows[0].EmployeeID == "" {
		return access.Person{Identity: rows[0], Standing: access.StandingHeld, Why: "the row has no employee id", Cites: cite(file, rows[0].Row)}
	}
	if live := liveRow(rows, w.Now, z); live != nil {
		return standLive(w, file, *live)
	}
	person := func(i access.Identity, s access.Standing, why string, args ...any) access.Person {
		return access.Person{Identity: i, Standing: s, Why: fmt.Sprintf(why, args...), Cites: cite(file, i.Row)}
	}
	for _, i := range rows {
		if i.Problem != "" {
			return person(i, access.StandingHeld, "%s", i.Problem)
		}
	}
	by := map[access.Status][]access.Identity{}
	for _, i := range rows {
		status := i.Status
		switch {
		case status == access.StatusActive || status == access.StatusLeave:
			status = access.StatusPending // an active row that has not started
		case status == access.StatusPending && len(rows) > 1 && !i.StartDate.IsZero() && started(i, w.Now, z):
			status = access.StatusUnknown // not ahead any more: beside another row nobody can tell
		}
		by[status] = append(by[status], i)
	}
	left, ahead, garden := by[access.StatusLeft], by[access.StatusPending], by[access.StatusGardenLeft]
	switch {
	case len(left)+len(ahead) == len(rows) && len(left) > 0:
		p := standLeft(w, file, latest(left, func(i access.Identity) time.Time { return leftEnd(w, i) }))
		p.Returns = len(ahead) > 0
		return p
	case len(garden) == len(rows):
		return standGarden(w, file, latest(garden, func(i access.Identity) time.Time { return gardenEnd(w, i) }))
	case len(ahead) == len(rows):
		return person(ahead[0], access.StandingPending, "starts %s", orUnknown(ahead[0].StartDate))
	case len(rows) == 1:
		return person(rows[0], access.StandingHeld, "the status in the list is not one that rollcall knows")
	}
	return person(rows[0], access.StandingHeld, "the list has %d rows for this id and they contradict each other", len(rows))
}

func orUnknown(d access.Day) string {
	if d.IsZero() {
		return "on a day that the list does not give"
	}
	return "on " + d.String()
}

// liveRow is the last row that says active (or on leave), has started and has
// no problem of its own; one whose end has not come before one that is over.
func liveRow(rows []access.Identity, now time.Time, z *time.Location) *access.Identity {
	var ended *access.Identity
	for n := len(rows) - 1; n >= 0; n-- {
		i := &rows[n]
		if !working(i.Status) || i.Problem != "" || !started(*i, now, z) {
			continue
		}
		if end := accessEnd(*i, z); end.IsZero() || now.Before(end) {
			return i
		}
		if ended == nil {
			ended = i
		}
	}
	return ended
}

func working(s access.Status) bool { return s == access.StatusActive || s == access.StatusLeave }

// standLive is an active person, unless their own row has them gone already.
func standLive(w World, file string, i access.Identity) access.Person {
	p := access.Person{Identity: i, Standing: access.StandingActive, Why: "works here", Cites: cite(file, i.Row)}
	p.AccessEndsAt = accessEnd(i, w.Settings.zone())
	if !p.AccessEndsAt.IsZero() && !w.Now.Before(p.AccessEndsAt) {
		p.Standing = access.StandingHeld
		p.Why = fmt.Sprintf("the list says %s but also that the last day was %s", i.Status, lastDay(i))
	}
	return p
}

func lastDay(i access.Identity) string {
	if !i.LastWorkingDay.IsZero() && (i.EndDate.IsZero() || i.LastWorkingDay.At.Before(i.EndDate.At)) {
		return i.LastWorkingDay.String()
	}
	return i.EndDate.String()
}

// standLeft is a leaver: certain from the end of their access on.
func standLeft(w World, file string, i access.Identity) access.Person {
	p := access.Person{Identity: i, Cites: cite(file, i.Row), FirstSeenLeftAt: firstSeenLeft(w, i.Key())}
	p.AccessEndsAt = leftEnd(w, i)
	said := "left on " + lastDay(i)
	if accessEnd(i, w.Settings.zone()).IsZero() {
		said = "left; the list gives no date, so the day it first said so counts"
	}
	p.Standing, p.Why = access.StandingLeft, said
	if w.Now.Before(p.AccessEndsAt) {
		p.Standing, p.Why = access.StandingScheduled, "works until the end of access"
	}
	return p
}

// leftEnd is when the access of a leaver ends; without any date at the end of the
// local day on which a list first said so.
func leftEnd(w World, i access.Identity) time.Time {
	if end := accessEnd(i, w.Settings.zone()); !end.IsZero() {
		return end
	}
	z := zoneOf(i, w.Settings.zone())
	return endOfDay(firstSeenLeft(w, i.Key()).In(z), z)
}

// standGarden is a person on garden leave: employed, not working. Their access
// ends with the last working day if the list gives one, else it has ended.
func standGarden(w World, file string, i access.Identity) access.Person {
	p := access.Person{Identity: i, Standing: access.StandingGarden, Why: "is on garden leave", Cites: cite(file, i.Row), FirstSeenLeftAt: firstSeenLeft(w, i.Key())}
	p.AccessEndsAt = gardenEnd(w, i)
	if w.Now.Before(p.AccessEndsAt) {
		p.Standing, p.Why = access.StandingScheduled, "works until the end of access"
	}
	return p
}

// gardenEnd is when somebody on garden leave stops working.
func gardenEnd(w World, i access.Identity) time.Time {
	i.EndDate = access.Day{}
	if end := accessEnd(i, w.Settings.zone()); !end.IsZero() {
		return end
	}
	return firstSeenLeft(w, i.Key())
}

// firstSeenLeft is when a list first said that the person left: memory's word,
// else now.
func firstSeenLeft(w World, k access.PersonKey) time.Time {
	if t, ok := w.Memory.FirstSeenLeft[k]; ok {
		return t
	}
	return w.Now
}

// standVanished is somebody whom no list has any more: who had left stays left,
// anybody else is held until HR answers. Absence is not departure.
func standVanished(w World, file string, v access.Vanished) access.Person {
	if v.Identity.Status == access.StatusLeft && v.Identity.Problem == "" {
		p := standLeft(w, file, v.Identity)
		p.Why += " (the list no longer has them)"
		return p
	}
	return access.Person{Identity: v.Identity, Standing: access.StandingVanished, Cites: cite(file, v.Identity.Row),
		Why: "is in no HR list since " + v.Since.UTC().Format(time.DateOnly) + ", and nobody said that they left"}
}

// latest is the row whose access ends last.
func latest(rows []access.Identity, end func(access.Identity) time.Time) access.Identity {
	best := rows[0]
	for _, i := range rows[1:] {
		if end(i).After(end(best)) {
			best = i
		}
	}
	return best
}

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
		for _, mail := range addresses(me.Identity) {
			for _, k := range p.byEmail[mail] {
				if p.one(k) != p.one(me.Key()) && stay[p.byKey[k]] {
					riddles[me.Key()] = later(riddles[me.Key()], dayOf(me.FirstSeenLeftAt), p.Get(k).StartDate)
					me.Standing = access.StandingHeld
					me.Why = fmt.Sprintf("left, but %s is also the e-mail of %s, who has not left: a rehire? Answer it in answers.csv (same_as or left)", mail, k)
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
// their id or by their e-mail.
func (p *People) holdRefused(w World) {
	for _, s := range w.Rosters {
		for _, i := range s.Refused {
			if !working(i.Status) {
				continue
			}
			for _, k := range p.meant(i) {
				if me := p.Get(k); me != nil && (me.Standing == access.StandingLeft || me.Standing == access.StandingGarden) {
					me.Standing = access.StandingHeld
					me.Why = "the list in force says left, but the refused file of tonight shows them working"
				}
			}
		}
	}
}

// meant are all whom a row may be about.
func (p *People) meant(i access.Identity) []access.PersonKey {
	keys := []access.PersonKey{i.Key(), p.one(i.Key())}
	for _, mail := range addresses(i) {
		for _, k := range p.byEmail[mail] {
			keys = append(keys, k, p.one(k))
		}
	}
	return keys
}

// newestAnswers is the newest answer about each person: only that one counts.
func newestAnswers(w World) map[access.PersonKey]access.Answer {
	newest := map[access.PersonKey]access.Answer{}
	for _, a := range w.Policy.Answers {
		if old, has := newest[a.Person]; !has || !a.ConfirmedOn.At.Before(old.ConfirmedOn.At) {
			newest[a.Person] = a
		}
	}
	return newest
}

// answer applies what people confirmed in answers.csv about who left and who works.
// A left that was confirmed before a rehire was to be seen does not settle it.
func (p *People) answer(w World, answers map[access.PersonKey]access.Answer, riddles map[access.PersonKey]access.Day) {
	for n := range p.list {
		me := &p.list[n]
		switch a := answers[me.Key()]; a.Answer {
		case "left":
			if asked := riddles[me.Key()]; !a.ConfirmedOn.IsZero() && a.ConfirmedOn.At.Before(asked.At) {
				me.Why += fmt.Sprintf("; %s says left, but was confirmed before %s", cite(a.File, a.Row), asked)
				continue
			}
			answerLeft(w, me, a)
		case "active":
			answerActive(me, a)
		}
	}
}

// stale reports whether an answer is from before the start that the list gives:
// it was about an earlier employment.
func stale(a access.Answer, i access.Identity) bool {
	day := a.ConfirmedOn
	if day.IsZero() {
		day = a.LastWorkingDay
	}
	return !day.IsZero() && !i.StartDate.IsZero() && day.At.Before(i.StartDate.At)
}

// answerLeft makes a vanished or held person a certain leaver. Against a started
// active row, or one that is held for another reason than its past end, it is a
// contradiction: held.
func answerLeft(w World, me *access.Person, a access.Answer) {
	end := accessEnd(me.Identity, w.Settings.zone())
	over := !end.IsZero() && !w.Now.Before(end)
	switch {
	case stale(a, me.Identity):
	case me.Standing == access.StandingActive, me.Standing == access.StandingPending,
		me.Standing == access.StandingHeld && working(me.Status) && !over:
		me.Standing = access.StandingHeld
		me.Why = fmt.Sprintf("%s says left, but the HR list says %s", cite(a.File, a.Row), me.Status)
	case me.Standing == access.StandingVanished, me.Standing == access.StandingHeld:
		day := a.LastWorkingDay
		if day.IsZero() {
			day = a.ConfirmedOn
		}
		i := me.Identity
		i.EndDate, i.LastWorkingDay = day, access.Day{}
		left := standLeft(w, a.File, i)
		left.Identity, left.Cites = me.Identity, cite(a.File, a.Row)
		left.Why = "confirmed as left by " + a.ConfirmedBy
		*me = left
	}
}

// answerActive settles a vanished or held person as working. A list that says
// left after the answer was given wins over it; one that said so before makes a
// contradiction: held.
func answerActive(me *access.Person, a access.Answer) {
	switch me.Standing {
	case access.StandingVanished, access.StandingHeld:
		me.Standing, me.Cites = access.StandingActive, cite(a.File, a.Row)
		me.Why = "confirmed as working by " + a.ConfirmedBy
	case access.StandingLeft, access.StandingGarden:
		if a.ConfirmedOn.IsZero() || !a.ConfirmedOn.At.Before(dayOf(me.FirstSeenLeftAt).At) {
			me.Standing = access.StandingHeld
			me.Why = fmt.Sprintf("the list says left, but %s says active", cite(a.File, a.Row))
		}
	}
}

// unite reads which ids HR confirmed to be one person: sameAs leads from each to
// the id that counts. Whom nobody knows, and answers that go in a circle, hold.
func (p *People) unite(answers map[access.PersonKey]access.Answer) {
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
// Where another of them works, or is held, while that one does not work, the
// lists contradict each other: held. They still do when both ids are gone.
func (p *People) agree(w World) {
	if len(p.sameAs) == 0 {
		return
	}
	since := vanishedSince(w)
	for _, me := range p.list {
		them := p.Get(p.one(me.Key()))
		doubt := stillWorks(me) || me.Standing == access.StandingHeld
		if doubt && !stillWorks(*them) && them.Standing != access.StandingHeld {
			them.Standing = access.StandingHeld
			them.Why = fmt.Sprintf("the same person as %s by %s, of whom the list says %s", me.Key(), me.Cites, me.Status)
		}
		if me.Standing == access.StandingVanished && them.Standing == access.StandingLeft && goneTogether(since, me.Key(), them.Key()) {
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

// cite names a line of a file.
func cite(file string, row int) string {
	if row == 0 {
		return file
	}
	return file + " row " + strconv.Itoa(row)
}
