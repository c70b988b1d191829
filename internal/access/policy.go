package access

import "strings"

// Line says where in a policy file something was written, so that a finding
// can cite it.
type Line struct {
	File string `json:"file"`
	Row  int    `json:"row"`
}

// Requirement of a rule.
type Requirement string

// The words of Requirement.
const (
	Allowed  Requirement = "allowed"
	Required Requirement = "required"
)

// About reports whether the exception is about the entitlement. An empty scope
// or kind is any.
func (x Exception) About(e Entitlement) bool {
	return strings.EqualFold(x.System, string(e.System)) && (x.Scope == "" || x.Scope == e.Scope) &&
		(x.Kind == "" || strings.EqualFold(x.Kind, string(e.Kind))) &&
		(x.Entitlement == e.ID || strings.EqualFold(x.Entitlement, e.Name))
}

// NonHuman registers an account that belongs to no person.
type NonHuman struct {
	Line
	System  string
	Scope   string
	Account string // account id or login
	Kind    IdentityKind
	OwnerID EmployeeID
	Purpose string
	Review  Day // review_by
}

// Right is a pattern of entitlements: case-insensitive globs, of which an empty
// one matches anything.
type Right struct {
	System      string
	Scope       string
	Kind        string
	Entitlement string
}

// SoD says which two rights no person may hold together (separation of duties).
type SoD struct {
	Line
	Rule        string
	Left, Right Right
	Reason      string
}

// Answer is what HR confirmed about a person.
type Answer struct {
	Line
	Person         PersonKey
	Answer         string // left, active, same_as
	SameAs         EmployeeID
	LastWorkingDay Day
	ConfirmedBy    string
	ConfirmedOn    Day
}

// Link says whose account an account is, as somebody confirmed.
type Link struct {
	Line
	Account     AccountKey
	Person      PersonKey
	ConfirmedBy string
	ConfirmedOn Day
}

// Contact is whom to call for a system.
type Contact struct {
	Line
	System         string // empty: every system
	Responsibility string // owner, security, hr, compliance, on_call
	Name           string
	BusinessHours  string
	AfterHours     string
	Hours          string
	TimeZone       string
}

// Policy is everything that people wrote about access, as read tonight.
type Policy struct {
	RoleMap    RoleMap
	Exceptions []Exception
	NonHuman   []NonHuman
	SoD        []SoD
	Answers    []Answer
	Links      []Link
	Contacts   []Contact
	Delegates  []Delegate
	// RoleMapUnread and ExceptionsUnread say that the file is there and could not
	// be used: what rests on it is not judged. An empty RoleMap allows nothing.
	RoleMapUnread    bool
	ExceptionsUnread bool
	// LeftOut are lines of both files that have no effect tonight, because of a
	// defect: each may have been meant to let somebody keep something.
	LeftOut []Line
}

// Unjudged reports whether tonight nothing can be said about grants.
func (p Policy) Unjudged() bool { return p.RoleMapUnread || p.ExceptionsUnread }

// Input is one file of tonight, as it was read: its digest binds the plan.
type Input struct {
	Name   string `json:"name"` // what it is: roster:employees, rolemap, exceptions, ...
	File   string `json:"file"`
	SHA256 string `json:"sha256"`
}

// The words of Expectation.Expect.
const (
	May    = "may"
	MayNot = "may_not"
	Must   = "must"
)

// Expectation is what somebody expects of the policy: that a person, or everybody
// of a role, may, must or may not hold a right. It grants nothing.
type Expectation struct {
	Line
	Person                        PersonKey // zero: it is about a role
	Title, Department, WorkerType string    // globs
	Expect                        string
	Right                         Right
	Reason                        string
}
