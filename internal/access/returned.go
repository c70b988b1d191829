package access

import "time"

// ReturnedSheet is a file that a reviewer sent back, as it was read: nothing of it
// is judged yet but what makes the whole file unusable.
type ReturnedSheet struct {
	File   string
	SHA256 string // of the bytes as received
	Format string // xlsx, csv or html
	// Campaign and Worksheet are what the file says of itself; a CSV says nothing, and
	// its rows tell.
	Campaign  CampaignID
	Worksheet string
	SignedBy  string
	Sender    string // who sent it, by the channel: the folder, or --from
	Channel   string // file, or what brought it
	Rows      []ReturnedRow
	// Refused says why nothing of the file counts (macros, links to other files, another
	// campaign's layout, too large); nil: its rows are judged one by one.
	Refused *Problem
}

// ReturnedRow is one row of a returned file.
type ReturnedRow struct {
	Line int // as a spreadsheet counts; 0 in an HTML export
	ID   string
	MAC  string
	// Cells are the locked columns as they came back, normalised as those of Issued;
	// nil in an HTML export, which sends answers only.
	Cells                                       []string
	Decision, Reason, ChangeTo, PassTo, Comment string
	// Formula names the columns that came back as formulas, which no reviewer writes.
	Formula []string
}

// ReturnedFile is what became of one returned file.
type ReturnedFile struct {
	Sheet      string // Sheet.ID; empty: it could not be told whose it is
	File       string
	SHA256     string
	Revision   int
	Reviewer   PersonKey
	SignedBy   string // as the reviewer signed it; empty: nobody did
	Sender     string
	Channel    string
	ReceivedAt time.Time
	Rows       int // that it had
	Counted    int // answers that count
	Problems   []RowProblem
	Refused    *Problem
}

// RowProblem is what keeps one row of a returned file from counting.
type RowProblem struct {
	Line   int    `json:"line,omitempty"`
	RowID  string `json:"row_id"`
	Column string `json:"column"`
	Seen   string `json:"seen"`
	Says   string `json:"says"` // in the reviewer's words, with what to do
}
