package reconcile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"rollcall/internal/access"
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
	day := r.DueAt.Format(time.DateOnly)
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
			out[a.Person], out[access.PersonKey{Source: a.Person.Source, EmployeeID: a.SameAs}] = true, true
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

// separable is how one right is taken while the account stays as it is, or why it
// is not.
func (e *evaluation) separable(s, a, n int) (removal, string) {
	o := &e.systems[s]
	g := o.Grants[n]
	ent := &o.Entitlements[g.Entitlement]
	step := removal{ent: int(g.Entitlement)}
	switch ent.Kind {
	case access.OktaGroup:
		step.verb, step.also = access.OktaLeaveGroup, []string{"group_rules"}
		switch {
		case !ent.Editable:
			return step, "an application, a directory or Okta itself fills the group"
		case ent.Ruled:
			return step, "a rule of Okta fills the group, so that the rule is to change"
		}
	case access.OktaApp:
		step.verb = access.OktaUnassignApp
		if !e.w.Settings.Removal.AppsAndRoles {
			return step, "it takes applications away only with remove.apps_and_roles"
		}
	case access.IAMGroup, access.IAMPolicy, access.IAMInlinePolicy:
		step.verb = iamVerbs[ent.Kind]
	case access.PermissionSet, access.SSOGroup:
		step.verb = access.SSODeleteAssignment
		if ent.Kind == access.SSOGroup {
			step.verb = access.SSODeleteMembership
		}
		if !takeable(o, a, g) {
			return step, "it goes with the group that it comes from"
		}
	default:
		return step, "of what lets somebody in or administer, nothing is taken from people who work here"
	}
	if ent.Denies {
		return step, "it also denies something, and without it they could do more than before"
	}
	return step, ""
}

// neededFor says what somebody has through a right that their present job, or an
// exception, gives them: taking the right would take that too. "" if nothing.
func (e *evaluation) neededFor(s, a, n int, p *access.Person) string {
	o, why := &e.systems[s], ""
	ent := o.Grants[n].Entitlement
	for _, other := range e.grantsOf[s].of(a) {
		g := o.Grants[other]
		switch carried := &o.Entitlements[g.Entitlement]; {
		case g.Entitlement == ent && !g.Direct() && o.Verdicts[other].By != 0:
			why = least(why, "they have it through "+o.Via(g)+" too, which their present job or an exception gives them")
		case g.Direct() || g.Carrier != ent+1:
		case o.Verdicts[other].By != 0:
			why = least(why, "through it they have "+rightName(*carried)+", which their present job or an exception gives them")
		case carried.Kind == access.OktaAdminRole:
			why = least(why, "through it they have "+rightName(*carried))
		}
	}
	if o.Entitlements[ent].Kind == access.OktaGroup {
		why = cmp.Or(why, e.neededDownstream(o.Entitlements[ent].Name, p))
	}
	return why
}

// neededDownstream says so of a group of Okta that may be pushed to Identity Center,
// where what it carries is listed: the group of the same name, or any where a
// group there has no namesake.
func (e *evaluation) neededDownstream(group string, p *access.Person) (why string) {
	who := e.people.byKey[p.Key()]
	for s := range e.systems {
		o := &e.systems[s]
		for _, a := range e.accounts[s].of(who) {
			if acc := &o.Accounts[a]; acc.Kind != access.IdentityCenter || acc.Upstream == "" {
				continue
			}
			for _, n := range e.grantsOf[s].of(int(a)) {
				pushed := &o.Entitlements[o.Grants[n].Entitlement]
				if pushed.Kind != access.SSOGroup || !e.covered(s, int(a), o.Grants[n].Entitlement) {
					continue
				}
				if strings.EqualFold(pushed.Name, group) || !e.inOkta(who, pushed.Name) {
					why = least(why, "it may be what puts them into "+rightName(*pushed)+" of Identity Center, which gives what their present job or an exception asks for")
				}
			}
		}
	}
	return why
}

// covered reports whether policy lets an account have a group, or something that it
// carries.
func (e *evaluation) covered(s, a int, group uint32) bool {
	o := &e.systems[s]
	return slices.ContainsFunc(e.grantsOf[s].of(a), func(n uint32) bool {
		g := o.Grants[n]
		return o.Verdicts[n].By != 0 && (g.Entitlement == group || g.Carrier == group+1)
	})
}

// inOkta reports whether a person is in a group of Okta of that name.
func (e *evaluation) inOkta(who int, name string) bool {
	for s := range e.systems {
		o := &e.systems[s]
		for _, a := range e.accounts[s].of(who) {
			if slices.ContainsFunc(e.grantsOf[s].of(int(a)), func(n uint32) bool {
				ent := &o.Entitlements[o.Grants[n].Entitlement]
				return ent.Kind == access.OktaGroup && strings.EqualFold(ent.Name, name)
			}) {
				return true
			}
		}
	}
	return false
}

// waitsFor says why nothing of a former job is taken from anybody tonight, or "".
func (e *evaluation) waitsFor() string {
	if !e.w.Settings.Removal.Enforce {
		return "remove.mode is observe"
	}
	return cmp.Or(e.listsWait(), e.leftOut())
}

// least is the first of several reasons, in whatever order they were found.
func least(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return min(a, b)
}

