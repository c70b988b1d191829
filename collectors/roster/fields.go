package roster

import (
	"fmt"
	"slices"
	"strings"

	"rollcall/internal/access"
	"rollcall/internal/csvfile"
)

// fullName is the name as people say it: "Lee, Ann" is Ann Lee. It is shown and
// never matched.
func fullName(l *line) string {
	name := l.Name
	if name == "" {
		return strings.TrimSpace(l.FirstName + " " + l.LastName)
	}
	if last, first, ok := strings.Cut(name, ","); ok && !strings.Contains(first, ",") && strings.TrimSpace(first) != "" && strings.TrimSpace(last) != "" {
		return strings.TrimSpace(first) + " " + strings.TrimSpace(last)
	}
	return name
}

// onLeave takes the word of a column that says of active people that they are
// on leave (Workday).
func (r *reader) onLeave(id *access.Identity, l *line) {
	if awayByColumn(l) && id.Status == access.StatusActive {
		id.Status = access.StatusLeave
	}
}

// awayByColumn reports whether the column says that they are on leave.
func awayByColumn(l *line) bool {
	switch strings.ToLower(l.OnLeave) {
	case "true", "yes", "y", "1":
		return true
	}
	return false
}

// endless notes a contractor whose end nobody wrote down: nothing will end their
// access by itself.
func (r *reader) endless(id *access.Identity) {
	if id.Status != access.StatusActive || !id.EndDate.IsZero() || !id.LastWorkingDay.IsZero() {
		return
	}
	if r.outside.get(id.WorkerType) {
		r.note(*id, "end_date", "", fmt.Sprintf("%s is no employee and has no end date.", csvfile.Shown(id.WorkerType)),
			"They keep their access until a list says that they left.", "Write the day on which the contract ends.")
	}
}

// isOutside reports whether a worker type is of people who are no employees.
func isOutside(workerType string) bool {
	kind := strings.ToLower(workerType)
	return slices.ContainsFunc([]string{"contract", "consult", "extern", "temp", "freelanc", "agency"}, func(w string) bool { return strings.Contains(kind, w) })
}

// managersByMail finds managers by their e-mail where the list gives no id.
func managersByMail(f found) {
	if f.mails == nil {
		return
	}
	byMail := map[string][]access.EmployeeID{}
	for i := range f.rows {
		row := &f.rows[i]
		if mail := strings.ToLower(row.Email); mail != "" && row.EmployeeID != "" && !slices.Contains(byMail[mail], row.EmployeeID) {
			byMail[mail] = append(byMail[mail], row.EmployeeID)
		}
	}
	for i, mail := range f.mails {
		if found := byMail[strings.ToLower(mail)]; len(found) == 1 {
			f.rows[i].ManagerID = found[0]
		}
	}
}

// manyDamaged refuses a list of whose ids Excel changed more than one in a
// hundred: what is left of them may be somebody else's.
func (r *reader) manyDamaged(f found) *access.Problem {
	if f.damaged < 2 || f.damaged*100 <= len(f.rows) {
		return nil
	}
	return &access.Problem{Severity: access.Stop, File: r.src.File, Row: f.first.Row, Column: r.sheet.Heading("employee_id"), Value: f.first.Line.EmployeeID,
		Says: fmt.Sprintf("Excel changed %d of %d employee IDs, the first of them to %s.", f.damaged, len(f.rows), f.first.Line.EmployeeID), Meanwhile: inForce,
		Mend: "Open the export in Excel with Data, From Text/CSV, and make the column Text, or send the export as it came, without opening it."}
}
