package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeaws"
	"rollcall/internal/sandbox/fakeokta"
)

var (
	departments = []string{"Sales", "Finance", "Support", "Plant", "Research"}
	titles      = []string{"Clerk", "Head clerk", "Analyst", "Engineer"}
)

// crowd is a company of tens of people, some of them protected.
func crowd(r *rand.Rand) *staff {
	s := noStaff()
	for n := range 34 {
		s.add(&soul{source: "employees", id: fmt.Sprintf("E%02d", n+1), login: fmt.Sprintf("emp%02d", n+1), title: pick(r, titles), department: pick(r, departments)})
	}
	for n := range 8 {
		s.add(&soul{source: "contractors", id: fmt.Sprintf("C%02d", n+1), login: fmt.Sprintf("con%02d", n+1), title: pick(r, titles), department: pick(r, departments)})
	}
	s.souls["employees"][0].protected = true
	return s
}

// live is what a day does to the company.
func (y *year) live() {
	now := y.clock.Now()
	for _, who := range y.staff.all() { // what was to happen by itself
		says := y.staff.says[who]
		switch {
		case says.fate == pending && !now.Before(says.day):
			y.staff.says[who] = said{fate: works}
			y.say("first day", "%s", name(who))
		case !y.mended[who].IsZero() && !now.Before(y.mended[who]):
			y.staff.says[who] = y.sound[who]
			delete(y.mended, who)
			y.say("put right", "the rows of %s: %s again", name(who), y.sound[who].fate)
		case says.fate == ahead && now.After(says.day.AddDate(0, 0, 1)):
			y.staff.says[who] = said{fate: left, day: says.day}
		case says.fate.gone() && now.Sub(says.day) > 45*24*time.Hour && y.chance(0.1):
			y.staff.says[who] = said{fate: absent} // HR's report shows who left for some weeks only
		}
	}
	for _, turn := range []struct {
		p float64
		f func()
	}{{0.13, y.hire}, {0.16, y.leaves}, {0.2, y.moves}, {0.04, y.returns}, {0.1, y.mistake}, {0.01, y.closure}, {0.02, y.claim}} {
		if y.chance(turn.p) {
			turn.f()
		}
	}
	if y.chance(0.5) {
		y.story = append(y.story, y.answer(y.written)...)
	}
}

// somebody who works here, and of whom nothing else is going on; nil if there is none.
func (y *year) somebody() *soul {
	var all []*soul
	for _, who := range y.staff.all() {
		if y.staff.says[who].fate == works && y.mended[who].IsZero() && y.back[who].IsZero() {
			all = append(all, who)
		}
	}
	if len(all) == 0 {
		return nil
	}
	return pick(y.r, all)
}

// hire adds somebody who starts in some days, with accounts from today on.
func (y *year) hire() {
	y.hired++
	source := pick(y.r, []access.Source{"employees", "employees", "employees", "contractors"})
	begins := y.clock.Now().AddDate(0, 0, y.r.IntN(5))
	who := &soul{source: source, id: fmt.Sprintf("%sH%03d", map[access.Source]string{"employees": "E", "contractors": "C"}[source], y.hired), login: fmt.Sprintf("new%03d", y.hired),
		title: pick(y.r, titles), department: pick(y.r, departments), begun: begins.Format(time.DateOnly)}
	y.staff.add(who)
	y.staff.says[who] = said{fate: pending, day: begins}
	y.welcome(who, who.id)
	y.say("hire", "%s from %s on", name(who), who.begun)
}

// welcome makes somebody's accounts.
func (y *year) welcome(who *soul, number string) {
	if y.r.IntN(3) == 0 {
		number = ""
	}
	y.inOkta(who, y.oktaUser(who.login, who.mail(), number, fakeokta.Active))
	y.inAWS(100+y.hired, who)
}

// leaves is an end: of yesterday, without a date, in some days, or with garden leave
// before it.
func (y *year) leaves() { y.leave(y.somebody()) }

func (y *year) leave(who *soul) {
	if who == nil {
		return
	}
	what := said{fate: pick(y.r, []fate{left, left, left, undated, ahead, ahead, garden}), day: y.clock.Now().AddDate(0, 0, -y.r.IntN(3))}
	switch what.fate {
	case ahead:
		what.day = y.clock.Now().AddDate(0, 0, 1+y.r.IntN(9))
	case garden:
		y.sound[who], y.mended[who] = said{fate: left, day: y.clock.Now().AddDate(0, 0, 14)}, y.clock.Now().AddDate(0, 0, 14)
	}
	y.staff.says[who] = what
	y.say("leaver", "%s: %s %s", name(who), what.fate, what.day.Format(time.DateOnly))
}

// closure is a department that closes: more people than a night may block.
func (y *year) closure() {
	which := pick(y.r, departments)
	for _, who := range y.staff.all() {
		if who.department == which && !who.protected && y.staff.says[who].fate == works && y.mended[who].IsZero() && y.back[who].IsZero() {
			y.staff.says[who] = said{fate: left, day: y.clock.Now().AddDate(0, 0, -1)}
		}
	}
	for range 5 {
		y.hire() // and another one begins
	}
	y.say("closure", "of %s", which)
}

