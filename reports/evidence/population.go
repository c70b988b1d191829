package evidence

import "fmt"

// populationSection tells whether everything that was received was kept, and each
// account accounted for, on the night that stands at the end of the period.
func (p *pack) populationSection() (section, verdict, error) {
	out := section{ID: "population", Title: "Is the population complete?", Files: p.files(completeness, "people")}
	var short verdict
	s := p.sheet(completeness)
	if len(s.rows) == 0 {
		out.Says = []string{"No night stands at the end of the period, so there is no population to count."}
		return out, short, nil
	}
	g := &grid{Caption: "Accounts, by system and list", Heads: heads("System", "Part", "List", "Read to its end", "#Received", "#Archived", "#People’s", "#Not a person’s", "#More than one fits", "#Nobody fits", "#Root user", "#Difference")}
	off, gaps, archived := 0, 0, 0
	for i := range s.rows {
		if !s.yes(i, "complete") {
			gaps++
		}
		if _, lists := s.hours(i, "archived"); !lists {
			continue
		}
		archived += s.count(i, "archived")
		bad := s.count(i, "difference") != 0 || !s.yes(i, "complete")
		if s.count(i, "difference") != 0 {
			off++
		}
		g.row(bad, s.text(i, "system"), s.text(i, "scope"), s.text(i, "kind"), yesOr(s.yes(i, "complete"), "no: "+s.text(i, "gap")), number(s.count(i, "received")), number(s.count(i, "archived")),
			number(s.count(i, "matched")), number(s.count(i, "nonhuman")), number(s.count(i, "ambiguous")), number(s.count(i, "unmatched")), number(s.count(i, "root")), number(s.count(i, "difference")))
	}
	out.Says = []string{booksSentence(len(s.rows), gaps, off, archived, s.text(0, "night")),
		"Received is what the system sent, archived is what was kept; the difference is received less archived, and archived less its parts, and must be 0. The root user of an AWS account is archived and is in no list."}
	if gaps+off > 0 {
		short = verdict{Text: out.Says[0], Look: true}
	}
	out.Parts = []part{{Table: g}}
	if people := p.peopleTable(); len(people.Rows) > 0 {
		out.Parts = append(out.Parts, part{Table: people})
	}
	return out, short, nil
}

func booksSentence(reads, gaps, off, archived int, night string) string {
	text := fmt.Sprintf("At the end of the period (night %s) %s of %s were read to their end, with %s", night, number(reads-gaps), count(reads, "list", "lists"), count(archived, "account", "accounts"))
	if off == 0 {
		return text + "; the books balance in each of them."
	}
	return fmt.Sprintf("%s; the books do not balance in %s.", text, count(off, "list", "lists"))
}

func yesOr(yes bool, otherwise string) string {
	if yes {
		return "yes"
	}
	return otherwise
}

func (p *pack) peopleTable() *grid {
	g := &grid{Caption: "People on the lists of HR on the last night of the period", Heads: heads("List", "Standing", "#People")}
	s := p.sheet("people")
	for i := range s.rows {
		g.row(false, s.text(i, "source"), plainWord(s.text(i, "standing")), number(s.count(i, "people")))
	}
	return g
}
