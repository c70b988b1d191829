package main

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"rollcall/internal/access"
)

// fate is what an HR list says of somebody.
type fate string

// The fates. Of absent the list has no row; rehired has two rows of two ids
// with one address, both has two rows of one id.
const (
	works    fate = "works"
	onLeave  fate = "on leave"
	left     fate = "left"
	undated  fate = "left, no date"
	ahead    fate = "left, the day is ahead"
	garden   fate = "garden leave"
	pending  fate = "starts later"
	puzzling fate = "a status that nobody knows"
	overdue  fate = "active, but the last day is past"
	both     fate = "active and left"
	rehired  fate = "left, and active under a new id"
	absent   fate = "absent"
)

// turns are what may become of somebody between two nights; what is likelier
// comes more often.
var turns = []fate{left, left, left, left, left, undated, ahead, garden, works, works, absent, absent, onLeave, pending, puzzling, overdue, both, rehired}

// soul is a person, and which of the accounts are theirs.
type soul struct {
	source    access.Source
	id, login string
	// twin: somebody in the other list has the same id, so that an account that
	// names only the id could be either's.
	twin      bool
	protected bool
	// What the lists say besides; empty: a clerk, in a department of their own, for
	// long.
	title, department, begun string
}

func (s *soul) mail() string { return s.login + "@example.test" }

// said is what a list says of one soul: the fate, and the day that goes with it.
type said struct {
	fate fate
	day  time.Time
}

// rows are the CSV lines of one soul; day is the end of their work.
func (s *soul) rows(what said) []string {
	row := func(id, status, start, end string) string {
		return fmt.Sprintf("%s,%s,%s Test,%s,%s,,employee,%s,%s,%s,,,\n", id, s.mail(), s.login, cmp.Or(s.title, "Clerk"), cmp.Or(s.department, "Dep "+id), status, start, end)
	}
	begun := cmp.Or(s.begun, "2030-01-01")
	day := what.day.Format(time.DateOnly)
	switch what.fate {
	case works:
		return []string{row(s.id, "active", begun, "")}
	case onLeave:
		return []string{row(s.id, "leave", begun, "")}
	case left, ahead:
		return []string{row(s.id, "left", begun, day)}
	case undated:
		return []string{row(s.id, "left", begun, "")}
	case garden:
		return []string{row(s.id, "garden_leave", begun, "")}
	case pending:
		return []string{row(s.id, "pending", cmp.Or(s.begun, "2060-01-01"), "")}
	case puzzling:
		return []string{row(s.id, "sabbatical of a kind", begun, "")}
	case overdue:
		return []string{row(s.id, "active", begun, day)}
	case both:
		return []string{row(s.id, "active", begun, ""), row(s.id, "left", begun, day)}
	case rehired:
		return []string{row(s.id, "left", begun, day), row("N"+s.id, "active", begun, "")}
	}
	return nil
}

// working reports whether some row shows the soul at work, as a refused list
// would too.
func (f fate) working() bool {
	return slices.Contains([]fate{works, onLeave, overdue, both, rehired}, f)
}

// gone reports whether every row says that the soul left.
func (f fate) gone() bool { return f == left || f == undated || f == ahead }

// sheet is one HR list as it lies in its file.
type sheet struct {
	says map[*soul]said
	text string // the file; "" is none at all
	rows int
	// legible: it is a table of people, whatever else may be wrong with it.
	legible bool
}

const columnsOfHR = "employee_id,email,name,title,department,manager_id,worker_type,status,start_date,end_date,last_working_day,timezone,aliases\n"

// list writes the list of these souls.
func list(souls []*soul, says map[*soul]said) sheet {
	s := sheet{says: map[*soul]said{}, text: columnsOfHR}
	for _, who := range souls {
		lines := who.rows(says[who])
		s.says[who] = says[who]
		s.text += strings.Join(lines, "")
		s.rows += len(lines)
	}
	s.legible = s.rows > 0
	return s
}

