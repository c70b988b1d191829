package main

import (
	"slices"
	"strings"
)

const q1 = "2026-q1"

func (s *story) reviewOpens() {
	s.into(&s.open, s.review(exitDone, "open", "--campaign", q1, "--json"))
}

func (s *story) remind() { s.review(exitDone, "remind") }

// sheet is the worksheet of a reviewer.
func (s *story) sheet(reviewer string) string {
	s.t.Helper()
	s.answered[reviewer] = true
	return sheetOf(s.t, s.open.Worksheets, reviewer).Worksheet
}

// about is one row of a worksheet.
func about(r askedRow, person, right string) bool {
	return r["Person"] == person && strings.HasPrefix(r["Technical name"], right)
}

// firstAnswers: Noor Visser keeps everything and says why; Yara Garcia keeps 21 rows
// within a day without a word.
func (s *story) firstAnswers() {
	s.imports(exitDone, s.page(q1, s.sheet("Noor Visser"), "noor.json", keep),
		s.page(q1, s.sheet("Yara Garcia"), "yara.json", func(askedRow) given { return given{decision: "Keep"} }))
}

// removesAndChanges: Yara Albers removes one right of Omar's and changes another, Umar
// Ivanova removes what Lena kept of her old job, and Carla Clarke passes a row on.
func (s *story) removesAndChanges() {
	got := s.imports(exitDone, s.page(q1, s.sheet("Yara Albers"), "albers.json", func(r askedRow) given {
		switch {
		case about(r, "Omar Haddad", "Okta group: Customer Support"):
			return given{decision: "Remove", reason: "He writes for Marketing now"}
		case about(r, "Omar Haddad", "Okta app: Zendesk"):
			return given{decision: "Change", reason: "To read is enough for his articles", changeTo: "a reader's seat"}
		}
		return keep(r)
	}), s.page(q1, s.sheet("Umar Ivanova"), "umar.json", func(r askedRow) given {
		if about(r, "Lena Fischer", "Okta group: Sales") {
			return given{decision: "Remove", reason: "She is in Product since January"}
		}
		return keep(r)
	}), s.page(q1, s.sheet("Carla Clarke"), "carla.json", func(r askedRow) given {
		if about(r, "Kira Kowalski", "Okta app: Zendesk") {
			return given{decision: "Not mine", reason: "She works for Mia half of the week", passTo: "mia.laine@halden.example"}
		}
		return keep(r)
	}))
	if len(got.Passed) != 1 {
		s.t.Fatalf("passed on: %+v", got.Passed)
	}
	s.passed = got.Passed[0].Worksheet
}

// afterTheFreeze: rights are given that the open review does not know. Nora's login is
// made on Friday already.
func (s *story) afterTheFreeze() {
	s.join("late right", "Finance")
	s.welcome("Nora", "nora.lind@halden.example", "People Team")
}

// mostAnswer: everybody else but Ines Larsen, Quinn Hansen and Otto Quist.
func (s *story) mostAnswer() {
	files := []string{s.page(q1, s.passed, s.passed+".json", keep)}
	for _, w := range s.open.Worksheets {
		if !s.answered[w.Reviewer] && !slices.Contains([]string{"Ines Larsen", "Quinn Hansen", "Otto Quist"}, w.Reviewer) {
			files = append(files, s.page(q1, s.sheet(w.Reviewer), w.Worksheet+".json", keep))
		}
	}
	s.imports(exitDone, files...)
}

// standIn: Bram Smit stands in for Otto Quist, and may not answer for himself.
func (s *story) standIn() {
	s.more("delegates.csv", "employees,"+s.who["Otto Quist"]+","+s.who["Bram Smit"]+",2026-03-01,2026-03-31,on a journey,Luis Prado\n")
	var got imported
	s.into(&got, s.review(exitHeld, "import", "--json", "--from", "bram.smit@halden.example", "--file", s.page(q1, s.sheet("Otto Quist"), "otto by bram.json", keep)))
	if len(got.Files[0].Problems) == 0 {
		s.t.Fatalf("Bram Smit has reviewed himself: %+v", got)
	}
}

// ottoHimself answers what Bram Smit could not: one right is not needed any more.
func (s *story) ottoHimself() {
	file := s.page(q1, s.sheet("Otto Quist"), "otto.json", func(r askedRow) given {
		switch {
		case about(r, "Bram Smit", "Okta app: DocuSign"):
			return given{decision: "Remove", reason: "He signs no contracts"}
		case r["Person"] == "Bram Smit":
			return keep(r)
		}
		return given{}
	})
	s.review(exitDone, "import", "--from", "otto.quist@halden.example", "--file", file)
}

// ownerTakesZendesk does by hand what Yara Albers wanted changed.
func (s *story) ownerTakesZendesk() { s.takes("Omar", "Zendesk") }

// lateAnswers come three days after the day that they were due.
func (s *story) lateAnswers() {
	s.imports(exitDone, s.page(q1, s.sheet("Quinn Hansen"), "quinn.json", func(r askedRow) given {
		if about(r, "Rania Ito", "Okta group: Finance") {
			return given{decision: "Remove", reason: "The payroll project is over"}
		}
		return keep(r)
	}))
}

// reviewCloses without an answer of Ines Larsen's.
func (s *story) reviewCloses() { s.review(exitDone, "close", "--campaign", q1, "--unanswered") }
