// Package runbook writes what to do, step by step, for people who are not
// engineers: HR, reviewers, compliance, IT on call and incident response. Its
// pages are about one company: they say what will happen under its
// configuration, whom its contacts name, and which command to type. It decides
// nothing and runs nothing. Outside text (names, meanings, addresses) must
// never become markup. Its invariant: a step says who does it, with what, how
// to see that it worked, what record it leaves, and whom to tell what if it
// did not; the same files give the same bytes.
package runbook

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"rollcall/internal/access"
)

// Book is all pages of one company.
type Book struct {
	Company string
	Config  string // the path that its commands name
	Tool    string
	Pages   []Page
	// Contacts is everybody whom the pages name, in the order in which they are called.
	Contacts []Person
}

// Page is one runbook.
type Page struct {
	Name  access.Runbook
	Title string
	// Happened says in a few words when to open it, Readers who does.
	Happened string
	Readers  []string
	// Here is what rollcall does by itself under this company's configuration.
	Here   []string
	Tables []Table
	Steps  []Step
}

// Table is a table of plain texts.
type Table struct {
	Title string
	Heads []string
	Rows  [][]string
}

// Step is one thing to do.
type Step struct {
	Do     string   // in one sentence
	How    []string // more sentences, where they are needed
	Who    []Person
	Tools  []Tool
	Verify Tool
	Leaves string // the evidence
	Fails  Call
}

// Person is whom a step names, and how to reach them.
type Person struct{ For, Name, Business, After string }

// Tool is what a step is done with: a command, a file or a page of a console.
type Tool struct {
	Says    string
	Command *Command
	URL     string
}

// Command is a line to type.
type Command struct {
	Line string
	// Ends are the exit codes with which it ends when all is as the step says.
	Ends []int
	// Shows is what stands in its output then, Not what does not.
	Shows, Not []string
}

// Call is whom to tell what when a step does not work.
type Call struct {
	To  []Person
	Now bool // at any hour; else in business hours
	Say string
}

// Blank is a word in capital letters that the reader replaces.
type Blank struct{ Word, Means string }

var blanks = []Blank{
	{"PERSON", "the person's full name and employee ID"},
	{"ID", "the employee ID, as HR's list has it; list/ID where two lists have it"},
	{"ACCOUNT", "the system and the login"},
	{"RIGHT", "the right, as the role map, the summary or the worksheet names it"},
	{"RUN", "the ID of the run: the name of its folder of reports, such as 20260505T010000Z-1a2b3c"},
	{"FINDING", "the ID of the finding, as the summary has it"},
	{"GUARD", "the guard, as the summary names it"},
	{"SCOPE", "what stands in brackets behind the guard"},
	{"REVIEW", "the ID of the review, such as 2026-q2"},
	{"DAY", "a day, such as 2026-05-04"},
	{"FROM", "the first day of the period, such as 2026-04-01"},
	{"TO", "the last day of the period, such as 2026-06-30"},
	{"TIME", "the time, with its time zone"},
	{"FILE", "the file, with its folder"},
	{"FOLDER", "a folder"},
	{"PLAN", "your copy of the run's plan, with its folder"},
	{"COUNT", "how many it is, as HR says"},
	{"WHO", "your first and last name, without apostrophes"},
	{"WHY", "the reason, in words that every reader of summaries may know, without apostrophes"},
	{"TICKET", "the number of the ticket"},
	{"APPROVER", "who approved it, with a number on which they can be reached"},
	{"ANSWER", "what it said: copy the line"},
	{"CONFIG", "the configuration on the machine where you do this, rollcall.yaml with its folder"},
}

var capitals = regexp.MustCompile(`\b[A-Z]{2,}\b`)

// Blanks are the words to replace in what a step says and types.
func (s Step) Blanks() []Blank {
	var said []string
	for _, t := range append(slices.Clone(s.Tools), s.Verify) {
		said = append(said, t.Says)
		if t.Command != nil {
			said = append(said, t.Command.Line)
		}
	}
	words := capitals.FindAllString(strings.Join(append(said, s.Fails.Say), " "), -1)
	var out []Blank
	for _, b := range blanks {
		if slices.Contains(words, b.Word) {
			out = append(out, b)
		}
	}
	return out
}

// Commands are all that a page has one type, from top to bottom.
func (p Page) Commands() []Command {
	var out []Command
	for _, s := range p.Steps {
		for _, t := range append(slices.Clone(s.Tools), s.Verify) {
			if t.Command != nil {
				out = append(out, *t.Command)
			}
		}
	}
	return out
}

// endWords say an exit code.
var endWords = map[int]string{
	0: "done", 2: "refused: nothing was attempted", 3: "a guard held something back, the rest was done",
	4: "something could not be read to its end, the rest was done", 5: "an action failed or was not seen to work",
}

// EndWords says with which exit codes the command may end, and what they mean.
func (c Command) EndWords() string {
	var all []string
	for _, code := range c.Ends {
		all = append(all, fmt.Sprintf("%d (%s)", code, endWords[code]))
	}
	return strings.Join(all, " or ")
}

// ShowWords and NotWords say what to look for.
func (c Command) ShowWords() string { return quoted(c.Shows, " and ") }

// NotWords is ShowWords of what must not be there.
func (c Command) NotWords() string { return quoted(c.Not, " or ") }

func quoted(texts []string, between string) string {
	var all []string
	for _, s := range texts {
		all = append(all, "“"+s+"”")
	}
	return strings.Join(all, between)
}

// When says at which hours to call.
func (c Call) When() string {
	if c.Now {
		return "now, at any hour"
	}
	return "in business hours (until then it can wait)"
}

// Reach says how to reach a person, in and after hours.
func (p Person) Reach() string {
	if p.Business == "" {
		return ""
	}
	return p.Business + "; after hours: " + p.After
}
