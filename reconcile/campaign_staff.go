package reconcile

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"rollcall/internal/access"
)

// CampaignRules are the choices of the company that bear on reviews. The zero
// CampaignRules is harmless: UTC, and nothing is removed that nobody decided.
type CampaignRules struct {
	Zone *time.Location // the company's
	// KeepDays is how long a Keep of unexpected access allows it; 0: 90. It is never
	// longer than ExceptionMaxDays, unless that is 0.
	KeepDays, ExceptionMaxDays int
	// PrivilegedDays and OtherDays are the business days in which a Remove is to be
	// done; 0: 1 and 5.
	PrivilegedDays, OtherDays int
	// RemovePrivileged lets a close turn a privileged row that nobody answered into a
	// Remove.
	RemovePrivileged bool
	// Locked are the heads of the locked columns, in the order of Issued.Cells, for
	// what reviewers are told.
	Locked []string
}

func (r CampaignRules) zone() *time.Location { return Settings{Zone: r.Zone}.zone() }

// keepDays is how long a Keep of unexpected access lasts.
func (r CampaignRules) keepDays() int {
	days := cmp.Or(r.KeepDays, 90)
	if r.ExceptionMaxDays > 0 {
		days = min(days, r.ExceptionMaxDays)
	}
	return days
}

// Staff is who can be asked on a day: who works here, who answers for which system,
// who stands in for whom, and who administers what. It is for one goroutine.
type Staff struct {
	people    *People
	contacts  []access.Contact
	delegates []access.Delegate
	admins    map[access.System]map[access.PersonKey]bool
	// perhaps are the people whose an account without a person may be, or who own it:
	// they do not review it.
	perhaps map[access.AccountKey][]access.PersonKey
	owners  map[access.AccountKey]access.PersonKey // of registered accounts
	ids     map[access.PersonKey][]access.PersonKey
	owned   map[string][]asked // what owning gave, by system and responsibility
	zone    *time.Location
}

// StaffOf is who can be asked, as a World says it.
func StaffOf(w World, delegates []access.Delegate) *Staff { return Identify(w).e.staff(delegates) }

func (e *evaluation) staff(delegates []access.Delegate) *Staff {
	st := &Staff{people: e.people, contacts: e.w.Policy.Contacts, delegates: delegates, admins: map[access.System]map[access.PersonKey]bool{}, zone: e.w.Settings.zone(),
		perhaps: map[access.AccountKey][]access.PersonKey{}, owners: map[access.AccountKey]access.PersonKey{}, ids: map[access.PersonKey][]access.PersonKey{}, owned: map[string][]asked{}}
	for other, counts := range e.people.sameAs {
		st.ids[counts] = append(st.ids[counts], other)
	}
	for _, all := range st.ids {
		sortKeys(all)
	}
	for s := range e.systems {
		o := &e.systems[s]
		for a := range o.Accounts {
			st.account(&o.Accounts[a], o.Matches[a], e.w.Policy)
		}
	}
	return st
}

// account notes what an account says of who may review what.
func (st *Staff) account(a *access.Account, m access.Match, p access.Policy) {
	switch {
	case m.How == access.Ambiguous:
		st.perhaps[a.Key()] = m.Candidates
	case m.How == access.MatchedNonHuman:
		if keys := (matcher{people: st.people}).byHRID(p.NonHuman[m.NonHuman].OwnerID); len(keys) == 1 {
			st.perhaps[a.Key()], st.owners[a.Key()] = keys, keys[0]
		}
	case a.Privileged && !m.Person.Zero() && a.Status != access.AccountDisabled:
		if st.admins[a.System] == nil {
			st.admins[a.System] = map[access.PersonKey]bool{}
		}
		st.admins[a.System][st.people.one(m.Person)] = true
	}
}

// asked is somebody who is, or could be, asked.
type asked struct {
	key        access.PersonKey // zero: only contacts.csv, or the campaign, knows them
	name, mail string
	because    string
}

// id tells people apart, whatever they are known by.
func (a asked) id() string {
	switch mail := normalMail(a.mail); {
	case !a.key.Zero():
		return a.key.String()
	case mail != "":
		return "mail:" + mail
	}
	return "name:" + access.Fold(strings.TrimSpace(a.name))
}

// person is somebody of HR's lists, by the id that counts.
func (st *Staff) person(p *access.Person) asked {
	if counts := st.people.Get(st.people.one(p.Key())); counts != nil {
		p = counts
	}
	return asked{key: p.Key(), name: p.Name, mail: p.Email}
}

// mailsIn are the addresses that a text has, such as a contact's.
func mailsIn(texts ...string) (all []string) {
	for _, t := range texts {
		for _, word := range strings.FieldsFunc(t, func(r rune) bool { return strings.ContainsRune(" \t\r\n,;<>()", r) }) {
			if mail := normalMail(strings.TrimPrefix(word, "mailto:")); mail != "" {
				all = append(all, mail)
			}
		}
	}
	return all
}

