package reconcile

import (
	"cmp"
	"fmt"
	"rollcall/internal/access"
	"slices"
	"strings"
	"time"
)

// Unproven are the actions that failed or could not be seen to have worked. One of an
// interrupted run that was read back as not done is no failure of tonight: it is planned
// anew if it is still wanted; and one that tonight's own action was seen to do is done.
// What was read and skipped, or never happened, is planned anew by the next night; but for
// an order no night comes that does.
func Unproven(outcomes []access.Outcome) (out []access.Outcome) {
	for _, o := range outcomes {
		if unproven(o) && !seenLater(outcomes, o) {
			out = append(out, o)
		}
	}
	return out
}

func unproven(o access.Outcome) bool {
	switch o.Result {
	case access.Done, access.AlreadyAbsent:
		return false
	case access.Skipped:
		return ordered(o.Action)
	case access.Failed:
		return o.AdoptedFrom == "" || ordered(o.Action)
	}
	return true
}

// ordered reports whether an action is a step of a block that was ordered by hand.
func ordered(a access.Action) bool { return a.Order != nil && a.Stage == access.Block }

// seenLater reports whether what an interrupted run had begun, and could not be
// seen at first tonight, was seen to be so by an action of tonight.
func seenLater(outcomes []access.Outcome, adopted access.Outcome) bool {
	return adopted.AdoptedFrom != "" && slices.ContainsFunc(outcomes, func(o access.Outcome) bool {
		return o.AdoptedFrom == "" && o.Action.ID == adopted.Action.ID && (o.Result == access.Done || o.Result == access.AlreadyAbsent)
	})
}

var kindSentence = map[access.Stage]string{access.Block: "To be blocked", access.Remove: "To be removed", access.Restore: "To be given back"}

// outcomes tells what could not be seen to have worked.
func (g *noticing) outcomes() {
	kinds := map[access.Stage]string{access.Block: NoticeBlockFailed, access.Remove: NoticeRemoveFailed, access.Restore: NoticeRestoreFailed}
	for _, o := range g.unproven {
		a := o.Action
		g.add(access.Concern{Kind: kinds[a.Stage], Subject: cmp.Or(a.FindingID, stableID("n", a.Account.String())), System: string(a.Account.System),
			Open:       []string{fmt.Sprintf("%s: %s of %s is not proven.", kindSentence[a.Stage], g.account(a.Person, a.Account), g.whom(a.Person)), "Look now whether it can still be used; the report has each step and what was answered."},
			Restricted: []string{fmt.Sprintf("%s: %s of %s in %s: %s. %s", g.named(a.Person), a.Verb, a.Login, whereIs(a.Account), o.Result, o.Detail)},
			Rests:      restsOf(a)})
	}
}

// restsOf is what a run has to look at to say that an action is not open any more. That a
// list has somebody as working says nothing of what was ordered about them.
func restsOf(a access.Action) []string {
	if ordered(a) {
		return []string{scopeOf(a.Account), endedRest + a.Account.String()}
	}
	return []string{scopeOf(a.Account), rosterOf(a.Person)}
}

// endedRest begins what says that an account has to be seen as ended.
const endedRest = "ended:"

// seenEnded reports whether an account was seen not to work, or is not listed any more.
// In Identity Center nobody can be disabled, and one that holds nothing opens nothing.
func seenEnded(n *access.Night, account string) bool {
	for s := range n.Systems {
		o := &n.Systems[s]
		for a := range o.Accounts {
			switch acc := &o.Accounts[a]; {
			case acc.Key().String() != account:
			case acc.Kind == access.IdentityCenter:
				return !slices.ContainsFunc(o.Grants, func(g access.Grant) bool { return int(g.Account) == a && takeable(o, a, g) })
			default:
				return acc.Status == access.AccountSuspended || acc.Status == access.AccountDisabled
			}
		}
	}
	return true
}

