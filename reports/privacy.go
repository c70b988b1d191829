package reports

import (
	"regexp"
	"slices"
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

// forEverybody is a night as everybody may read it: by whom and under which ticket somebody's
// access was ordered to end, and not why. The archive has the reason, for HR and security.
func forEverybody(n *access.Night) *access.Night {
	open := *n
	if n.Order != nil {
		o := *n.Order
		o.Reason = ""
		open.Order = &o
	}
	open.Findings = slices.Clone(n.Findings)
	for i := range open.Findings {
		f := &open.Findings[i]
		if n.Order != nil {
			f.Reason, f.Cites = withoutWhy(f.Reason, n.Order), withoutWhy(f.Cites, n.Order)
		}
		if f.Kind == access.BlockedActive {
			f.Reason = orderInWords.ReplaceAllString(f.Reason, "$1$2")
		}
	}
	return &open
}

// orderInWords finds an order of an earlier run in the reason of a finding that rests on
// it: who ordered it has no colon, and why may have anything.
var orderInWords = regexp.MustCompile(`(?s)(ordered by [^:]*): .*(\. Nothing undoes it)`)

func withoutWhy(text string, o *access.Order) string {
	return strings.ReplaceAll(text, o.String(), orderedBy(o))
}

// orderedBy says by whom and under which ticket something was ordered.
func orderedBy(o *access.Order) string {
	if o.Ticket == "" {
		return o.By
	}
	return o.By + ", ticket " + o.Ticket
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
