package roster

import (
	"rollcall/internal/access"
	"rollcall/internal/csvfile"
)

// found is what a pass over a list gives: of one part, or of all.
type found struct {
	rows     []access.Identity
	reader   *reader // that of the part, with the problems of the rows by themselves
	problems []access.Problem
	days     [len(dateColumns)]written
	mails    []string // the managers' addresses, where only these are known
	damaged  int      // employee ids that Excel changed
	first    csvfile.Record[line]
	strange  map[string]cell // locations that are in no time zone we know
}

// pass reads every row once, the parts of a large list side by side. What it tells
// first are the problems of the file.
func (r *reader) pass() (found, []access.Problem) {
	var parts []*found
	space := make([]access.Identity, r.sheet.Most)
	mails := r.sheet.Has("manager_email") && !r.sheet.Has("manager_id")
	end, problems := csvfile.Rows(r.sheet, func(p csvfile.Part) func(*csvfile.Record[line]) {
		own := *r
		own.problems, own.zones, own.outside = nil, map[string]bool{}, map[string]bool{}
		own.said, own.strange = map[string]access.Status{}, map[string]cell{}
		part := &found{rows: space[p.At : p.At : p.At+p.Most], reader: &own}
		parts = append(parts, part)
		return func(rec *csvfile.Record[line]) {
			part.rows = part.rows[:len(part.rows)+1]
			own.row(&part.rows[len(part.rows)-1], rec)
			part.see(rec)
			if mails {
				part.mails = append(part.mails, rec.Line.ManagerEmail)
			}
		}
	})
	if Stopped(problems) {
		return found{}, problems
	}
	return joined(space[:0], parts, end), problems
}

// joined puts parts together, without what stands behind the table.
func joined(space []access.Identity, parts []*found, end int) (all found) {
	all.rows, all.strange = space, map[string]cell{}
	for _, p := range parts {
		n := len(p.rows)
		for n > 0 && p.rows[n-1].Row >= end {
			n--
		}
		all.rows = append(all.rows, p.rows[:n]...)
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
