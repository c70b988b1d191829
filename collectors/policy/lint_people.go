package policy

import (
	"slices"
	"strings"
	"time"

	"rollcall/internal/access"
)

// exceptionPattern is the exception as a pattern: it names one right, in any
// scope and of any kind if it does not say.
func exceptionPattern(x access.Exception) access.Right {
	return access.Right{System: x.System, Scope: x.Scope, Kind: x.Kind, Entitlement: x.Entitlement}
}

// current gives the exceptions that have not ended.
func (l *linter) current(yield func(int, access.Exception) bool) {
	for n, x := range l.p.Exceptions {
		if !l.over(x.ExpiresOn) && !yield(n, x) {
			return
		}
	}
}

func expiredExceptions(l *linter) {
	for _, x := range l.p.Exceptions {
		switch {
		case l.over(x.ExpiresOn):
			l.add(access.Note, x.Line, "expires_on", x.ExpiresOn.String(), "The exception has ended.", "It allows nothing any more.", "Delete it once the access is gone, or have it approved anew.")
		case l.soon(x.ExpiresOn):
			l.note(x.Line, "expires_on", x.ExpiresOn.String(), "Have it approved anew if it is still needed.", "The exception ends within %d days.", soonDays)
		}
	}
}

// longExceptions counts from the approval; without its day from today.
func longExceptions(l *linter) {
	if l.f.ExceptionMaxDays == 0 {
		return
	}
	for _, x := range l.current {
		from := l.f.Today
		if !x.ApprovedOn.IsZero() {
			from = x.ApprovedOn.At
		}
		if days := int(x.ExpiresOn.At.Sub(from) / (24 * time.Hour)); days > l.f.ExceptionMaxDays {
			l.note(x.Line, "expires_on", x.ExpiresOn.String(), "Write an earlier day. What is needed for longer belongs into the role map.",
				"The exception lasts %d days; at most %d are allowed.", days, l.f.ExceptionMaxDays)
		}
	}
}

func unreasonedExceptions(l *linter) {
	for _, x := range l.current {
		if x.Reason == "" {
			l.note(x.Line, "reason", "", "Write in plain words why the person needs it.", "No reason is given.")
		}
		if x.Ticket == "" {
			l.note(x.Line, "ticket", "", "Write the number under which it was asked for.", "No ticket is given.")
		}
	}
}

func selfApproved(l *linter) {
	for _, x := range l.current {
		if x.ApprovedBy != "" && l.is(x.Person, x.ApprovedBy) {
			l.note(x.Line, "approved_by", x.ApprovedBy, "Have somebody else approve it.", "Who approved it is the person who receives it.")
		}
	}
}

// is reports whether a word is a person's id, name or address.
func (l *linter) is(key access.PersonKey, word string) bool {
	names := []string{string(key.EmployeeID), key.String()}
	for _, row := range l.people[key] {
		names = append(append(names, row.Name, row.Email), strings.FieldsFunc(row.Aliases, func(r rune) bool { return r == ';' || r == ' ' })...)
	}
	return slices.ContainsFunc(names, func(n string) bool { return n != "" && strings.EqualFold(n, word) })
}

// gone says why a person is not there (any more), or "" when they are, or when
// that cannot be known.
func (l *linter) gone(key access.PersonKey) string {
	rows := l.people[key]
	switch {
	case !slices.Contains(l.f.Lists, key.Source):
		return ""
	case len(rows) == 0:
		return "is in no row of the list " + string(key.Source)
	case slices.ContainsFunc(rows, func(r access.Identity) bool { return r.Status != access.StatusLeft || r.Problem != "" }):
		return ""
	}
	return "has left"
}

func exceptionsForNobody(l *linter) {
	for _, x := range l.current {
		if why := l.gone(x.Person); why != "" {
			l.note(x.Line, "employee_id", string(x.Person.EmployeeID), "Delete the line, or correct the ID.", "The person %s.", why)
		}
	}
}