func (y *year) moves() {
	if who := y.somebody(); who != nil {
		who.title, who.department = pick(y.r, titles), pick(y.r, departments)
		y.say("move", "%s is %s in %s", name(who), who.title, who.department)
	}
}

// returns is somebody who comes back, under the id of before; days later somebody
// lets them in again, or nobody does for long.
func (y *year) returns() {
	var gone []*soul
	for _, who := range y.staff.all() {
		if f := y.staff.says[who].fate; (f.gone() || f == absent) && y.mended[who].IsZero() && !who.protected {
			gone = append(gone, who)
		}
	}
	if len(gone) > 0 {
		y.isBack(pick(y.r, gone))
	}
}

func (y *year) isBack(who *soul) {
	y.staff.says[who] = said{fate: works}
	y.back[who] = y.clock.Now().AddDate(0, 0, 1+y.r.IntN(12))
	y.say("rehire", "%s", name(who))
}

// mistake is a row that is wrong for some days: a contradiction, a status that
// nobody knows, no row at all; or somebody who never left is said to have.
func (y *year) mistake() {
	who := y.somebody()
	if who == nil {
		return
	}
	what := said{fate: pick(y.r, []fate{both, overdue, puzzling, absent, left, onLeave}), day: y.clock.Now().AddDate(0, 0, -2)}
	if what.fate == left { // a wrong word that is certain: they are cut off, and come back
		y.staff.says[who] = what
		y.sound[who], y.mended[who] = said{fate: works}, y.clock.Now().AddDate(0, 0, 1+y.r.IntN(3))
		y.back[who] = y.mended[who].AddDate(0, 0, 1)
	} else {
		y.sound[who], y.mended[who] = y.staff.says[who], y.clock.Now().AddDate(0, 0, 1+y.r.IntN(3))
		y.staff.says[who] = what
	}
	y.say("mistake", "HR has %s as %s", name(who), what.fate)
}

// claim links an account to its owner.
func (y *year) claim() {
	if said := y.link(); len(said) > 0 {
		y.say("link", "%v", said)
	}
}

// letIn gives the accounts of who is back to them again, by an administrator's hand.
func (y *year) letIn() {
	for _, who := range y.staff.all() {
		if y.back[who].IsZero() || y.clock.Now().Before(y.back[who]) {
			continue
		}
		delete(y.back, who)
		if y.staff.says[who].fate != works {
			continue
		}
		for _, l := range y.logins {
			if l.hrid == who.id || l.mail == who.mail() {
				y.open(l)
			}
		}
		y.say("let in", "%s", name(who))
	}
}

// open undoes what was done to an account.
func (y *year) open(l login) {
	id := string(l.key.ID)
	switch l.kind {
	case access.OktaUser:
		y.okta.UpdateUser(id, func(u *fakeokta.User) { u.Status, u.Transitioning, u.Sessions = fakeokta.Active, "", 1 })
		y.okta.AddMember(y.everybody.ID, id)
	case access.IAMUser:
		y.aws.UpdateIAMUser(l.key.Scope, l.name, func(u *fakeaws.IAMUser) {
			u.Boundary = ""
			u.Attached = slices.DeleteFunc(u.Attached, func(arn string) bool { return arn == "arn:aws:iam::aws:policy/AWSDenyAll" })
			for n := range u.AccessKeys {
				u.AccessKeys[n].Status = "Active"
			}
			u.Tags = slices.DeleteFunc(u.Tags, func(t fakeaws.Tag) bool { return t.Key != "employee_id" })
		})
	case access.IdentityCenter:
		y.aws.Assign(homeAWS, y.sets[1], "USER", id)
	}
}

// export writes tonight's lists, or what comes in their place.
func (y *year) export() {
	sheets := y.staff.tonight(y.r, false)
	if y.chance(0.1) {
		source := pick(y.r, sources)
		sheet, says := y.wrong(source, sheets[source])
		sheets[source] = sheet
		y.say("bad list", "%s: %s", source, says)
	}
	y.lists(sheets)
}

// wrong is what may lie in the file of a list.
func (y *year) wrong(source access.Source, right sheet) (sheet, string) {
	switch old := y.old[source]; y.r.IntN(4) {
	case 0:
		return y.written[source], "the same file again"
	case 1:
		if len(old) > 0 {
			return pick(y.r, old), "an older file"
		}
	case 2:
		says := map[*soul]said{}
		for who, what := range right.says {
			says[who] = what
		}
		for range 1 + y.r.IntN(3) {
			says[pick(y.r, y.staff.souls[source])] = said{fate: absent}
		}
		return list(y.staff.souls[source], says), "some people are missing"
	}
	return spoiled(y.r, y.staff.souls[source], y.staff.says), "damaged, empty or cut short"
}
