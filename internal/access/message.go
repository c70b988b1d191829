package access

import "time"

// Urgency says how soon somebody has to know.
type Urgency string

// The urgencies, the most urgent first (people.md's table is in reconcile).
const (
	UrgencyCritical Urgency = "critical" // at any hour, and again until it is cured or somebody has it
	UrgencyHigh     Urgency = "high"     // at any hour, once
	UrgencySameDay  Urgency = "same_day" // wakes nobody
	UrgencyDigest   Urgency = "digest"   // with everything else, one message a day
)

// Message is what one recipient is told through one channel, ready to be sent. It
// holds nothing that its readers must not learn: whoever made it has left that out.
type Message struct {
	// ID is of this one telling: the same when it is sent again, since nobody knows whether
	// it arrived. Empty: it is never sent again.
	ID string `json:"id,omitempty"`
	// Key is <environment>/<kind>/<subject>: the same on every night on which it is
	// told, so that a pager folds what is told again. At most 255 bytes.
	Key     string  `json:"key"`
	Kind    string  `json:"kind"`
	Urgency Urgency `json:"urgency"`
	// Resolve says that what Key was about is cured.
	Resolve bool `json:"resolve,omitempty"`
	// To are addresses, for a channel that has none of its own (e-mail).
	To []string `json:"to,omitempty"`
	// Title is one line. It may show on a locked screen: it names no person.
	Title string        `json:"title"`
	Parts []MessagePart `json:"parts,omitempty"`
	Links []MessageLink `json:"links,omitempty"`
	At    time.Time     `json:"at"`
	Run   RunID         `json:"run_id"`
}

// MessagePart is a heading, empty where none is needed, and lines of plain text. A
// channel escapes them: they may hold what outsiders wrote.
type MessagePart struct {
	Head  string   `json:"head,omitempty"`
	Lines []string `json:"lines"`
}

// MessageLink is a page to open.
type MessageLink struct {
	Words string `json:"words"`
	URL   string `json:"url"`
}
