package roster

import (
	"rollcall/internal/access"
	"rollcall/internal/csvfile"
)

// BadRows are the rows of a list that cannot be used as they are, as HR wrote them, and
// only in the columns that rollcall knows: what it does not need it does not
// hand on.
type BadRows struct {
	Headings []string
	Rows     []BadRow
}

// BadRow is one of them; Row is its number as a spreadsheet counts.
type BadRow struct {
	Row   int
	Cells []string
}

// fields are the columns with what a row has in them.
var fields = []struct {
	name string
	of   func(*line) *string
}{
	{"employee_id", func(l *line) *string { return &l.EmployeeID }}, {"email", func(l *line) *string { return &l.Email }},
	{"name", func(l *line) *string { return &l.Name }}, {"first_name", func(l *line) *string { return &l.FirstName }}, {"last_name", func(l *line) *string { return &l.LastName }},
	{"title", func(l *line) *string { return &l.Title }}, {"department", func(l *line) *string { return &l.Department }},
	{"manager_id", func(l *line) *string { return &l.ManagerID }}, {"manager_email", func(l *line) *string { return &l.ManagerEmail }},
	{"worker_type", func(l *line) *string { return &l.WorkerType }}, {"status", func(l *line) *string { return &l.Status }}, {"on_leave", func(l *line) *string { return &l.OnLeave }},
	{"start_date", func(l *line) *string { return &l.StartDate }}, {"rehire_date", func(l *line) *string { return &l.RehireDate }},
	{"end_date", func(l *line) *string { return &l.EndDate }}, {"last_working_day", func(l *line) *string { return &l.LastWorkingDay }},
	{"location", func(l *line) *string { return &l.Location }},
	{"timezone", func(l *line) *string { return &l.TimeZone }}, {"aliases", func(l *line) *string { return &l.Aliases }},
}

// Bad gives the rows that are held, or that stop the list. Of a list that cannot
// be read there are none; what is only noted marks no row.
func Bad(src Source, b []byte, problems []access.Problem) BadRows {
	about := map[int]bool{}
	for _, p := range problems {
		if p.Severity != access.Note {
			about[p.Row] = true
		}
	}
	table, _ := csvfile.Read[line](src.File, b, form(src))
	var out BadRows
	for _, f := range fields {
		if table.Has(f.name) {
			out.Headings = append(out.Headings, table.Heading(f.name))
		}
	}
	for i := range table.Records {
		rec := &table.Records[i]
		if !about[rec.Row] {
			continue
		}
		row := BadRow{Row: rec.Row}
		for _, f := range fields {
			if table.Has(f.name) {
				row.Cells = append(row.Cells, *f.of(&rec.Line))
			}
		}
		out.Rows = append(out.Rows, row)
	}
	return out
}
