package roster

import (
	"rollcall/internal/access"
	"rollcall/internal/csvfile"
)

// found is what a pass over a list gives: of one part, or of all.
type found struct {
	rows     []access.Identity
	ids      []uint32 // the hash of each row's id, for lookups
	emails   []uint32 // that of its e-mail
	reader   *reader  // that of the part, with the problems of the rows by themselves
	problems []access.Problem
	days     [len(dateColumns)]written
	mails    []string // the managers' addresses, where only these are known
	damaged  int      // employee ids that Excel changed
	first    csvfile.Record[line]
	strange  map[string]cell // locations that are in no time zone we know
	end      int             // the row behind the table
}

// pass reads every row once, the parts of a large list side by side. What it tells
// first are the problems of the file; of one that stops it the rows before it are given.
func (r *reader) pass() (found, []access.Problem) {
	var parts []*found
	space := room(r.sheet.Most, r.sheet.Bytes)
	mails := r.sheet.Has("manager_email") && !r.sheet.Has("manager_id")
	end, problems := csvfile.Rows(r.sheet, func(p csvfile.Part) func(*csvfile.Record[line]) {
		own := *r
		own.problems, own.strange = nil, map[string]cell{}
		own.said.of, own.zones.of, own.outside.of = r.meaning, isZone, isOutside
		part := space.part(p)
		part.reader = &own
		parts = append(parts, part)
		return func(rec *csvfile.Record[line]) {
			own.row(part.next(), rec)
			part.hash()
			part.see(rec)
			if mails {
				part.mails = append(part.mails, rec.Line.ManagerEmail)
			}
		}
	})
	if Stopped(problems) { // what stands before the row that stops it is as it is written
		end = problems[0].Row
	}
	return joined(space, parts, end), problems
}

// room is an empty found with room for so many rows of a text of so many bytes.
func room(most, bytes int) found {
	return found{rows: roomForRows(most, bytes), ids: make([]uint32, 0, most), emails: make([]uint32, 0, most)}
}

// part is the room for the rows of a part.
func (f found) part(p csvfile.Part) *found {
	from, to := p.At, p.At+p.Most
	return &found{rows: f.rows[from:from:to], ids: f.ids[from:from:to], emails: f.emails[from:from:to]}
}

// next is one row more.
func (f *found) next() *access.Identity {
	f.rows = f.rows[:len(f.rows)+1]
	return &f.rows[len(f.rows)-1]
}

// hash adds the hashes of the last row, while what is in it is at hand.
func (f *found) hash() {
	row := &f.rows[len(f.rows)-1]
	f.ids = append(f.ids, hashOf(idOf(row)))
	f.emails = append(f.emails, hashOf(mailOf(row)))
}

// joined puts parts together, without what stands behind the table.
func joined(all found, parts []*found, end int) found {
	all.strange, all.end = map[string]cell{}, end
	for _, p := range parts {
		n := len(p.rows)
		for n > 0 && p.rows[n-1].Row >= end {
			n--
		}
		all.rows = append(all.rows, p.rows[:n]...)
		all.ids, all.emails = append(all.ids, p.ids[:n]...), append(all.emails, p.emails[:n]...)
		if p.mails != nil {
			all.mails = append(all.mails, p.mails[:n]...)
		}
		for _, problem := range p.reader.problems {
			if problem.Row < end {
				all.problems = append(all.problems, problem)
			}
		}
		for c := range all.days {
			all.days[c].add(p.days[c])
		}
		for place, at := range p.reader.strange {
			if _, told := all.strange[place]; !told && at.row < end {
				all.strange[place] = at
			}
		}
		if all.damaged == 0 {
			all.first = p.first
		}
		all.damaged += p.damaged
	}
	return all
}

// see remembers how a row writes its days, and whether Excel changed its id.
func (f *found) see(rec *csvfile.Record[line]) {
	if rec.Behind {
		return
	}
	for c := range dateColumns {
		f.days[c].see(rec.Row, *dateColumns[c].of(&rec.Line))
	}
	if csvfile.Scientific(rec.Line.EmployeeID) {
		if f.damaged++; f.damaged == 1 {
			f.first = *rec
		}
	}
}