func exceptionsTwice(l *linter) {
	type about struct {
		person                           access.PersonKey
		system, scope, kind, entitlement string
	}
	first := map[about]int{}
	for _, x := range l.current {
		key := about{x.Person, strings.ToLower(x.System), x.Scope, strings.ToLower(x.Kind), strings.ToLower(x.Entitlement)}
		if row, again := first[key]; again {
			l.note(x.Line, "id", x.ID, "Keep the one that is right.", "Row %d is an exception for the same person and the same right.", row)
			continue
		}
		first[key] = x.Row
	}
}

// needlessExceptions finds what the person's role allows anyway, for as long.
func needlessExceptions(l *linter) {
	for _, x := range l.current {
		rows := l.people[x.Person]
		if len(rows) == 0 {
			continue
		}
		for _, r := range l.live {
			fits := !slices.ContainsFunc(rows, func(row access.Identity) bool { return !r.Fits(row.Profile()) })
			if fits && within(exceptionPattern(x), r.Right()) && (r.ExpiresOn.IsZero() || !r.ExpiresOn.At.Before(x.ExpiresOn.At)) {
				l.note(x.Line, "entitlement", x.Entitlement, "Delete the line.", "The person's role allows it anyway (%s row %d).", r.File, r.Row)
				break
			}
		}
	}
}

func exceptionsForNothing(l *linter) {
	for _, x := range l.current {
		p := exceptionPattern(x)
		if !l.known(x.System) || !l.possible(p) {
			continue
		}
		if !slices.ContainsFunc(l.rights, func(r right) bool { return x.About(*r.is) }) {
			l.note(x.Line, "entitlement", x.Entitlement, "Correct the name, or delete the line."+l.elsewhere(p), "The last night found nothing that this line names.")
		}
	}
}

// ownersGone looks for each owner in every list, as the register names none.
func ownersGone(l *linter) {
	if len(l.f.Lists) == 0 || len(l.f.Unread) > 0 {
		return
	}
	for _, h := range l.p.NonHuman {
		if h.OwnerID == "" {
			continue
		}
		var found []access.PersonKey
		for _, source := range l.f.Lists {
			key := access.PersonKey{Source: source, EmployeeID: h.OwnerID}
			if l.people[key] != nil {
				found = append(found, key)
			}
		}
		why := ""
		switch len(found) {
		case 0:
			why = "is in none of HR's lists"
		case 1:
			why = l.gone(found[0])
		default:
			why = "could be several people: " + found[0].String() + " and " + found[1].String()
		}
		if why != "" {
			l.note(h.Line, "owner_id", string(h.OwnerID), "Write the employee ID of who answers for it now.", "The owner of %s %s.", h.Account, why)
		}
	}
}

func reviewsOverdue(l *linter) {
	for _, h := range l.p.NonHuman {
		if l.over(h.Review) {
			l.note(h.Line, "review_by", h.Review.String(), "Have its owner confirm that it is still needed, and write the next day.", "%s was to be reviewed by then.", h.Account)
		}
	}
}

// accountsGone finds registered accounts that there are not. A line without a
// scope means the account in any.
func accountsGone(l *linter) {
	if len(l.p.NonHuman) == 0 {
		return
	}
	named := map[string][]access.Account{}
	for _, s := range l.f.Systems {
		for _, a := range s.Accounts {
			for _, name := range []string{string(a.ID), a.Login} {
				named[access.Fold(name)] = append(named[access.Fold(name)], a)
			}
		}
	}
	for _, h := range l.p.NonHuman {
		if l.known(h.System) && !slices.ContainsFunc(named[access.Fold(h.Account)], h.About) {
			l.note(h.Line, "account", h.Account, "Delete the line once you are sure that the account is gone, or correct its id or login.", "The last night found no such account in %s.", h.System)
		}
	}
}