// known is somebody who is given by a name and texts with addresses: the person whose
// address it is, if it is one person's. A name alone is nobody's.
func (st *Staff) known(name string, texts ...string) asked {
	mails := mailsIn(texts...)
	for _, mail := range mails {
		if p := st.byMail(mail); p != nil {
			return st.person(p)
		}
	}
	mail := cmp.Or(append(mails, "")...)
	for _, c := range st.contacts { // one address is one recipient, under the first name that it has
		if mail != "" && slices.Contains(mailsIn(c.BusinessHours, c.AfterHours), mail) {
			name = c.Name
			break
		}
	}
	return asked{name: name, mail: mail}
}

// byMail is the one person with that address, or nil.
func (st *Staff) byMail(mail string) *access.Person {
	var found access.PersonKey
	for _, k := range st.people.byEmail[normalMail(mail)] {
		if k = st.people.one(k); !found.Zero() && k != found {
			return nil
		}
		found = k
	}
	return st.people.Get(found)
}

// employed reports whether HR's lists plainly say that somebody works here. Of who is
// in no list nobody can say that they do not.
func (st *Staff) employed(a asked, now time.Time) bool {
	if a.key.Zero() {
		return true
	}
	p := st.people.Get(st.people.one(a.key))
	return p != nil && stillWorks(*p) && (p.AccessEndsAt.IsZero() || now.Before(p.AccessEndsAt) || p.Standing == access.StandingActive)
}

// subject reports whether a row is about somebody's own access, or access that may be
// theirs: by id, by an address, or by name of whom no address tells who they are.
func (st *Staff) subject(i *access.Item, a asked) bool {
	mails := mailsIn(i.Account.Email, i.Account.Login)
	if i.Person.Key().Zero() {
		return slices.ContainsFunc(st.perhaps[i.Account.Key()], func(k access.PersonKey) bool { return st.same(k, a) }) || slices.Contains(mails, normalMail(a.mail))
	}
	mails = append(mails, addresses(i.Person.Identity)...)
	return st.same(i.Person.Key(), a) || slices.Contains(mails, normalMail(a.mail)) || a.key.Zero() && i.Person.Name != "" && sameText(a.name, i.Person.Name)
}

// same reports whether somebody is the person with that key, or reads mail of theirs:
// HR's lists may give one address to two people.
func (st *Staff) same(k access.PersonKey, a asked) bool {
	k = st.people.one(k)
	if !a.key.Zero() && st.people.one(a.key) == k {
		return true
	}
	for _, id := range append([]access.PersonKey{k}, st.ids[k]...) {
		p := st.people.Get(id)
		if p != nil && (slices.Contains(addresses(p.Identity), normalMail(a.mail)) || a.key.Zero() && sameText(a.name, p.Name)) {
			return true
		}
	}
	return false
}

// sameText compares what people write: case and runs of white space say nothing.
func sameText(a, b string) bool {
	return access.Fold(strings.Join(strings.Fields(a), " ")) == access.Fold(strings.Join(strings.Fields(b), " "))
}

// administers reports whether somebody is an administrator of a system.
func (st *Staff) administers(s access.System, a asked) bool {
	return !a.key.Zero() && st.admins[s][st.people.one(a.key)]
}

// delegate is who stands in for somebody on a day: of several lines the last one that
// names somebody who works here.
func (st *Staff) delegate(of access.PersonKey, now time.Time) (asked, bool) {
	today := localDay(now, st.zone)
	for n := len(st.delegates) - 1; n >= 0; n-- {
		d := st.delegates[n]
		if of.Zero() || st.people.one(d.Reviewer) != st.people.one(of) || st.people.one(d.Delegate) == st.people.one(of) || !within(today, d.From, d.Until) {
			continue
		}
		if p := st.people.Get(d.Delegate); p != nil && st.employed(st.person(p), now) {
			return st.person(p), true
		}
	}
	return asked{}, false
}

// within reports whether a day is in a time of whole days; a delegation without an end
// is none.
func within(day, from, until access.Day) bool {
	return !from.IsZero() && !until.IsZero() && !day.At.Before(from.At) && !day.At.After(until.At)
}

// owning are those whom contacts.csv names for a system, in its order.
func (st *Staff) owning(s access.System, responsibility string) []asked {
	key := string(s) + "\x00" + responsibility
	all, known := st.owned[key]
	if known {
		return all
	}
	for _, c := range st.contacts {
		if c.Responsibility == responsibility && (c.System == "" || strings.EqualFold(c.System, string(s))) {
			all = append(all, st.known(c.Name, c.BusinessHours, c.AfterHours))
		}
	}
	st.owned[key] = all
	return all
}

// managerMail is where somebody's own manager is reached, or "".
func (st *Staff) managerMail(a asked, now time.Time) string {
	p := st.people.Get(a.key)
	if p == nil {
		return ""
	}
	if m := st.people.manager(*p); m != nil && m.Key() != p.Key() && st.employed(asked{key: m.Key()}, now) {
		return m.Email
	}
	return ""
}
