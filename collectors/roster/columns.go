package roster

import "rollcall/internal/csvfile"

// line is one row as HR wrote it.
type line struct {
	EmployeeID     string `csv:"employee_id"`
	Email          string `csv:"email"`
	Name           string `csv:"name"`
	Title          string `csv:"title"`
	Department     string `csv:"department"`
	ManagerID      string `csv:"manager_id"`
	WorkerType     string `csv:"worker_type"`
	Status         string `csv:"status"`
	StartDate      string `csv:"start_date"`
	EndDate        string `csv:"end_date"`
	LastWorkingDay string `csv:"last_working_day"`
	TimeZone       string `csv:"timezone"`
	Aliases        string `csv:"aliases"`
}

// columns are the canonical columns with the headings of HR systems that mean
// exactly one of them. Headings that could mean two things are not here and are
// for the configuration to map: Position (ADP: an id; elsewhere a title), Cost
// Center, Personal Email, Contract End Date (Personio: does not end employment,
// support.personio.de, article 4405573920285).
var columns = []csvfile.Column{
	{Name: "employee_id", Required: true, Key: true, Aliases: []string{"Worker ID", "Employee #", "Employee Number", "Employee No", "Emp ID", "Emp No", "Personnel Number", "Associate ID"}},
	{Name: "email", Required: true, Aliases: []string{"Work Email", "Email - Work", "Work Contact: Work Email", "Email Address", "Work Email Address"}},
	{Name: "name", Aliases: []string{"Full Name", "Worker", "Employee Name", "Display Name"}},
	{Name: "title", Aliases: []string{"Job Title", "Business Title", "Job Title Description"},
		Missed: "Nobody has a title: no rule that names one applies."},
	{Name: "department", Aliases: []string{"Department Name", "Home Department Description"},
		Missed: "Nobody has a department: no rule that names one applies."},
	{Name: "manager_id", Aliases: []string{"Manager Employee ID", "Supervisor EID", "Reports To ID"},
		Missed: "Nobody has a manager: reviews go to the owners of the systems."},
	{Name: "worker_type", Aliases: []string{"Employee Type", "Employment Type", "Worker Category Description"}},
	{Name: "status", Required: true, Aliases: []string{"Worker Status", "Employee Status", "Position Status", "Lifecycle Status"}},
	{Name: "start_date", Aliases: []string{"Hire Date", "Hire/Rehire Date"}},
	{Name: "end_date", Aliases: []string{"Termination Date", "Employment End Date"}},
	{Name: "last_working_day", Aliases: []string{"Last Day of Work", "Last Day", "Last Day Worked"}},
	{Name: "timezone", Aliases: []string{"Work Time Zone"}},
	{Name: "aliases", Aliases: []string{"Email Aliases", "Other Emails"}},
}

func form(src Source) csvfile.Form {
	return csvfile.Form{Columns: columns, Mapping: src.Columns, Refused: inForce, Held: untouched, MaxBytes: src.MaxBytes,
		Spare:   "Leave them out of the file, so that they are not sent around.",
		Renamed: "If yours has another name, ask IT to map it."}
}
