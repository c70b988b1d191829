package policy

import (
	"fmt"
	"slices"

	"rollcall/internal/access"
	"rollcall/internal/csvfile"
	"rollcall/internal/zones"
)

type nonHumanLine struct {
	System  string `csv:"system"`
	Scope   string `csv:"scope"`
	Account string `csv:"account"`
	Kind    string `csv:"kind"`
	OwnerID string `csv:"owner_id"`
	Purpose string `csv:"purpose"`
	Review  string `csv:"review_by"`
}

var nonHumanSheet = sheet[nonHumanLine, access.NonHuman]{
	columns: slices.Concat(required("system", "scope", "account", "kind", "owner_id"), optional("purpose", "review_by")),
	held:    "This line registers nothing.", protects: true,
	parse: func(c *check, l nonHumanLine) access.NonHuman {
		c.need("system", l.System, "Write the system.")
		c.need("account", l.Account, "Write the account's id or login.")
		c.id("scope", l.Scope)
		c.id("account", l.Account)
		c.wish("owner_id", l.OwnerID, "The account has no owner.", "The line counts.", "Write the employee ID of whoever answers for it.")
		return access.NonHuman{
			Line: c.line, System: c.system(l.System), Scope: l.Scope, Account: l.Account, Kind: c.nonHuman(l.Kind),
			OwnerID: access.EmployeeID(l.OwnerID), Purpose: l.Purpose, Review: c.aside("review_by", l.Review),
		}
	},
}

// nonHuman reads the kind of a registered account. A line with a word that we
// do not know stays in effect, as a shared account: without it the account
// could be taken for a person's and be blocked when that person leaves.
func (c *check) nonHuman(value string) access.IdentityKind {
	words := []access.IdentityKind{access.KindService, access.KindBreakGlass, access.KindShared, access.KindExternal}
	if kind := access.IdentityKind(plain(value)); slices.Contains(words, kind) {
		return kind
	}
	c.note("kind", value, unknownWord(c.heading("kind"), value),
		"The account is taken for a shared one.", "Use one of service, break_glass, shared, external.")
	return access.KindShared
}

// ReadNonHuman reads nonhuman.csv. Its lines protect accounts, so a line that
// names an account is kept whatever else is wrong with it.
func ReadNonHuman(file string, b []byte, known ...access.System) ([]access.NonHuman, []access.Problem) {
	return nonHumanSheet.read(file, b, known)
}

type linkLine struct {
	System      string `csv:"system"`
	Scope       string `csv:"scope"`
	AccountID   string `csv:"account_id"`
	Source      string `csv:"source"`
	EmployeeID  string `csv:"employee_id"`
	ConfirmedBy string `csv:"confirmed_by"`
	ConfirmedOn string `csv:"confirmed_on"`
}

// linkSheet makes a sheet for one file: an account should have one owner in it.
func linkSheet() sheet[linkLine, access.Link] {
	seen := map[access.AccountKey]access.Link{}
	return sheet[linkLine, access.Link]{
		columns: slices.Concat(required("system", "scope", "account_id", "source", "employee_id"), optional("confirmed_by", "confirmed_on")),
		held:    "This line links nothing.",
		parse: func(c *check, l linkLine) access.Link {
			person := c.employee(l.Source, l.EmployeeID)
			c.need("system", l.System, "Write the system.")
			c.need("account_id", l.AccountID, "Write the account's id, as the worksheet shows it.")
			c.id("scope", l.Scope)
			c.id("account_id", l.AccountID)
			c.wish("confirmed_by", l.ConfirmedBy, "Nobody is named as having confirmed this.", "The line counts.", "Write who confirmed it.")
			link := access.Link{
				Line:    c.line,
				Account: access.AccountKey{System: access.System(c.system(l.System)), Scope: l.Scope, ID: access.AccountID(l.AccountID)},
				Person:  person, ConfirmedBy: l.ConfirmedBy, ConfirmedOn: c.aside("confirmed_on", l.ConfirmedOn),
			}
			first, again := seen[link.Account]
			if again && first.Person != link.Person {
				c.note("account_id", l.AccountID, fmt.Sprintf("Row %d says that this account is %s's.", first.Row, csvfile.Shown(first.Person.String())),
					"Both lines were read.", "Keep the one that is right.")
			}
			if !again {
				seen[link.Account] = link
			}
			return link
		},
	}
}

