package access

import "time"

// Mode says whether a run may act.
type Mode string

// The modes of a run. The empty Mode observes.
const (
	Observe Mode = "observe"
	Enforce Mode = "enforce"
)

// Run is the head of one run's record.
type Run struct {
	ID           RunID
	StartedAt    time.Time
	FinishedAt   time.Time
	Mode         Mode
	Trigger      string // the command: nightly, plan, apply, sweep, revoke, demo
	ToolVersion  string
	ConfigSHA256 string
	PlanSHA256   string
	Verdict      string // done, held, incomplete, failed: a run that was aborted leaves no record
	ExitCode     int
	Previous     RunID
	Actor        string // who ran it: user@host
}

// Night is the whole record of one run: what the archive keeps and the reports
// tell. Each part is filled in the order of the night; nothing is filled later
// than it was decided.
type Night struct {
	Run Run
	// SeenAt is when the systems were read, if an earlier run did; zero: this one did.
	SeenAt time.Time
	// Order is set of a run that is about one person.
	Order *Order
	// Orders are what this run looked after: its own, or those of earlier runs that are not
	// done. Interrupted are those that it found begun, and never ended.
	Orders, Interrupted []OpenOrder
	Inputs              []Input
	Policy              Policy
	Rosters             []RosterVerdict
	People              []Person
	Systems             []Judged
	Findings            []Finding
	Plan                Plan
	Approvals           []ApprovalVerdict
	Outcomes            []Outcome
	// Events are those of tonight's actions, and of earlier ones that came late, as the
	// systems' own logs have them.
	Events     []Evidence
	Endings    map[AccountKey]Ending // as the next night will know them
	Past       []PastNight           // the last nights in numbers, oldest first; this one is the last of them if it read the systems
	Residues   []Residue             // whose removal is announced tonight, by finding
	Worksheets []Worksheet
	Problems   []Problem // of the policy files; those of rosters are in Rosters
	Balances   []Balance
	// Notices are those that were sent since the run before, and Told the records that
	// say so.
	Notices []Notice
	Told    []string
	// Damaged are records of earlier runs' journals that cannot be read.
	Damaged []string
	Notes   []string
}

// Reads gives every read certificate of the night.
func (n *Night) Reads() []Read {
	var all []Read
	for i := range n.Systems {
		all = append(append(all, n.Systems[i].Reads...), n.Systems[i].Aside...)
	}
	return all
}

// Ordered is the person whom the run is about, by the id that counts of somebody who has
// several; zero of a run that is about everybody.
func (n *Night) Ordered() PersonKey {
	if n.Order == nil {
		return PersonKey{}
	}
	for i := range n.People {
		if n.People[i].Key() == n.Order.Person && !n.People[i].SameAs.Zero() {
			return n.People[i].SameAs
		}
	}
	return n.Order.Person
}

// Left are the findings of a run about one person that it leaves to people: accounts that
// may be theirs, and what of theirs no action ends.
func (n *Night) Left() (out []Finding) {
	who := n.Ordered()
	for _, f := range n.Findings {
		if n.Order != nil && f.Person == who && (f.Kind == PerhapsTheirs || f.Kind == LeaverAccess && f.Disposition == ToUrgent) {
			out = append(out, f)
		}
	}
	return out
}

// Unusable gives the problems for which a whole file of policy was left out.
func (n *Night) Unusable() []Problem {
	var out []Problem
	for _, p := range n.Problems {
		if p.Severity == Stop {
			out = append(out, p)
		}
	}
	return out
}

// Balance is one line of the books: the parts add up to the total.
type Balance struct {
	What  string        `json:"what"` // such as "accounts of okta"
	Total int           `json:"total"`
	Parts []BalancePart `json:"parts"`
	// Asks: it counts what people are asked about. A run that asks nobody has no such line.
	Asks bool `json:"-"`
}

// BalancePart is one bucket of a Balance.
type BalancePart struct {
	Name  string `json:"name"`
	Count int    `json:"count"`
}

// Holds reports whether the parts add up.
func (b Balance) Holds() bool {
	sum := 0
	for _, p := range b.Parts {
		sum += p.Count
	}
	return sum == b.Total
}
