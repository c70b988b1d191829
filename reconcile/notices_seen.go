package reconcile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"rollcall/internal/access"
	"rollcall/internal/phrase"
)

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
	g.orders()
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

// lists tells of HR's lists and files of policy that were not used, and of what HR has to answer.
func (g *noticing) lists() {
	for _, v := range g.n.Rosters {
		if v.Refusal == nil {
			continue
		}
		measured := fmt.Sprintf("%d counted, %d is the most that is believed.", v.Refusal.Count, v.Refusal.Limit)
		if v.Refusal.Saw != "" {
			measured = "It was " + v.Refusal.Measured() + "."
		}
		g.add(access.Concern{Kind: NoticeRosterRefused, Subject: string(v.Source), Rests: []string{"roster:" + string(v.Source)},
			Open: []string{fmt.Sprintf("The list %s was refused; the one before stays in force. %s", v.Source, measured),
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
		if t.Guard == "roster" {
			continue // the refused list tells it
		}
		measured := fmt.Sprintf(": %d counted, %d is the most that passes by itself", t.Count, t.Limit)
		if t.Unlimited() {
			measured = ", and no number of them passes by itself"
		}
		c := access.Concern{Kind: NoticeGuard, Subject: t.Guard + "-" + strings.TrimPrefix(stableID("g", t.Scope), "g-"), Rests: []string{"whole"}, Calm: t.Guard == "baseline",
			Open:       []string{fmt.Sprintf("The guard %s holds %s%s%s.", t.Guard, phrase.Counted(len(t.Cohort), "account"), g.judged(t), measured), whatToDoAbout(t.Guard)},
			Restricted: []string{t.Says, t.Mend}}
		g.add(c)
	}
}

// whatToDoAbout says what ends a trip: nobody is sent to approve what cannot be approved.
func whatToDoAbout(guard string) string {
	if why := Unanswerable(guard); why != "" {
		return "Nobody can approve it: " + why + "."
	}
	return "Confirm the number, then mend or approve: the report has the command."
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
