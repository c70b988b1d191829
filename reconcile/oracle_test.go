package reconcile

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"rollcall/internal/access"
)

// oracle draws the conclusions of the decision table in the slowest and most
// obvious way: every question is asked of everybody, by walking through all there
// is. Where people stand, whose an account is and which account is protected have
// properties and tables of their own, and are taken over.
type oracle struct {
	w    World
	d    Decision
	said map[string]bool
}

func (o *oracle) say(kind access.FindingKind, person access.PersonKey, parts ...any) {
	o.said[strings.TrimSpace(fmt.Sprintln(append([]any{kind, person}, parts...)...))] = true
}

func (o *oracle) person(k access.PersonKey) (access.Person, bool) {
	for _, p := range o.d.People {
		if p.Key() == k {
			return p, true
		}
	}
	return access.Person{}, false
}

func (o *oracle) leaves(p access.Person) bool {
	return p.Standing == access.StandingLeft || p.Standing == access.StandingGarden && o.w.Settings.RevokeGardenLeave
}

func works(p access.Person) bool {
	return p.Standing == access.StandingActive || p.Standing == access.StandingScheduled
}

// ruleFor is the first live rule that is about these people and this right.
func (o *oracle) ruleFor(p access.Profile, e access.Entitlement) bool {
	for _, r := range o.w.Policy.RoleMap.Rules {
		if !over(r.ExpiresOn, o.w.Now, o.w.Settings.zone()) && r.Fits(p) && r.Right().Covers(e) {
			return true
		}
	}
	return false
}

func (o *oracle) all() []string {
	for _, s := range o.d.Systems {
		for a := range s.Accounts {
			o.account(s, a)
		}
	}
	o.conflicts()
	for _, p := range o.d.People {
		o.missing(p)
	}
	for _, p := range o.d.People {
		named := slices.ContainsFunc(o.w.Policy.RoleMap.Rules, func(r access.Rule) bool {
			return !over(r.ExpiresOn, o.w.Now, o.w.Settings.zone()) && r.Fits(p.Profile()) && (strings.Trim(r.Title, "*") != "" || strings.Trim(r.Department, "*") != "")
		})
		if p.Standing == access.StandingActive && !named {
			o.say(access.UnmappedRole, access.PersonKey{}, orNone(p.Title)+" / "+orNone(p.Department))
		}
	}
	var out []string
	for s := range o.said {
		out = append(out, s)
	}
	slices.Sort(out)
	return out
}

func (o *oracle) account(s access.Judged, a int) {
	acc, m := s.Accounts[a], s.Matches[a]
	ended := acc.Status == access.AccountDisabled
	p, known := o.person(m.Person)
	switch {
	case m.How == access.MatchedNonHuman && !ended:
		o.nonHuman(s, a, o.w.Policy.NonHuman[m.NonHuman])
	case m.How == access.Unmatched && !ended:
		o.say(access.OrphanAccount, m.Person, acc.Key())
	case m.How == access.Ambiguous && !ended:
		o.say(access.AmbiguousMatch, m.Person, acc.Key())
	case !known:
	default:
		o.blocked(s, a, p)
		o.ofPerson(s, a, p)
	}
}

// inLog: the system's own log has a use of the account after a time.
func (o *oracle) inLog(k access.AccountKey, after time.Time) bool {
	for _, s := range o.w.Systems {
		for _, u := range s.Uses {
			if u.Account == k && u.At.After(after) {
				return true
			}
		}
	}
	return false
}

// logged adds what the systems' own logs tell of some accounts.
func logged(seed uint64, w World) World {
	r := rand.New(rand.NewPCG(seed, 18))
	for s := range w.Systems {
		o := &w.Systems[s]
		for _, a := range o.Accounts {
			if r.IntN(10) == 0 {
				o.Uses = append(o.Uses, access.Event{ID: string(a.ID), Account: a.Key(), At: w.Now.Add(-time.Duration(r.IntN(60*24)) * time.Hour)})
			}
		}
	}
	return w
}

