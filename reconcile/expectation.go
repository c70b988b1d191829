package reconcile

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"rollcall/internal/access"
)

// Tested is an expectation, and why it does not hold; empty: it holds.
type Tested struct {
	access.Expectation
	Fails string
}

// Test holds the policy against what people expect of it: of who somebody is by
// HR's lists, and of no system. A line about a title holds of everybody who has
// it; may and must need a rule for every scope that the line means, may_not is
// broken by a rule that touches one of them.
func Test(p access.Policy, people []access.Identity, expected []access.Expectation, now time.Time, z *time.Location) []Tested {
	var out []Tested
	for _, x := range expected {
		t := Tested{Expectation: x}
		who := about(x, people)
		if len(who) == 0 {
			t.Fails = "nobody in the HR lists has the employee ID " + x.Person.String()
		}
		for _, i := range who {
			if t.Fails = broken(p, x, i, now, z); t.Fails != "" {
				break
			}
		}
		out = append(out, t)
	}
	return out
}

// about are the people whom an expectation is about, one of each role. Where
// nobody has such a role yet, it is about whoever will.
func about(x access.Expectation, people []access.Identity) (who []access.Identity) {
	seen := map[access.Profile]bool{}
	for _, i := range people {
		switch {
		case !x.Person.Zero() && i.Key() != x.Person:
		case x.Person.Zero() && (i.Status == access.StatusLeft || !glob(x.Title, i.Title) || !glob(x.Department, i.Department) || !glob(x.WorkerType, i.WorkerType)):
		case seen[i.Profile()]:
		default:
			seen[i.Profile()] = true
			who = append(who, i)
		}
	}
	if len(who) == 0 && x.Person.Zero() {
		who = []access.Identity{{Title: x.Title, Department: x.Department, WorkerType: x.WorkerType}}
	}
	return who
}

// broken says why an expectation does not hold of somebody, or "".
func broken(p access.Policy, x access.Expectation, i access.Identity, now time.Time, z *time.Location) string {
	name := orNone(i.Title) + " in " + orNone(i.Department)
	if !x.Person.Zero() {
		name = fmt.Sprintf("%s (%s, %s)", i.Name, i.Key(), name)
	}
	gives, touches := "", ""
	for _, r := range p.RoleMap.Rules {
		if over(r.ExpiresOn, now, z) || !r.Fits(i.Profile()) {
			continue
		}
		if touches == "" && meets(r.Right(), x.Right) {
			touches = cite(r.File, r.Row)
		}
		if gives == "" && contains(r.Right(), x.Right) && (x.Expect == access.May || r.Requirement == access.Required) {
			gives = cite(r.File, r.Row)
		}
	}
	for _, e := range p.Exceptions {
		right := access.Right{System: e.System, Scope: e.Scope, Kind: e.Kind, Entitlement: e.Entitlement}
		if x.Person.Zero() || e.Person != x.Person || over(e.ExpiresOn, now, z) {
			continue
		}
		if touches == "" && meets(right, x.Right) {
			touches = cite(e.File, e.Row)
		}
		if gives == "" && x.Expect == access.May && contains(right, x.Right) {
			gives = cite(e.File, e.Row)
		}
	}
	what := x.Right.Kind + " " + x.Right.Entitlement + " in " + x.Right.System
	switch {
	case x.Expect == access.MayNot && touches != "":
		return fmt.Sprintf("%s may hold %s: %s allows it", name, what, touches)
	case x.Expect == access.May && gives == "":
		return fmt.Sprintf("nothing lets %s hold %s%s", name, what, partly(touches))
	case x.Expect == access.Must && gives == "":
		return fmt.Sprintf("nothing asks that %s hold %s%s", name, what, partly(touches))
	}
	return ""
}

func partly(touches string) string {
	if touches == "" {
		return ""
	}
	return " (" + touches + " is about it, but only allows it, or not in every scope)"
}

// meets reports whether some right could be meant by both patterns.
func meets(a, b access.Right) bool {
	return overlap(a.System, b.System) && overlap(a.Scope, b.Scope) && overlap(a.Kind, b.Kind) && overlap(a.Entitlement, b.Entitlement)
}

// contains reports whether a pattern means a right, given without wildcards, in
// each scope that is meant: any, where none is given.
func contains(pattern, right access.Right) bool {
	all := func(p string) bool { return strings.Trim(p, "*") == "" }
	return (all(pattern.Scope) || right.Scope != "" && glob(pattern.Scope, right.Scope)) &&
		glob(pattern.System, right.System) && glob(pattern.Kind, right.Kind) && glob(pattern.Entitlement, right.Entitlement)
}

// overlap reports whether some text matches both patterns. An empty one matches
// anything.
func overlap(a, b string) bool {
	if a == "" || b == "" {
		return true
	}
	x, y := []rune(strings.ToLower(a)), []rune(strings.ToLower(b))
	// may[j] is whether what is left of x from i on and of y from j on have a text
	// in common; i goes from the end to the beginning.
	may := make([]bool, len(y)+1)
	for i := len(x); i >= 0; i-- {
		below := slices.Clone(may) // the row of i+1
		for j := len(y); j >= 0; j-- {
			switch {
			case i == len(x) && j == len(y):
				may[j] = true
			case i < len(x) && x[i] == '*':
				may[j] = below[j] || j < len(y) && may[j+1]
			case j < len(y) && y[j] == '*':
				may[j] = may[j+1] || i < len(x) && below[j]
			case i == len(x) || j == len(y):
				may[j] = false
			default:
				may[j] = below[j+1] && (x[i] == y[j] || x[i] == '?' || y[j] == '?')
			}
		}
	}
	return may[0]
}
