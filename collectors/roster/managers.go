package roster

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"rollcall/internal/access"
	"rollcall/internal/csvfile"
	"rollcall/internal/phrase"
)

// managerElsewhere is what is noted of a manager who is not in the same list.
const managerElsewhere = "The manager's ID is nobody's in this list."

// fallback is what happens to the reviews of whoever has no manager.
const fallback = "Reviews go to somebody else until there is one."

// WithoutManagers drops the notes about managers who are in another list: a
// contractor's manager is an employee.
func WithoutManagers(problems []access.Problem, elsewhere func(access.EmployeeID) bool) []access.Problem {
	return slices.DeleteFunc(slices.Clone(problems), func(p access.Problem) bool {
		return p.Severity == access.Note && p.Says == managerElsewhere && elsewhere(access.EmployeeID(p.Value))
	})
}

// managers notes people whose manager cannot review for them: there is none, or
// nobody has the ID, or they left, or they are managed in a circle. Whoever left
// needs none, nor does the one at the head of all; a held row has graver problems.
func (r *reader) managers(rows []access.Identity, ids *lookup) {
	if !r.sheet.Has("manager_id") && !r.sheet.Has("manager_email") {
		return
	}
	several := map[int]bool{} // the first row of an id that others have too
	for _, a := range ids.again {
		several[a.first] = true
	}
	above := make([]int32, len(rows))             // the manager's row, -1: none that counts
	gone, teams := map[int]int{}, map[int][]int{} // whose manager left: the manager's row; and by that row, who they are
	var without, unnamed []int
	var last access.EmployeeID // the manager of whom was asked last: people of one team stand together
	at := -1
	for i := range rows {
		above[i] = -1
		row := &rows[i]
		if row.Status == access.StatusLeft || row.Problem != "" {
			continue
		}
		if row.ManagerID != "" && row.ManagerID != row.EmployeeID {
			if row.ManagerID != last {
				last, at = row.ManagerID, ids.first(string(row.ManagerID))
			}
			if at >= 0 && (!left(rows[at]) || several[at]) {
				above[i] = int32(at)
				continue
			}
			if at >= 0 {
				gone[i], teams[at] = at, append(teams[at], i)
			}
		} else {
			unnamed = append(unnamed, i)
		}
		without = append(without, i)
	}
	if len(unnamed) == 1 && slices.Contains(above, int32(unnamed[0])) { // the head of all the others
		without = slices.DeleteFunc(without, func(i int) bool { return i == unnamed[0] })
	}
	for _, i := range without {
		manager, is := gone[i]
		switch team := teams[manager]; {
		case !is:
			r.unmanaged(rows[i])
		case team[0] == i: // one note for all of a team
			r.leaderless(rows[manager], pick(rows, team))
		}
	}
	for _, circle := range circles(above) {
		r.circle(rows, circle)
	}
}

// unmanaged notes of one person why nobody reviews for them.
func (r *reader) unmanaged(row access.Identity) {
	v := string(row.ManagerID)
	switch {
	case v == "" && !r.sheet.Has("manager_id"):
		r.note(row, "manager_email", "", "The manager's e-mail is empty, or is nobody's in this list, or several people have it.", fallback, "Write the work e-mail of the manager.")
	case v == "":
		r.note(row, "manager_id", v, "The manager is empty.", fallback, "Write the manager's employee ID.")
	case row.ManagerID == row.EmployeeID:
		r.note(row, "manager_id", v, "The person is their own manager.", fallback, "Write the manager's employee ID.")
	default:
		r.note(row, "manager_id", v, managerElsewhere, "Reviews go to somebody else, unless another list has the manager.", "Check the ID.")
	}
}

// leaderless notes of a manager who left whose manager they still are. It is about the
// manager, whose leaving may lie ahead, and stands at the first row that is to be mended.
func (r *reader) leaderless(manager access.Identity, team []access.Identity) {
	var who []string
	for _, row := range team {
		who = append(who, fmt.Sprintf("%s (row %d)", called(row), row.Row))
	}
	mend := "Write the new manager's employee ID."
	if len(team) > 1 {
		mend = "Write the new manager's employee ID in each of these rows."
	}
	manager.Row = team[0].Row
	r.note(manager, "manager_id", string(manager.EmployeeID), fmt.Sprintf("%s has left and is still the manager of %s: %s.", called(manager), phrase.Counted(len(team), "person"), phrase.AndMore(who, most)), fallback, mend)
}

// called is what somebody is called for HR: by their name, if there is one.
func called(row access.Identity) string {
	return csvfile.Shown(cmp.Or(row.Name, string(row.EmployeeID)))
}

// circles gives those who are managed in a circle, each circle once and in its
// order, from its first row on. above is everybody's manager, -1 for none.
func circles(above []int32) (all [][]int) {
	walk := make([]int32, len(above)) // the walk on which somebody was met first, from 1
	for i := range above {
		at := int32(i)
		for at >= 0 && walk[at] == 0 {
			walk[at], at = int32(i+1), above[at]
		}
		if at < 0 || walk[at] != int32(i+1) {
			continue
		}
		circle := []int{int(at)}
		for next := above[at]; next != at; next = above[next] {
			circle = append(circle, int(next))
		}
		first := slices.Index(circle, slices.Min(circle))
		all = append(all, slices.Concat(circle[first:], circle[:first]))
	}
	return all
}

func (r *reader) circle(rows []access.Identity, circle []int) {
	var chain []string
	for _, i := range circle[:min(most, len(circle))] {
		chain = append(chain, csvfile.Shown(string(rows[i].EmployeeID)))
	}
	says := strings.Join(chain, " is managed by ")
	if len(circle) > most {
		says += fmt.Sprintf(", and so on over %d people,", len(circle)-most)
	}
	first := rows[circle[0]]
	r.note(first, "manager_id", string(first.ManagerID), fmt.Sprintf("%s is managed by %s: a circle, in which nobody is above the others.", says, chain[0]),
		"Each reviews for the one below, and nobody looks at all of them from above.", "Check who manages whom.")
}
