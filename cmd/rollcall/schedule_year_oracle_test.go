package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeokta"
)

// The limits of blast_radius that the years are played with: those by default.
const mostANight = 5

// seen is what the oracle of a year remembers of the nights before. It comes from
// the sandbox, and from no word of rollcall's but its last plan.
type seen struct {
	closed   map[access.AccountKey]time.Time // since which night nothing of it works
	ours     map[access.AccountKey]bool      // closed by a run, and not let in since
	over     map[*soul]time.Time             // since which night it is certain that they left
	plan     *access.Plan                    // of the last night
	findings []access.Finding
	codes    []int // of the nights
	swept    int   // sweeps that were recorded
}

func newSeen() seen {
	return seen{closed: map[access.AccountKey]time.Time{}, ours: map[access.AccountKey]bool{}, over: map[*soul]time.Time{}}
}

// remember looks at the sandbox when a run is over.
func (y *year) remember(w witness) {
	now := y.clock.Now()
	for _, l := range y.logins {
		was, is := w.before.open(l, true, true), w.after.open(l, true, true)
		switch {
		case is != "":
			delete(y.seen.closed, l.key)
			delete(y.seen.ours, l.key)
		case y.seen.closed[l.key].IsZero():
			y.seen.closed[l.key] = now
			y.seen.ours[l.key] = strings.HasPrefix(was, "it is ") || was == "nothing is denied" // not what was left of a block of somebody else's
		}
	}
	if w.night != nil && w.night.Run.Trigger == "sweep" {
		if w.committed {
			y.seen.swept++
		}
		return
	}
	for _, who := range y.staff.all() {
		if !w.judged.over[who] {
			delete(y.seen.over, who)
		} else if y.seen.over[who].IsZero() {
			y.seen.over[who] = now
		}
	}
	y.seen.codes = append(y.seen.codes, w.code)
	y.seen.plan, y.seen.findings = nil, nil
	if w.night != nil && w.committed {
		y.seen.plan, y.seen.findings = &w.night.Plan, w.night.Findings
	}
}

// touched are the accounts of people who have not left beyond doubt that changed.
func (y *year) touched(w witness) (out []string) {
	for _, l := range y.logins {
		who := y.owner(l, w.judged)
		over := who != nil && w.judged.over[who] && !y.protects(l)
		if !over && !y.disputed(l, who, w.judged) && w.before.of[l.key] != w.after.of[l.key] {
			out = append(out, fmt.Sprintf("%s (%s) of %s was changed, who has not left beyond doubt", l.name, l.key, name(who)))
		}
	}
	return out
}

// ofTheYear are the rules that take more than one night to judge.
func (y *year) ofTheYear(w witness, sweep bool) (out []string) {
	if w.night == nil {
		return nil
	}
	out = slices.Concat(heldUnsaid(w), y.early(w), y.many(w))
	if !sweep && w.err == nil {
		out = slices.Concat(out, unbalanced(w), y.unsaid(w))
	}
	return out
}

// heldUnsaid are actions that are held, and no trip says why and what to do.
func heldUnsaid(w witness) (out []string) {
	for _, h := range w.night.Plan.Held {
		if !slices.ContainsFunc(w.night.Plan.Trips, func(g access.GuardError) bool {
			return g.Guard == h.Guard && slices.Contains(g.Cohort, h.Action.Account) && g.Says != "" && g.Mend != ""
		}) {
			out = append(out, fmt.Sprintf("%s of %s is held by %s, and no trip says why", h.Action.Verb, h.Action.Login, h.Guard))
		}
	}
	return out
}

// early are removes that were sent before the days of grace were over.
func (y *year) early(w witness) (out []string) {
	for _, o := range w.night.Outcomes {
		if o.Action.Stage != access.Remove || o.SentAt.IsZero() || o.AdoptedFrom != "" {
			continue
		}
		since := y.seen.closed[o.Action.Account]
		if since.IsZero() || o.SentAt.Before(since.AddDate(0, 0, graceDays).Add(-12*time.Hour)) { // nights that wait for a system end hours later
			out = append(out, fmt.Sprintf("%s of %s was sent on %s, and the account is closed since %s", o.Action.Verb, o.Action.Login, o.SentAt.Format(time.DateTime), since.Format(time.DateTime)))
		}
	}
	return out
}

