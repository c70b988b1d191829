package reconcile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"rollcall/internal/access"
)

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

// Concerns are what a run saw that somebody has to be told, by their IDs. What
// everybody may read of one is made of ids, names of systems and words that are in this
// file; names of people, logins and whatever somebody wrote are for HR and security.
func Concerns(n *access.Night, r NoticeRules) []access.Concern {
	g := &noticing{n: n, rules: r, people: map[access.PersonKey]access.Person{}, unproven: Unproven(n.Outcomes)}
	for _, p := range n.People {
		g.people[p.Key()] = p
	}
	g.outcomes()
	g.findings()
	g.lists()
	g.reads()
	g.guards()
	g.records()
	g.receipts()
	return bundled(g.sorted())
}

type noticing struct {
	n        *access.Night
	rules    NoticeRules
	people   map[access.PersonKey]access.Person
	unproven []access.Outcome
	out      []access.Concern
	at       map[string]int // by ID, in out
}

// add adds a concern, or what is new to one that is there.
func (g *noticing) add(c access.Concern) {
	if g.at == nil {
		g.at = map[string]int{}
	}
	at, has := g.at[c.ID()]
	if !has {
		c.Since, c.SeenIn = g.n.Run.StartedAt.UTC(), g.n.Run.ID
		g.at[c.ID()] = len(g.out)
		g.out = append(g.out, c)
		return
	}
	for _, line := range c.Restricted {
		if !slices.Contains(g.out[at].Restricted, line) {
			g.out[at].Restricted = append(g.out[at].Restricted, line)
		}
	}
}

func (g *noticing) sorted() []access.Concern {
	slices.SortStableFunc(g.out, func(a, b access.Concern) int { return cmp.Compare(a.ID(), b.ID()) })
	return g.out
}

// ahead reports whether somebody's departure is nobody's business yet.
func (g *noticing) ahead(k access.PersonKey) bool {
	p, known := g.people[k]
	return known && LeavesAhead(p, g.n.Run.StartedAt)
}

// whom names a person for everybody: by id, and not at all while they are employed and
// are to leave.
func (g *noticing) whom(k access.PersonKey) string {
	switch {
	case k.Zero():
		return "nobody who is known"
	case g.ahead(k):
		return "somebody whose id only the report gives"
	}
	return k.String()
}

// named is whom, for those who may know.
func (g *noticing) named(k access.PersonKey) string {
	if p, known := g.people[k]; known && p.Name != "" {
		return p.Name + " (" + k.String() + ")"
	}
	return k.String()
}

func whereIs(k access.AccountKey) string {
	return strings.TrimSpace(string(k.System) + " " + k.Scope)
}

// account names an account for everybody.
func (g *noticing) account(p access.PersonKey, k access.AccountKey) string {
	if g.ahead(p) {
		return "an account in " + string(k.System)
	}
	return "account " + string(k.ID) + " in " + whereIs(k)
}

// scopeOf is what a run must have read to say that something of an account is no more.
func scopeOf(k access.AccountKey) string { return "scope:" + string(k.System) + "/" + k.Scope }

func rosterOf(k access.PersonKey) string {
	if k.Zero() {
		return "rosters"
	}
	return "roster:" + string(k.Source)
}

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

var kindSentence = map[access.Stage]string{access.Block: "To be blocked", access.Remove: "To be removed", access.Restore: "To be given back"}

// findings tells of those that do not wait for a worksheet.
func (g *noticing) findings() {
	admins := g.admins()
	for _, f := range g.n.Findings {
		switch f.Kind {
		case access.UsedAfterExit:
			g.finding(NoticeUsedAfterExit, f, "was used after access of %s had to end. Find out who used it, and from where.")
		case access.ProtectedLeaver:
			g.calm(g.finding(NoticeProtected, f, "is protected, so that rollcall leaves it alone, and is that of %s, who has left. A person has to decide tonight."))
			g.late(f)
		case access.LeaverAccess:
			if f.Disposition == access.ToUrgent {
				g.calm(g.finding(NoticeByHand, f, "lets %s in by a way that rollcall does not end: a person has to."))
			}
			g.late(f)
		case access.BlockedActive:
			g.finding(NoticeBlockedActive, f, "is blocked, and is that of %s, who works here by HR's list.")
		case access.OrphanAccount, access.AmbiguousMatch:
			if admins[f.Account] && f.Disposition != access.ToHold {
				g.finding(NoticeUnknownAdmin, f, "is privileged, and it is not known whose it is. HR's lists name %s.")
			}
		case access.BreakGlassUsed:
			f.ID += "-" + g.n.Run.StartedAt.UTC().Format(time.DateOnly) // each use is one of its own
			g.finding(NoticeBreakGlass, f, "was used since the last night. It is that of %s.")
		}
	}
}