func (o *oracle) nonHuman(s access.Judged, a int, reg access.NonHuman) {
	key := s.Accounts[a].Key()
	var owners []access.Person
	for _, p := range o.d.People {
		if p.EmployeeID == reg.OwnerID || p.Key().String() == string(reg.OwnerID) {
			owners = append(owners, p)
		}
	}
	if reg.OwnerID == "" || len(owners) != 1 || owners[0].Standing == access.StandingLeft || owners[0].Standing == access.StandingVanished {
		o.say(access.OwnerlessAccount, access.PersonKey{}, key)
	}
	if over(reg.Review, o.w.Now, o.w.Settings.zone()) {
		o.say(access.ReviewOverdue, access.PersonKey{}, key)
	}
	used := s.Accounts[a].LastUsedAt
	lately := !used.IsZero() && o.w.Now.Sub(used) < 24*time.Hour
	if reg.Kind == access.KindBreakGlass && (lately || o.inLog(key, time.Time{})) { // the log has only what is new
		o.say(access.BreakGlassUsed, access.PersonKey{}, key)
	}
	o.usage(s, a, access.PersonKey{})
}

// blocked: rollcall blocked it, it still is, and its person has not left for certain.
func (o *oracle) blocked(s access.Judged, a int, p access.Person) {
	acc := s.Accounts[a]
	b, was := o.w.Memory.Blocked[acc.Key()]
	if removing := o.w.Memory.Endings[acc.Key()].RemovingAt; !was && !removing.IsZero() {
		b, was = access.BlockRecord{At: removing}, true
	}
	if !was || !works(p) && p.Standing != access.StandingHeld {
		return
	}
	still := acc.Status != access.AccountActive
	if acc.Kind == access.IdentityCenter {
		still = !o.live(o.withoutApplications(s, a), a) || days(b.At) == days(o.w.Now) // what it holds today may be older than the block
	}
	if still {
		o.say(access.BlockedActive, p.Key(), acc.Key())
	}
}

// live: somebody could get in with the account, or with a credential of it.
func (o *oracle) live(s access.Judged, a int) bool {
	acc := s.Accounts[a]
	for _, g := range s.Grants {
		e := s.Entitlements[g.Entitlement]
		switch {
		case int(g.Account) != a:
		case acc.Kind == access.OktaUser && e.Kind == access.OktaAPIToken && e.Credential,
			acc.Kind == access.IAMUser && e.Credential,
			acc.Kind == access.IdentityCenter && g.Direct() && e.Kind == access.PermissionSet,
			acc.Kind == access.IdentityCenter && g.Direct() && e.Kind == access.SSOGroup && acc.Upstream == "",
			o.application(s, a, g):
			return true
		}
	}
	switch {
	case acc.Kind == access.OktaClient:
		return acc.Status != access.AccountDisabled
	case acc.Kind == access.IAMUser:
		return acc.Status == access.AccountActive
	case acc.Kind == access.IdentityCenter || acc.VendorStatus == "DEPROVISIONED":
		return false
	case acc.VendorStatus == "SUSPENDED":
		return !slices.Contains(o.w.Memory.Blocked[acc.Key()].Verbs, access.OktaClearSessions)
	}
	return true
}

// application: a user of Identity Center's own directory signs in with it, or with a
// group that is pushed, and no verb takes it away.
func (o *oracle) application(s access.Judged, a int, g access.Grant) bool {
	acc := s.Accounts[a]
	return int(g.Account) == a && acc.Kind == access.IdentityCenter && acc.Upstream == "" && acc.Status != access.AccountDisabled &&
		g.Direct() && (s.Entitlements[g.Entitlement].Kind == access.SSOApp || s.Entitlements[g.Entitlement].Kind == access.SSOGroup && !s.Entitlements[g.Entitlement].Editable)
}

