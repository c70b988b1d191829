package reconcile

import (
	"cmp"
	"fmt"
	"maps"

	"rollcall/internal/access"
	"rollcall/internal/phrase"
)

// mostMoves is how many former jobs of a person are remembered, the newest.
const mostMoves = 5

// movesOf gives the former jobs of people: those that are remembered, also of
// whom tonight's lists do not have, and those that tonight's lists end. A list that was refused or is
// the same again ends none.
func movesOf(w World) map[access.PersonKey][]access.Move {
	moves := maps.Clone(w.Memory.Moves)
	if moves == nil {
		moves = map[access.PersonKey][]access.Move{}
	}
	for _, r := range w.Rosters {
		before := map[access.PersonKey]access.Identity{}
		if r.Verdict.Accepted && !r.Verdict.Same {
			before = jobs(w.Memory.InForce[r.Verdict.Source])
		}
		if len(before) == 0 && len(w.Memory.Moves) == 0 {
			continue
		}
		for k, now := range jobs(r.Rows) {
			known := w.Memory.Moves[k]
			if was, had := before[k]; had && was.Profile() != now.Profile() {
				known = append(known[:len(known):len(known)], access.Move{Title: was.Title, Department: was.Department, WorkerType: was.WorkerType, Until: w.Now})
			}
			if len(known) > 0 {
				moves[k] = known[max(0, len(known)-mostMoves):]
			}
		}
	}
	return moves
}

// jobs are the rows that say what somebody does here; who has two such rows has
// no one job.
func jobs(rows []access.Identity) map[access.PersonKey]access.Identity {
	out, twice := map[access.PersonKey]access.Identity{}, map[access.PersonKey]bool{}
	for _, i := range rows {
		if i.Problem != "" || i.EmployeeID == "" || (i.Status != access.StatusActive && i.Status != access.StatusLeave) {
			continue
		}
		_, twice[i.Key()] = out[i.Key()]
		out[i.Key()] = i
	}
	for k, is := range twice {
		if is {
			delete(out, k)
		}
	}
	return out
}

// former is the newest of a person's former jobs that a rule gave the right to,
// and the rule; false if none did.
func (e *evaluation) former(p *access.Person, s int, g access.Grant) (access.Move, access.Rule, bool) {
	moves := e.moves[p.Key()]
	for n := len(moves) - 1; n >= 0; n-- {
		m := moves[n]
		if rule := e.x.rule(m.Profile(), s, int(g.Entitlement)); rule != 0 {
			return m, e.w.Policy.RoleMap.Rules[rule-1], true
		}
	}
	return access.Move{}, access.Rule{}, false
}

// findResidue tells of a grant that belonged to a former job, and what becomes of
// it.
func (e *evaluation) findResidue(s, a, n int, p *access.Person, m access.Move, rule access.Rule) {
	ent := e.systems[s].Entitlements[e.systems[s].Grants[n].Entitlement]
	severity, days := "medium", e.moverDays()
	late := ""
	due := m.Until.AddDate(0, 0, days)
	if e.w.Now.After(due) || ent.Privileged {
		severity = "high"
	}
	if e.w.Now.After(due) {
		late = fmt.Sprintf("; that is more than %d days ago", days)
	}
	disposition, then := access.ToReview, e.fateOf(s, a, n, p)
	if then.now {
		disposition = access.ToRevoke
	}
	id := e.addGrant(s, a, n, access.MoverResidue, severity, disposition, cite(rule.File, rule.Row), fmt.Sprintf("%s has %s %s from an earlier job (%s, %s), which ended on %s%s%s",
		p.Name, ent.Kind, ent.Name, orNone(m.Title), orNone(m.Department), phrase.Day(m.Until), late, then.says))
	if then.now {
		e.proposeResidue(s, a, p, id, then)
	}
}

// moverDays is how long access of a former job may stay.
func (e *evaluation) moverDays() int { return cmp.Or(e.w.Settings.MoverDays, UsualMoverDays) }