// readsFor are the reads that a removal rests on: all of the account's scope, for
// what a right carries is listed by others; of a group of Okta also those that list
// what is pushed elsewhere. It says which of them was not complete.
func (e *evaluation) readsFor(s, a int, step removal) (on []*access.Read, gap string) {
	o := &e.systems[s]
	acc := &o.Accounts[a]
	add := func(r *access.Read) {
		if !r.Complete {
			gap = least(gap, fmt.Sprintf("%s was not read to its end: %s", r.Name(), r.Gap))
		}
		on = append(on, r)
	}
	add(&o.Reads[acc.Read])
	add(&o.Reads[o.Entitlements[step.ent].Read])
	for _, kind := range step.also {
		if e.read(s, acc.Scope, kind) == nil {
			gap = least(gap, "nobody asked for "+access.Read{System: o.System, Scope: acc.Scope, Kind: kind}.Name())
		}
	}
	for other := range e.systems {
		reads := e.systems[other].Reads
		for n := range reads {
			if other == s && reads[n].Scope == acc.Scope || o.Entitlements[step.ent].Kind == access.OktaGroup && reads[n].Scope == "" {
				add(&reads[n])
			}
		}
	}
	if gap == "" && !o.Reads[acc.Read].Lists {
		gap = o.Reads[acc.Read].Name() + " lists no accounts"
	}
	return on, gap
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

// restsOn names every list of HR's and these reads, sorted: what the removal of one
// right from somebody who works here cites.
func (e *evaluation) restsOn(reads []*access.Read) []string {
	var names []string
	for _, list := range e.w.Rosters {
		names = append(names, "roster:"+string(list.Verdict.Source))
	}
	for _, r := range reads {
		names = append(names, r.Name())
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// compareRights orders what is taken from one account.
func compareRights(a, b access.Action) int {
	return cmp.Or(cmp.Compare(a.Verb, b.Verb), cmp.Compare(a.GrantScope, b.GrantScope), cmp.Compare(a.EntitlementKind, b.EntitlementKind), cmp.Compare(a.EntitlementID, b.EntitlementID))
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

// Residues adds to residues what outcomes tell of removals: of one that was seen to
// be done only the date is kept, so that access that is given again is announced
// again.
func Residues(residues map[string]access.Residue, outcomes []access.Outcome) {
	for _, o := range outcomes {
		if !o.Action.Mover {
			continue
		}
		r := residues[o.Action.FindingID]
		r.FindingID, r.Person, r.Account = o.Action.FindingID, o.Action.Person, o.Action.Account
		r.Kind, r.Scope, r.ID = o.Action.EntitlementKind, o.Action.GrantScope, o.Action.EntitlementID
		if sent := o.Result == access.Done || o.Result == access.Pending || o.Result == access.Unknown; sent && r.RemovingAt.IsZero() {
			r.RemovingAt = o.SentAt
		}
		if settled(o) {
			r.AnnouncedAt, r.DueAt = time.Time{}, time.Time{}
		}
		residues[r.FindingID] = r
	}
}

// rememberResidues keeps what was announced tonight. What was announced before and
// is not any more is over, unless nobody could tell tonight; and for a week the
// guards count what was removed.
func rememberResidues(next *access.Memory, w World, d Decision, outcomes []access.Outcome) {
	next.Residues = map[string]access.Residue{}
	blind, held := w.Policy.Unjudged(), stillHeld(d, w.Memory.Residues)
	for id, r := range w.Memory.Residues {
		if !r.RemovingAt.IsZero() && w.Now.Sub(r.RemovingAt) > week {
			r.RemovingAt = time.Time{}
		}
		if !blind && (readWhole(d, r.Account.System) || held[heldRight{r.Account, r.Kind, r.Scope, r.ID}]) {
			r.AnnouncedAt, r.DueAt = time.Time{}, time.Time{}
		}
		if !r.AnnouncedAt.IsZero() || !r.RemovingAt.IsZero() {
			next.Residues[id] = r
		}
	}
	for _, r := range d.Residues {
		next.Residues[r.FindingID] = r
	}
	Residues(next.Residues, outcomes)
	for id, r := range next.Residues {
		if r.AnnouncedAt.IsZero() && r.RemovingAt.IsZero() {
			delete(next.Residues, id)
		}
	}
}

// readWhole reports whether all of a system was read to its end.
func readWhole(d Decision, system access.System) bool {
	for s := range d.Systems {
		if o := &d.Systems[s]; o.System == system {
			return !slices.ContainsFunc(o.Reads, func(r access.Read) bool { return !r.Complete })
		}
	}
	return false
}

// heldRight is a right that an account holds by itself.
type heldRight struct {
	account   access.AccountKey
	kind      access.EntitlementKind
	scope, id string
}

// stillHeld are those of the rights that were seen tonight: they were judged.
func stillHeld(d Decision, residues map[string]access.Residue) map[heldRight]bool {
	accounts := map[access.AccountKey]bool{}
	for _, r := range residues {
		accounts[r.Account] = true
	}
	out := map[heldRight]bool{}
	if len(residues) == 0 {
		return out
	}
	for s := range d.Systems {
		o := &d.Systems[s]
		asked := make([]bool, len(o.Accounts))
		for a := range o.Accounts {
			asked[a] = accounts[o.Accounts[a].Key()]
		}
		for _, g := range o.Grants {
			if ent := &o.Entitlements[g.Entitlement]; asked[g.Account] && g.Direct() {
				out[heldRight{o.Accounts[g.Account].Key(), ent.Kind, ent.Scope, ent.ID}] = true
			}
		}
	}
	return out
}
