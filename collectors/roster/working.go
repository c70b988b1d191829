package roster

import (
	"slices"

	"rollcall/internal/access"
	"rollcall/internal/csvfile"
)

// A list that cannot be used says nothing of anybody, but for one thing: whoever it
// legibly shows working is not cut off by an older list. Which of two numbers is the
// day, or how many rows are missing, is no reason to overlook that.

// working are the rows that show somebody working whom one can tell by an id, an e-mail,
// or what looks like an address among the aliases, with nothing in them but that. It
// takes the place of rows.
func working(rows []access.Identity) []access.Identity {
	kept := rows[:0]
	for _, i := range rows {
		if (i.Status == access.StatusActive || i.Status == access.StatusLeave) && (i.EmployeeID != "" || i.Email != "" || len(access.AddressesIn(i.Aliases)) > 0) {
			kept = append(kept, access.Identity{Source: i.Source, EmployeeID: i.EmployeeID, Email: i.Email, Name: i.Name, Status: i.Status, Aliases: i.Aliases, Row: i.Row})
		}
	}
	clear(rows[len(kept):])
	return slices.Clip(kept)
}

// certain are the columns that show who works. A list is read by the first line of which it
// has all.
var certain = [][]string{
	{"employee_id", "email", "status", "aliases"}, {"employee_id", "email", "status"}, {"employee_id", "status", "aliases"}, {"employee_id", "status"},
	{"email", "status", "aliases"}, {"email", "status"}, {"status", "aliases"},
}

// whoAndStatus reads a list whose headings cannot be used for what is certain in it: a
// status, and an id, an e-mail or other e-mails. Where none of them can be found it gives
// nothing.
func whoAndStatus(src Source, b []byte) []access.Identity {
	for _, names := range certain {
		of := form(src)
		of.Columns, of.Mapping = nil, map[string]string{}
		for _, c := range columns {
			if !slices.Contains(names, c.Name) {
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