// ReadLinks reads links.csv. Two lines that give one account to two people are
// told, and both given: what follows is not judged here.
func ReadLinks(file string, b []byte, known ...access.System) ([]access.Link, []access.Problem) {
	return linkSheet().read(file, b, known)
}

type delegateLine struct {
	Source     string `csv:"source"`
	ReviewerID string `csv:"reviewer_id"`
	DelegateID string `csv:"delegate_id"`
	From       string `csv:"from"`
	Until      string `csv:"until"`
	Reason     string `csv:"reason"`
	ApprovedBy string `csv:"approved_by"`
}

var delegateSheet = sheet[delegateLine, access.Delegate]{
	columns: slices.Concat(required("source", "reviewer_id", "delegate_id", "from", "until"), optional("reason", "approved_by")),
	held:    "Nobody answers in anybody's place because of this line.",
	parse: func(c *check, l delegateLine) access.Delegate {
		reviewer := c.employee(l.Source, l.ReviewerID)
		c.need("delegate_id", l.DelegateID, "Write the employee ID of whoever answers instead.")
		c.id("delegate_id", l.DelegateID)
		c.need("from", l.From, "Write the first day on which the delegate answers.")
		c.need("until", l.Until, "Write the last day: nobody stands in for ever.")
		d := access.Delegate{
			Line: c.line, Reviewer: reviewer, Delegate: access.PersonKey{Source: reviewer.Source, EmployeeID: access.EmployeeID(l.DelegateID)},
			From: c.day("from", l.From), Until: c.day("until", l.Until), Reason: l.Reason, ApprovedBy: l.ApprovedBy,
		}
		if d.Delegate == d.Reviewer && l.DelegateID != "" {
			c.hold("delegate_id", l.DelegateID, "Nobody stands in for themselves.", "Write who answers instead.")
		}
		if l.Until != "" && d.Until.At.Before(d.From.At) {
			c.hold("until", l.Until, "The last day is before the first one.", "Correct one of the two.")
		}
		c.wish("approved_by", l.ApprovedBy, "Nobody is named as having approved this.", "The line counts.", "Write who approved it.")
		return d
	},
}

// ReadDelegates reads delegates.csv: who answers the worksheets of whom, from which
// day to which. Both are of the same list of HR's.
func ReadDelegates(file string, b []byte) ([]access.Delegate, []access.Problem) {
	return delegateSheet.read(file, b, nil)
}

type contactLine struct {
	System         string `csv:"system"`
	Responsibility string `csv:"responsibility"`
	Name           string `csv:"name"`
	BusinessHours  string `csv:"business_hours_contact"`
	AfterHours     string `csv:"after_hours_contact"`
	Hours          string `csv:"hours"`
	TimeZone       string `csv:"timezone"`
}

var contactSheet = sheet[contactLine, access.Contact]{
	columns: slices.Concat(required("system", "responsibility", "name", "business_hours_contact"),
		optional("after_hours_contact", "hours", "timezone")),
	held: "Nobody is called because of this line.",
	parse: func(c *check, l contactLine) access.Contact {
		if l.BusinessHours == "" && l.AfterHours == "" {
			c.note("business_hours_contact", "", "There is no way to reach this contact.", "The name is shown without one.", "Write an e-mail or a telephone number.")
		}
		if _, err := zones.Load(l.TimeZone); err != nil && l.TimeZone != "" {
			c.note("timezone", l.TimeZone, "We do not know this time zone.", "The company's is used.", "Write it as Europe/Berlin or America/New_York.")
			l.TimeZone = ""
		}
		return access.Contact{
			Line: c.line, System: c.system(l.System), Name: l.Name,
			Responsibility: c.word("responsibility", l.Responsibility, "owner", "security", "hr", "compliance", "on_call"),
			BusinessHours:  l.BusinessHours, AfterHours: l.AfterHours, Hours: l.Hours, TimeZone: l.TimeZone,
		}
	},
}

// ReadContacts reads contacts.csv. A contact without a system is for every one.
func ReadContacts(file string, b []byte, known ...access.System) ([]access.Contact, []access.Problem) {
	return contactSheet.read(file, b, known)
}