// spoiled are lists that have to be refused.
func spoiled(r *rand.Rand, souls []*soul, says map[*soul]said) sheet {
	switch r.IntN(8) {
	case 0:
		return sheet{}
	case 1:
		return sheet{text: columnsOfHR}
	case 2:
		return sheet{text: "<html><body>Session expired</body></html>\n"}
	case 3:
		return sheet{text: "\n"}
	}
	from := r.IntN(len(souls))
	return list(souls[from:min(from+len(souls)/3, len(souls))], says) // the report's filter was wrong
}

// staff are the souls of a company, and what its lists say.
type staff struct {
	souls map[access.Source][]*soul
	says  map[*soul]said
	force map[access.Source]ledger // committed
	// links say whose an account is, and answers that somebody who is in no list
	// any more has left, and since when.
	links   map[access.AccountKey]*soul
	answers map[*soul]time.Time
}

var sources = []access.Source{"contractors", "employees"}

func newStaff(r *rand.Rand) *staff {
	s := noStaff()
	for n, login := range []string{"ann", "bob", "cid", "dan", "eve", "fay", "gus", "hal"} {
		s.add(&soul{source: "employees", id: fmt.Sprintf("E%02d", n+1), login: login})
	}
	for n, login := range []string{"ida", "jon", "kim"} {
		s.add(&soul{source: "contractors", id: fmt.Sprintf("C%02d", n+1), login: login})
	}
	if r.IntN(3) == 0 {
		one, other := pick(r, s.souls["employees"]), pick(r, s.souls["contractors"])
		other.id, one.twin, other.twin = one.id, true, true
	}
	if r.IntN(2) == 0 {
		pick(r, s.all()).protected = true
	}
	return s
}

func noStaff() *staff {
	return &staff{souls: map[access.Source][]*soul{}, says: map[*soul]said{}, force: map[access.Source]ledger{}, links: map[access.AccountKey]*soul{}, answers: map[*soul]time.Time{}}
}

func (s *staff) add(who *soul) {
	s.souls[who.source] = append(s.souls[who.source], who)
	s.says[who] = said{fate: works}
}

func (s *staff) all() []*soul {
	return append(slices.Clone(s.souls["employees"]), s.souls["contractors"]...)
}

func pick[T any](r *rand.Rand, all []T) T { return all[r.IntN(len(all))] }

// turn lets something become of a few.
func (s *staff) turn(r *rand.Rand, now time.Time, many int) {
	for range r.IntN(many + 1) {
		who, what := pick(r, s.all()), said{fate: pick(r, turns), day: now.AddDate(0, 0, -1-r.IntN(4))}
		if what.fate == ahead {
			what.day = now.AddDate(0, 0, 1+r.IntN(2))
		}
		if s.says[who].fate.gone() && r.IntN(2) == 0 {
			what = said{fate: works} // it was a mistake, or they are back
		}
		s.says[who] = what
	}
}

// tonight are the lists of one night, as they lie in their files.
func (s *staff) tonight(r *rand.Rand, spoil bool) map[access.Source]sheet {
	out := map[access.Source]sheet{}
	for _, source := range sources {
		out[source] = list(s.souls[source], s.says)
		if spoil && r.IntN(5) == 0 {
			out[source] = spoiled(r, s.souls[source], s.says)
		}
	}
	return out
}

// judged is who has to go tonight, and who must on no account.
type judged struct {
	over    map[*soul]bool
	unread  bool // a source has no list in force
	refused map[access.Source]bool
	force   map[access.Source]ledger // if the night is committed
}

// judge says what follows from tonight's lists.
func (s *staff) judge(sheets map[access.Source]sheet, now time.Time) judged {
	j := judged{over: map[*soul]bool{}, refused: map[access.Source]bool{}, force: maps.Clone(s.force)}
	for _, source := range sources {
		sheet := sheets[source]
		if s.force[source].accepts(sheet) {
			j.force[source] = s.force[source].next(sheet, now)
		} else {
			j.refused[source] = true
		}
		j.unread = j.unread || j.force[source].known == nil
		for _, who := range s.souls[source] {
			shown := j.refused[source] && sheet.legible && sheet.says[who].fate.working()
			j.over[who] = j.force[source].known[who].over(now, s.answers[who]) && !shown
		}
	}
	return j
}