// admins are the accounts that the systems call privileged.
func (g *noticing) admins() map[access.AccountKey]bool {
	out := map[access.AccountKey]bool{}
	for s := range g.n.Systems {
		for a := range g.n.Systems[s].Accounts {
			if acc := &g.n.Systems[s].Accounts[a]; acc.Privileged {
				out[acc.Key()] = true
			}
		}
	}
	return out
}

// finding adds a finding as a concern, and gives its ID.
func (g *noticing) finding(kind string, f access.Finding, says string) (id string) {
	c := access.Concern{Kind: kind, Subject: f.ID, System: string(f.Account.System),
		Open:       []string{capital(g.account(f.Person, f.Account)) + " " + fmt.Sprintf(says, g.whom(f.Person))},
		Restricted: []string{strings.TrimSpace(fmt.Sprintf("%s: %s %s", g.named(f.Person), f.Login, f.Reason))},
		Rests:      []string{scopeOf(f.Account), rosterOf(f.Person)}}
	g.add(c)
	return c.ID()
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// calm lowers a concern where rollcall only observes: nobody expects it to have ended
// anything, and what is open for long is no news.
func (g *noticing) calm(id string) {
	g.out[g.at[id]].Calm = g.n.Run.Mode != access.Enforce
}

// late tells of access that is open for longer after its end than agreed, unless
// tonight ended it.
func (g *noticing) late(f access.Finding) {
	p, known := g.people[f.Person]
	end := p.AccessEndsAt
	if end.IsZero() {
		end = p.FirstSeenLeftAt
	}
	if !known || f.Disposition == access.ToUrgent && f.Kind == access.LeaverAccess || end.IsZero() || g.n.Run.StartedAt.Sub(end) <= g.rules.SLA || g.ended(f.Account) {
		return
	}
	g.calm(g.finding(NoticePastSLA, f, fmt.Sprintf("works more than %s after access of %%s had to end.", hoursOf(g.rules.SLA))))
}

// ended reports whether every block of an account that was tried tonight was read back.
func (g *noticing) ended(k access.AccountKey) bool {
	of := func(o access.Outcome) bool { return o.Action.Account == k && o.Action.Stage == access.Block }
	return slices.ContainsFunc(g.n.Outcomes, of) && !slices.ContainsFunc(g.unproven, of) &&
		!slices.ContainsFunc(g.n.Outcomes, func(o access.Outcome) bool { return of(o) && o.Result == access.Skipped })
}

func hoursOf(d time.Duration) string {
	if d >= 48*time.Hour && d%(24*time.Hour) == 0 {
		return fmt.Sprintf("%d days", d/(24*time.Hour))
	}
	return fmt.Sprintf("%d hours", d/time.Hour)
}

// lists tells of HR's lists and files of policy that were not used, and of what HR has to answer.
func (g *noticing) lists() {
	for _, v := range g.n.Rosters {
		if v.Refusal == nil {
			continue
		}
		g.add(access.Concern{Kind: NoticeRosterRefused, Subject: string(v.Source), Rests: []string{"roster:" + string(v.Source)},
			Open: []string{fmt.Sprintf("The list %s was refused; the one before stays in force. %d counted, %d is the most that is believed.", v.Source, v.Refusal.Count, v.Refusal.Limit),
				"What is to be mended is in hr/roster_problems_" + string(v.Source) + ".xlsx of the report."},
			Restricted: []string{v.Refusal.Says, v.Refusal.Mend}})
	}
	for _, p := range g.n.Unusable() {
		g.add(access.Concern{Kind: NoticePolicyUnusable, Subject: p.File, Rests: []string{"policy"},
			Open: []string{"The file " + p.File + " could not be used. rollcall check says what is wrong in it."}, Restricted: []string{p.Says, p.Mend}})
	}
	questions := 0
	for _, f := range g.n.Findings {
		if (f.Kind == access.HeldPerson || f.Kind == access.VanishedPerson) && g.tonight(f) {
			questions++
		}
	}
	if questions > 0 {
		g.add(access.Concern{Kind: NoticeQuestions, Subject: string(g.n.Run.ID),
			Open: []string{fmt.Sprintf("%d more accounts wait for an answer of HR's: their people are held, and nothing of theirs is changed. The questions are in the folder hr of the report.", questions)}})
	}
}

// tonight reports whether a finding is new.
func (g *noticing) tonight(f access.Finding) bool {
	return !f.FirstSeen.IsZero() && f.FirstSeen == dayOf(g.n.Run.StartedAt)
}

func (g *noticing) reads() {
	for _, r := range g.n.Reads() {
		if r.Complete || r.Recalled {
			continue
		}
		g.add(access.Concern{Kind: NoticeGap, Subject: r.Name(), System: string(r.System), Rests: []string{"read:" + r.Name()},
			Open: []string{r.Name() + " could not be read to the end. What rests on it was withheld; the report says why."}, Restricted: []string{r.Gap}})
	}
}

func (g *noticing) guards() {
	for _, t := range g.n.Plan.Trips {
		if t.Guard == "roster" || t.Guard == "mode" {
			continue // the refused list tells it; the mode is as somebody set it
		}
		c := access.Concern{Kind: NoticeGuard, Subject: t.Guard + "-" + strings.TrimPrefix(stableID("g", t.Scope), "g-"), Rests: []string{"whole"}, Calm: t.Guard == "baseline",
			Open:       []string{fmt.Sprintf("The guard %s holds %d accounts%s: %d counted, %d is the most that passes by itself.", t.Guard, len(t.Cohort), g.judged(t), t.Count, t.Limit), "Confirm the number, then mend or approve: the report has the command."},
			Restricted: []string{t.Says, t.Mend}}
		g.add(c)
	}
}

// judged says what a guard judged, where that is a system: it may also be a team, whose
// name may be a person's.
func (g *noticing) judged(t access.GuardError) string {
	for s := range g.n.Systems {
		if string(g.n.Systems[s].System) == t.Scope {
			return " of " + t.Scope
		}
	}
	return ""
}

func (g *noticing) records() {
	for _, name := range g.n.Damaged {
		g.add(access.Concern{Kind: NoticeDamaged, Subject: name, Rests: []string{"trigger:nightly"}, Open: []string{"The record " + name + " cannot be read. Keep a copy of it, and find out what damaged it."}})
	}
	for _, a := range g.n.Approvals {
		if a.SpentAt.IsZero() {
			continue
		}
		g.add(access.Concern{Kind: NoticeApprovalSpent, Subject: a.ID, Open: []string{fmt.Sprintf("The approval %s of the guard %s released %d accounts.", a.ID, a.Guard, a.Accounts)},
			Restricted: []string{"by " + a.By + ": " + a.Reason}})
	}
}

// receipts tells what went well, and what compliance keeps.
func (g *noticing) receipts() {
	g.revoked()
	fresh, all := 0, 0
	for _, f := range g.n.Findings {
		if f.Kind == access.UnexpectedGrant {
			all++
			if g.tonight(f) {
				fresh++
			}
		}
	}
	if fresh > 0 {
		g.add(access.Concern{Kind: NoticeOutside, Subject: string(g.n.Run.ID), Open: []string{fmt.Sprintf("%d more rights that the role map does not have, %d in all. They are in the worksheets of their reviewers.", fresh, all)}})
	}
	if g.n.Run.Trigger == "nightly" {
		g.add(access.Concern{Kind: NoticeChainHead, Subject: string(g.n.Run.ID), Open: []string{"Run " + string(g.n.Run.ID) + " is in the archive, signed. Keep the head of the chain below where nobody who runs rollcall can change it."}})
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

// bundled puts concerns of one kind into one where they are many: nobody reads the
// eleventh page of a night.
func bundled(all []access.Concern) (out []access.Concern) {
	for len(all) > 0 {
		same := 1
		for same < len(all) && all[same].Kind == all[0].Kind {
			same++
		}
		one := all[:same]
		all = all[same:]
		if same <= mostApart || one[0].Kind == NoticeReportLeft {
			out = append(out, one...)
			continue
		}
		out = append(out, standIn(one))
	}
	return out
}

func standIn(all []access.Concern) access.Concern {
	many := access.Concern{Kind: all[0].Kind, Subject: "many", System: all[0].System, Since: all[0].Since, SeenIn: all[0].SeenIn, Calm: all[0].Calm,
		Open: []string{fmt.Sprintf("%d at once. These are the first %d; the report has all of them.", len(all), mostApart)}}
	for n, c := range all {
		many.Covers = append(many.Covers, c.Subject)
		for _, rest := range c.Rests {
			if !slices.Contains(many.Rests, rest) {
				many.Rests = append(many.Rests, rest)
			}
		}
		many.Calm = many.Calm && c.Calm
		if c.System != many.System {
			many.System = ""
		}
		if n < mostApart {
			many.Open, many.Restricted = append(many.Open, c.Open[:1]...), append(many.Restricted, c.Restricted...)
		}
	}
	return many
}
