package company

import (
	"path"
	"strings"
)

// right is one line of the role map. Held lines are also what the people whom
// they match really hold when the story begins.
type right struct {
	role, title, department, worker   string
	system, kind, entitlement         string
	requirement, risk, owner, meaning string
	held                              bool
}

const (
	allStaff      = "All Staff"
	contractors   = "Contractors"
	peopleLeads   = "People Managers"
	awsEngineers  = "AWS Engineering"
	awsReliable   = "AWS Reliability"
	awsData       = "AWS Data"
	awsAdmins     = "AWS Administrators"
	awsCloudHelp  = "Cloud Consultants"
	serviceDesk   = "Service Desk"
	centerApp     = "AWS IAM Identity Center"
	standard      = "standard"
	sensitive     = "sensitive"
	privileged    = "privileged"
	mustHave      = "required"
	mayHave       = "allowed"
	itOwner       = "Noor Visser"
	cloudOwner    = "Mia Laine"
	financeOwner  = "Luis Prado"
	peopleOwner   = "Anneke de Wit"
	readOnly      = "ReadOnly"
	powerUser     = "PowerUser"
	administrator = "Administrator"
	dataAnalyst   = "DataAnalyst"
	billing       = "Billing"
)

// rights are the company's role map, without the lines of teams.
var rights = []right{
	{role: "Everyone", worker: employee, system: "okta", kind: "group", entitlement: allStaff, requirement: mustHave, risk: standard, owner: itOwner, meaning: "Mail, chat, video calls, the intranet and the HR self-service", held: true},
	{role: "Contractor", worker: contractor, system: "okta", kind: "group", entitlement: contractors, requirement: mayHave, risk: standard, owner: itOwner, meaning: "Mail and chat, without the intranet", held: true},
	{role: "People manager", title: "*Manager*", worker: employee, system: "okta", kind: "group", entitlement: peopleLeads, requirement: mayHave, risk: sensitive, owner: peopleOwner, meaning: "See and approve absences and salaries of one's own people"},
	{role: "People manager", title: "*Lead", worker: employee, system: "okta", kind: "group", entitlement: peopleLeads, requirement: mayHave, risk: sensitive, owner: peopleOwner, meaning: "See and approve absences and salaries of one's own people", held: true},
	{role: "People manager", title: "Head of *", worker: employee, system: "okta", kind: "group", entitlement: peopleLeads, requirement: mayHave, risk: sensitive, owner: peopleOwner, meaning: "See and approve absences and salaries of one's own people", held: true},
	{role: "Founder's office", department: "Executive", system: "okta", kind: "group", entitlement: "Executive", requirement: mayHave, risk: sensitive, owner: itOwner, meaning: "The papers of the board", held: true},

	{role: "Engineering", department: "Engineering", worker: employee, system: "okta", kind: "group", entitlement: "Engineering", requirement: mustHave, risk: standard, owner: itOwner, meaning: "Source code, tickets and the build system", held: true},
	{role: "Contract engineer", title: "Contract Engineer", worker: contractor, system: "okta", kind: "group", entitlement: "Engineering", requirement: mayHave, risk: standard, owner: itOwner, meaning: "Source code, tickets and the build system", held: true},
	{role: "Engineering", department: "Engineering", worker: employee, system: "okta", kind: "group", entitlement: awsEngineers, requirement: mayHave, risk: standard, owner: cloudOwner, meaning: "The way into AWS, to look and not to change", held: true},
	{role: "Engineering", department: "Engineering", worker: employee, system: "aws", kind: "sso_group", entitlement: awsEngineers, requirement: mayHave, risk: standard, owner: cloudOwner, meaning: "Look at everything in production and staging, change nothing", held: true},
	{role: "Senior engineer", title: "Senior Software Engineer", system: "aws", kind: "console_login", entitlement: "*", requirement: mayHave, risk: sensitive, owner: cloudOwner, meaning: "Sign in to an AWS account with a password of its own"},
	{role: "Senior engineer", title: "Senior Software Engineer", system: "aws", kind: "access_key", entitlement: "*", requirement: mayHave, risk: sensitive, owner: cloudOwner, meaning: "Work in an AWS account by program"},
	{role: "Senior engineer", title: "Senior Software Engineer", system: "aws", kind: "iam_group", entitlement: "developers", requirement: mayHave, risk: sensitive, owner: cloudOwner, meaning: "Change the test systems"},
	{role: "Senior engineer", title: "Senior Software Engineer", system: "okta", kind: "api_token", entitlement: "*", requirement: mayHave, risk: privileged, owner: itOwner, meaning: "Let a program act in Okta under one's own name"},
	{role: "Reliability", title: "Site Reliability Engineer", system: "okta", kind: "group", entitlement: awsReliable, requirement: mustHave, risk: privileged, owner: cloudOwner, meaning: "Change the running systems", held: true},
	{role: "Reliability", title: "Site Reliability Engineer", system: "aws", kind: "sso_group", entitlement: awsReliable, requirement: mustHave, risk: privileged, owner: cloudOwner, meaning: "Change the running systems", held: true},
	{role: "Reliability", title: "Site Reliability Engineer", system: "aws", kind: "console_login", entitlement: "*", requirement: mayHave, risk: privileged, owner: cloudOwner, meaning: "Sign in to an AWS account with a password of its own"},
	{role: "Reliability", title: "Site Reliability Engineer", system: "aws", kind: "access_key", entitlement: "*", requirement: mayHave, risk: privileged, owner: cloudOwner, meaning: "Work in an AWS account by program"},
	{role: "Reliability", title: "Site Reliability Engineer", system: "aws", kind: "iam_group", entitlement: "operators", requirement: mayHave, risk: privileged, owner: cloudOwner, meaning: "Start and stop the machines of production"},
	{role: "Reliability", title: "Site Reliability Engineer", system: "aws", kind: "iam_policy", entitlement: "ReadOnlyAccess", requirement: mayHave, risk: standard, owner: cloudOwner, meaning: "Look at everything in an AWS account and change nothing"},
	{role: "Data", title: "Data Engineer", system: "okta", kind: "group", entitlement: awsData, requirement: mustHave, risk: sensitive, owner: cloudOwner, meaning: "Query what the robots report", held: true},
	{role: "Data", title: "Data Engineer", system: "aws", kind: "sso_group", entitlement: awsData, requirement: mustHave, risk: sensitive, owner: cloudOwner, meaning: "Query what the robots report", held: true},
	{role: "Data", title: "Data Engineer", system: "okta", kind: "app", entitlement: "Tableau", requirement: mayHave, risk: standard, owner: itOwner, meaning: "Make and read charts", held: true},
	{role: "Cloud consultant", title: "Cloud Consultant", system: "aws", kind: "sso_group", entitlement: awsCloudHelp, requirement: mayHave, risk: sensitive, owner: cloudOwner, meaning: "Look at the test systems and advise"},
	{role: "Cloud consultant", title: "Cloud Consultant", system: "aws", kind: "permission_set", entitlement: powerUser, requirement: mayHave, risk: privileged, owner: cloudOwner, meaning: "Change the test systems"},

	{role: "Product", department: "Product", system: "okta", kind: "group", entitlement: "Product", requirement: mustHave, risk: standard, owner: itOwner, meaning: "Plans, tickets and research", held: true},
	{role: "Designer", title: "*Designer", system: "okta", kind: "app", entitlement: "Figma", requirement: mayHave, risk: standard, owner: itOwner, meaning: "Draw screens and share drawings", held: true},
	{role: "Sales", department: "Sales", system: "okta", kind: "group", entitlement: "Sales", requirement: mustHave, risk: sensitive, owner: itOwner, meaning: "Every customer's data and the offers", held: true},
	{role: "Sales manager", title: "Sales Manager", department: "Sales", system: "okta", kind: "app", entitlement: "DocuSign", requirement: mayHave, risk: sensitive, owner: itOwner, meaning: "Sign contracts", held: true},
	{role: "Support", department: "Customer Support", system: "okta", kind: "group", entitlement: "Customer Support", requirement: mustHave, risk: sensitive, owner: itOwner, meaning: "Answer customers and see their robots", held: true},
	{role: "Marketing", department: "Marketing", system: "okta", kind: "group", entitlement: "Marketing", requirement: mustHave, risk: standard, owner: itOwner, meaning: "The website and the campaigns", held: true},
	{role: "Finance", department: "Finance", system: "okta", kind: "group", entitlement: "Finance", requirement: mustHave, risk: sensitive, owner: financeOwner, meaning: "The ledger and the payments; can see what everybody earns", held: true},
	{role: "Controller", title: "Financial Controller", system: "okta", kind: "app", entitlement: "Tableau", requirement: mayHave, risk: standard, owner: itOwner, meaning: "Make and read charts", held: true},
	{role: "Controlling", title: "Controlling Manager", system: "aws", kind: "permission_set", entitlement: billing, requirement: mayHave, risk: sensitive, owner: financeOwner, meaning: "See what AWS costs"},
	{role: "Payroll", title: "Payroll Specialist", system: "okta", kind: "app", entitlement: "ADP Payroll", requirement: mustHave, risk: privileged, owner: financeOwner, meaning: "Pay salaries", held: true},
	{role: "Treasurer", title: "Treasurer", department: "Finance", system: "okta", kind: "app", entitlement: "Bank Portal", requirement: mustHave, risk: privileged, owner: financeOwner, meaning: "Move the company's money", held: true},
	{role: "People", department: "People", system: "okta", kind: "group", entitlement: "People Team", requirement: mustHave, risk: privileged, owner: peopleOwner, meaning: "Everybody's personal data", held: true},
	{role: "Legal", department: "Legal", system: "okta", kind: "group", entitlement: "Legal", requirement: mustHave, risk: sensitive, owner: itOwner, meaning: "Contracts and disputes", held: true},
	{role: "Legal", department: "Legal", system: "okta", kind: "app", entitlement: "DocuSign", requirement: mayHave, risk: sensitive, owner: itOwner, meaning: "Sign contracts", held: true},
	{role: "Operations", department: "Operations", system: "okta", kind: "group", entitlement: "Operations", requirement: mustHave, risk: standard, owner: itOwner, meaning: "Orders, stock and shipping", held: true},
	{role: "IT", department: "IT", system: "okta", kind: "group", entitlement: "IT", requirement: mustHave, risk: sensitive, owner: itOwner, meaning: "The tools of the IT team", held: true},
	{role: "Help desk", title: "Help Desk Agent", department: "IT", system: "okta", kind: "group", entitlement: serviceDesk, requirement: mustHave, risk: privileged, owner: itOwner, meaning: "Reset anybody's password and second factor", held: true},
	{role: "Systems", title: "Systems Administrator", system: "okta", kind: "group", entitlement: awsAdmins, requirement: mayHave, risk: privileged, owner: cloudOwner, meaning: "Do anything in every AWS account", held: true},
	{role: "Systems", title: "Systems Administrator", system: "aws", kind: "sso_group", entitlement: awsAdmins, requirement: mayHave, risk: privileged, owner: cloudOwner, meaning: "Do anything in every AWS account", held: true},
	{role: "Head of IT", title: "Head of IT", system: "okta", kind: "admin_role", entitlement: "Super Administrator", requirement: mayHave, risk: privileged, owner: itOwner, meaning: "Do anything in Okta"},
}

