package reconcile

import (
	"fmt"
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
