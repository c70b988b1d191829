package reconcile

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"rollcall/internal/access"
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
	says := fmt.Sprintf("%s decided on %s in the review %s that this is to be removed, by %s", r.By, r.DecidedAt.Format(time.DateOnly), r.Campaign, r.Due)
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
		return fate{says: "; rollcall took it away on " + r.DoneAt.Format(time.DateOnly) + ", and somebody gave it again, who is to say why"}
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
	switch ahead := e.w.Now.Before(due) && e.w.Settings.Reviewed.NoticeDays > 0; {
	case !e.w.Settings.Reviewed.Enforce:
		return fate{says: byHand + "review.removals is observe"}
	case ahead:
		return fate{says: "; it is taken away on " + due.Format(time.DateOnly)}
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

// allowedSince reports whether somebody approved an exception for it after it was
// decided to go.
func (e *evaluation) allowedSince(s, n int, r access.Removal) bool {
	v := e.systems[s].Verdicts[n]
	if v.Exception() == 0 || !v.Expected() {
		return false
	}
	return e.w.Policy.Exceptions[v.Exception()-1].ApprovedOn.At.After(r.DecidedAt.UTC().Truncate(24*time.Hour).AddDate(0, 0, -1))
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
	act.Reason = fmt.Sprintf("%s decided on %s in the review %s that %s no longer needs %s %s", r.By, r.DecidedAt.Format(time.DateOnly), r.Campaign, p.Name, act.EntitlementKind.Words(), act.Entitlement)
	act.Rests = e.restsOn(then.on)
	e.planned = append(e.planned, Candidate{s: s, a: a, Action: act})
}

// rightOf names what an action takes, as the guard of reviews counts it.
func rightOf(a access.Action) string {
	name := a.EntitlementKind.Words() + " " + cmp.Or(a.Entitlement, a.EntitlementID)
	if a.GrantScope != "" {
		name += " in " + a.GrantScope
	}
	return name + " (" + string(a.Account.System) + ")"
}

// holdersOfDecided counts, for each right that a review takes tonight, who holds it.
func (e *evaluation) holdersOfDecided() map[string]int {
	out := map[string]int{}
	for _, c := range e.planned {
		if c.Action.Review == "" {
			continue
		}
		for n, ent := range e.systems[c.s].Entitlements {
			if ent.Kind == c.Action.EntitlementKind && ent.ID == c.Action.EntitlementID && ent.Scope == c.Action.GrantScope {
				out[rightOf(c.Action)] = e.holders[c.s][n]
			}
		}
	}
	return out
}

// reviewed is the guard of what reviews decided: so many rights a night, and of none
// of them more than half of all who hold it. A worksheet on which somebody wrote Remove
// everywhere looks like this.
func (j *judge) reviewed(all []Candidate) {
	total := 0
	for _, n := range j.facts.Memory.Accounts {
		total += n
	}
	most := max(j.facts.Limits.ReviewMin, total*j.facts.Limits.ReviewPercent/100)
	byRight := map[string][]access.Stake{}
	for _, c := range j.freeReviewed(all) {
		byRight[rightOf(c)] = append(byRight[rightOf(c)], reviewStake(c))
	}
	for _, right := range slices.Sorted(maps.Keys(byRight)) {
		holders := j.facts.Holders[right]
		j.holdReviewed(all, byRight[right], func(losing int) (access.GuardError, bool) {
			most := max(j.facts.Limits.Concentration, holders/2)
			return access.GuardError{Scope: right, Count: losing, Limit: most,
				Says: fmt.Sprintf("%d of the %d who hold %s would lose it tonight, as reviewers decided", losing, holders, right)}, losing > most
		})
	}
	tonight := 0
	for _, r := range j.facts.Memory.Removals {
		if r.SentAt.After(j.facts.Now.Add(-sameNight)) {
			tonight++
		}
	}
	var stakes []access.Stake
	for _, c := range j.freeReviewed(all) {
		stakes = append(stakes, reviewStake(c))
	}
	j.holdReviewed(all, stakes, func(losing int) (access.GuardError, bool) {
		return access.GuardError{Scope: "all systems", Count: losing + tonight, Limit: most,
			Says: fmt.Sprintf("%d rights would be taken tonight that reviewers decided to remove, of %d accounts in all; %d is the most for one night", losing+tonight, total, most)}, losing > 0 && losing+tonight > most
	})
}

// freeReviewed are the actions that a review decided and nothing holds yet.
func (j *judge) freeReviewed(all []Candidate) []access.Action {
	var out []access.Action
	for _, c := range all {
		if c.Action.Review != "" && j.held[c.Action.ID] == "" {
			out = append(out, c.Action)
		}
	}
	return out
}

func reviewStake(a access.Action) access.Stake {
	return access.Stake{Account: a.Account, Stage: a.Stage, Action: a.ID}
}

// holdReviewed holds removals unless that many are not too many, or somebody
// approved them.
func (j *judge) holdReviewed(all []Candidate, stakes []access.Stake, judged func(losing int) (access.GuardError, bool)) {
	g, tooMany := judged(len(stakes))
	if !tooMany {
		return
	}
	slices.SortFunc(stakes, access.CompareStakes)
	g.Guard = guardReviewed
	rest := j.release(all, g, stakes)
	if g, tooMany = judged(len(rest)); !tooMany {
		return
	}
	g.Guard, g.Approvable, g.Stakes = guardReviewed, true, rest
	g.Mend = "look at them with the reviewers who decided it; if it is right, approve it, and the next run takes them away; if not, have them send their worksheet again with the right decision"
	for _, s := range rest {
		j.held[s.Action] = g.Guard
	}
	j.trip(g, accountsOfStakes(rest))
}

// guardReviewed is the guard of what reviews decided to remove.
const guardReviewed = "review_removals"

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

// rememberReviews keeps the campaigns, what they allowed, and how far what they
// decided to remove is.
func rememberReviews(next *access.Memory, w World, d Decision, outcomes []access.Outcome, run access.RunID) {
	next.Campaigns, next.Kept, next.Removals = maps.Clone(w.Memory.Campaigns), maps.Clone(w.Memory.Kept), maps.Clone(w.Memory.Removals)
	told := map[string]bool{}
	for _, f := range d.Findings {
		if f.Kind == access.ReviewRemoval {
			told[subject(f.Account, f.EntitlementKind, f.GrantScope, f.EntitlementID)] = true
		}
	}
	for id, r := range next.Removals {
		if r.Announced.IsZero() && told[subject(r.Account, r.Kind, r.Scope, r.Entitlement)] {
			r.Announced = dayOf(w.Now)
			next.Removals[id] = r
		}
	}
	followRemovals(next, w, d, run)
	Taken(next.Removals, outcomes)
}

// Taken adds to removals what outcomes tell of them.
func Taken(removals map[string]access.Removal, outcomes []access.Outcome) {
	for _, o := range outcomes {
		r, is := removals[o.Action.Review]
		if !is {
			continue
		}
		if sent := o.Result == access.Done || o.Result == access.Pending || o.Result == access.Unknown; sent && r.SentAt.IsZero() {
			r.SentAt = o.SentAt
		}
		if settled(o) && r.DoneAt.IsZero() {
			r.DoneAt = o.VerifiedAt
		}
		removals[r.RowID] = r
	}
}

// followRemovals marks what this night no longer saw, though it read all that would
// show it.
func followRemovals(next *access.Memory, w World, d Decision, run access.RunID) {
	if len(next.Removals) == 0 || !w.SeenAt.IsZero() {
		return
	}
	systems := make([]access.Observation, len(d.Systems))
	for s := range d.Systems {
		systems[s] = d.Systems[s].Observation
	}
	var open []access.Removal
	for _, r := range next.Removals {
		open = append(open, r)
	}
	for _, r := range Follow(open, NewLaterNight(run, w.Now, systems, d.People)) {
		next.Removals[r.RowID] = r
	}
}

// KeptBy reports whether an exception is one that a review made.
func KeptBy(x access.Exception, id access.CampaignID) bool { return x.File == "review "+string(id) }

// WithKept adds to the exceptions what reviews allowed for a time.
func WithKept(p access.Policy, kept map[string]access.Exception) access.Policy {
	p.Exceptions = slices.Clone(p.Exceptions)
	for _, id := range slices.Sorted(maps.Keys(kept)) {
		p.Exceptions = append(p.Exceptions, kept[id])
	}
	return p
}
