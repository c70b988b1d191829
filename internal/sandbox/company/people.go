package company

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Person is one worker, as HR knows them on the first day.
type Person struct {
	ID, Name, Title, Department, Team string
	Manager                           string // employee id
	Type                              string // employee or contractor
	Zone                              string // empty: the company's
	Aliases                           string
	Mail                              string
	Status                            string
	Start                             time.Time
	// OnlyCenter: known to the directory of Identity Center only, not to Okta.
	OnlyCenter bool
}

const (
	employee   = "employee"
	contractor = "contractor"
)

// team is a lead and the people who report to them.
type team struct {
	name, lead string
	jobs       []job
}

// job is a title and how many hold it.
type job struct {
	title string
	n     int
}

// department is a head and teams.
type department struct {
	name, head string
	teams      []team
}

// chart is the company; everybody but the heads reports to a lead.
var chart = []department{
	{"Engineering", "VP Engineering", []team{
		{"Robotics", "Engineering Manager", []job{{"Senior Software Engineer", 7}, {"Software Engineer", 13}}},
		{"Web", "Engineering Manager", []job{{"Senior Software Engineer", 5}, {"Software Engineer", 11}}},
		{"Mobile", "Engineering Manager", []job{{"Senior Software Engineer", 4}, {"Software Engineer", 8}}},
		{"Platform", "Engineering Manager", []job{{"Site Reliability Engineer", 8}, {"Software Engineer", 6}}},
		{"Data", "Engineering Manager", []job{{"Data Engineer", 9}}},
		{"Quality", "Engineering Manager", []job{{"QA Engineer", 10}}},
	}},
	{"Product", "Chief Product Officer", []team{
		{"Robots", "Group Product Manager", []job{{"Product Manager", 7}, {"Product Designer", 4}}},
		{"Cloud", "Group Product Manager", []job{{"Product Manager", 5}, {"Product Designer", 4}}},
	}},
	{"Sales", "VP Sales", []team{
		{"Europe", "Sales Manager", []job{{"Account Executive", 11}, {"Sales Representative", 6}}},
		{"America", "Sales Manager", []job{{"Account Executive", 10}, {"Sales Representative", 5}}},
		{"Enterprise", "Sales Manager", []job{{"Account Executive", 8}}},
	}},
	{"Customer Support", "Head of Support", []team{
		{"First Line", "Support Team Lead", []job{{"Support Specialist", 14}}},
		{"Second Line", "Support Team Lead", []job{{"Support Specialist", 9}, {"Support Engineer", 5}}},
	}},
	{"Marketing", "Head of Marketing", []team{
		{"Brand", "Marketing Manager", []job{{"Content Writer", 4}, {"Brand Designer", 3}}},
		{"Demand", "Marketing Manager", []job{{"Campaign Specialist", 6}}},
	}},
	{"Finance", "Chief Financial Officer", []team{
		{"Accounting", "Accounting Manager", []job{{"Accountant", 7}, {"Payroll Specialist", 2}}},
		{"Controlling", "Controlling Manager", []job{{"Financial Controller", 4}, {"Treasurer", 1}}},
	}},
	{"People", "Head of People", []team{
		{"Partners", "People Manager", []job{{"HR Business Partner", 4}, {"Recruiter", 4}}},
	}},
	{"IT", "Head of IT", []team{
		{"Service Desk", "IT Team Lead", []job{{"Help Desk Agent", 6}}},
		{"Systems", "IT Team Lead", []job{{"Systems Administrator", 5}}},
	}},
	{"Legal", "General Counsel", []team{
		{"Contracts", "Legal Manager", []job{{"Legal Counsel", 3}}},
	}},
	{"Operations", "Head of Operations", []team{
		{"Warehouse", "Warehouse Lead", []job{{"Technician", 16}}},
		{"Assembly", "Assembly Lead", []job{{"Technician", 11}}},
	}},
}

// freelance are the contractors: title, department and team, and how many.
var freelance = []struct {
	title, department, team string
	n                       int
}{
	{"Contract Engineer", "Engineering", "Robotics", 6},
	{"Contract Engineer", "Engineering", "Web", 4},
	{"Cloud Consultant", "Engineering", "Platform", 1},
	{"Contract Designer", "Marketing", "Brand", 4},
	{"Contract Technician", "Operations", "Assembly", 5},
}

