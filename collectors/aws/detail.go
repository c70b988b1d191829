package aws

import (
	"cmp"
	"context"
	"slices"
	"time"

	"rollcall/internal/access"
)

// Detail reads, for the IAM users among the given accounts, which keys and
// certificates exactly they hold, and gives the observation with those in the
// place of the report's coarse rows; inactive ones too, which only a remove takes.
// It costs four requests a user, so it is for those who have left. obs is left as
// it was.
//
// What could not be read of a user keeps its coarse rows, and the read named
// credentials of that account has a gap; of service credentials, the read
// named service_credentials has it.
func (c *Collector) Detail(ctx context.Context, obs access.Observation, accounts []int) (access.Observation, error) {
	me, err := c.session.whoAmI(ctx)
	if err != nil {
		return obs, err
	}
	if me, err = c.session.organization(ctx, me); err != nil {
		me.management = "" // then only the job's own account is entered without a role
	}
	d := &detailing{collecting: collecting{session: c.session, facts: facts{me: me}}, table: tableOf(obs)}
	for _, scope := range usersByScope(obs, accounts) {
		d.account(ctx, scope)
	}
	if err := ctx.Err(); err != nil {
		return obs, err
	}
	d.table.obs.Reads = append(d.table.obs.Reads, d.reads...)
	return sorted(withoutUnheld(d.table.obs)), nil
}

// tableOf opens a copy of an observation for more rows.
func tableOf(obs access.Observation) *table {
	t := newTable(obs.System, slices.Clone(obs.Reads))
	self, notes := slices.Clone(obs.Self), slices.Clone(obs.Notes)
	t.obs = access.Observation{
		System: obs.System, Accounts: slices.Clone(obs.Accounts), Entitlements: slices.Clone(obs.Entitlements),
		Grants: slices.Clone(obs.Grants), Reads: slices.Clone(obs.Reads), Self: self, Notes: notes,
	}
	for i, e := range obs.Entitlements {
		t.entitlements[right{e.Kind, e.Scope, e.ID}] = uint32(i)
	}
	return t
}

// usersByScope gives the indexes of IAM users, each once, grouped by account.
func usersByScope(obs access.Observation, accounts []int) [][]int {
	users := slices.DeleteFunc(slices.Clone(accounts), func(i int) bool { return obs.Accounts[i].Kind != access.IAMUser })
	slices.SortFunc(users, func(a, b int) int {
		return cmp.Or(cmp.Compare(obs.Accounts[a].Scope, obs.Accounts[b].Scope), cmp.Compare(a, b))
	})
	users = slices.Compact(users)
	var groups [][]int
	for i, u := range users {
		if i == 0 || obs.Accounts[u].Scope != obs.Accounts[users[i-1]].Scope {
			groups = append(groups, nil)
		}
		groups[len(groups)-1] = append(groups[len(groups)-1], u)
	}
	return groups
}

type detailing struct {
	collecting
	table *table
}

// account details the given users of one AWS account.
func (d *detailing) account(ctx context.Context, users []int) {
	scope := d.table.obs.Accounts[users[0]].Scope
	// The new read goes to the end of those that were there.
	d.table.read[scopeKind{scope, readCredentials}] = len(d.table.obs.Reads) + len(d.reads)
	who, err := d.enter(ctx, d.me, scope)
	if err != nil {
		d.unread(d.me.arn, scope, err, readCredentials)
		return
	}
	client := d.iamOf(scope, who.creds)
	d.read(ctx, readCredentials, scope, who.arn, func(ctx context.Context) (records int, err error) {
		var gaps []error
		for _, u := range users {
			a := d.table.obs.Accounts[u]
			for _, kind := range exactKinds {
				exact, err := kind.list(ctx, client, a.Login)
				if err == nil {
					d.replace(uint32(u), kind.of, exact)
					records += len(exact)
				} else if kind.of == access.ServiceCredential {
					d.doubtServices(scope, explain(err, who.arn))
				} else {
					gaps = append(gaps, about(err, who.arn, "user %s", a.Login))
				}
			}
		}
		return records, few(gaps)
	})
}

// replace puts the exact credentials of one kind in the place of what was
// known of them. When one was used is known from the report only, and goes to
// the one that was made at the same moment.
func (d *detailing) replace(user uint32, kind access.EntitlementKind, exact []credential) {
	t := d.table
	used := map[time.Time]uint32{}
	t.obs.Grants = slices.DeleteFunc(t.obs.Grants, func(g access.Grant) bool {
		e := t.obs.Entitlements[g.Entitlement]
		if g.Account != user || e.Kind != kind {
			return false
		}
		used[e.CreatedAt] = g.LastUsed
		return true
	})
	a := t.obs.Accounts[user]
	for _, e := range exact {
		e.Kind, e.Scope, e.ScopeName, e.Editable = kind, a.Scope, a.ScopeName, true
		at := scopeKind{a.Scope, readCredentials}
		i := t.entitlement(e.Entitlement, at)
		t.obs.Entitlements[i].Read, t.obs.Entitlements[i].Credential = t.read[at], e.Credential
		t.grant(user, i, used[e.CreatedAt])
	}
}

// doubtServices marks the read of service credentials; they have a read of
// their own because emulators do not know them at all.
func (d *detailing) doubtServices(scope string, why error) {
	for i := range d.table.obs.Reads {
		r := &d.table.obs.Reads[i]
		if r.Scope == scope && r.Kind == readServiceCreds && r.Complete {
			r.Complete, r.Gap = false, why.Error()
		}
	}
}

// withoutUnheld drops credentials that nobody holds any more: the coarse ones
// that were replaced.
func withoutUnheld(obs access.Observation) access.Observation {
	held := make([]bool, len(obs.Entitlements))
	for _, g := range obs.Grants {
		held[g.Entitlement] = true
	}
	moved, kept := make([]uint32, len(held)), []access.Entitlement{}
	for i, e := range obs.Entitlements {
		if held[i] || !slices.ContainsFunc(exactKinds, func(k exactKind) bool { return k.of == e.Kind }) {
			moved[i] = uint32(len(kept))
			kept = append(kept, e)
		}
	}
	obs.Entitlements = kept
	for i := range obs.Grants {
		g := &obs.Grants[i]
		g.Entitlement = moved[g.Entitlement]
		if g.Carrier > 0 {
			g.Carrier = moved[g.Carrier-1] + 1
		}
	}
	return obs
}