// matches reports whether the line is about the person. The role map's globs
// are richer than path.Match, but not the ones above.
func (r right) matches(p Person) bool {
	return fits(r.title, p.Title) && fits(r.department, p.Department) && fits(r.worker, p.Type)
}

func fits(pattern, s string) bool {
	if pattern == "" {
		return true
	}
	ok, err := path.Match(strings.ToLower(pattern), strings.ToLower(s))
	return err == nil && ok
}

// teamRights are the lines of the teams' groups: whoever is in the department
// may be in any of its teams.
func teamRights() []right {
	var out []right
	for _, d := range chart {
		for _, t := range d.teams {
			out = append(out, right{role: d.name, department: d.name, system: "okta", kind: "group", entitlement: teamGroup(t.name),
				requirement: mayHave, risk: standard, owner: itOwner, meaning: "The shared folder and the calendar of the team " + t.name})
		}
	}
	return out
}

func teamGroup(team string) string { return "Team " + team }

// held are the entitlements of one kind that a person holds by the role map.
func held(p Person, system, kind string) []string {
	var out []string
	for _, r := range rights {
		if r.held && r.system == system && r.kind == kind && r.matches(p) {
			out = append(out, r.entitlement)
		}
	}
	if system == "okta" && kind == "group" && p.Team != "" {
		out = append(out, teamGroup(p.Team))
	}
	return out
}
