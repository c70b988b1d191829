package policy

import (
	"fmt"
	"slices"
	"strings"

	"rollcall/internal/access"
	"rollcall/internal/csvfile"
)

// check collects what is wrong with one line.
type check struct {
	line     access.Line
	heading  func(string) string
	known    []access.System // none: every system is taken as it is
	means    string          // what follows from the line having no effect
	person   access.PersonKey
	held     bool
	problems []access.Problem
}

func (c *check) add(p access.Problem) {
	p.File, p.Row, p.Person = c.line.File, c.line.Row, c.person
	c.held = c.held || p.Severity == access.Hold
	c.problems = append(c.problems, p)
}

// hold takes the line out of effect.
func (c *check) hold(column, value, says, mend string) {
	c.add(access.Problem{Severity: access.Hold, Column: c.heading(column), Value: value, Says: says, Meanwhile: c.means, Mend: mend})
}

// note tells of a line that keeps its effect.
func (c *check) note(column, value, says, meanwhile, mend string) {
	c.add(access.Problem{Severity: access.Note, Column: c.heading(column), Value: value, Says: says, Meanwhile: meanwhile, Mend: mend})
}

// need holds a line in which the cell is empty.
func (c *check) need(column, value, mend string) {
	if value == "" {
		c.hold(column, "", fmt.Sprintf("%s is empty.", c.heading(column)), mend)
	}
}

// wish tells of a line that keeps its effect though the cell is empty.
func (c *check) wish(column, value, says, meanwhile, mend string) {
	if value == "" {
		c.note(column, "", says, meanwhile, mend)
	}
}

// id holds a line whose cell Excel has changed for good.
func (c *check) id(column, value string) {
	if csvfile.Scientific(value) {
		c.hold(column, value, fmt.Sprintf("%s: Excel changed it.", value), "Format the column as Text and write the whole ID again.")
	}
}

// employee takes the person a line is about.
func (c *check) employee(source, id string) access.PersonKey {
	c.person = access.PersonKey{Source: access.Source(source), EmployeeID: access.EmployeeID(id)}
	c.need("source", source, "Write which list the person is in, such as employees.")
	c.need("employee_id", id, "Write the person's employee ID.")
	c.id("employee_id", id)
	return c.person
}

// word brings a word to ours ("Break-glass" is break_glass) and holds the line
// if it is none of them.
func (c *check) word(column, value string, words ...string) string {
	w := plain(value)
	if !slices.Contains(words, w) {
		c.hold(column, value, unknownWord(c.heading(column), value), "Use one of "+strings.Join(words, ", ")+".")
	}
	return w
}

func unknownWord(heading, value string) string {
	if value == "" {
		return heading + " is empty."
	}
	return fmt.Sprintf("%q is no %s that we know.", csvfile.Shown(value), heading)
}

var spaced = strings.NewReplacer(" ", "_", "-", "_", "\u00a0", "_")

func plain(word string) string { return spaced.Replace(strings.ToLower(word)) }

// day holds a line with a date that cannot be read for certain.
func (c *check) day(column, value string) access.Day {
	d, ok := csvfile.Day(value)
	if !ok {
		c.hold(column, value, badDate(value), writeDate)
	}
	return d
}

// aside notes a date that cannot be read where it is beside the point of the line.
func (c *check) aside(column, value string) access.Day {
	d, ok := csvfile.Day(value)
	if !ok {
		c.note(column, value, badDate(value), "The line counts without the date.", writeDate)
	}
	return d
}

const writeDate = "Write it as 2026-05-04."

func badDate(value string) string {
	return fmt.Sprintf("%q is no date that we can read for certain.", csvfile.Shown(value))
}

// system gives a system as the configuration spells it. Empty is every system;
// need says where that is not allowed.
func (c *check) system(value string) string {
	if value == "" || len(c.known) == 0 {
		return value
	}
	for _, s := range c.known {
		if strings.EqualFold(string(s), value) {
			return string(s)
		}
	}
	c.noSystem(value)
	return value
}

// systems is system for a pattern: some known system must match it.
func (c *check) systems(pattern string) string {
	if !access.Wild(pattern) {
		return c.system(pattern)
	}
	if len(c.known) > 0 && !slices.ContainsFunc(c.known, func(s access.System) bool { return access.Glob(pattern, string(s)) }) {
		c.noSystem(pattern)
	}
	return pattern
}

func (c *check) noSystem(value string) {
	var names []string
	for _, s := range c.known {
		names = append(names, string(s))
	}
	slices.Sort(names)
	c.hold("system", value, fmt.Sprintf("There is no system %q.", csvfile.Shown(value)), "Use one of "+strings.Join(names, ", ")+".")
}

// kinds are the kinds of entitlement.
var kinds = func() (names []string) {
	for _, k := range access.EntitlementKinds {
		names = append(names, string(k.Kind))
	}
	return names
}()

// kind gives a kind of entitlement; empty is any.
func (c *check) kind(value string) string {
	if value == "" {
		return ""
	}
	return c.word("kind", value, kinds...)
}

// kindPattern is kind for a pattern: some kind must match it.
func (c *check) kindPattern(value string) string {
	if !access.Wild(value) {
		return c.kind(value)
	}
	if !slices.ContainsFunc(kinds, func(k string) bool { return access.Glob(value, k) }) {
		c.hold("kind", value, fmt.Sprintf("No kind of entitlement matches %q.", csvfile.Shown(value)), "Use one of "+strings.Join(kinds, ", ")+".")
	}
	return value
}
