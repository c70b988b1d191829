package company

import (
	"bytes"
	"encoding/csv"
	"time"
)

// rosters are HR's two lists of a day: the first, or the one after it.
func (c *Company) rosters(next bool) []File {
	heading := []string{"employee_id", "email", "name", "title", "department", "manager_id", "worker_type", "status", "start_date", "end_date", "last_working_day", "timezone", "aliases"}
	rows := map[string][][]string{employee: {heading}, contractor: {heading}}
	for _, p := range c.People {
		end := time.Time{}
		if next {
			if p.ID == c.Cast[Vanished].ID {
				continue
			}
			p, end = c.tomorrow(p)
		}
		rows[p.Type] = append(rows[p.Type], []string{p.ID, p.Mail, p.Name, p.Title, p.Department, p.Manager, p.Type, p.Status, date(p.Start), date(end), date(end), p.Zone, p.Aliases})
	}
	rows[employee] = append(rows[employee], c.former()...)
	return []File{{"employees.csv", table(rows[employee])}, {"contractors.csv", table(rows[contractor])}}
}

// tomorrow is what HR says of a person on the second day, and their last day.
func (c *Company) tomorrow(p Person) (Person, time.Time) {
	left := func(day time.Time) (Person, time.Time) {
		p.Status = "Terminated"
		return p, day
	}
	switch p.ID {
	case c.Cast[LeaverKeys].ID, c.Cast[LeaverLocked].ID, c.Cast[LeaverSession].ID, c.Cast[LeaverProtected].ID, c.Cast[LeaverContractor].ID,
		c.Cast[LeaverConsultant].ID, c.Cast[LeaverSeattle].ID:
		return left(c.day)
	case c.Cast[LeaverFuture].ID:
		return left(c.day.AddDate(0, 0, 14))
	case c.Cast[Garden].ID:
		p.Status = "Garden Leave"
		return p, c.day
	case c.Cast[JoinerEarly].ID, c.Cast[JoinerMissing].ID:
		p.Status = "Active"
	case c.Cast[MoverTonight].ID:
		lead := c.titled("Group Product Manager")[1]
		p.Title, p.Department, p.Manager = "Product Manager", "Product", lead.ID
	}
	return p, time.Time{}
}

// former are people who left long ago and whom HR still lists.
func (c *Company) former() [][]string {
	var rows [][]string
	for n := range 8 {
		last := date(c.ago(40 + 9*n))
		rows = append(rows, []string{formerID(n), formerMail(n), "Former Colleague " + string(rune('A'+n)), "Technician", "Operations", "", employee, "Terminated", "2019-03-01", last, last, "", ""})
	}
	return rows
}

func date(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}

// table writes a CSV file; writing to memory cannot fail.
func table(rows [][]string) []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	_ = w.WriteAll(rows)
	return b.Bytes()
}
