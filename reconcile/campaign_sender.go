package reconcile

import (
	"cmp"
	"fmt"
	"rollcall/internal/access"
	"slices"
	"strings"
)

// sender finds who answers, and refuses who may not.
func (in *intake) sender() *access.Problem {
	reviewer := reviewerOf(&in.sheet.Sheet)
	works := in.st.employed(reviewer, in.now)
	stand, has := in.st.delegate(reviewer.key, in.now)
	in.by = reviewer
	if has {
		in.other = stand
	}
	says := cmp.Or(strings.TrimSpace(in.back.Sender), strings.TrimSpace(in.back.SignedBy))
	switch {
	case in.st.means(in.back.Sender, reviewer):
		in.sure = true
	case has && (in.st.means(in.back.Sender, stand) || in.back.Sender == "" && in.st.means(in.back.SignedBy, stand)):
		in.by, in.sure = stand, true
		return nil
	case in.back.Sender != "", in.st.anotherPerson(in.back.SignedBy, reviewer):
		return in.refused("Sender", says, fmt.Sprintf("the worksheet asks %s, and %s sent or signed it", reviewer.name, says),
			fmt.Sprintf("%s has to send it, or somebody who is registered in delegates.csv as standing in for them.", reviewer.name))
	case !works && has:
		in.by, in.sure = stand, true
		return nil
	}
	if !works {
		return in.refused("Sender", says, fmt.Sprintf("HR's lists do not say that %s, whom the worksheet asks, works here today", reviewer.name),
			"Ask "+in.c.Approver+": the rows go to somebody else.")
	}
	return nil
}

// means reports whether a text names somebody: an address, an id or the whole name.
func (st *Staff) means(text string, a asked) bool {
	text = strings.TrimSpace(text)
	if text == "" {
		return false
	}
	if mails := mailsIn(text); len(mails) > 0 {
		return slices.ContainsFunc(mails, func(m string) bool {
			p := st.byMail(m)
			return m == normalMail(a.mail) || p != nil && !a.key.Zero() && st.people.one(p.Key()) == st.people.one(a.key)
		})
	}
	return sameText(text, a.name) || !a.key.Zero() && (text == a.key.String() || text == string(a.key.EmployeeID))
}

// anotherPerson reports whether a text plainly names one person of HR's lists, and not
// the one that is asked.
func (st *Staff) anotherPerson(text string, a asked) bool {
	if strings.TrimSpace(text) == "" || st.means(text, a) {
		return false
	}
	found, _ := st.named(text)
	return len(found) == 1 && !found[0].key.Zero()
}