// parts are the people in the stories, and a few whom files name: the first with
// that title in that team who has no part yet takes the name.
var parts = []struct {
	story                   Story
	name, title, team, zone string
}{
	{"", "Noor Visser", "Head of IT", "", ""},
	{"", "Luis Prado", "Chief Financial Officer", "", ""},
	{"", "Anneke de Wit", "Head of People", "", ""},
	{"", "Mia Laine", "Engineering Manager", "Platform", ""},
	{LeaverKeys, "Mara Lindqvist", "Senior Software Engineer", "Robotics", ""},
	{LeaverLocked, "Pieter Bakker", "Account Executive", "Enterprise", ""},
	{LeaverSession, "Chloe Martin", "Support Specialist", "First Line", ""},
	{LeaverProtected, "Henrik Dahl", "Treasurer", "Controlling", ""},
	{LeaverContractor, "Ivan Petrov", "Contract Engineer", "Web", ""},
	{LeaverConsultant, "Rosa Delgado", "Cloud Consultant", "Platform", ""},
	{LeaverSeattle, "Jordan Reyes", "Account Executive", "America", seattle},
	{LeaverFuture, "Elif Kaya", "Product Designer", "Robots", ""},
	{Vanished, "Tomasz Zielinski", "Technician", "Warehouse", ""},
	{Garden, "Beatrice Moreau", "Recruiter", "Partners", ""},
	{OnLeave, "Sanne Jansen", "Accountant", "Accounting", ""},
	{JoinerEarly, "Kwame Mensah", "Campaign Specialist", "Demand", ""},
	{JoinerMissing, "Yuki Tanaka", "Software Engineer", "Mobile", ""},
	{MoverTonight, "Lena Fischer", "Account Executive", "Europe", ""},
	{MoverEarlier, "Omar Haddad", "Content Writer", "Brand", ""},
	{TwoIDs, "Jonas Berg", "QA Engineer", "Quality", ""},
	{ExceptionLive, "Priya Nair", "Data Engineer", "Data", ""},
	{ExceptionOver, "Samuel Osei", "Support Engineer", "Second Line", ""},
	{Unmapped, "Freya Holm", "Technician", "Assembly", ""},
}

const seattle = "America/Los_Angeles"

// everybody makes the people, from the top of the chart down.
func (c *Company) everybody() []Person {
	h := &hiring{day: c.day, mails: map[string]bool{}}
	ceo := h.hire(Person{Title: "Chief Executive Officer", Department: "Executive", Type: employee})
	leads := map[string]string{}
	for _, d := range chart {
		head := h.hire(Person{Title: d.head, Department: d.name, Manager: ceo, Type: employee})
		for _, t := range d.teams {
			leads[t.name] = h.hireTeam(d.name, head, t)
		}
	}
	for _, f := range freelance {
		for range f.n {
			h.hire(Person{Title: f.title, Department: f.department, Team: f.team, Manager: leads[f.team], Type: contractor})
		}
	}
	c.castParts(h)
	return h.people
}

// hiring numbers people and gives them names and addresses.
type hiring struct {
	day    time.Time
	people []Person
	mails  map[string]bool
	named  int
}

func (h *hiring) hireTeam(dept, head string, t team) (lead string) {
	lead = h.hire(Person{Title: t.lead, Department: dept, Team: t.name, Manager: head, Type: employee})
	zone := ""
	if t.name == "America" {
		zone = seattle
	}
	for _, j := range t.jobs {
		for range j.n {
			h.hire(Person{Title: j.title, Department: dept, Team: t.name, Manager: lead, Type: employee, Zone: zone})
		}
	}
	return lead
}

// hire adds a person and gives their employee id.
func (h *hiring) hire(p Person) string {
	n := len(h.people)
	p.ID = fmt.Sprintf("E%d", 1001+n)
	if p.Type == contractor {
		p.ID = fmt.Sprintf("C%d", 2001+n)
	}
	h.name(&p)
	p.Status = "Active"
	p.Start = h.day.AddDate(-1-n%8, 0, -(n*37)%300)
	h.people = append(h.people, p)
	return p.ID
}

// name gives the next name that nobody has; the two lists have lengths without
// a common divisor, so that every pair comes up before one does twice.
func (h *hiring) name(p *Person) {
	for p.Mail == "" || h.mails[p.Mail] {
		p.Name = firstNames[h.named%len(firstNames)] + " " + lastNames[h.named%len(lastNames)]
		p.Mail = address(p.Name)
		h.named++
	}
	h.mails[p.Mail] = true
}

func address(name string) string {
	return strings.ReplaceAll(strings.ToLower(name), " ", ".") + "@" + Domain
}

// castParts gives the parts of the stories to people.
func (c *Company) castParts(h *hiring) {
	taken := map[string]bool{}
	for _, part := range parts {
		n := slices.IndexFunc(h.people, func(p Person) bool { return p.Title == part.title && p.Team == part.team && !taken[p.ID] })
		p := &h.people[n]
		taken[p.ID] = true
		p.Name, p.Mail = part.name, address(part.name)
		c.dress(part.story, p)
		if part.story != "" {
			c.Cast[part.story] = *p
		}
	}
	twin := c.Cast[TwoIDs]
	h.hire(Person{Title: "Contract Engineer", Department: "Engineering", Team: "Web", Manager: twin.Manager, Type: contractor})
	last := &h.people[len(h.people)-1]
	last.Name, last.Mail = twin.Name, twin.Mail
}

// dress is what a story changes about its person on the first day.
func (c *Company) dress(s Story, p *Person) {
	switch s {
	case OnLeave:
		p.Status = "Parental Leave"
	case JoinerEarly, JoinerMissing:
		p.Status, p.Start = "Hired", c.day.AddDate(0, 0, 1)
	case Unmapped:
		p.Title, p.Department, p.Team = "Scout", "Founder's Office", ""
	case LeaverConsultant:
		p.OnlyCenter = true
		p.Mail = "rosa.delgado@nimbus-consulting.example"
	case LeaverKeys:
		p.Aliases = "m.lindqvist@" + Domain
	}
}
