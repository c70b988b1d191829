package reports

import (
	"fmt"
	"slices"

	"rollcall/internal/access"
)

// RosterMessage tells HR in plain words what became of one list and what to
// mend: at most 20 problems with their place, what was there, what was done
// meanwhile and how to mend it, and how many there are in all. It may name
// people who leave later: it is for HR alone, never for a log or a chat.
func RosterMessage(v access.RosterVerdict) string {
	t := &textPage{}
	t.line("", rosterHead(v))
	t.WriteString("\n")
	t.line("", rosterEffect(v))
	if v.Refusal != nil {
		t.WriteString("\n")
		t.line("Why it was refused: ", line(sentence(v.Refusal.Says)))
		t.line("What to do: ", line(sentence(v.Refusal.Mend)))
	}
	if len(v.Problems) > 0 {
		t.WriteString("\n")
		t.line("", fmt.Sprintf("%s to look at%s. Rows are counted as in a spreadsheet: the head is row 1.",
			plural(len(v.Problems), "thing"), firstShown(len(v.Problems))))
	}
	for i, p := range v.Problems[:min(len(v.Problems), mostProblems)] {
		t.WriteString("\n")
		t.problem(i+1, p)
	}
	if v.Refusal != nil || slices.ContainsFunc(v.Problems, func(p access.Problem) bool { return p.Severity != access.Note }) {
		t.WriteString("\n")
		t.line("", steps(access.RunbookRosterRefused))
	}
	return t.String()
}

func firstShown(total int) string {
	if total <= mostProblems {
		return ""
	}
	return fmt.Sprintf("; the first %d are below", mostProblems)
}

func rosterHead(v access.RosterVerdict) string {
	list := fmt.Sprintf("The list “%s” (%s, %s)", line(string(v.Source)), firstOf(line(v.File), "no file"), plural(v.Received, "row"))
	switch {
	case !v.Accepted:
		return list + " was not accepted."
	case v.Same:
		return list + " is the same file as before. That is no error."
	}
	return list + " was accepted."
}

func rosterEffect(v access.RosterVerdict) string {
	switch nothing := v.InForce.SHA256 == "" && v.InForce.AcceptedAt.IsZero(); {
	case v.Accepted:
		return fmt.Sprintf("It is in force with %s.", people(v.InForce.Rows))
	case nothing:
		return "No earlier list is in force, so nobody's access is changed because of it."
	}
	return "Nothing new in it was used. " + sentenceStart(inForce(v.InForce)) + " stays in force: people who have left by that list are still blocked" +
		" when their time comes, unless this file clearly shows them as active. Nothing is removed until a list is accepted again."
}

// severityWords says to HR what a severity stops.
var severityWords = map[access.Severity]string{
	access.Stop: "stops the whole file",
	access.Hold: "this line has no effect, and nothing of this person's is changed",
	access.Note: "for your information",
}

func (t *textPage) problem(n int, p access.Problem) {
	place := "The whole file"
	if p.Row > 0 {
		place = fmt.Sprintf("Row %d", p.Row)
	}
	if p.Column != "" {
		place += ", column " + line(p.Column)
	}
	if !p.Person.Zero() {
		place += ", ID " + line(string(p.Person.EmployeeID))
	}
	t.line(fmt.Sprintf("%2d. ", n), fmt.Sprintf("%s (%s: %s)", place, p.Severity, firstOf(severityWords[p.Severity], "see below")))
	for _, part := range []struct{ label, text string }{
		{"File:       ", p.File}, {"There was:  ", quoted(p.Value)}, {"What:       ", p.Says},
		{"Meanwhile:  ", p.Meanwhile}, {"To mend it: ", p.Mend},
	} {
		if text := line(part.text); text != "" {
			t.line("    "+part.label, text)
		}
	}
}

func quoted(s string) string {
	if s == "" {
		return ""
	}
	return "“" + s + "”"
}