// nowhere is the right that a leaver who signs in elsewhere reaches first, if all that
// may be elsewhere was read and nothing there is theirs.
func (o *oracle) nowhere(s access.Judged, a int, p access.Person) *access.Entitlement {
	acc := s.Accounts[a]
	if acc.Kind != access.IdentityCenter || acc.Upstream == "" || acc.Status == access.AccountDisabled || o.w.Memory.Endings[acc.Key()].ShutUpstream {
		return nil
	}
	for _, up := range o.d.Systems {
		for n, other := range up.Accounts {
			if other.Kind == access.OktaUser && up.Matches[n].Person == p.Key() {
				return nil
			}
		}
		amazon := slices.ContainsFunc(up.Accounts, func(a access.Account) bool {
			return a.Kind == access.IAMUser || a.Kind == access.IdentityCenter
		})
		for _, r := range up.Reads {
			if !amazon && r.Lists && !r.Complete {
				return nil
			}
		}
	}
	var first *access.Entitlement
	for _, g := range s.Grants {
		e := &s.Entitlements[g.Entitlement]
		if int(g.Account) == a && g.Direct() && (e.Kind == access.SSOGroup || e.Kind == access.SSOApp) && (first == nil || e.Kind < first.Kind) {
			first = e
		}
	}
	return first
}

// remains: something of the account could be removed, by whomever.
func (o *oracle) remains(s access.Judged, a int) bool {
	acc := s.Accounts[a]
	if acc.Kind == access.IAMUser || acc.Kind == access.OktaUser && acc.VendorStatus != "DEPROVISIONED" {
		return true // the mark, and the account itself
	}
	if acc.Kind == access.OktaClient {
		return false
	}
	return slices.ContainsFunc(s.Grants, func(g access.Grant) bool {
		e := s.Entitlements[g.Entitlement]
		switch {
		case int(g.Account) != a || !g.Direct():
			return false
		case e.Kind == access.OktaGroup:
			return e.Editable && (!e.Ruled || o.w.Settings.Removal.RuledGroups)
		}
		return e.Kind == access.OktaApp || e.Kind == access.OktaAdminRole || e.Kind == access.SSOGroup && acc.Upstream != ""
	})
}

// others reports whether the account's address is that of somebody who has not
// left, while nobody said in links.csv whose it is.
func (o *oracle) others(acc access.Account, m access.Match, me access.Person) bool {
	if m.How == access.MatchedLink {
		return false
	}
	for _, p := range o.d.People {
		same := p.Key() == me.Key() || strings.HasSuffix(p.Why, "is the same person as "+me.Key().String())
		for _, mail := range claims(p.Identity) {
			if slices.Contains(mailsIn(acc.Email, acc.Login), mail) && !same && stays(o.w, p) {
				return true
			}
		}
	}
	return false
}

func (o *oracle) ofPerson(s access.Judged, a int, p access.Person) {
	acc := s.Accounts[a]
	switch {
	case works(p):
		o.usage(s, a, p.Key())
		for n, g := range s.Grants {
			if int(g.Account) == a && g.Direct() && acc.Status != access.AccountDisabled {
				o.grant(s, n, p)
			}
		}
	case o.leaves(p) && o.others(acc, s.Matches[a], p):
		if o.live(s, a) {
			o.say(access.HeldPerson, p.Key(), acc.Key())
		}
	case o.leaves(p):
		if acc.LastUsedAt.After(p.AccessEndsAt) || o.inLog(acc.Key(), p.AccessEndsAt) {
			o.say(access.UsedAfterExit, p.Key(), acc.Key())
		}
		o.leaver(s, a, p)
		lost := o.nowhere(s, a, p)
		if lost != nil {
			o.say(access.LeaverAccess, p.Key(), acc.Key(), lost.Scope, lost.Kind, lost.ID)
		}
		if p.Standing == access.StandingLeft && lost == nil && !o.live(s, a) && !o.w.Memory.Endings[acc.Key()].BlockedAt.IsZero() && o.remains(s, a) {
			o.say(access.LeaverRemains, p.Key(), acc.Key())
		}
	case !o.live(s, a):
	case p.Standing == access.StandingGarden:
		o.say(access.LeaverAccess, p.Key(), acc.Key())
	case p.Standing == access.StandingVanished:
		o.say(access.VanishedPerson, p.Key(), acc.Key())
	case p.Standing == access.StandingPending:
		o.say(access.EarlyAccess, p.Key(), acc.Key())
	case p.Standing == access.StandingHeld:
		o.say(access.HeldPerson, p.Key(), acc.Key())
	}
}

