package reports

import (
	"cmp"
	"fmt"
	"strings"

	"rollcall/internal/access"
	"rollcall/internal/phrase"
)

// roster is what was done with one list of HR's.
type roster struct {
	Source   access.Source `json:"source"`
	File     string        `json:"file"`
	Accepted bool          `json:"accepted"`
	Same     bool          `json:"same"`
	Received int           `json:"received"`
	InForce  string        `json:"in_force"`
	Says     string        `json:"says,omitempty"`
	Mend     string        `json:"mend,omitempty"`
	Problems []problem     `json:"problems"` // at most 20
	ForHR    int           `json:"problems_for_hr_only"`
	Total    int           `json:"problems_total"`
}

// problem is a defect of a file that a person can mend. Of one that is mild
// even a CI log may tell: it is about the whole file.
type problem struct {
	Severity access.Severity `json:"severity"`
	Where    string          `json:"where"`
	Says     string          `json:"says"`
	mild     bool
}

// mostProblems is how many problems of one file are told.
const mostProblems = 20

func rosters(n *access.Night, d discretion) []roster {
	out := []roster{}
	for _, v := range n.Rosters {
		r := roster{Source: v.Source, File: line(v.File), Accepted: v.Accepted, Same: v.Same, Received: v.Received,
			InForce: inForce(v.InForce), Total: len(v.Problems)}
		r.Problems, r.ForHR = problems(v.Problems, d)
		if v.Refusal != nil {
			r.Says, r.Mend = line(v.Refusal.Says), line(v.Refusal.Mend)
		}
		out = append(out, r)
	}
	return out
}

// inForce says which list counts.
func inForce(a access.AcceptedRoster) string {
	if a.SHA256 == "" && a.AcceptedAt.IsZero() {
		return "no list is in force"
	}
	dated := ""
	if day := a.Dated(); day != "" {
		dated = ", dated " + day
	}
	return fmt.Sprintf("the list accepted on %s (%d people%s)", phrase.Day(a.AcceptedAt), a.Rows, dated)
}

// problems gives what may be told, at most 20, and counts what only HR may
// read, in their own file.
func problems(all []access.Problem, d discretion) (out []problem, forHR int) {
	out = []problem{}
	for _, p := range all {
		switch {
		case d.forHR(p):
			forHR++
		case len(out) < mostProblems:
			out = append(out, problem{Severity: p.Severity, Where: line(where(p)),
				Says: line(phrase.Sentence(p.Says) + " " + phrase.Sentence(p.Mend)), mild: p.Row == 0 && p.Person.Zero()})
		}
	}
	return out, forHR
}

// unusable says of each file of policy that was left out what follows from it.
func unusable(n *access.Night) []string {
	out := []string{}
	for _, p := range n.Unusable() {
		out = appendNew(out, line(p.File+": "+p.Meanwhile))
	}
	return out
}

// where says where in which file a problem is.
func where(p access.Problem) string {
	out := p.File
	if p.Row > 0 {
		out += fmt.Sprintf(" row %d", p.Row)
	}
	if p.Column != "" {
		out += ", column " + p.Column
	}
	return strings.TrimPrefix(out, ", ")
}

func nonEmpty(words ...string) []string {
	var out []string
	for _, w := range words {
		if w != "" {
			out = append(out, w)
		}
	}
	return out
}

// measuredCells are what a guard saw and what it lets pass, each for a cell.
func measuredCells(g access.GuardError) [2]string {
	switch {
	case g.Saw != "":
		return [2]string{g.Saw, g.Passes}
	case g.Unlimited():
		return [2]string{fmt.Sprint(g.Count), "none"}
	}
	return [2]string{fmt.Sprint(g.Count), fmt.Sprint(g.Limit)}
}

// guards gives every refusal of the night, those of lists included, and those that
// would show behind them.
func guards(n *access.Night, f Footer) (tripped, behind []guard) {
	out := []guard{}
	seen := map[[2]string]bool{}
	add := func(g access.GuardError) {
		seen[[2]string{g.Guard, g.Scope}] = true
		one := guard{Guard: g.Guard, Scope: line(g.Scope), Says: line(g.Says), Count: g.Count, Limit: g.Limit, Measured: line(g.Measured()), cells: measuredCells(g),
			Accounts: len(g.Cohort), Tell: tellWhom(g.Guard), NextNight: nextNight(g), Mend: line(g.Mend), Runbook: access.GuardRunbook(g.Guard)}
		if g.Approvable {
			one.Approve, one.Ask = approveCommand(n, f, g), askWhom(n.Policy.Contacts, g)
		}
		out = append(out, one)
	}
	for _, g := range n.Plan.Trips {
		add(g)
	}
	for _, v := range n.Rosters {
		if v.Refusal != nil && !seen[[2]string{v.Refusal.Guard, v.Refusal.Scope}] {
			add(*v.Refusal)
		}
	}
	held := len(out)
	for _, g := range n.Plan.Behind {
		add(g)
	}
	shownOnce(out)
	return out[:held:held], out[held:]
}

// shownOnce chooses the commands to show: one for each guard.
func shownOnce(all []guard) {
	trips, shown := map[string]int{}, map[string]bool{}
	for _, g := range all {
		if len(g.Approve) > 0 {
			trips[g.Guard]++
		}
	}
	for i := range all {
		g := &all[i]
		switch {
		case trips[g.Guard] < 2 || g.Guard == "roster":
			g.once = g.Approve
		case len(g.Approve) > 0 && !shown[g.Guard]:
			g.once, shown[g.Guard] = withoutScope(g.Approve), true
		}
	}
}

// guardReaders have to know that a guard tripped, where they are others than usual.
var guardReaders = map[string]string{
	"reads":     "IT on call, the system's owner",
	"roster":    "HR, IT on call, compliance",
	"protected": "security, IT on call, compliance",
}

func tellWhom(guard string) string {
	return cmp.Or(guardReaders[guard], "IT on call, security, HR (to confirm the count), compliance")
}

// nextNight says what becomes of what a guard holds if nobody does anything.
func nextNight(g access.GuardError) string {
	switch g.Guard {
	case "reads":
		return "It reads again. What this withheld is decided afresh once the read is complete."
	case "roster":
		says := "The last accepted list stays in force: its certain leavers are still blocked, removes wait. The file that is there then is judged afresh"
		if g.Approvable {
			return says + ", and believed if it is this one and somebody approved it."
		}
		return says + "."
	case "baseline":
		return "Once one complete night is in the archive there is a baseline, and the plan is judged against it."
	case "protected":
		return "Held again, every night, until a person deals with it by hand."
	}
	return "The plan is made and judged afresh. What was approved by then goes on, once; the rest stays held until the list is no longer this long, or somebody approves it."
}
