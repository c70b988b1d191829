package reconcile

import (
	"cmp"
	"fmt"
	"rollcall/internal/access"
	"slices"
	"time"
)

// Unproven are the actions that failed or could not be seen to have worked. One of an
// interrupted run that was read back as not done is no failure of tonight: it is planned
// anew if it is still wanted; and one that tonight's own action was seen to do is done.
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
	case access.Done, access.AlreadyAbsent, access.Skipped:
		return false
	case access.Failed:
		return o.AdoptedFrom == ""
	}
	return true
}

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
			Rests:      []string{scopeOf(a.Account), rosterOf(a.Person)}})
	}
}

// revoked tells of people whose accounts were all blocked tonight: HR, and their manager.
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
		if slices.ContainsFunc(g.unproven, func(o access.Outcome) bool { return o.Action.Person == k }) {
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
		Open: []string{fmt.Sprintf("%d accounts of %d people were blocked, and it was read back that they are.", total, len(accounts))}})
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
		Open: []string{"Access of " + k.String() + ", who reported to you, was ended, and that was read back."}})
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
