package policy

import (
	"slices"

	"rollcall/internal/access"
)

type answerLine struct {
	Source         string `csv:"source"`
	EmployeeID     string `csv:"employee_id"`
	Answer         string `csv:"answer"`
	SameAs         string `csv:"same_as"`
	LastWorkingDay string `csv:"last_working_day"`
	ConfirmedBy    string `csv:"confirmed_by"`
	ConfirmedOn    string `csv:"confirmed_on"`
}

// The words of an answer.
const (
	Left   = "left"
	Active = "active"
	SameAs = "same_as"
)

var answerSheet = sheet[answerLine, access.Answer]{
	columns: slices.Concat(required("source", "employee_id", "answer", "confirmed_by"), optional("same_as", "last_working_day", "confirmed_on")),
	held:    "This line answers nothing: the person stays as the list has them.",
	parse: func(c *check, l answerLine) access.Answer {
		a := access.Answer{Person: c.employee(l.Source, l.EmployeeID), Line: c.line}
		a.Answer = c.word("answer", l.Answer, Left, Active, SameAs)
		if a.Answer == SameAs {
			c.need("same_as", l.SameAs, "Write the other employee ID of the same person.")
		}
		if l.SameAs != "" && l.SameAs == l.EmployeeID {
			c.hold("same_as", l.SameAs, "It is the same employee ID.", "Write the other employee ID of the same person.")
		}
		c.id("same_as", l.SameAs)
		c.need("confirmed_by", l.ConfirmedBy, "Write who confirmed it: people lose or keep access by this line.")
		a.SameAs, a.ConfirmedBy = access.EmployeeID(l.SameAs), l.ConfirmedBy
		a.LastWorkingDay, a.ConfirmedOn = c.day("last_working_day", l.LastWorkingDay), c.day("confirmed_on", l.ConfirmedOn)
		return a
	},
}

// ReadAnswers reads answers.csv. An answer that nobody signs is held; several
// answers about one person are all given, in file order.
func ReadAnswers(file string, b []byte) ([]access.Answer, []access.Problem) {
	return answerSheet.read(file, b, nil)
}
