package reconcile

import (
	"fmt"
	"rollcall/internal/access"
	"slices"
	"time"
)

// stand decides one person from their rows in one list.
func stand(w World, file string, rows []access.Identity) access.Person {
	z := w.Settings.zone()
	if live := liveRow(rows, w.Now, z); live != nil {
		return standLive(w, file, *live)
	}
	person := func(i access.Identity, s access.Standing, why string, args ...any) access.Person {
		return access.Person{Identity: i, Standing: s, Why: fmt.Sprintf(why, args...), Cites: cite(file, i.Row)}
	}
	if i, why := doubtful(w, rows); why != "" {
		p := person(i, access.StandingHeld, "%s", why)
		p.Returns = slices.ContainsFunc(rows, func(i access.Identity) bool { return i.Status == access.StatusPending || !started(i, w.Now, z) })
		return p
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
	left, ahead, garden := by[access.StatusLeft], by[access.StatusPending], by[access.StatusGardenLeave]
	switch {
	case len(left)+len(ahead) == len(rows) && len(left) > 0:
		p := standLeft(w, file, latest(left, func(i access.Identity) time.Time { return leftEnd(w, i) }))
		p.Returns = len(ahead) > 0 || slices.ContainsFunc(left, func(i access.Identity) bool { return !started(i, w.Now, z) })
		return withoutGap(w, p, ahead)
	case len(garden) == len(rows):
		return standGarden(w, file, latest(garden, func(i access.Identity) time.Time { return gardenEnd(w, i) }))
	case len(ahead) == len(rows):
		return person(ahead[0], access.StandingPending, "starts %s", orUnknown(ahead[0].StartDate))
	case len(rows) == 1:
		return person(rows[0], access.StandingHeld, "the status in the list is not one that rollcall knows")
	}
	return person(rows[0], access.StandingHeld, "the list has %d rows for this id and they contradict each other", len(rows))
}

// doubtful is a row that nothing is done by, and why: it has a problem of its own, or
// is one that stayed in force until its planned return had come. Of several it is one
// that works, if there is one: no answer of HR's that they left goes against it.
func doubtful(w World, rows []access.Identity) (row access.Identity, why string) {
	for _, i := range rows {
		says := i.Problem
		if says == "" && cameBack(w, i) {
			says = fmt.Sprintf("left on %s, but by the same row starts on %s, and that day has come", lastDay(i), i.StartDate)
		}
		if _, none := unnumbered(i.Key()); none {
			says = withoutID
		}
		if says != "" && (why == "" || shows(w, i) > shows(w, row)) {
			row, why = i, says
		}
	}
	return row, why
}

// shows is how much a row shows its person at work.
func shows(w World, i access.Identity) int {
	end := accessEnd(i, w.Settings.zone())
	switch {
	case !working(i.Status):
		return 0
	case !end.IsZero() && !w.Now.Before(end):
		return 1
	}
	return 2
}

// cameBack reports whether a row that says left has a start after its end, and the
// start has come.
func cameBack(w World, i access.Identity) bool {
	z := w.Settings.zone()
	end := accessEnd(i, z)
	return i.Status == access.StatusLeft && !end.IsZero() && !i.StartDate.IsZero() && !startOfDay(i.StartDate, zoneOf(i, z)).Before(end) && started(i, w.Now, z)
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

func lastDay(i access.Identity) string { return lastDate(i).String() }

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
func (p *People) standVanished(w World, s SourceRoster, v access.Vanished) access.Person {
	file := s.Verdict.File
	if v.Identity.Status == access.StatusLeft && v.Identity.Problem == "" && !cameBack(w, v.Identity) {
		left := standLeft(w, file, v.Identity)
		left.Why += " (the list no longer has them)"
		left.Returns = !started(v.Identity, w.Now, w.Settings.zone())
		return left
	}
	me := access.Person{Identity: v.Identity, Standing: access.StandingVanished, Cites: cite(file, v.Identity.Row),
		Why: "is in no HR list since " + sinceDay(v) + ", and nobody said that they left"}
	// That no list has them any more takes back nothing of what was ahead.
	me.Returns = v.Identity.Status == access.StatusPending || !started(v.Identity, w.Now, w.Settings.zone())
	if p.countsDown(w, s, v) {
		me.Why += fmt.Sprintf(" (%d different lists without them count as left, by the setting left_after_lists; %d so far)", s.LeftAfter, v.Lists)
	}
	return me
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
