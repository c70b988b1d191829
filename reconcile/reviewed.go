package reconcile

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/phrase"
)

// Reviewed is the company's choice of what follows when a reviewer decided to remove
// something. The zero Reviewed tells it as a task.
type Reviewed struct {
	Enforce bool
	// NoticeDays is how long it stays after the first night that told of it.
	NoticeDays int
}

// decided are the removals that reviews decided, no complete night has seen done and
// no later review decided anew, by account, in an order of their own.
func (e *evaluation) decided() map[access.AccountKey][]access.Removal {
	out := map[access.AccountKey][]access.Removal{}
	for _, id := range slices.Sorted(maps.Keys(e.w.Memory.Removals)) {
		if r := e.w.Memory.Removals[id]; r.GoneAt.IsZero() && r.Overruled == "" {
			out[r.Account] = append(out[r.Account], r)
		}
	}
	return out
}

// findDecided tells of what reviews decided to remove and is still there, and takes
// it where rollcall may. What belongs to somebody who leaves ends with all they have.
func (e *evaluation) findDecided() {
	decided := e.decided()
	for s := 0; s < len(e.systems) && len(decided) > 0; s++ {
		for a := range e.systems[s].Accounts {
			for _, r := range decided[e.systems[s].Accounts[a].Key()] {
				if p := e.person(s, a); p == nil || !e.leaves(p) {
					e.findRemoval(s, a, p, r)
				}
			}
		}
	}
}

// findRemoval tells of one, if it is still there.
func (e *evaluation) findRemoval(s, a int, p *access.Person, r access.Removal) {
	severity := "medium"
	if over(r.Due, e.w.Now, e.w.Settings.zone()) {
		severity = "high"
	}
	cites := fmt.Sprintf("campaign %s, row %s", r.Campaign, r.RowID)
	says := fmt.Sprintf("%s decided on %s in the review %s that this is to be removed, by %s", r.By, phrase.Day(r.DecidedAt), r.Campaign, r.Due)
	if r.Kind == "" {
		if e.systems[s].Accounts[a].Status != access.AccountDisabled {
			e.addAccount(s, a, access.ReviewRemoval, severity, access.ToTask, cites, "%s: the account %s as a whole, which is for its owner to do", says, r.Login)
		}
		return
	}
	n := e.heldDirectly(s, a, r)
	if n < 0 {
		return
	}
	then := e.fateOfDecided(s, a, n, p, r)
	disposition := access.ToTask
	if then.now {
		disposition = access.ToRevoke
	}
	id := e.addGrant(s, a, n, access.ReviewRemoval, severity, disposition, cites, says+then.says)
	if then.now {
		e.proposeDecided(s, a, p, id, r, then)
	}
}

// heldDirectly is the account's own grant of the right, or -1.
func (e *evaluation) heldDirectly(s, a int, r access.Removal) int {
	o := &e.systems[s]
	for _, n := range e.grantsOf[s].of(a) {
		if ent := &o.Entitlements[o.Grants[n].Entitlement]; o.Grants[n].Direct() && ent.Kind == r.Kind && ent.Scope == r.Scope && ent.ID == r.Entitlement {
			return int(n)
		}
	}
	return -1
}

