package reconcile

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"rollcall/internal/access"
)

// Who is asked about a row, the first of these who may be:
//
//	row                       | in which duty | who
//	right of a person         | manager       | manager, manager's manager, owner of the system, approver
//	account of nobody         | owner         | owner of the system, approver
//	registered, no person's   | manager       | its owner's manager and as above
//	privileged                | the other one | owner of the system, approver
//
// May be: HR's lists do not say that they do not work here, and the row is not about
// access of their own. Of a privileged row two people are asked, and none who
// administers the system, if somebody else is known. If nobody of these may be, it is
// who is named for compliance or security; the campaign does not open if there is
// nobody at all, so that no row drops out.
type route struct {
	st       *Staff
	approver asked
	now      time.Time
}

func (st *Staff) route(c access.Campaign, now time.Time) route {
	return route{st, st.known(c.Approver, c.ApproverMail), now}
}

// duties are those in which a row is asked about.
func (r route) duties(i *access.Item) []access.Duty {
	_, registered := r.st.owners[i.Account.Key()]
	first, other := access.DutyManager, access.DutyOwner
	if i.Person.Key().Zero() && !registered {
		first, other = other, first
	}
	if i.Risk == access.RiskPrivileged {
		return []access.Duty{first, other}
	}
	return []access.Duty{first}
}

// chain is everybody who could be asked in a duty, the first one first, each with why
// it is them.
func (r route) chain(i *access.Item, d access.Duty) (all []asked) {
	why := ""
	if d == access.DutyManager {
		all, why = r.managers(i)
	}
	and := func(because string, who ...asked) {
		for _, one := range who {
			one.because = because
			if why != "" {
				one.because += ": " + why
			}
			all = append(all, one)
		}
	}
	owner := "owner of " + string(i.System)
	if d == access.DutyOwner && !i.Person.Key().Zero() {
		owner += ", who is asked about privileged access too"
	}
	owners := r.st.owning(i.System, "owner")
	and(owner, owners...)
	if why == "" {
		why = r.ownersFault(i, owners)
	}
	and("approver of the campaign", r.approver)
	for _, other := range []string{"compliance", "security"} {
		and("named for "+other, r.st.owning(i.System, other)...)
	}
	return all
}

// managers are the manager and the manager's manager of whom a row is about, and why
// it is neither, if somebody else comes to be asked.
func (r route) managers(i *access.Item) (all []asked, why string) {
	p, about := r.st.people.Get(i.Person.Key()), "of the people listed"
	if i.Person.Key().Zero() {
		p, about = r.st.people.Get(r.st.owners[i.Account.Key()]), "of the owner of the accounts listed"
	}
	if p == nil {
		return nil, "the account belongs to nobody that HR knows"
	}
	m := r.st.people.manager(*p)
	if m != nil {
		one := r.st.person(m)
		one.because = "manager " + about
		all = append(all, one)
	}
	why = r.managersFault(p, m)
	if m == nil {
		return all, why
	}
	if above := r.st.people.manager(*m); above != nil {
		one := r.st.person(above)
		one.because = "manager of the manager " + about + ": " + cmp.Or(why, "the manager may not review this")
		all = append(all, one)
	}
	return all, cmp.Or(why, "neither the manager nor the one above may review this")
}

// managersFault says why somebody's manager is not asked, or "".
func (r route) managersFault(p, m *access.Person) string {
	switch {
	case p.ManagerID == "":
		return "the HR list gives no manager"
	case m == nil:
		return "the manager that the HR list gives is not in it"
	case r.st.people.one(m.Key()) == r.st.people.one(p.Key()):
		return "nobody reviews their own access"
	case !r.st.employed(asked{key: m.Key()}, r.now):
		return "the manager " + unasked(m)
	}
	return ""
}

// unasked says of somebody who does not work here now why they are not asked. Reviewers
// read it: who is on garden leave, or of whom HR's lists say two things, has not left for
// their eyes.
func unasked(p *access.Person) string {
	if p.Standing == access.StandingLeft || p.Standing == access.StandingScheduled {
		return "does not work here (any more)"
	}
	return "cannot be asked at present"
}

func (r route) ownersFault(i *access.Item, owners []asked) string {
	switch {
	case len(owners) == 0:
		return fmt.Sprintf("contacts.csv names no owner of %s", i.System)
	case slices.ContainsFunc(owners, func(o asked) bool { return r.st.subject(i, o) }):
		return "nobody reviews their own access"
	case !slices.ContainsFunc(owners, func(o asked) bool { return r.st.employed(o, r.now) }):
		return fmt.Sprintf("the owner of %s %s", i.System, unasked(r.st.people.Get(owners[0].key)))
	}
	return fmt.Sprintf("the owner of %s administers it, or is asked already", i.System)
}

// may reports whether somebody can be asked about a row at all.
func (r route) may(i *access.Item, a asked) bool {
	return (a.name != "" || a.mail != "") && r.st.employed(a, r.now) && !r.st.subject(i, a)
}

// among is the one of several who is asked; other is who is asked about the same row
// in its other duty, if anybody is. False: nobody may be.
func (r route) among(i *access.Item, all []asked, other string) (asked, bool) {
	all = slices.DeleteFunc(slices.Clone(all), func(a asked) bool { return !r.may(i, a) })
	if i.Risk != access.RiskPrivileged {
		return first(all, func(asked) bool { return true })
	}
	another := func(a asked) bool { return a.id() != other }
	neutral := func(a asked) bool { return !r.st.administers(i.System, a) }
	for _, want := range []func(asked) bool{
		func(a asked) bool { return another(a) && neutral(a) }, another, neutral, func(asked) bool { return true },
	} {
		if a, ok := first(all, want); ok {
			return a, true
		}
	}
	return asked{}, false
}

func first(all []asked, want func(asked) bool) (asked, bool) {
	if n := slices.IndexFunc(all, want); n >= 0 {
		return all[n], true
	}
	return asked{}, false
}

// neutral is somebody who may review a privileged row and does not administer its
// system, if there is anybody beside those who are asked about it or would pass it on.
func (r route) neutral(i *access.Item, d access.Duty, but ...string) (asked, bool) {
	return first(r.chain(i, d), func(a asked) bool {
		return r.may(i, a) && !r.st.administers(i.System, a) && !slices.Contains(but, a.id())
	})
}
