package reconcile

import (
	"fmt"
	"slices"
	"strings"

	"rollcall/internal/access"
)

// Explanation says why somebody has what they have.
type Explanation struct {
	Person   access.Person      `json:"-"`
	Who      string             `json:"who"`
	Stands   string             `json:"stands"`
	Accounts []ExplainedAccount `json:"accounts"`
	// Lacks says, of a right that was asked for and that they do not hold, which
	// line would give it to them.
	Lacks string `json:"lacks,omitempty"`
	// Past is what past nights said; nil: it was not asked for.
	Past *History `json:"past,omitempty"`
}

// ExplainedAccount is one account of theirs, and by what it is known as theirs.
type ExplainedAccount struct {
	Account string   `json:"account"`
	Because string   `json:"because"`
	Rights  []string `json:"rights"`
}

// how says in words by what an account is known to be somebody's.
var how = map[access.MatchHow]string{
	access.MatchedLink: "links.csv says so", access.MatchedHRID: "the HR id in the account", access.MatchedEmail: "its e-mail address",
}

// Explain tells of everybody with that employee id (or source/id) what they hold
// and why: the path, the line that allows it, since when it is known. Asked about
// one right, by id or name in any case, it tells of that alone, and of a right
// that they do not hold which line would give it.
func Explain(w World, d Decision, id, right string) (all []Explanation) {
	for _, p := range d.People {
		if string(p.EmployeeID) != id && p.Key().String() != id {
			continue
		}
		x := Explanation{Person: p, Who: fmt.Sprintf("%s (%s), %s, %s", p.Name, p.Key(), orNone(p.Title), orNone(p.Department)), Stands: fmt.Sprintf("%s: %s [%s]", p.Standing, p.Why, p.Cites)}
		found := false
		for s := range d.Systems {
			for a := range d.Systems[s].Accounts {
				if d.Systems[s].Matches[a].Person == p.Key() {
					account := explainAccount(w, d, s, a, right)
					found = found || len(account.Rights) > 0
					x.Accounts = append(x.Accounts, account)
				}
			}
		}
		if right != "" && !found {
			x.Lacks = lacks(w, d, p, right)
		}
		all = append(all, x)
	}
	return all
}

func explainAccount(w World, d Decision, s, a int, right string) ExplainedAccount {
	o := &d.Systems[s]
	acc := o.Accounts[a]
	place := string(acc.System)
	if acc.Scope != "" {
		place += " " + acc.Scope
	}
	x := ExplainedAccount{Account: fmt.Sprintf("%s in %s [%s], %s", acc.Login, place, acc.ID, acc.Status), Because: how[o.Matches[a].How], Rights: []string{}}
	for n, g := range o.Grants {
		ent := o.Entitlements[g.Entitlement]
		if int(g.Account) != a || !named(ent, right) {
			continue
		}
		path := "directly"
		if via := o.Via(g); via != "" {
			path = "through " + via
		}
		x.Rights = append(x.Rights, fmt.Sprintf("%s, %s: %s; known since %s", rightName(ent), path, because(w, o.Verdicts[n]), dayFromNumber(uint32(o.FirstSeen(n)))))
	}
	slices.Sort(x.Rights)
	return x
}

// named reports whether a right is the one that is asked for; nothing asks for all.
func named(ent access.Entitlement, right string) bool {
	return right == "" || ent.ID == right || strings.EqualFold(ent.Name, right)
}

// because says what allows a grant.
func because(w World, v access.Verdict) string {
	switch {
	case w.Policy.Unjudged():
		return "not judged tonight: a policy file could not be used"
	case v.Rule() != 0:
		r := w.Policy.RoleMap.Rules[v.Rule()-1]
		said := fmt.Sprintf("role map, %s (%s)", orNone(r.Role), cite(r.File, r.Row))
		if r.ApprovedBy != "" {
			said += ", approved by " + r.ApprovedBy
		}
		return said
	case v.Exception() != 0:
		x := w.Policy.Exceptions[v.Exception()-1]
		said := fmt.Sprintf("exception %s (%s) until %s: %s", x.ID, cite(x.File, x.Row), x.ExpiresOn, orNone(x.Reason))
		if !v.Expected() {
			said = "only the expired " + said
		}
		return said
	}
	return "nothing allows it"
}

// lacks says of a right that somebody does not hold what would give it to them.
func lacks(w World, d Decision, p access.Person, right string) string {
	exists := false
	x := newExpectations(w.Policy.RoleMap, w.Systems, w.Now, w.Settings.zone())
	for s := range d.Systems {
		for e, ent := range d.Systems[s].Entitlements {
			if !named(ent, right) {
				continue
			}
			exists = true
			if n := x.rule(p.Profile(), s, e); n != 0 {
				r := w.Policy.RoleMap.Rules[n-1]
				return fmt.Sprintf("they do not hold %s in %s, though the role map lets them have it (%s, %s): ask %s to grant it", rightName(ent), ent.System, r.Requirement, cite(r.File, r.Row), orNone(r.Owner))
			}
		}
	}
	if !exists {
		return fmt.Sprintf("no system that was read has a right called %q", right)
	}
	return fmt.Sprintf("they do not hold %s, and no line of the role map gives it to a %s in %s: it would need a rule, or an exception with an end", right, orNone(p.Title), orNone(p.Department))
}