// fateOfDecided says what becomes tonight of a right that a review decided to remove.
// A reviewer judges a right that a rule allows, too; but what comes by it and their
// job asks for was not theirs to remove.
func (e *evaluation) fateOfDecided(s, a, n int, p *access.Person, r access.Removal) fate {
	byHand := "; rollcall does not take it away by itself, so its owner does: "
	switch {
	case p == nil:
		return fate{says: byHand + "the account is no person's"}
	case e.people.one(p.Key()) != e.people.one(r.Person):
		return fate{says: byHand + "the account was not known as theirs when it was decided"}
	case p.Standing != access.StandingActive && p.Standing != access.StandingScheduled:
		return fate{says: "; it stays until it is clear where the person stands"}
	case e.allowedSince(s, n, r):
		return fate{says: "; a line of the exceptions that was approved later lets them have it"}
	case !r.DoneAt.IsZero():
		return fate{says: "; rollcall took it away on " + phrase.Day(r.DoneAt) + ", and somebody gave it again, who is to say why"}
	case e.movedSince(s, n, p, r):
		return fate{says: "; they changed their job since, and the new one lets them have it"}
	}
	step, why := e.separable(s, a, n)
	why = cmp.Or(e.keepsAccount(s, a, p), why, e.neededFor(s, a, n, p))
	if why != "" {
		return fate{says: byHand + why}
	}
	due := nextMidnight(e.announcedOn(r).AddDate(0, 0, e.w.Settings.Reviewed.NoticeDays))
	on, gap := e.readsFor(s, a, step)
	wait := cmp.Or(e.listsWait(), e.leftOut(), gap)
	switch {
	case !e.w.Settings.Reviewed.Enforce:
		return fate{says: byHand + "review.removals is observe"}
	case e.w.Now.Before(due):
		return fate{says: "; it is taken away on " + phrase.Day(due)}
	case wait != "":
		return fate{says: "; it is due, and stays tonight: " + wait}
	}
	return fate{says: "; it is due tonight", now: true, step: step, on: on}
}

// announcedOn is the first night that told of it: this one, if none did before.
func (e *evaluation) announcedOn(r access.Removal) time.Time {
	if r.Announced.IsZero() {
		return dayOf(e.w.Now).At
	}
	return r.Announced.At
}

// allowedSince reports whether somebody approved an exception for it on the day on which it
// was decided to go, or after it.
func (e *evaluation) allowedSince(s, n int, r access.Removal) bool {
	v := e.systems[s].Verdicts[n]
	if v.Exception() == 0 || !v.Expected() {
		return false
	}
	return !e.w.Policy.Exceptions[v.Exception()-1].ApprovedOn.At.Before(earliestDay(r.DecidedAt, e.w.Settings.zone()).At)
}

// movedSince reports whether somebody changed their job after it was decided, and a
// rule lets them have it now.
func (e *evaluation) movedSince(s, n int, p *access.Person, r access.Removal) bool {
	moves := e.moves[p.Key()]
	return e.systems[s].Verdicts[n].Rule() != 0 && len(moves) > 0 && moves[len(moves)-1].Until.After(r.DecidedAt)
}

// leftOut names a line of policy without effect that may be what lets somebody have
// something, or "".
func (e *evaluation) leftOut() string {
	for _, l := range e.w.Policy.LeftOut {
		return cite(l.File, l.Row) + " cannot be used, and may be what lets them have it"
	}
	return ""
}

// proposeDecided makes the candidate of one decided removal.
func (e *evaluation) proposeDecided(s, a int, p *access.Person, finding string, r access.Removal, then fate) {
	act := e.action(s, a, p, access.Remove, then.step.verb, then.step.ent)
	act.Review, act.FindingID = r.RowID, finding
	act.ID = reviewAction(r.RowID)
	act.Undoable = act.Verb != access.OktaUnassignApp // an application may delete what the person had in it
	act.Reason = fmt.Sprintf("%s decided on %s in the review %s that %s no longer needs %s %s", r.By, phrase.Day(r.DecidedAt), r.Campaign, p.Name, act.EntitlementKind.Words(), act.Entitlement)
	act.Rests = e.restsOn(then.on)
	e.planned = append(e.planned, Candidate{s: s, a: a, Action: act})
}

// reviewAction is the id of the action that takes what a row of a review decided.
func reviewAction(row string) string { return stableID("a", "review", row) }

// undecided says that an approval names something that no review wants removed any
// more; or "".
func undecided(a access.Approval, removals map[string]access.Removal) string {
	decided := map[string]bool{}
	for row, r := range removals {
		decided[reviewAction(row)] = r.Overruled == ""
	}
	for _, s := range a.Cohort {
		if !decided[s.Action] {
			return fmt.Sprintf("the cohort is another one now: no review wants a right of %s removed any more: look at the list of now, and approve that one", s.Account)
		}
	}
	return ""
}
