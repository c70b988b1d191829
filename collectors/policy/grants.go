package policy

import (
	"fmt"
	"slices"
	"strings"

	"rollcall/internal/access"
	"rollcall/internal/csvfile"
)

type ruleLine struct {
	Role        string `csv:"role"`
	Title       string `csv:"title"`
	Department  string `csv:"department"`
	WorkerType  string `csv:"worker_type"`
	System      string `csv:"system"`
	Scope       string `csv:"scope"`
	Kind        string `csv:"kind"`
	Entitlement string `csv:"entitlement"`
	Requirement string `csv:"requirement"`
	Risk        string `csv:"risk"`
	Owner       string `csv:"owner"`
	Meaning     string `csv:"meaning"`
	ApprovedBy  string `csv:"approved_by"`
	ApprovedOn  string `csv:"approved_on"`
	ExpiresOn   string `csv:"expires_on"`
}

var ruleSheet = sheet[ruleLine, access.Rule]{
	columns: slices.Concat(
		required("role", "title", "department", "worker_type", "system", "scope", "kind", "entitlement", "requirement", "risk"),
		optional("owner", "meaning", "approved_by", "approved_on"),
		[]csvfile.Column{{Name: "expires_on", Missed: "No line ever expires."}}),
	held: "This line grants nothing.",
	parse: func(c *check, l ruleLine) access.Rule {
		c.need("entitlement", l.Entitlement, "Write the name of the group, role or policy; * is all of them.")
		c.id("scope", l.Scope)
		return access.Rule{
			Line: c.line, Role: l.Role, Title: l.Title, Department: l.Department, WorkerType: l.WorkerType,
			System: c.systems(l.System), Scope: l.Scope, Kind: c.kindPattern(l.Kind), Entitlement: l.Entitlement,
			Requirement: access.Requirement(c.word("requirement", l.Requirement, string(access.Required), string(access.Allowed))),
			Risk: access.Risk(c.word("risk", l.Risk,
				string(access.RiskStandard), string(access.RiskSensitive), string(access.RiskPrivileged))),
			Owner: l.Owner, Meaning: l.Meaning, ApprovedBy: l.ApprovedBy,
			ApprovedOn: c.day("approved_on", l.ApprovedOn), ExpiresOn: c.day("expires_on", l.ExpiresOn),
		}
	},
}

// ReadRoleMap reads rolemap.csv. Where known systems are given, a line for
// another one is held; title, department, worker type and system to
// entitlement may be patterns. The digest is of the bytes as read.
func ReadRoleMap(file string, b []byte, known ...access.System) (access.RoleMap, []access.Problem) {
	rules, problems := ruleSheet.read(file, b, known)
	return access.RoleMap{SHA256: access.Digest(b), Rules: rules}, problems
}

type exceptionLine struct {
	ID          string `csv:"id"`
	Source      string `csv:"source"`
	EmployeeID  string `csv:"employee_id"`
	System      string `csv:"system"`
	Scope       string `csv:"scope"`
	Kind        string `csv:"kind"`
	Entitlement string `csv:"entitlement"`
	Reason      string `csv:"reason"`
	Ticket      string `csv:"ticket"`
	ApprovedBy  string `csv:"approved_by"`
	ApprovedOn  string `csv:"approved_on"`
	ExpiresOn   string `csv:"expires_on"`
}

// exceptionSheet makes a sheet for one file: an id counts once in it.
func exceptionSheet() sheet[exceptionLine, access.Exception] {
	seen := map[string]int{}
	return sheet[exceptionLine, access.Exception]{
		columns: slices.Concat(
			required("id", "source", "employee_id", "system", "scope", "kind", "entitlement", "expires_on"),
			optional("reason", "ticket", "approved_by", "approved_on")),
		held: "This line allows nothing.",
		parse: func(c *check, l exceptionLine) access.Exception {
			e := access.Exception{Person: c.employee(l.Source, l.EmployeeID)}
			c.need("id", l.ID, "Give the exception an ID of its own.")
			c.once(seen, l.ID)
			c.need("system", l.System, "Write the system.")
			c.need("entitlement", l.Entitlement, "Write the exact name of the group, role or policy.")
			c.need("expires_on", l.ExpiresOn, "Every exception ends: write the day, such as 2026-05-04.")
			c.id("scope", l.Scope)
			c.wish("approved_by", l.ApprovedBy, "Nobody is named as having approved this.", "The exception counts.", "Write who approved it.")
			e.Line, e.ID, e.System, e.Scope, e.Kind = c.line, l.ID, c.system(l.System), l.Scope, c.kind(l.Kind)
			e.Entitlement, e.Reason, e.Ticket, e.ApprovedBy = l.Entitlement, l.Reason, l.Ticket, l.ApprovedBy
			e.ApprovedOn, e.ExpiresOn = c.day("approved_on", l.ApprovedOn), c.day("expires_on", l.ExpiresOn)
			return e
		},
	}
}

// once holds a line whose id an earlier line has.
func (c *check) once(seen map[string]int, id string) {
	key := strings.ToLower(id)
	if first, ok := seen[key]; ok && id != "" {
		c.hold("id", id, fmt.Sprintf("Row %d has the same ID.", first), "Give each exception an ID of its own.")
		return
	}
	seen[key] = c.line.Row
}

// ReadExceptions reads exceptions.csv. An exception without an end is held: an
// allowance that never ends is a rule, and belongs into the role map.
func ReadExceptions(file string, b []byte, known ...access.System) ([]access.Exception, []access.Problem) {
	return exceptionSheet().read(file, b, known)
}
