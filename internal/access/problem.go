package access

// Severity of a Problem: what it stops.
type Severity string

// The severities of a problem with an input file.
const (
	Stop Severity = "STOP" // the whole file is refused
	Hold Severity = "HOLD" // this line has no effect, this person is untouched
	Note Severity = "NOTE" // told, nothing held
	// Wide is a line that counts and allows more than it plainly says.
	Wide Severity = "WIDE"
)

// Problem is something wrong in a file that a person can mend.
type Problem struct {
	Severity  Severity  `json:"severity"`
	File      string    `json:"file"`
	Row       int       `json:"row,omitempty"` // as a spreadsheet counts: the header is row 1; 0 is the whole file
	Column    string    `json:"column,omitempty"`
	Value     string    `json:"value,omitempty"`     // what was there
	Person    PersonKey `json:"person,omitzero"`     // whom it is about, if anyone
	Says      string    `json:"says"`                // what is wrong
	Meanwhile string    `json:"meanwhile,omitempty"` // what rollcall did meanwhile
	Mend      string    `json:"mend,omitempty"`      // what to do
}