// leaver: the account that a verb stops, and apart from it what none does.
func (o *oracle) leaver(s access.Judged, a int, p access.Person) {
	for _, g := range s.Grants {
		if e := s.Entitlements[g.Entitlement]; o.application(s, a, g) {
			o.say(access.LeaverAccess, p.Key(), s.Accounts[a].Key(), e.Scope, e.Kind, e.ID)
		}
	}
	if o.live(o.withoutApplications(s, a), a) {
		o.say(access.LeaverAccess, p.Key(), s.Accounts[a].Key())
	}
}

func (o *oracle) withoutApplications(s access.Judged, a int) access.Judged {
	s.Grants = slices.DeleteFunc(slices.Clone(s.Grants), func(g access.Grant) bool { return o.application(s, a, g) })
	return s
}

// grant is about a direct grant of somebody who works here.
func (o *oracle) grant(s access.Judged, n int, p access.Person) {
	g := s.Grants[n]
	e := s.Entitlements[g.Entitlement]
	if o.ruleFor(p.Profile(), e) {
		return
	}
	kind := access.UnexpectedGrant
	for _, m := range o.w.Memory.Moves[p.Key()] {
		if o.ruleFor(m.Profile(), e) {
			kind = access.MoverResidue
		}
	}
	for _, x := range o.w.Policy.Exceptions {
		switch {
		case x.Person != p.Key() || !x.About(e):
		case !over(x.ExpiresOn, o.w.Now, o.w.Settings.zone()):
			kind = access.Excepted
		case kind != access.Excepted:
			kind = access.ExpiredException
		}
	}
	o.say(kind, p.Key(), s.Accounts[g.Account].Key(), e.Scope, e.Kind, e.ID)
}

func (o *oracle) usage(s access.Judged, a int, who access.PersonKey) {
	acc := s.Accounts[a]
	if acc.Status != access.AccountActive {
		return
	}
	last := acc.LastUsedAt
	if last.IsZero() {
		last = acc.CreatedAt
	}
	if acc.UsageKnown && !last.IsZero() && o.w.Now.Sub(last) > 45*24*time.Hour {
		o.say(access.DormantAccess, who, acc.Key())
	}
	console := acc.Kind == access.IAMRoot
	for _, g := range s.Grants {
		e := s.Entitlements[g.Entitlement]
		if int(g.Account) != a {
			continue
		}
		console = console || e.Kind == access.ConsoleLogin
		if e.Kind == access.AccessKey && e.Credential && !e.CreatedAt.IsZero() && o.w.Now.Sub(e.CreatedAt) > 90*24*time.Hour {
			o.say(access.StaleKey, who, acc.Key(), e.Scope, e.Kind, e.ID)
		}
	}
	if console && acc.MFA == access.MFANo {
		o.say(access.NoMFA, who, acc.Key())
	}
}

// conflicts: anybody who has not left and holds one right of each side, two rights.
func (o *oracle) conflicts() {
	for _, pair := range o.w.Policy.SoD {
		for _, p := range o.d.People {
			left, right := o.holds(p, pair.Left), o.holds(p, pair.Right)
			if !o.leaves(p) && slices.ContainsFunc(left, func(l string) bool {
				return slices.ContainsFunc(right, func(r string) bool { return l != r })
			}) {
				o.say(access.SoDConflict, p.Key())
			}
		}
	}
}

