package access

import (
	"strings"
	"time"
)

// Audience is who is told of something by what they answer for. The first five are the
// responsibilities of contacts.csv; managers and reviewers are people of HR's lists.
type Audience string

// The audiences.
const (
	ForOnCall     Audience = "on_call"
	ForSecurity   Audience = "security"
	ForHR         Audience = "hr"
	ForCompliance Audience = "compliance"
	ForOwner      Audience = "owner"
	ForManager    Audience = "manager"
	ForReviewer   Audience = "reviewer"
)

// Audiences are all of them, in the order in which messages name them.
var Audiences = []Audience{ForOnCall, ForSecurity, ForHR, ForCompliance, ForOwner, ForManager, ForReviewer}

// Trusted reports whether an audience may read what is restricted: exits that lie ahead,
// reasons for leaving, names. Nobody else ever may.
func (a Audience) Trusted() bool { return a == ForHR || a == ForSecurity }

// Concern is something that somebody has to be told. It is open until a run that could
// have seen it no longer does.
type Concern struct {
	Kind string `json:"kind"`
	// Subject is the same on every night on which it is about the same: the id of a
	// finding, a guard with what it judged, the name of a read.
	Subject string `json:"subject"`
	System  string `json:"system,omitempty"` // whose contacts are told; empty: those of every system
	// Raised, when set, is how urgent it is by now for whoever the table tells first.
	Raised Urgency `json:"raised,omitempty"`
	// Calm: nothing is as urgent as the table has it, since rollcall only observes.
	Calm bool `json:"calm,omitempty"`
	// Open holds ids, names of systems and rollcall's own words only: everybody may read
	// it, also where it shows on a screen. Restricted is for HR and security, by a channel
	// that only they read.
	Open       []string `json:"open,omitempty"`
	Restricted []string `json:"restricted,omitempty"`
	// To are the people whom it is for, where the audience is one of HR's lists.
	To []Addressee `json:"to,omitempty"`
	// Rests names what a run must have looked at before it may say that this is no more.
	Rests []string `json:"rests,omitempty"`
	// Covers are the subjects that it stands for, where they are too many to tell apart.
	Covers []string  `json:"covers,omitempty"`
	Since  time.Time `json:"since"`  // when it was first seen
	SeenIn RunID     `json:"run_id"` // the last run that saw it
	// CuredAt is when a run saw that it is no more; zero: it is open.
	CuredAt time.Time `json:"cured_at,omitzero"`
}

// Notice is a message to somebody, and what became of it.
type Notice struct {
	Kind      string // review_launch, review_day7, review_4_days, ..., review_escalated
	Recipient string
	Channel   string // file: written for somebody to send
	Subject   string // what it is about: Campaign/Sheet.ID, or Concern.Subject
	SentAt    time.Time
	Result    string
	// Of a notice about a run, and not about a review: to whom as what, how urgent, why
	// it was sent, the tier, the message's own name and what the channel answered.
	Audience Audience
	Urgency  Urgency
	Purpose  string
	Tier     int
	Delivery string
	Receipt  string
}

// ID is the concern's name in the archive; a message's key has the environment before it.
func (c Concern) ID() string { return c.Kind + "/" + c.Subject }

// Addressee is a person who is told as one of an audience.
type Addressee struct {
	Audience Audience `json:"audience"`
	Mail     string   `json:"mail"`
}

// Told is what one recipient was told of one concern.
type Told struct {
	Concern   string   `json:"concern"` // Concern.ID
	Recipient string   `json:"recipient"`
	Audience  Audience `json:"audience"`
	Urgency   Urgency  `json:"urgency,omitempty"`
	Tier      int      `json:"tier,omitempty"` // 0: whom the table tells
	Channels  []string `json:"channels,omitempty"`
	// First and Last are when it was told; Times how often. Zero: it was only tried.
	First time.Time `json:"first,omitzero"`
	Last  time.Time `json:"last,omitzero"`
	Times int       `json:"times,omitempty"`
	// TriedAt is when no channel took it, if that was after Last.
	TriedAt time.Time `json:"tried_at,omitzero"`
	// Resolved are the channels by which it was told that it is cured.
	Resolved []string `json:"resolved,omitempty"`
}

