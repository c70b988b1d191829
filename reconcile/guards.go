package reconcile

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"rollcall/internal/access"
)

// Limits are the numbers of the guards. A zero field means the default, so that
// no guard can be switched off by leaving it out.
type Limits struct {
	NightMin, NightPercent int // blast radius in one night: max(5, 3 %)
	WeekMin, WeekPercent   int // and over 7 days: max(10, 8 %)
	Concentration          int // more than this many, and more than half, of one department, manager or right: 5
	Irreversible           int // blocks that cannot be undone, in one night: 2
	// Of accounts from which something is removed for the first time, the same
	// numbers as for blocks.
	RemoveNightMin, RemoveNightPercent int
	RemoveWeekMin, RemoveWeekPercent   int
	// Of rights that are taken because a review decided it, in one night: max(10, 5 % of
	// all accounts).
	ReviewMin, ReviewPercent int
}

func (l Limits) defaults() Limits {
	return Limits{
		NightMin: cmp.Or(l.NightMin, 5), NightPercent: cmp.Or(l.NightPercent, 3),
		WeekMin: cmp.Or(l.WeekMin, 10), WeekPercent: cmp.Or(l.WeekPercent, 8),
		Concentration: cmp.Or(l.Concentration, 5), Irreversible: cmp.Or(l.Irreversible, 2),
		RemoveNightMin: cmp.Or(l.RemoveNightMin, 5), RemoveNightPercent: cmp.Or(l.RemoveNightPercent, 3),
		RemoveWeekMin: cmp.Or(l.RemoveWeekMin, 10), RemoveWeekPercent: cmp.Or(l.RemoveWeekPercent, 8),
		ReviewMin: cmp.Or(l.ReviewMin, 10), ReviewPercent: cmp.Or(l.ReviewPercent, 5),
	}
}

// radius is how far one stage may reach, a night and in 7 days.
type radius struct {
	stage       access.Stage
	night, week int
	begun       func(m access.Memory, s access.System, scope string, since time.Time) int
	would, mend string // what would happen to an account, and what to do when it is too much
}

// radii are the two stages' for so many accounts.
func (l Limits) radii(accounts int) []radius {
	return []radius{
		{access.Block, max(l.NightMin, accounts*l.NightPercent/100), max(l.WeekMin, accounts*l.WeekPercent/100), blockedSince, "be blocked",
			"look at the list of leavers in the report with HR; if it is right, approve it, and the next run blocks them; if not, have HR's list corrected"},
		{access.Remove, max(l.RemoveNightMin, accounts*l.RemoveNightPercent/100), max(l.RemoveWeekMin, accounts*l.RemoveWeekPercent/100), removingSince, "have something removed",
			"nothing is urgent, for who left stays blocked: look at the list with HR; if it is right, approve it, and the next run removes them; if not, have HR's list corrected"},
	}
}

// Facts are what the guards judge by, besides the actions themselves.
type Facts struct {
	Now      time.Time
	Mode     access.Mode
	Limits   Limits
	Memory   access.Memory
	Refusals []access.GuardError
	Inputs   []access.Input
	// Groups names what an account has in common with others: its person's
	// department and manager, and the rights it holds, but none that half of all
	// have.
	Groups map[access.AccountKey][]string
	// Holders counts who holds each right that a review would take (rightOf).
	Holders map[string]int
	// Rosters are what was decided about tonight's lists.
	Rosters []access.RosterVerdict
	// Leavers are the accounts of certain leavers, also those with nothing left to
	// do; where there are approvals to hold against them.
	Leavers map[access.AccountKey]bool
	// Approvals are what people answered for; ApprovalAge is how old one may be.
	Approvals   []access.GivenApproval
	ApprovalAge time.Duration
}

// Judge splits the candidates into what may run and what a guard holds. It sees
// the exact list, all of it, before the first effect; what trips is held whole,
// the rest goes on. What a person approved does not trip; what became of each
// approval is told too.
func Judge(all []Candidate, f Facts) (access.Plan, []access.ApprovalVerdict) {
	f.Limits = f.Limits.defaults()
	j := weigh(all, f, grantsOf(f))
	p := j.plan(all)
	p.Behind = behind(all, f, p.Trips)
	p.SHA256 = PlanDigest(p)
	return p, j.verdicts(p)
}

