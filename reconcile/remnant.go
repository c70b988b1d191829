package reconcile

import (
	"cmp"
	"slices"
	"strings"

	"rollcall/internal/access"
)

// removal is one thing that is left to remove: an entitlement or (-1) something
// of the account. It rests on the reads of these kinds besides its own.
type removal struct {
	verb access.Verb
	ent  int
	also []string
}

// remnant is what is left of a blocked account.
type remnant struct {
	steps []removal
	waits []string // what somebody else has to take away
	stays []string // what policy leaves, in words
}

// over reports whether nothing is left.
func (r remnant) over() bool { return len(r.steps)+len(r.waits) == 0 }

// remnant is what is left of an account that cannot be used any more.
func (e *evaluation) remnant(s, a int) remnant {
	switch e.systems[s].Accounts[a].Kind {
	case access.OktaUser:
		return e.oktaRemnant(s, a)
	case access.IAMUser:
		return e.iamRemnant(s, a)
	case access.IdentityCenter:
		return e.ssoRemnant(s, a)
	}
	return remnant{}
}

// done reports whether a removal that no list tells of was done.
func (e *evaluation) done(s, a int, v access.Verb) bool {
	return slices.Contains(e.w.Memory.Endings[e.systems[s].Accounts[a].Key()].Verbs, v)
}

// endsWith is what Okta ends when it deactivates a user: a deactivation edits all
// of it.
var endsWith = []string{"app_users", "admin_roles", "api_tokens"}

// oktaRemnant: consents and factors (which nobody can take from a deactivated
// user), groups, and the account itself; with it go applications and admin roles.
func (e *evaluation) oktaRemnant(s, a int) remnant {
	var r remnant
	ended := e.systems[s].Accounts[a].VendorStatus == "DEPROVISIONED"
	for _, v := range []access.Verb{access.OktaRevokeGrants, access.OktaResetFactors} {
		if !ended && !e.done(s, a, v) {
			r.steps = append(r.steps, removal{verb: v, ent: -1})
		}
	}
	var rights []removal
	for _, n := range e.grantsOf[s].of(a) {
		if g := e.systems[s].Grants[n]; g.Direct() {
			rights = e.oktaRight(s, int(g.Entitlement), ended, rights, &r)
		}
	}
	r.steps = append(r.steps, e.inOrder(s, rights)...)
	if !ended {
		r.steps = append(r.steps, removal{access.OktaDeactivate, -1, endsWith})
	}
	return r
}

// oktaRight says what becomes of one right that a user holds directly.
func (e *evaluation) oktaRight(s, ent int, ended bool, rights []removal, r *remnant) []removal {
	right, policy := &e.systems[s].Entitlements[ent], e.w.Settings.Removal
	name := right.Kind.Words() + " " + right.Name
	switch right.Kind {
	case access.OktaGroup:
		switch {
		case !right.Editable:
			r.stays = append(r.stays, name+" (an application, a directory or Okta itself fills it)")
		case right.Ruled && !policy.RuledGroups:
			r.stays = append(r.stays, name+" (a rule of Okta fills it)")
		default:
			return append(rights, removal{access.OktaLeaveGroup, ent, []string{"group_rules"}})
		}
	case access.OktaApp, access.OktaAdminRole:
		verb := map[access.EntitlementKind]access.Verb{access.OktaApp: access.OktaUnassignApp, access.OktaAdminRole: access.OktaRemoveAdminRole}[right.Kind]
		switch {
		case policy.AppsAndRoles:
			return append(rights, removal{verb, ent, nil})
		case ended:
			r.waits = append(r.waits, name+" (the deactivation left it: take it away in the console)")
		}
	}
	return rights
}

// iamVerbs remove what an IAM user holds directly.
var iamVerbs = map[access.EntitlementKind]access.Verb{
	access.ConsoleLogin: access.IAMDeleteLogin, access.AccessKey: access.IAMDeleteKey, access.SSHKey: access.IAMDeleteSSHKey,
	access.SigningCertificate: access.IAMDeleteCertificate, access.ServiceCredential: access.IAMDeleteCredential,
	access.IAMGroup: access.IAMLeaveGroup, access.IAMPolicy: access.IAMDetachPolicy, access.IAMInlinePolicy: access.IAMDeletePolicy,
}

