package roster

import (
	"slices"
	"strings"

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
	sheet, refused := csvfile.Open(src.File, b, form(src))
	var out BadRows
	for _, f := range fields {
		if sheet.Has(f.name) {
			out.Headings = append(out.Headings, strings.Clone(sheet.Heading(f.name)))
		}
	}
	if len(about) > 0 && !Stopped(refused) {
		out.Rows = badRows(sheet, about)
	}
	return out
}

// badRows reads a list for some of its rows.
func badRows(sheet csvfile.Sheet, about map[int]bool) []BadRow {
	var parts []*[]BadRow
	end, refused := csvfile.Rows(sheet, func(csvfile.Part) func(*csvfile.Record[line]) {
		of := new([]BadRow)
		parts = append(parts, of)
		return func(rec *csvfile.Record[line]) {
			if about[rec.Row] {
				*of = append(*of, badRow(sheet, rec))
			}
		}
	})
	if Stopped(refused) {
		return nil
	}
	var rows []BadRow
	for _, of := range parts {
		rows = append(rows, *of...)
	}
	return slices.DeleteFunc(rows, func(row BadRow) bool { return row.Row >= end })
}

// badRow copies the cells: they are pieces of a part's text, all of which would stay
// with them.
func badRow(sheet csvfile.Sheet, rec *csvfile.Record[line]) BadRow {
	row := BadRow{Row: rec.Row}
	for _, f := range fields {
		if sheet.Has(f.name) {
			row.Cells = append(row.Cells, strings.Clone(*f.of(&rec.Line)))
		}
	}
	return row
}