func (o *oracle) holds(p access.Person, right access.Right) (rights []string) {
	for _, s := range o.d.Systems {
		for _, g := range s.Grants {
			e := s.Entitlements[g.Entitlement]
			if s.Matches[g.Account].Person == p.Key() && right.Covers(e) && s.Accounts[g.Account].Status != access.AccountDisabled {
				rights = append(rights, fmt.Sprint(e.System, e.Scope, e.Kind, e.ID))
			}
		}
	}
	return rights
}

// missing: a required right of somebody who works here that no account that is,
// or may be, theirs has, where all that could show it was read.
func (o *oracle) missing(p access.Person) {
	if !works(p) || strings.HasPrefix(p.Why, "is the same person as") {
		return
	}
	for _, r := range o.w.Policy.RoleMap.Rules {
		if r.Requirement != access.Required || over(r.ExpiresOn, o.w.Now, o.w.Settings.zone()) || !r.Fits(p.Profile()) {
			continue
		}
		meant, read, has := false, true, false
		for _, s := range o.d.Systems {
			for _, e := range s.Entitlements {
				if r.Right().Covers(e) {
					meant = true
					read = read && s.Reads[e.Read].Complete
					for _, c := range s.Reads {
						read = read && (c.Complete || !c.Lists)
					}
				}
			}
			for _, g := range s.Grants {
				m := s.Matches[g.Account]
				theirs := m.Person == p.Key() || slices.Contains(m.Candidates, p.Key())
				has = has || theirs && s.Accounts[g.Account].Status != access.AccountDisabled && r.Right().Covers(s.Entitlements[g.Entitlement])
			}
		}
		if meant && read && !has {
			o.say(access.MissingGrant, p.Key(), r.System, r.Scope, r.Kind, r.Entitlement)
		}
	}
}

// told says of the real findings what the oracle says of its own.
func told(d Decision) []string {
	o := oracle{said: map[string]bool{}}
	for _, f := range d.Findings {
		kind := f.Kind
		switch {
		case kind == access.ProtectedLeaver: // which accounts are protected is not asked here
			kind = access.LeaverAccess
		case kind == access.UnmappedRole:
			o.say(kind, f.Person, f.Entitlement)
			continue
		case kind == access.SoDConflict:
			o.say(kind, f.Person)
			continue
		case kind == access.MissingGrant:
			o.say(kind, f.Person, f.Account.System, f.GrantScope, f.EntitlementKind, f.Entitlement)
			continue
		}
		if f.EntitlementID == "" {
			o.say(kind, f.Person, f.Account)
			continue
		}
		o.say(kind, f.Person, f.Account, f.GrantScope, f.EntitlementKind, f.EntitlementID)
	}
	var out []string
	for s := range o.said {
		out = append(out, s)
	}
	slices.Sort(out)
	return out
}

func TestASlowAndObviousEvaluatorFindsTheSame(t *testing.T) {
	kinds := map[string]int{}
	for seed := range seeds(4000) {
		w := logged(seed, removing(seed, misread(seed, newRandom(seed).world())))
		d := Decide(w)
		o := oracle{w: w, d: d, said: map[string]bool{}}
		want := o.all()
		if diff := gocmp.Diff(want, told(d)); diff != "" {
			t.Fatalf("seed %d (-oracle +found):\n%s", seed, diff)
		}
		for _, s := range want {
			kinds[strings.Fields(s)[0]]++
		}
	}
	for _, kind := range []access.FindingKind{access.LeaverAccess, access.LeaverRemains, access.UsedAfterExit, access.VanishedPerson, access.HeldPerson, access.EarlyAccess, access.BlockedActive, access.Excepted, access.ExpiredException,
		access.MoverResidue, access.UnexpectedGrant, access.MissingGrant, access.UnmappedRole, access.OrphanAccount, access.AmbiguousMatch, access.OwnerlessAccount, access.ReviewOverdue, access.BreakGlassUsed,
		access.SoDConflict, access.DormantAccess, access.StaleKey, access.NoMFA} {
		if kinds[string(kind)] == 0 && !testing.Short() {
			t.Errorf("no world had a %s", kind)
		}
	}
}