// revoked tells of people whose accounts were all blocked tonight: HR, and their manager.
// Who may get in by a way that no action ends is not among them.
func (g *noticing) revoked() {
	accounts := map[access.PersonKey]map[access.AccountKey]bool{}
	for _, o := range g.n.Outcomes {
		if o.Action.Stage == access.Block && (o.Result == access.Done || o.Result == access.AlreadyAbsent) && !o.Action.InUse() {
			if accounts[o.Action.Person] == nil {
				accounts[o.Action.Person] = map[access.AccountKey]bool{}
			}
			accounts[o.Action.Person][o.Action.Account] = true
		}
	}
	total := 0
	var lines []string
	for k, of := range accounts {
		if g.open(k) {
			delete(accounts, k)
			continue
		}
		total += len(of)
		lines = append(lines, fmt.Sprintf("%s: %d accounts", g.named(k), len(of)))
		g.toManager(k)
	}
	if len(accounts) == 0 {
		return
	}
	slices.Sort(lines)
	g.add(access.Concern{Kind: NoticeRevoked, Subject: string(g.n.Run.ID), Restricted: lines,
		Open: []string{fmt.Sprintf("%d accounts of %d people were blocked, and it was read back that they are.%s", total, len(accounts), g.besides())}})
}

// open reports whether a block of somebody failed, was skipped or is held, or something
// of theirs is left to people: then nobody is told that their access was ended.
func (g *noticing) open(k access.PersonKey) bool {
	blocks := func(a access.Action) bool { return a.Person == k && a.Stage == access.Block }
	return slices.ContainsFunc(g.unproven, func(o access.Outcome) bool { return o.Action.Person == k }) ||
		slices.ContainsFunc(g.n.Outcomes, func(o access.Outcome) bool {
			return blocks(o.Action) && o.Result == access.Skipped && !seenLater(g.n.Outcomes, o)
		}) ||
		slices.ContainsFunc(g.n.Plan.Held, func(h access.Held) bool { return blocks(h.Action) }) ||
		slices.ContainsFunc(g.n.Findings, func(f access.Finding) bool {
			return f.Person == k && (f.Kind == access.PerhapsTheirs || f.Kind == access.HeldPerson || f.Kind == access.LeaverAccess && f.Disposition == access.ToUrgent)
		})
}

// unlisted are the systems of which a list was not read to its end: what people have there
// besides is not known.
func (g *noticing) unlisted() (names []string) {
	for _, r := range g.n.Reads() {
		if r.Lists && !r.Complete {
			names = append(names, r.Name())
		}
	}
	return names
}

// besides says what a run that tells of ended access could not look at; "" if nothing.
func (g *noticing) besides() string {
	if len(g.unlisted()) == 0 {
		return ""
	}
	return " " + strings.Join(g.unlisted(), ", ") + " could not be read to the end: whether there is more is not known."
}

// toManager tells the manager of somebody who has left, and not before.
func (g *noticing) toManager(k access.PersonKey) {
	p, known := g.people[k]
	if !known || p.Standing != access.StandingLeft || p.ManagerID == "" {
		return
	}
	boss, known := g.people[access.PersonKey{Source: k.Source, EmployeeID: p.ManagerID}]
	if !known || boss.Email == "" || boss.Standing != access.StandingActive {
		return
	}
	g.add(access.Concern{Kind: NoticeReportLeft, Subject: stableID("n", k.String(), string(g.n.Run.ID)), To: []access.Addressee{{Audience: access.ForManager, Mail: boss.Email}},
		Open: []string{"Access of " + k.String() + ", who reported to you, was ended, and that was read back." + g.besides()}})
}

// LeavesAhead reports whether telling that this person leaves would tell the
// future: they are still employed (garden leave included).
func LeavesAhead(p access.Person, now time.Time) bool {
	switch p.Standing {
	case access.StandingScheduled, access.StandingGarden:
		return true
	case access.StandingLeft:
		return false
	}
	for _, at := range []time.Time{p.AccessEndsAt, p.EndDate.At, p.LastWorkingDay.At} {
		if at.After(now) {
			return true
		}
	}
	return false
}