// TakenUp says that somebody has a concern in hand.
type TakenUp struct {
	By string    `json:"by"`
	At time.Time `json:"at"`
}

// Digested counts the messages that are not urgent, of one recipient on one day.
type Digested struct {
	Day   string `json:"day"` // where the recipient is
	Times int    `json:"times"`
}

// NoticeBook is who has to be told of what, and who was.
type NoticeBook struct {
	Open []Concern `json:"open,omitempty"` // by ID; cured ones until that is told
	Told []Told    `json:"told,omitempty"` // by concern and recipient
	// Acked are the concerns that somebody has in hand, by ID.
	Acked map[string]TakenUp `json:"acknowledged,omitempty"`
	// Digests are the last ones, by recipient.
	Digests map[string]Digested `json:"digests,omitempty"`
	// Failing are the channels that did not take the last message, and since when.
	Failing map[string]time.Time `json:"failing,omitempty"`
	// NightAt is when the last night was committed.
	NightAt time.Time `json:"night_at,omitzero"`
	// From is the day from which on records may not be in this book yet, and Known those
	// of that day and later that are.
	From  string   `json:"from,omitempty"`
	Known []string `json:"known,omitempty"`
}

// Zero reports whether nothing was ever to be told.
func (b NoticeBook) Zero() bool {
	return len(b.Open)+len(b.Told)+len(b.Acked)+len(b.Digests)+len(b.Failing)+len(b.Known) == 0 && b.From == "" && b.NightAt.IsZero()
}

// The kinds of NoticeRecord.
const (
	NoticeRaised = "raised" // a run that left no record of its own saw a concern
	NoticeIntent = "intent" // a message is about to be sent
	NoticeSent   = "sent"
	NoticeFailed = "failed"
	NoticeAck    = "ack"
)

// TriggerNotices is what stands for a run where people are told between two runs.
const TriggerNotices = "notices"

// What a message is sent for.
const (
	ToTell    = "first"
	ToRepeat  = "again"
	ToNext    = "tier" // the next ones, since nobody took it up
	ToResolve = "resolve"
	ToDigest  = "digest"
)

// NoticeRecord is one durable record of what was told: an intent before a message is
// sent, what became of it after, and what people and runs added. It holds no word of the
// message.
type NoticeRecord struct {
	Kind string    `json:"kind"`
	At   time.Time `json:"at"`
	Run  RunID     `json:"run_id,omitempty"`
	// Delivery names the message, the same however often it is tried.
	Delivery  string   `json:"delivery,omitempty"`
	Attempt   int      `json:"attempt,omitempty"`
	Purpose   string   `json:"purpose,omitempty"`
	Concerns  []string `json:"concerns,omitempty"` // Concern.ID
	Recipient string   `json:"recipient,omitempty"`
	Audience  Audience `json:"audience,omitempty"`
	Urgency   Urgency  `json:"urgency,omitempty"`
	Tier      int      `json:"tier,omitempty"`
	Day       string   `json:"day,omitempty"` // of a digest
	Channel   string   `json:"channel,omitempty"`
	Last      bool     `json:"last,omitempty"` // of a failure: no channel is left
	Receipt   string   `json:"receipt,omitempty"`
	Error     string   `json:"error,omitempty"`
	Raised    *Concern `json:"raised,omitempty"`
	By        string   `json:"by,omitempty"`
}

// Notices are the rows of the table notices that the record makes.
func (r NoticeRecord) Notices() (out []Notice) {
	n := Notice{Recipient: r.Recipient, Channel: r.Channel, SentAt: r.At, Audience: r.Audience, Urgency: r.Urgency, Purpose: r.Purpose,
		Tier: r.Tier, Delivery: r.Delivery, Receipt: r.Receipt}
	switch r.Kind {
	case NoticeSent:
		n.Result = "sent"
	case NoticeFailed:
		n.Result = "failed: " + r.Error
	case NoticeAck:
		n.Recipient, n.Purpose, n.Result = r.By, NoticeAck, "acknowledged"
	default:
		return nil
	}
	for _, id := range r.Concerns {
		n.Kind, n.Subject, _ = strings.Cut(id, "/")
		out = append(out, n)
	}
	return out
}
