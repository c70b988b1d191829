package roster

import (
	"slices"

	"rollcall/internal/access"
	"rollcall/internal/csvfile"
)

// A list that cannot be used says nothing of anybody, but for one thing: whoever it
// legibly shows working is not cut off by an older list. Which of two numbers is the
// day, or how many rows are missing, is no reason to overlook that.

// working are the rows that show somebody working whom one can tell by an id or an
// e-mail, with nothing in them but that. It takes the place of rows.
func working(rows []access.Identity) []access.Identity {
	kept := rows[:0]
	for _, i := range rows {
		if (i.Status == access.StatusActive || i.Status == access.StatusLeave) && (i.EmployeeID != "" || i.Email != "") {
			kept = append(kept, access.Identity{Source: i.Source, EmployeeID: i.EmployeeID, Email: i.Email, Name: i.Name, Status: i.Status, Aliases: i.Aliases, Row: i.Row})
		}
	}
	clear(rows[len(kept):])
	return slices.Clip(kept)
}

// whoAndStatus reads a list whose headings cannot be used for what is certain in it: a
// status, and an id or an e-mail. Where neither can be found it gives nothing.
func whoAndStatus(src Source, b []byte) []access.Identity {
	for _, certain := range [][]string{{"employee_id", "email", "status"}, {"employee_id", "status"}, {"email", "status"}} {
		of := form(src)
		of.Columns, of.Mapping = nil, map[string]string{}
		for _, c := range columns {
			if !slices.Contains(certain, c.Name) {
				continue
			}
			c.Required = true
			of.Columns = append(of.Columns, c)
			if heading := src.Columns[c.Name]; heading != "" {
				of.Mapping[c.Name] = heading
			}
		}
		if sheet, problems := csvfile.Open(src.File, b, of); !Stopped(problems) {
			found, _ := newReader(src, sheet).pass()
			return found.rows
		}
	}
	return nil
}
