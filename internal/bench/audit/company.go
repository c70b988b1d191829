package main

import (
	"fmt"
	"strconv"
	"time"

	"rollcall/internal/access"
)

const (
	departments = 20
	roles       = 100
	roleGroups  = 6 // of each role
	deptGroups  = 3 // of each department
	cloudGroups = 2 // of each role that works in AWS
	setsOfGroup = 4 // permission sets behind each of those
	awsAccounts = 40
	setNames    = 6

	joinAYear  = 0.18 // of all people
	moveAYear  = 0.15
	listedDays = 60 // how long HR lists somebody who left
	existsDays = 30 // how long the accounts of somebody who left are there
	servants   = 40 // accounts that are no person's
	strangers  = 30 // accounts of nobody

	source access.Source = "employees"
)

var firstNight = time.Date(2023, 11, 24, 2, 0, 0, 0, time.UTC)

// person is somebody of the company. Days are counted from the first night.
type person struct {
	number     int
	role, dept int
	was        int // the role before; -1: none
	moved      int // when it changed
	hired      int
	left       int // when it was their last day; -1: works here
}

// company is the people of one night. It is told day after day and keeps no other
// state, so that the same day is the same company.
type company struct {
	people int
	day    int
	staff  []person
	gone   []person // not long ago
	next   int      // the number of the next one who joins
}

// mixed is a number that looks like chance.
func mixed(parts ...int) uint64 {
	x := uint64(0)
	for _, p := range parts {
		x += uint64(p) + 0x9e3779b97f4a7c15
		x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
		x = (x ^ x>>27) * 0x94d049bb133111eb
		x ^= x >> 31
	}
	return x
}

func newCompany(people int) *company {
	c := &company{people: people}
	for range people {
		c.join(-1 - int(mixed(c.next, 1)%2500))
	}
	return c
}

func (c *company) join(day int) {
	c.staff = append(c.staff, person{number: c.next, role: int(mixed(c.next, 2) % roles), dept: int(mixed(c.next, 3) % departments), was: -1, hired: day, left: -1})
	c.next++
}

// pass is one day: some leave, as many join, some change their job.
func (c *company) pass() {
	c.day++
	for n := range c.times(joinAYear) {
		at := c.pick(n, 4)
		old := c.staff[at]
		old.left = c.day - 1
		c.gone = append(c.gone, old)
		c.staff = append(c.staff[:at], c.staff[at+1:]...)
		c.join(c.day)
	}
	for n := range c.times(moveAYear) {
		p := &c.staff[c.pick(n, 5)]
		p.was, p.moved, p.role = p.role, c.day, (p.role+1+int(mixed(p.number, c.day)%(roles-1)))%roles
	}
	for len(c.gone) > 0 && c.day-c.gone[0].left > listedDays {
		c.gone = c.gone[1:]
	}
}

// times is how often something happens on a day that happens so often a year.
func (c *company) times(aYear float64) int {
	until := func(day int) int { return int(float64(c.people) * aYear * float64(day) / 365) }
	return until(c.day) - until(c.day-1)
}

// leaders is how many manage somebody: one in ten. They stay.
func (c *company) leaders() int { return max(departments, c.people/10) }

// pick is one of the staff who leads nobody.
func (c *company) pick(n, why int) int {
	return c.leaders() + int(mixed(c.day, n, why)%uint64(len(c.staff)-c.leaders()))
}

// all are the people that HR lists.
func (c *company) all() []person { return append(append([]person(nil), c.staff...), c.gone...) }

func (c *company) on(day int) time.Time { return firstNight.Truncate(24*time.Hour).AddDate(0, 0, day) }
func (c *company) now() time.Time       { return firstNight.AddDate(0, 0, c.day) }

var (
	givenNames  = [...]string{"Ada", "Bela", "Chidi", "Dunja", "Emeka", "Farah", "Goran", "Hana", "Ivo", "Jun", "Kofi", "Lena", "Mina", "Noor", "Oskar", "Priya", "Quentin", "Rosa", "Samir", "Tove", "Uma", "Viktor", "Wanda", "Ximena", "Yusuf", "Zofia"}
	familyNames = [...]string{"Abebe", "Berg", "Castro", "Dahl", "Eriksen", "Fischer", "Gupta", "Haddad", "Ito", "Jansen", "Kowalska", "Lopez", "Moreau", "Nwosu", "Okafor", "Petrov", "Quispe", "Rossi", "Silva", "Tanaka", "Urban", "Vasquez", "Weber", "Xu", "Yilmaz", "Zhang"}
)

func (p person) id() access.EmployeeID { return access.EmployeeID(fmt.Sprintf("E%05d", p.number+1)) }
func (p person) name() string {
	return givenNames[mixed(p.number, 6)%26] + " " + familyNames[mixed(p.number, 7)%26] + " " + strconv.Itoa(p.number+1)
}
func (p person) mail() string {
	return fmt.Sprintf("p%05d@example.com", p.number+1)
}
func title(role int) string     { return fmt.Sprintf("Specialist %03d", role) }
func department(d int) string   { return fmt.Sprintf("Department %02d", d) }
func (p person) cloud() bool    { return p.role%3 == 0 }
func (p person) okta() string   { return fmt.Sprintf("00u%017d", p.number) }
func (p person) center() string { return fmt.Sprintf("906%09d-9067", p.number) }
func (p person) worker() string {
	return [...]string{"Employee", "Employee", "Employee", "Contractor"}[mixed(p.number, 8)%4]
}
func awsAccount(n int) string { return fmt.Sprintf("1111%08d", n) }
func (c *company) boss(p person) access.EmployeeID {
	if p.number < c.leaders() {
		return person{number: (p.number + 1) % departments}.id()
	}
	return person{number: p.number % c.leaders()}.id()
}

// roster is HR's list of the night.
func (c *company) roster() []access.Identity {
	var rows []access.Identity
	for _, p := range c.all() {
		row := access.Identity{Source: source, EmployeeID: p.id(), Email: p.mail(), Name: p.name(), Title: title(p.role), Department: department(p.dept), ManagerID: c.boss(p),
			WorkerType: p.worker(), Status: access.StatusActive, StartDate: access.Day{At: c.on(p.hired)}, Row: len(rows) + 2}
		if p.left >= 0 {
			row.Status, row.EndDate, row.LastWorkingDay = access.StatusLeft, access.Day{At: c.on(p.left)}, access.Day{At: c.on(p.left)}
		}
		rows = append(rows, row)
	}
	return rows
}