// iamOrder is the order of B4 in which they are removed: what signs in first, what
// weakens the account (a second factor) last.
var iamOrder = []access.Verb{
	access.IAMDeleteLogin, access.IAMDeleteKey, access.IAMDeleteCredential, access.IAMDeleteSSHKey, access.IAMDeleteCertificate,
	access.IAMLeaveGroup, access.IAMDetachPolicy, access.IAMDeletePolicy, access.IAMRemoveMFA, access.IAMTagRemoved,
}

// iamRemnant: everything but the user, who stays denied; by policy the user too, on the
// night after the one on which all else was read to be gone.
func (e *evaluation) iamRemnant(s, a int) remnant {
	var r remnant
	for _, n := range e.grantsOf[s].of(a) {
		g := e.systems[s].Grants[n]
		if verb, ok := iamVerbs[e.systems[s].Entitlements[g.Entitlement].Kind]; ok && g.Direct() {
			r.steps = append(r.steps, removal{verb: verb, ent: int(g.Entitlement)})
		}
	}
	r.steps = e.inOrder(s, r.steps)
	slices.SortStableFunc(r.steps, func(a, b removal) int { return slices.Index(iamOrder, a.verb) - slices.Index(iamOrder, b.verb) })
	for _, v := range []access.Verb{access.IAMRemoveMFA, access.IAMTagRemoved} {
		if !e.done(s, a, v) {
			r.steps = append(r.steps, removal{verb: v, ent: -1})
		}
	}
	if e.w.Settings.Removal.DeleteUsers && len(r.steps) == 0 {
		r.steps = append(r.steps, removal{access.IAMDeleteUser, -1, letsIn[access.IAMUser]})
	}
	return r
}

// ssoRemnant: a user of Identity Center's own directory lost all with the block.
// Memberships that another system pushes go where they come from; that they are
// gone shows here.
func (e *evaluation) ssoRemnant(s, a int) remnant {
	var r remnant
	o := &e.systems[s]
	for _, n := range e.grantsOf[s].of(a) {
		g := o.Grants[n]
		if ent := o.Entitlements[g.Entitlement]; g.Direct() && ent.Kind == access.SSOGroup && !takeable(o, a, g) {
			r.waits = append(r.waits, ent.Kind.Words()+" "+ent.Name+" (it goes with the group that it comes from)")
		}
	}
	return r
}

// inOrder puts removals of entitlements in an order that does not depend on that
// of the grants, each once.
func (e *evaluation) inOrder(s int, steps []removal) []removal {
	ents := e.systems[s].Entitlements
	slices.SortFunc(steps, func(a, b removal) int {
		x, y := ents[a.ent], ents[b.ent]
		return cmp.Or(cmp.Compare(a.verb, b.verb), cmp.Compare(x.Scope, y.Scope), cmp.Compare(x.ID, y.ID))
	})
	return slices.CompactFunc(steps, func(a, b removal) bool { return a.ent == b.ent })
}

// wholeAccount says the removals of an account as a whole; the tag is no loss.
var wholeAccount = map[access.Verb]string{
	access.OktaRevokeGrants: "consents to applications", access.OktaResetFactors: "second factors", access.OktaDeactivate: "the account itself",
	access.IAMRemoveMFA: "second factors", access.IAMTagRemoved: "the mark that it is done", access.IAMDeleteUser: "the user itself",
}

// words says what is left, and what stays.
func (e *evaluation) words(s int, r remnant) string {
	var left []string
	for _, st := range r.steps {
		if st.ent < 0 {
			left = append(left, wholeAccount[st.verb])
			continue
		}
		ent := e.systems[s].Entitlements[st.ent]
		left = append(left, ent.Kind.Words()+" "+ent.Name)
	}
	slices.Sort(r.waits)
	slices.Sort(r.stays)
	said := strings.Join(append(left, r.waits...), ", ")
	if len(r.stays) > 0 {
		said += "; what stays: " + strings.Join(r.stays, ", ")
	}
	return said
}
