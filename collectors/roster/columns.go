package roster

import (
	"slices"

	"rollcall/internal/csvfile"
)

// line is one row as HR wrote it.
type line struct {
	EmployeeID     string `csv:"employee_id,omitempty"`
	Email          string `csv:"email,omitempty"`
	Name           string `csv:"name,omitempty"`
	Title          string `csv:"title,omitempty"`
	Department     string `csv:"department,omitempty"`
	ManagerID      string `csv:"manager_id,omitempty"`
	WorkerType     string `csv:"worker_type,omitempty"`
	Status         string `csv:"status,omitempty"`
	StartDate      string `csv:"start_date,omitempty"`
	EndDate        string `csv:"end_date,omitempty"`
	LastWorkingDay string `csv:"last_working_day,omitempty"`
	TimeZone       string `csv:"timezone,omitempty"`
	Aliases        string `csv:"aliases,omitempty"`

	// What some systems have in the place of the above.
	FirstName    string `csv:"first_name,omitempty"`
	LastName     string `csv:"last_name,omitempty"`
	ManagerEmail string `csv:"manager_email,omitempty"`
	RehireDate   string `csv:"rehire_date,omitempty"`
	OnLeave      string `csv:"on_leave,omitempty"`
	Location     string `csv:"location,omitempty"`
	FutureAction string `csv:"future_action,omitempty"`
	FutureDate   string `csv:"future_date,omitempty"`
}

// columns are the canonical columns with the headings of HR systems that mean
// exactly one of them. Headings that could mean two things are not here and are
// for the configuration to map: Position (ADP: an id; elsewhere a title),
// Supervisor ID (BambooHR: a number of its own, not the employee id), Cost
// Center, Personal Email, Contract End Date (Personio: does not end employment,
// support.personio.de, article 4405573920285).
var columns = []csvfile.Column{
	{Name: "employee_id", Required: true, Key: true, Aliases: []string{"Worker ID", "Employee #", "Employee Number", "Employee No", "Emp ID", "Emp No", "Personnel Number",
		"Personnel No", "Associate ID", "Staff ID", "Staff Number", "Person Number", "Payroll ID"}, Weak: []string{"File Number", "ID"}},
	{Name: "email", Required: true, Key: true, Aliases: []string{"Work Email", "Email - Work", "Work Contact: Work Email", "Email Address", "Work Email Address", "Company Email", "Business Email", "Primary Work Email"}},
	{Name: "name", Aliases: []string{"Full Name", "Worker", "Employee Name", "Display Name", "Preferred Full Name"}, Weak: []string{"Employee", "Payroll Name"}},
	{Name: "title", Aliases: []string{"Job Title", "Business Title", "Job Title Description"}, Weak: []string{"Job", "Job Name", "Role"},
		Missed: "Nobody has a title: no rule that names one applies."},
	{Name: "department", Aliases: []string{"Department Name", "Home Department Description"}, Weak: []string{"Team", "Division"},
		Missed: "Nobody has a department: no rule that names one applies."},
	{Name: "manager_id", Aliases: []string{"Manager Employee ID", "Manager Employee Number", "Supervisor EID", "Reports To ID"},
		Missed: "Nobody has a manager: reviews go to the owners of the systems."},
	{Name: "worker_type", Aliases: []string{"Employee Type", "Employment Type", "Worker Category Description", "Employment History Status"}},
	{Name: "status", Required: true, Key: true, Aliases: []string{"Worker Status", "Employee Status", "Position Status", "Lifecycle Status"}, Weak: []string{"Employment Status", "State"}},
	{Name: "start_date", Key: true, Aliases: []string{"Hire Date", "Hire/Rehire Date"}, Weak: []string{"Original Hire Date", "Date of Hire", "Joined"}},
	{Name: "end_date", Key: true, Aliases: []string{"Termination Date", "Employment End Date", "Date of Termination", "Leaving Date"}},
	{Name: "last_working_day", Key: true, Aliases: []string{"Last Day of Work", "Last Day", "Last Day Worked", "Last Working Date"}},
	{Name: "timezone", Aliases: []string{"Work Time Zone"}},
	{Name: "aliases", Aliases: []string{"Email Aliases", "Other Emails"}},
	{Name: "first_name", Aliases: []string{"Legal First Name", "Given Name", "Preferred First Name"}},
	{Name: "last_name", Aliases: []string{"Legal Last Name", "Surname", "Family Name"}},
	{Name: "manager_email", Aliases: []string{"Reports To Email", "Supervisor Email", "Manager Work Email"}},
	{Name: "rehire_date", Key: true, Aliases: []string{"Most Recent Hire Date", "Last Hire Date"}},
	{Name: "on_leave"},
	{Name: "future_action"},
	{Name: "future_date"},
}

// location is of use only where the configuration says in which time zones the
// locations are.
var location = csvfile.Column{Name: "location", Aliases: []string{"Location Description", "Work Location", "Location Name", "Office", "Office Location"}, Weak: []string{"Site", "Country", "City"}}

func form(src Source) csvfile.Form {
	known := columns
	if len(src.TimeZones) > 0 || src.Columns["location"] != "" {
		known = append(slices.Clone(columns), location)
	}
	return csvfile.Form{Columns: known, Mapping: src.Columns, Refused: inForce, Held: untouched, MaxBytes: src.MaxBytes, PartBytes: src.partBytes, Report: true,
		Spare:   "Leave them out of the file, so that they are not sent around.",
		Renamed: "If yours has another name, ask IT to map it."}
}
