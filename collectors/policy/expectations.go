package policy

import (
	"slices"

	"rollcall/internal/access"
)

type expectationLine struct {
	Source      string `csv:"source"`
	EmployeeID  string `csv:"employee_id"`
	Title       string `csv:"title"`
	Department  string `csv:"department"`
	WorkerType  string `csv:"worker_type"`
	Expect      string `csv:"expect"`
	System      string `csv:"system"`
	Scope       string `csv:"scope"`
	Kind        string `csv:"kind"`
	Entitlement string `csv:"entitlement"`
	Reason      string `csv:"reason"`
}

var expectationSheet = sheet[expectationLine, access.Expectation]{
	columns: slices.Concat(required("expect", "system", "kind", "entitlement"), optional("source", "employee_id", "title", "department", "worker_type", "scope", "reason")),
	held:    "This expectation is not tested.",
	parse: func(c *check, l expectationLine) access.Expectation {
		x := access.Expectation{Line: c.line, Title: l.Title, Department: l.Department, WorkerType: l.WorkerType, Reason: l.Reason,
			Expect: c.word("expect", l.Expect, access.May, access.MayNot, access.Must),
			Right:  access.Right{System: c.systems(l.System), Scope: l.Scope, Kind: c.kindPattern(l.Kind), Entitlement: l.Entitlement}}
		c.need("entitlement", l.Entitlement, "Write the name of the group, role or policy; may_not takes * for all of them.")
		c.id("scope", l.Scope)
		role := l.Title + l.Department + l.WorkerType
		switch {
		case l.Source+l.EmployeeID != "" && role != "":
			c.hold("title", l.Title, "The line is about a person and about a role.", "Write the employee ID or the title, not both.")
		case l.Source+l.EmployeeID != "":
			x.Person = c.employee(l.Source, l.EmployeeID)
		case role == "":
			c.hold("title", "", "The line is about nobody.", "Write a title, a department or a worker type (* is everybody), or a source and an employee ID.")
		}
		if x.Expect != access.MayNot && access.Wild(l.System+l.Scope+l.Kind+l.Entitlement) {
			c.hold("entitlement", l.Entitlement, "May and must are about one right.", "Write it without * and ?, or use may_not.")
		}
		if x.Expect != access.MayNot && (l.System == "" || l.Kind == "") {
			c.hold("system", l.System, "May and must are about one right.", "Write its system and its kind.")
		}
		return x
	},
}

// ReadExpectations reads what a role map is tested by: who may, must or may not
// hold what.
func ReadExpectations(file string, b []byte, known ...access.System) ([]access.Expectation, []access.Problem) {
	return expectationSheet.read(file, b, known)
}
