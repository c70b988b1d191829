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
// has all; addresses are read besides.
var certain = [][]string{{"employee_id", "status"}, {"status"}}

// private are headings of addresses that are no work e-mails: none of them is read.
var private = csvfile.Column{Name: "private", Aliases: []string{"Personal Email", "Private Email", "Home Email", "Email - Personal", "Email - Home", "Personal Email Address",
	"Private Email Address", "Home Email Address", "Personal Contact: Personal Email", "Email Private"}}

// whoAndStatus reads a list whose headings cannot be used for what is certain in it: a
// status, and an id, an e-mail or other e-mails. Where none of them can be found it gives
// nothing.
//
// Of several columns of e-mails nobody knows which is that of the accounts, so that each
// address counts; and where no heading means the e-mail, what looks like an address in any
// column whose heading means nothing. That may be a manager's: it shows too many working
// rather than too few.
func whoAndStatus(src Source, b []byte) []access.Identity {
	for _, names := range certain {
		of := form(src)
		of.Columns, of.Apart, of.Strays, of.Mapping = nil, []csvfile.Column{private}, "email", map[string]string{}
		for _, c := range columns {
			c.All = c.Name == "email" || c.Name == "aliases"
			c.Required = slices.Contains(names, c.Name)
			if !c.All && !c.Required {
				of.Apart = append(of.Apart, c)
				continue
			}
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