// weigh lets every guard judge.
func weigh(all []Candidate, f Facts, grants []*grant) *judge {
	j := &judge{facts: f, held: map[string]string{}, grants: grants, released: map[string][]access.Release{}}
	j.trips = append(j.trips, f.Refusals...)
	j.ownHolds(all)
	j.baseline(all)
	j.blast(all)
	j.concentration(all)
	j.reorganised(all)
	j.reviewed(all)
	j.irreversible(all)
	return j
}

// judge collects what the guards say. held maps an action's id to its guard,
// released to the approvals that let it pass one.
type judge struct {
	facts    Facts
	held     map[string]string
	trips    []access.GuardError
	grants   []*grant
	released map[string][]access.Release
}

func (j *judge) trip(g access.GuardError, cohort []access.AccountKey) {
	g.Cohort = distinctAccounts(cohort)
	j.trips = append(j.trips, g)
}

// hold holds every candidate of the accounts, and says so once.
func (j *judge) hold(all []Candidate, g access.GuardError, cohort []access.AccountKey) {
	held := make(map[access.AccountKey]bool, len(cohort))
	for _, k := range cohort {
		held[k] = true
	}
	for _, c := range all {
		if held[c.Action.Account] && j.held[c.Action.ID] == "" {
			j.held[c.Action.ID] = g.Guard
		}
	}
	j.trip(g, cohort)
}

// ownHolds are the holds that came with the candidates: unread scopes and
// protected accounts; one trip for each reason.
func (j *judge) ownHolds(all []Candidate) {
	type reason struct{ guard, says, mend string }
	cohorts := map[reason][]access.AccountKey{}
	var order []reason
	for _, c := range all {
		if c.Held == "" {
			continue
		}
		r := reason{c.Held, c.Says, c.Mend}
		if cohorts[r] == nil {
			order = append(order, r)
		}
		cohorts[r] = append(cohorts[r], c.Action.Account)
		j.held[c.Action.ID] = c.Held
	}
	for _, r := range order {
		cohort := distinctAccounts(cohorts[r])
		j.trip(access.GuardError{Guard: r.guard, Scope: string(cohort[0].System), Count: len(cohort), Says: r.says, Mend: r.mend}, cohort)
	}
}

// distinctAccounts sorts accounts and names each once.
func distinctAccounts(all []access.AccountKey) []access.AccountKey {
	slices.SortFunc(all, func(a, b access.AccountKey) int { return cmp.Compare(a.String(), b.String()) })
	return slices.Compact(all)
}

// free are the accounts with a first action of a stage that nothing holds yet, of
// one system or ("") of all; each once.
func (j *judge) free(all []Candidate, stage access.Stage, system access.System) []access.AccountKey {
	var out []access.AccountKey
	seen := map[access.AccountKey]bool{}
	for _, c := range all {
		if c.Action.First && c.Action.Stage == stage && j.held[c.Action.ID] == "" && (system == "" || c.Action.Account.System == system) && !seen[c.Action.Account] {
			seen[c.Action.Account] = true
			out = append(out, c.Action.Account)
		}
	}
	return out
}

