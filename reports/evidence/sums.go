package evidence

import (
	"embed"
	"strings"
)

// What the page shows and no question asks: counts over a period, as SELECTs over the
// same views.
//
//go:embed sums/*.sql
var sumFiles embed.FS

type sum struct{ Name, Title, About, SQL string }

var sums = []sum{
	readSum("people", "People on the lists of HR, by standing"),
	readSum("findings", "Findings of the period by kind and risk"),
	readSum("access-by-risk", "Rights held each night, by risk"),
}

// readSum reads a SELECT and, from the comment at its head, what a row is.
func readSum(name, title string) sum {
	b, err := sumFiles.ReadFile("sums/" + name + ".sql")
	if err != nil {
		panic(err) // it is part of the program
	}
	s := sum{Name: name, Title: title, SQL: string(b)}
	for line := range strings.Lines(s.SQL) {
		text, is := strings.CutPrefix(line, "-- ")
		if !is {
			break
		}
		s.About += strings.TrimSpace(text) + " "
	}
	s.About = strings.TrimSpace(s.About)
	return s
}
