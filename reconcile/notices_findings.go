package reconcile

import (
	"fmt"
	"rollcall/internal/access"
	"rollcall/internal/phrase"
	"slices"
	"strings"
	"time"
)

// findings tells of those that do not wait for a worksheet.
func (g *noticing) findings() {
	admins := g.admins()
	for _, f := range g.n.Findings {
		switch f.Kind {
		case access.UsedAfterExit:
			g.finding(NoticeUsedAfterExit, f, "was used after access of %s had to end. Find out who used it, and from where; compliance tells legal.")
		case access.ProtectedLeaver:
			g.calm(g.finding(NoticeProtected, f, "is protected, so that rollcall leaves it alone, and is that of %s, who has left. A person has to decide tonight."))
			g.late(f)
		case access.LeaverAccess:
			if f.Disposition == access.ToUrgent {
				g.calm(g.finding(NoticeByHand, f, "lets %s in by a way that rollcall does not end, or may: a person has to look."))
			}
			g.late(f)
		case access.PerhapsTheirs:
			g.left(f)
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
		Open:       []string{phrase.Capital(g.account(f.Person, f.Account)) + " " + fmt.Sprintf(says, g.whom(f.Person))},
		Restricted: []string{strings.TrimSpace(fmt.Sprintf("%s: %s %s", g.named(f.Person), f.Login, f.Reason))},
		Rests:      []string{scopeOf(f.Account), rosterOf(f.Person)}}
	g.add(c)
	return c.ID()
}

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

// tonight reports whether a finding is new.
func (g *noticing) tonight(f access.Finding) bool {
	return !f.FirstSeen.IsZero() && f.FirstSeen == dayOf(g.n.Run.StartedAt)
}