// systemsOf are the systems that the candidates touch, sorted.
func systemsOf(all []Candidate) []access.System {
	var out []access.System
	for _, c := range all {
		out = append(out, c.Action.Account.System)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// baseline holds everything in a system of which no complete snapshot exists. A
// night that observes is itself the baseline.
func (j *judge) baseline(all []Candidate) {
	if j.facts.Mode != access.Enforce {
		return
	}
	for _, s := range systemsOf(all) {
		if _, has := j.facts.Memory.Accounts[s]; has {
			continue
		}
		var cohort []access.AccountKey
		for _, c := range all {
			if c.Action.Account.System == s {
				cohort = append(cohort, c.Action.Account)
			}
		}
		slices.SortFunc(cohort, func(a, b access.AccountKey) int { return cmp.Compare(a.String(), b.String()) })
		cohort = slices.Compact(cohort)
		j.hold(all, access.GuardError{Guard: "baseline", Scope: string(s), Count: len(cohort),
			Says: "no earlier night has read all of " + string(s) + ", so nobody can tell what is normal",
			Mend: "read this night's report; the next night has this one as its baseline and acts"}, cohort)
	}
}

// blast holds everything of a stage in a system, or in total, when more accounts
// would be blocked, or have something removed, for the first time than a night or a
// week may.
func (j *judge) blast(all []Candidate) {
	total := 0
	for _, n := range j.facts.Memory.Accounts {
		total += n
	}
	for _, s := range systemsOf(all) {
		for _, r := range j.facts.Limits.radii(j.facts.Memory.Accounts[s]) {
			j.blastOf(all, r, s, j.facts.Memory.Accounts[s])
		}
	}
	for _, r := range j.facts.Limits.radii(total) {
		j.blastOf(all, r, "", total)
	}
}

// sameNight is how far back a block counts as one of this night: those of a run
// that was interrupted, or of a second run, do.
const sameNight = 12 * time.Hour

func (j *judge) blastOf(all []Candidate, r radius, s access.System, accounts int) {
	cohort := j.free(all, r.stage, s)
	g := j.blastTrip(r, s, accounts, cohort)
	if g == nil {
		return
	}
	rest := j.release(all, *g, accountStakes(cohort, r.stage))
	if len(rest) < len(cohort) {
		cohort = accountsOfStakes(rest)
		g = j.blastTrip(r, s, accounts, cohort)
	}
	if g != nil {
		g.Approvable, g.Stakes = true, rest
		j.hold(all, *g, cohort)
	}
}

// blastTrip is the refusal to block, or remove of, so many accounts, or nil.
func (j *judge) blastTrip(r radius, s access.System, accounts int, cohort []access.AccountKey) *access.GuardError {
	if len(cohort) == 0 {
		return nil
	}
	scope := string(s)
	if s == "" {
		scope = "all systems"
	}
	tonight := r.begun(j.facts.Memory, s, scope, j.facts.Now.Add(-sameNight))
	before := r.begun(j.facts.Memory, s, scope, j.facts.Now.Add(-week))
	g := &access.GuardError{Guard: "blast_radius", Scope: scope, Mend: r.mend}
	switch {
	case len(cohort)+tonight > r.night:
		g.Count, g.Limit = len(cohort)+tonight, r.night
		g.Says = fmt.Sprintf("%d accounts of %d in %s would %s tonight; %d is the most for one night", len(cohort)+tonight, accounts, scope, r.would, r.night)
	case len(cohort)+before > r.week:
		g.Count, g.Limit = len(cohort)+before, r.week
		g.Says = fmt.Sprintf("with tonight's %d, %d accounts of %d in %s would %s in 7 days; %d is the most", len(cohort), len(cohort)+before, accounts, scope, r.would, r.week)
	default:
		return nil
	}
	return g
}

// blockedSince counts the accounts that rollcall first blocked after t, but for
// those for which a person answered to the guard of this scope.
func blockedSince(m access.Memory, s access.System, scope string, t time.Time) int {
	n := 0
	for _, b := range m.Blocked {
		if b.At.After(t) && (s == "" || b.Account.System == s) && !answered(b.Released, "blast_radius", scope) {
			n++
		}
	}
	return n
}

// removingSince counts the accounts of which rollcall removed something for the
// first time after t, but for those for which a person answered.
func removingSince(m access.Memory, s access.System, scope string, t time.Time) int {
	begun := map[access.AccountKey]bool{}
	for _, end := range m.Endings {
		if end.RemovingAt.After(t) && (s == "" || end.Account.System == s) && !answered(end.Released, "blast_radius", scope) {
			begun[end.Account] = true
		}
	}
	for _, r := range m.Residues {
		if r.RemovingAt.After(t) && (s == "" || r.Account.System == s) {
			begun[r.Account] = true
		}
	}
	return len(begun)
}

// reorganised holds the accounts of one former department, manager or right when
// they are many and more than half of all that would lose access of a former job.
func (j *judge) reorganised(all []Candidate) {
	c := sharers{map[access.AccountKey]access.PersonKey{}, map[access.PersonKey]bool{}, map[string][]access.AccountKey{}}
	for _, one := range all {
		k := one.Action.Account
		if _, known := c.person[k]; known || !one.Action.Mover || j.held[one.Action.ID] != "" {
			continue
		}
		c.person[k], c.people[one.Action.Person] = one.Action.Person, true
		for _, g := range j.facts.Groups[k] {
			c.members[g] = append(c.members[g], k)
		}
	}
	for _, group := range c.tripping(j.facts.Limits.Concentration) {
		members := distinctAccounts(c.members[group])
		who, total := c.count(group, members)
		j.hold(all, access.GuardError{Guard: "concentration", Scope: group, Count: who, Limit: j.facts.Limits.Concentration,
			Says: fmt.Sprintf("%d of the %d people who would lose access of an earlier job tonight share %s", who, total, group),
			Mend: "ask HR and their managers whether they all changed their job, or only its name; what they still need goes into the role map, and the rest is taken away by hand"}, members)
	}
}

// concentration holds the accounts of one department, manager or right when
// they are many and more than half of all that would be blocked. Who is removed
// was blocked under this guard.
func (j *judge) concentration(all []Candidate) {
	c := j.sharers(all)
	for _, group := range c.tripping(j.facts.Limits.Concentration) {
		members := distinctAccounts(c.members[group])
		rest := accountsOfStakes(j.release(all, access.GuardError{Guard: "concentration", Scope: group}, accountStakes(members, access.Block)))
		who, total := c.count(group, rest)
		if !concentrated(who, total, j.facts.Limits.Concentration) {
			continue
		}
		j.hold(all, access.GuardError{Guard: "concentration", Scope: group, Count: who, Limit: j.facts.Limits.Concentration, Approvable: true, Stakes: accountStakes(rest, access.Block),
			Says: fmt.Sprintf("%d of the %d people who would be blocked tonight share %s", who, total, group),
			Mend: "ask HR whether they all left (a wrong filter or a moved department looks like this); if they did, approve it"}, rest)
	}
}

// sharers is who would be blocked, and what they have in common.
type sharers struct {
	person  map[access.AccountKey]access.PersonKey
	people  map[access.PersonKey]bool
	members map[string][]access.AccountKey // by group
}

func (j *judge) sharers(all []Candidate) sharers {
	c := sharers{map[access.AccountKey]access.PersonKey{}, map[access.PersonKey]bool{}, map[string][]access.AccountKey{}}
	free := map[access.AccountKey]bool{}
	for _, k := range j.free(all, access.Block, "") {
		free[k] = true
	}
	for _, one := range all {
		if !one.Action.First || one.Action.Stage != access.Block || !free[one.Action.Account] {
			continue
		}
		c.person[one.Action.Account], c.people[one.Action.Person] = one.Action.Person, true
		for _, g := range j.facts.Groups[one.Action.Account] {
			c.members[g] = append(c.members[g], one.Action.Account)
		}
	}
	return c
}

// count is how many people of a group own the accounts, and how many there are
// in all without those of the group who own none of them.
func (c sharers) count(group string, accounts []access.AccountKey) (who, total int) {
	all, left := map[access.PersonKey]bool{}, map[access.PersonKey]bool{}
	for _, k := range c.members[group] {
		all[c.person[k]] = true
	}
	for _, k := range accounts {
		left[c.person[k]] = true
	}
	return len(left), len(c.people) - len(all) + len(left)
}

func concentrated(who, total, limit int) bool { return who > limit && who*2 > total }

// tripping are the groups that too many share, sorted.
func (c sharers) tripping(limit int) []string {
	var names []string
	for g, members := range c.members {
		if who, total := c.count(g, members); concentrated(who, total, limit) {
			names = append(names, g)
		}
	}
	slices.Sort(names)
	return names
}

// irreversible holds the blocks that cannot be undone, and the deletions of users, when
// there are more than the threshold; what can be undone of the same accounts goes on.
// No remove can be undone: removes have a blast radius of their own (docs/adr/0014),
// which counts an account when the first thing of it goes, days before the user does.
func (j *judge) irreversible(all []Candidate) {
	var stakes []access.Stake
	for _, c := range all {
		once := c.Action.Stage == access.Block && !c.Action.Undoable || c.Action.Verb == access.IAMDeleteUser
		if once && j.held[c.Action.ID] == "" {
			stakes = append(stakes, access.Stake{Account: c.Action.Account, Stage: c.Action.Stage, Action: c.Action.ID})
		}
	}
	slices.SortFunc(stakes, access.CompareStakes)
	before := j.irreversibleTonight()
	g := access.GuardError{Guard: "irreversible", Scope: "all systems", Limit: j.facts.Limits.Irreversible, Approvable: true,
		Mend: "look at them in the report; if they are right, approve them; what can be undone of the same accounts is done in any case"}
	if len(stakes) == 0 || len(stakes)+before <= g.Limit {
		return
	}
	g.Stakes = j.release(all, g, stakes)
	if len(g.Stakes) == 0 || len(g.Stakes)+before <= g.Limit {
		return
	}
	for _, s := range g.Stakes {
		j.held[s.Action] = "irreversible"
	}
	g.Count = len(g.Stakes) + before
	g.Says = fmt.Sprintf("%d actions of tonight cannot be undone; %d is the most for one night", g.Count, g.Limit)
	j.trip(g, accountsOfStakes(g.Stakes))
}

// irreversibleTonight counts what an interrupted or earlier run of this night did
// that cannot be undone.
func (j *judge) irreversibleTonight() int {
	n := 0
	for _, b := range j.facts.Memory.Blocked {
		if answered(b.Released, "irreversible", "all systems") {
			continue
		}
		for _, v := range b.Verbs {
			if (v == access.OktaDeactivate || v == access.OktaDeleteToken) && b.At.After(j.facts.Now.Add(-sameNight)) {
				n++
			}
		}
	}
	for _, end := range j.facts.Memory.Endings {
		recent := end.RemovedAt.IsZero() || end.RemovedAt.After(j.facts.Now.Add(-sameNight))
		if recent && slices.Contains(end.Verbs, access.IAMDeleteUser) && !answered(end.Released, "irreversible", "all systems") {
			n++
		}
	}
	return n
}

// plan assembles what may run and what is held.
func (j *judge) plan(all []Candidate) access.Plan {
	p := access.Plan{Inputs: j.facts.Inputs, Actions: []access.Action{}, Held: []access.Held{}, Trips: j.trips}
	for _, c := range all {
		if g := j.held[c.Action.ID]; g != "" {
			p.Held = append(p.Held, access.Held{Action: c.Action, Guard: g})
		} else {
			c.Action.Released = j.released[c.Action.ID]
			p.Actions = append(p.Actions, c.Action)
		}
	}
	return p
}

// PlanDigest is the SHA-256 of a plan without its run, its time and its digest:
// the same facts give the same digest.
func PlanDigest(p access.Plan) string {
	p.RunID, p.CreatedAt, p.SHA256 = "", time.Time{}, ""
	b, err := json.Marshal(p)
	if err != nil {
		panic("a plan is plain data: " + err.Error())
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// judgeFacts gathers what the guards judge by.
func (e *evaluation) judgeFacts() Facts {
	f := Facts{Now: e.w.Now, Mode: e.w.Settings.Mode, Limits: e.w.Settings.Limits, Memory: e.w.Memory, Inputs: e.w.Inputs, Groups: e.groups(), Holders: e.holdersOfDecided(),
		Approvals: e.w.Approvals, ApprovalAge: e.w.Settings.approvalAge(), Leavers: e.leaversAccounts()}
	for _, r := range e.w.Rosters {
		f.Rosters = append(f.Rosters, r.Verdict)
		if r.Verdict.Refusal != nil && e.w.Order == nil { // an order rests on no list
			f.Refusals = append(f.Refusals, *r.Verdict.Refusal)
		}
	}
	slices.SortFunc(f.Refusals, func(a, b access.GuardError) int { return cmp.Compare(a.Scope, b.Scope) })
	return f
}

// leaversAccounts are all accounts of certain leavers; none are looked up when
// nobody approved anything.
func (e *evaluation) leaversAccounts() map[access.AccountKey]bool {
	out := map[access.AccountKey]bool{}
	if len(e.w.Approvals) == 0 {
		return out
	}
	for s := range e.systems {
		for a := range e.systems[s].Accounts {
			if p := e.person(s, a); p != nil && e.leaves(p) && e.claimed(s, a, p) == nil {
				out[e.systems[s].Accounts[a].Key()] = true
			}
		}
	}
	return out
}

// groups names, for the accounts in the plan, what they share with others. What
// half of everybody has cannot make a cohort stand out, so it is left out.
func (e *evaluation) groups() map[access.AccountKey][]string {
	out := map[access.AccountKey][]string{}
	if len(e.planned) == 0 {
		return out
	}
	common := company{e.departments(), e.managers(), len(e.people.list)}
	for s := range e.systems {
		e.groupsOf(s, common, out)
	}
	for _, c := range e.planned {
		if c.Action.Mover {
			names := append(out[c.Action.Account], e.formerly(c.Action)...)
			slices.Sort(names)
			out[c.Action.Account] = slices.Compact(names)
		}
	}
	return out
}

// formerly names what somebody who loses access of a former job has in common with
// others who do, however many people have it: the department, and what they lose.
func (e *evaluation) formerly(a access.Action) []string {
	names := []string{"the loss of " + string(a.EntitlementKind) + " " + a.Entitlement}
	for _, m := range e.moves[a.Person] {
		if m.Department != "" {
			names = append(names, "former department "+m.Department)
		}
	}
	return names
}

// company counts how many people of it have each department, and each manager of
// somebody in the plan.
type company struct {
	department map[string]int
	manager    map[access.PersonKey]int
	people     int
}

// departments counts the people of each.
func (e *evaluation) departments() map[string]int {
	sizes := make([]int, len(e.people.roles))
	for _, role := range e.people.role {
		sizes[role]++
	}
	count := map[string]int{}
	for role, n := range sizes {
		count[e.people.departments[role]] += n
	}
	return count
}

// managers counts the people of each manager of somebody in the plan.
func (e *evaluation) managers() map[access.PersonKey]int {
	count := map[access.PersonKey]int{}
	for _, c := range e.planned {
		if m := managerOf(e.person(c.s, c.a)); m.EmployeeID != "" {
			count[m] = 0
		}
	}
	for n := 0; len(count) > 0 && n < len(e.people.list); n++ {
		m := managerOf(&e.people.list[n])
		if _, asked := count[m]; asked {
			count[m]++
		}
	}
	return count
}

func managerOf(p *access.Person) access.PersonKey {
	return access.PersonKey{Source: p.Source, EmployeeID: p.ManagerID}
}

// groupsOf adds the groups of one system's planned accounts.
func (e *evaluation) groupsOf(s int, common company, out map[access.AccountKey][]string) {
	o := &e.systems[s]
	for _, c := range e.planned {
		if _, known := out[c.Action.Account]; known || c.s != s {
			continue
		}
		var names []string
		p := e.person(s, c.a)
		if p.Department != "" && common.department[p.Department]*2 < common.people {
			names = append(names, "department "+p.Department)
		}
		if m := managerOf(p); p.ManagerID != "" && common.manager[m]*2 < common.people {
			names = append(names, "manager "+m.String())
		}
		for _, n := range e.grantsOf[s].of(c.a) {
			ent := o.Grants[n].Entitlement
			if e.holders[s][ent]*2 < len(o.Accounts) {
				names = append(names, string(o.Entitlements[ent].Kind)+" "+o.Entitlements[ent].Name)
			}
		}
		slices.Sort(names)
		out[c.Action.Account] = slices.Compact(names)
	}
}
