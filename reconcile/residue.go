package reconcile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/phrase"
)

// fate is what becomes of access of a former job by policy. The zero fate leaves
// it to the people who review it.
type fate struct {
	says string // how a finding goes on
	now  bool   // it is taken away tonight, by step, which rests on these reads
	step removal
	on   []*access.Read
}

// fateOf decides about the grant of somebody who works here. What it announces is
// kept, for the day that it names.
func (e *evaluation) fateOf(s, a, n int, p *access.Person) fate {
	if !e.w.Settings.Removal.Movers || p.Standing != access.StandingActive {
		return fate{}
	}
	step, why := e.separable(s, a, n)
	why = cmp.Or(e.keepsPerson(p), e.keepsAccount(s, a, p), why)
	if why == "" {
		why = e.neededFor(s, a, n, p)
	}
	if why != "" {
		return fate{says: "; rollcall does not take it away by itself: " + why}
	}
	r := e.announce(s, a, n, p)
	on, gap := e.readsFor(s, a, step)
	wait := cmp.Or(e.waitsFor(), gap)
	day := phrase.Day(r.DueAt)
	switch ahead := e.w.Now.Before(r.DueAt); {
	case ahead && !e.w.Settings.Removal.Enforce:
		return fate{says: fmt.Sprintf("; with remove.mode enforce it would be taken away on %s%s", day, unless)}
	case ahead:
		return fate{says: fmt.Sprintf("; it is taken away on %s%s", day, unless)}
	case wait != "":
		return fate{says: fmt.Sprintf("; it was to be taken away on %s, and stays tonight: %s", day, wait)}
	}
	return fate{says: "; announced for " + day + ", it is due tonight", now: true, step: step, on: on}
}

// unless is how somebody keeps what is announced to go.
const unless = ", unless a line of the role map or of the exceptions lets them have it by then"

// announce keeps that a removal is announced, and says for when: whole days after
// the last change of job, and after the first night that announced it. A day that
// was told never comes nearer.
func (e *evaluation) announce(s, a, n int, p *access.Person) access.Residue {
	f := e.aboutGrant(s, a, n, access.MoverResidue)
	id, _ := findingID(&f)
	r := e.w.Memory.Residues[id]
	r.FindingID, r.Person, r.Account = id, f.Person, f.Account
	r.Kind, r.Scope, r.ID = f.EntitlementKind, f.GrantScope, f.EntitlementID
	if r.AnnouncedAt.IsZero() {
		r.AnnouncedAt = e.w.Now
	}
	if e.w.Now.Sub(r.RemovingAt) > week {
		r.RemovingAt = time.Time{}
	}
	from := r.AnnouncedAt
	if moves := e.moves[p.Key()]; moves[len(moves)-1].Until.After(from) {
		from = moves[len(moves)-1].Until
	}
	if due := nextMidnight(from.AddDate(0, 0, e.moverDays())); due.After(r.DueAt) {
		r.DueAt = due
	}
	e.residues = append(e.residues, r)
	return r
}

// nextMidnight is the first midnight that is not before t.
func nextMidnight(t time.Time) time.Time {
	t = t.UTC()
	day := t.Truncate(24 * time.Hour)
	if day.Before(t) {
		day = day.AddDate(0, 0, 1)
	}
	return day
}

// announced gives what is announced tonight, by finding, each once.
func (e *evaluation) announced() []access.Residue {
	slices.SortFunc(e.residues, func(a, b access.Residue) int { return strings.Compare(a.FindingID, b.FindingID) })
	return slices.CompactFunc(e.residues, func(a, b access.Residue) bool { return a.FindingID == b.FindingID })
}

// withoutOneJob are the people with several rows in a list, and those who are
// several people to HR: what one row does not give, another may.
func withoutOneJob(w World) map[access.PersonKey]bool {
	out, seen := map[access.PersonKey]bool{}, map[access.PersonKey]bool{}
	for _, r := range w.Rosters {
		for _, i := range r.Rows {
			if seen[i.Key()] {
				out[i.Key()] = true
			}
			seen[i.Key()] = true
		}
	}
	for _, a := range w.Policy.Answers {
		if a.SameAs != "" {
			out[a.Person], out[otherID(a)] = true, true
		}
	}
	return out
}

// keepsPerson says why nothing is taken from a person by policy, or "".
func (e *evaluation) keepsPerson(p *access.Person) string {
	switch {
	case e.jobless[p.Key()] || !p.SameAs.Zero():
		return "the HR lists have them more than once, and one of the rows may ask for it"
	case !e.named[e.people.role[e.people.byKey[p.Key()]]]:
		return fmt.Sprintf("no line of the role map names their present job (%s, %s), so that nobody can tell what it needs", orNone(p.Title), orNone(p.Department))
	}
	return ""
}

// keepsAccount says why nothing is taken from an account by policy, or "".
func (e *evaluation) keepsAccount(s, a int, p *access.Person) string {
	acc := &e.systems[s].Accounts[a]
	_, blocked := e.w.Memory.Blocked[acc.Key()]
	switch {
	case acc.Status != access.AccountActive:
		return acc.Login + " cannot be used at present"
	case blocked:
		return "rollcall blocked " + acc.Login + ", and nothing more is removed"
	case e.claimed(s, a, p) != nil:
		return "the address of " + acc.Login + " is that of somebody else too"
	}
	why := e.protected(s, a)
	if why == "" && e.onlySuperAdminIs(s, a) {
		why = "nobody else is known to stay as super admin"
	}
	if why != "" {
		return acc.Login + " is protected: " + why
	}
	return ""
}

// onlySuperAdminIs reports whether the account is, or may be, a super admin and no
// other is known to stay.
func (e *evaluation) onlySuperAdminIs(s, a int) bool {
	supers := e.superAdmins(s)
	if !supers.read[a] && !supers.possible[a] {
		return false
	}
	for other := range supers.read {
		if p := e.person(s, other); other != a && (p == nil || !e.leaves(p)) {
			return false
		}
	}
	return true
}

// waitsFor says why nothing of a former job is taken from anybody tonight, or "".
func (e *evaluation) waitsFor() string {
	if !e.w.Settings.Removal.Enforce {
		return "remove.mode is observe"
	}
	return cmp.Or(e.listsWait(), e.leftOut())
}

// proposeResidue makes the candidate of one right of a former job.
func (e *evaluation) proposeResidue(s, a int, p *access.Person, finding string, then fate) {
	act := e.action(s, a, p, access.Remove, then.step.verb, then.step.ent)
	act.Mover, act.FindingID = true, finding
	act.ID = stableID("a", "mover", act.ID)
	act.Undoable = act.Verb != access.OktaUnassignApp // an application may delete what the person had in it
	act.Reason = fmt.Sprintf("%s works here, and %s %s belonged to an earlier job (%s)", p.Name, act.EntitlementKind.Words(), act.Entitlement, p.Cites)
	act.First = !e.begun[act.Account]
	act.Rests = e.restsOn(then.on)
	e.planned = append(e.planned, Candidate{s: s, a: a, Action: act})
}

// begun are the accounts of which something of a former job was taken this week, so
// that the guards count them already.
func begun(w World) map[access.AccountKey]bool {
	out := map[access.AccountKey]bool{}
	for _, r := range w.Memory.Residues {
		if r.RemovingAt.After(w.Now.Add(-week)) {
			out[r.Account] = true
		}
	}
	return out
}