// many are more accounts blocked at once than a night may, for which nobody answered.
func (y *year) many(w witness) (out []string) {
	released := map[access.AccountKey]bool{}
	for _, o := range w.night.Outcomes {
		released[o.Action.Account] = released[o.Action.Account] || len(o.Action.Released) > 0 || o.AdoptedFrom != ""
	}
	n := map[access.System]int{}
	for _, l := range y.logins {
		if w.before.open(l, true, true) != "" && w.after.open(l, true, true) == "" && !released[l.key] {
			n[l.key.System]++
			n["all systems"]++
		}
	}
	for system, accounts := range n {
		if accounts > mostANight {
			out = append(out, fmt.Sprintf("%d accounts of %s were blocked at once, and nobody approved it", accounts, system))
		}
	}
	return out
}

// unbalanced are books whose parts do not add up, or whose total is not what was
// collected.
func unbalanced(w witness) (out []string) {
	totals := map[string]int{}
	for _, b := range w.night.Balances {
		totals[b.What] = b.Total
		sum := 0
		for _, p := range b.Parts {
			sum += p.Count
		}
		if sum != b.Total {
			out = append(out, fmt.Sprintf("the books: %s are %d, and the parts %v", b.What, b.Total, b.Parts))
		}
	}
	for _, o := range w.saw {
		if n, has := totals["accounts of "+string(o.System)]; !has || n != len(o.Accounts) {
			out = append(out, fmt.Sprintf("the books have %d accounts of %s (a line: %t), and %d were collected", n, o.System, has, len(o.Accounts)))
		}
	}
	for source, g := range w.judged.force {
		if n, has := totals["rows in force of roster "+string(source)]; !has || n != g.last.rows {
			out = append(out, fmt.Sprintf("the books have %d rows of %s (a line: %t), and the list in force has %d", n, source, has, g.last.rows))
		}
	}
	return out
}

// unsaid are people who work here, whom a run cut off, and nothing says so.
func (y *year) unsaid(w witness) (out []string) {
	for _, l := range y.logins {
		who := y.owner(l, w.judged)
		if who == nil || l.kind == access.IdentityCenter || !y.seen.ours[l.key] || !w.lists(l) || y.disputed(l, who, w.judged) || w.after.open(l, true, true) != "" {
			continue
		}
		k := w.judged.force[who.source].known[who]
		if k == nil || !k.listed || k.fate != works || k.tainted {
			continue
		}
		if !slices.ContainsFunc(w.night.Findings, func(f access.Finding) bool { return f.Kind == access.BlockedActive && f.Account == l.key }) {
			out = append(out, fmt.Sprintf("%s of %s, who works here, is blocked by rollcall, and no finding says so", l.name, name(who)))
		}
	}
	return out
}

// settled is what has to be so after some nights on which nothing happened: who has
// left can use nothing, and nothing that was to be removed is there.
func (y *year) settled() {
	y.t.Helper()
	j, now, s := y.staff.judge(y.written, y.clock.Now()), y.clock.Now(), y.scene()
	for _, l := range y.logins {
		who := y.owner(l, j)
		if who == nil || !j.over[who] || y.protects(l) || y.disputed(l, who, j) {
			continue
		}
		if open := s.open(l, true, true); open != "" {
			y.t.Errorf("at the end of the year %s of %s, who has left: %s", l.name, name(who), open)
		}
		since := y.seen.over[who]
		for _, k := range y.ofOwner(who, l.key.System, j) {
			if at := y.seen.closed[k]; at.After(since) {
				since = at
			}
		}
		if l.kind == access.OktaUser && j.force[who.source].known[who].fate != garden && now.Sub(since) > (graceDays+2)*24*time.Hour && len(j.refused) == 0 && s.user(string(l.key.ID)).Status != fakeokta.Deprovisioned && !y.isHeld(l.key) && !y.waits(l.key) {
			y.t.Errorf("at the end of the year %s of %s is %s; they have left, and everything of theirs is closed, since %s", l.name, name(who), s.user(string(l.key.ID)).Status, since.Format(time.DateOnly))
		}
	}
}

// ofOwner are the accounts of somebody in a system.
func (y *year) ofOwner(who *soul, system access.System, j judged) (all []access.AccountKey) {
	for _, l := range y.logins {
		if l.key.System == system && y.owner(l, j) == who {
			all = append(all, l.key)
		}
	}
	return all
}

// waits reports whether the last night said why it removes nothing of an account.
func (y *year) waits(k access.AccountKey) bool {
	for _, f := range y.seen.findings {
		if f.Kind == access.LeaverRemains && f.Account == k {
			_, why, waits := strings.Cut(f.Reason, "nothing of it is removed tonight: ")
			y.say("waits", "%s: %s", k, why)
			return waits && why != ""
		}
	}
	return false
}

// isHeld reports whether the last night held something of an account.
func (y *year) isHeld(k access.AccountKey) bool {
	return y.seen.plan != nil && slices.ContainsFunc(y.seen.plan.Held, func(h access.Held) bool { return h.Action.Account == k })
}
