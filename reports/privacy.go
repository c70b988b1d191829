package reports

import (
	"strings"

	"rollcall/internal/access"
	"rollcall/reconcile"
)

// discretion knows whose departure is nobody's business yet: people who leave
// at a time ahead. What is told of them is counted, never named.
type discretion struct {
	people map[access.PersonKey]access.Person
	ahead  map[access.PersonKey]bool
	// blank takes out of a text whatever would name one of them.
	blank *strings.Replacer
}

func newDiscretion(n *access.Night) discretion {
	d := discretion{people: make(map[access.PersonKey]access.Person, len(n.People)), ahead: map[access.PersonKey]bool{}}
	for _, p := range n.People {
		d.people[p.Key()] = p
		if reconcile.LeavesAhead(p, n.Run.StartedAt) {
			d.ahead[p.Key()] = true
		}
	}
	var words []string
	for k := range d.ahead { // the order does not matter: any hit is a hit
		p := d.people[k]
		for _, word := range []string{p.Name, p.Email, string(k.EmployeeID)} {
			// An id of three characters or fewer is in every other sentence.
			if len(word) > 3 {
				words = append(words, strings.ToLower(word), "")
			}
		}
	}
	d.blank = strings.NewReplacer(words...) // one look at a text finds any of them, however many there are
	return d
}

// who names a person as the summaries do: name and key, the key alone when
// their departure lies ahead.
func (d discretion) who(k access.PersonKey) string {
	p, known := d.people[k]
	switch {
	case k.Zero():
		return "nobody known"
	case !known || p.Name == "" || d.ahead[k]:
		return line(k.String())
	}
	return line(p.Name) + " (" + line(k.String()) + ")"
}

// about gives a text unless it is about somebody whose departure lies ahead.
func (d discretion) about(k access.PersonKey, text, instead string) string {
	if d.ahead[k] {
		return instead
	}
	return line(text)
}

// names reports whether a text names somebody whose departure lies ahead.
func (d discretion) names(text string) bool {
	text = strings.ToLower(text)
	return d.blank.Replace(text) != text
}

// forHR reports whether a problem of a file may tell of a departure or a
// leave, so that only HR may read it in full.
func (d discretion) forHR(p access.Problem) bool {
	if p.Row == 0 && p.Person.Zero() {
		return false // the whole file: nobody in particular
	}
	column := strings.ToLower(p.Column)
	for _, word := range []string{"status", "date", "day", "end", "leav", "term", "last", "exit", "reason", "answer"} {
		if strings.Contains(column, word) {
			return true
		}
	}
	return column == "" || d.ahead[p.Person] || d.names(p.Says+" "+p.Value+" "+p.Meanwhile+" "+p.Mend)
}
