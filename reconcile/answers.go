package reconcile

import (
	"fmt"
	"time"

	"rollcall/internal/access"
)

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
// A left that was confirmed before a rehire was to be seen does not settle it, nor does
// an active that is older than the question.
func (p *People) answer(w World, answers map[access.PersonKey]access.Answer, riddles map[access.PersonKey]access.Day) {
	gone := vanishedSince(w)
	for n := range p.list {
		me := &p.list[n]
		a := answers[me.Key()]
		if p.mixed[me.Key()] && a.Answer != "" {
			me.Why += fmt.Sprintf("; %s cannot say %s of all of them", cite(a.File, a.Row), a.Answer)
			continue
		}
		settles := a.Answer == "same_as" || me.Standing == access.StandingHeld || me.Standing == access.StandingVanished
		if until := ofSeveral(w, a); until != "" && settles {
			me.Why += fmt.Sprintf("; %s says %s, but not since %s, until when other people had this id too: if it is about them, confirm it anew", cite(a.File, a.Row), a.Answer, until)
			continue
		}
		switch a.Answer {
		case "left":
			if asked := riddles[me.Key()]; !a.ConfirmedOn.IsZero() && a.ConfirmedOn.At.Before(asked.At) {
				me.Why += fmt.Sprintf("; %s says left, but was confirmed before %s", cite(a.File, a.Row), asked)
				continue
			}
			answerLeft(w, me, a)
		case "active":
			since := gone[me.Key()]
			if me.Standing == access.StandingHeld {
				since = p.doubts[me.Key()].Since
			}
			answerActive(w, me, a, since)
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
	case me.Standing != access.StandingVanished && me.Standing != access.StandingHeld:
	case a.LastWorkingDay.IsZero() && isAhead(w, a): // it stands for the last working day
		me.Why += fmt.Sprintf("; %s says left, but %s", cite(a.File, a.Row), aheadOfTonight(a))
	default:
		day := a.LastWorkingDay
		if day.IsZero() {
			day = a.ConfirmedOn
		}
		i := me.Identity
		i.EndDate, i.LastWorkingDay = day, access.Day{}
		left := standLeft(w, a.File, i)
		left.Identity, left.Cites = me.Identity, cite(a.File, a.Row)
		left.Returns = me.Returns && me.Standing == access.StandingHeld // who vanished does not come back by a list
		left.Why = "confirmed as left by " + a.ConfirmedBy
		*me = left
	}
}

// answerActive settles a vanished or held person as working, if the answer is of no time
// before that was to be asked: since. A list that says left after the answer was given
// wins over it; one that said so before makes a contradiction: held.
func answerActive(w World, me *access.Person, a access.Answer, since time.Time) {
	switch me.Standing {
	case access.StandingVanished, access.StandingHeld:
		if old := outdated(w, a, since); old != "" {
			me.Why += fmt.Sprintf("; %s says active, but %s", cite(a.File, a.Row), old)
			return
		}
		me.Standing, me.Cites = access.StandingActive, cite(a.File, a.Row)
		me.Why = "confirmed as working by " + a.ConfirmedBy
	case access.StandingLeft, access.StandingGarden:
		if a.ConfirmedOn.IsZero() || !a.ConfirmedOn.At.Before(earliestDay(me.FirstSeenLeftAt, w.Settings.zone()).At) {
			me.Standing = access.StandingHeld
			me.Why = fmt.Sprintf("the list says left, but %s says active", cite(a.File, a.Row))
		}
	}
}
