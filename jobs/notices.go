package jobs

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"rollcall/internal/access"
	"rollcall/reconcile"
)

// Channel delivers messages to one place. Send gives what the other side answered.
type Channel interface {
	Send(ctx context.Context, m access.Message) (receipt string, err error)
}

// sendingTime is how long a channel may take for one message, its own retries included.
const sendingTime = 2 * time.Minute

// outbox is the folder of the records of what was sent. Whoever creates the record of an
// intent sends that message, and nobody else does: no lock is needed, so that a page does
// not wait for a night of hours.
const outbox = "outbox/"

// Post tells people what they have to be told. It acts on no system, and what goes wrong
// in it changes nothing that a run did.
type Post struct {
	Rules    reconcile.NoticeRules
	Channels map[string]Channel
	Records  Records
	Run      access.RunID // that sends
	Now      func() time.Time
	Say      func(format string, args ...any)
}

// Posted is what became of it.
type Posted struct {
	Sent   []access.NoticeRecord
	Failed []access.NoticeRecord
	// Book is as it stands now.
	Book access.NoticeBook
	// Unrecorded says why something is not on record, if so: what is urgent was sent
	// nevertheless.
	Unrecorded error
	// Untellable are audiences that something is to be told to and no channel reaches.
	Untellable []access.Audience
	// Unreached: somebody had to know of something urgent, and could not be told.
	Unreached bool
}

// Err says what did not go out, nil if all did.
func (p Posted) Err() error {
	var wrong []error
	for _, r := range p.Failed {
		wrong = append(wrong, fmt.Errorf("the channel %s did not take %s for %s: %s", r.Channel, strings.Join(r.Concerns, ", "), r.Recipient, r.Error))
	}
	if p.Unreached {
		wrong = append(wrong, errors.New("somebody has to know something urgent and could not be told: tell them yourself (rollcall notices list), mend the channel, then run rollcall notices send"))
	}
	if p.Unrecorded != nil {
		wrong = append(wrong, fmt.Errorf("what was sent is not wholly on record, and may be sent again: %w", p.Unrecorded))
	}
	return errors.Join(wrong...)
}

// Book is what the last run left, with what the outbox has since.
func Book(b access.NoticeBook, r Records, now time.Time) (access.NoticeBook, error) {
	o, err := readOutbox(b, r, now)
	return o.book, err
}

// Ack puts on record that somebody has a concern in hand.
func (p *Post) Ack(id, by string) error {
	r := access.NoticeRecord{Kind: access.NoticeAck, At: p.Now().UTC(), Run: p.Run, Concerns: []string{id}, By: by}
	return p.write(recordOf(r, "ack-"+short(id, by, r.At.Format(time.RFC3339Nano))), r)
}

// Aborted sends what a run has to say that was aborted, or could not be committed.
func (p *Post) Aborted(ctx context.Context, b access.NoticeBook, run access.Run, why error) Posted {
	c := reconcile.AbortedRun(run, why.Error())
	return p.deliver(ctx, b, []access.Concern{c})
}

// Deliver sends what is due now, by what the last committed run left.
func (p *Post) Deliver(ctx context.Context, b access.NoticeBook) Posted {
	var more []access.Concern
	if o, err := readOutbox(b, p.Records, p.Now()); err == nil {
		if c := reconcile.MissingNight(o.book, p.Now()); c != nil {
			more = append(more, *c)
		}
	}
	return p.deliver(ctx, b, more)
}

func (p *Post) deliver(ctx context.Context, b access.NoticeBook, raised []access.Concern) Posted {
	s := &sending{Post: p, tried: map[string]bool{}}
	o, err := readOutbox(b, p.Records, p.Now())
	s.unrecorded(err)
	s.outboxState = o
	for _, c := range raised {
		s.raise(c)
	}
	s.round(ctx)
	for _, c := range reconcile.FailingChannels(s.book, p.Rules, p.Now()) {
		s.raise(c)
	}
	s.round(ctx)
	s.out.Book, s.out.Untellable, s.out.Unreached = s.book, reconcile.Untellable(s.book, p.Rules), reconcile.Unreached(s.book, p.Rules)
	return s.out
}

// sending is one go through everything that is due.
type sending struct {
	*Post
	*outboxState
	tried map[string]bool // by delivery
	out   Posted
}

func (s *sending) unrecorded(err error) {
	if err != nil {
		s.out.Unrecorded = errors.Join(s.out.Unrecorded, err)
	}
}

// raise puts a concern on record that no night's record has.
func (s *sending) raise(c access.Concern) {
	r := access.NoticeRecord{Kind: access.NoticeRaised, At: s.Now().UTC(), Run: s.Run, Raised: &c}
	s.note(r, "raised-"+short(c.ID(), c.Since.Format(time.RFC3339), c.CuredAt.Format(time.RFC3339), string(s.Run)))
}

// note makes a record durable and takes it in. One that cannot be written counts for the
// rest of this process.
func (s *sending) note(r access.NoticeRecord, name string) {
	if err := s.write(recordOf(r, name), r); err != nil && !errors.Is(err, fs.ErrExist) {
		s.unrecorded(err)
	}
	s.book = reconcile.Fold(s.book, []access.NoticeRecord{r})
}

// round sends what is due until nothing is that was not tried: a failure makes the next
// tier due.
func (s *sending) round(ctx context.Context) {
	for more := true; more; {
		more = false
		for _, d := range reconcile.DueNotices(s.book, s.Rules, s.Now()) {
			if s.tried[d.ID] || ctx.Err() != nil {
				continue
			}
			s.tried[d.ID], more = true, true
			if at, begun := s.begun[d.ID]; begun && s.Now().Sub(at) < reconcile.InFlight {
				continue // somebody else is at it
			}
			s.send(ctx, d)
		}
	}
}

// send tries one channel after the other, each with a record before and after.
func (s *sending) send(ctx context.Context, d reconcile.Delivery) {
	for n, name := range d.Channels {
		attempt := s.attempts[d.ID] + 1
		s.attempts[d.ID] = attempt
		r := d.Record(access.NoticeIntent, s.Now().UTC())
		r.Attempt, r.Channel = attempt, name
		stem := fmt.Sprintf("%s-%03d", d.ID, attempt)
		switch err := s.write(recordOf(r, stem+"-intent"), r); {
		case errors.Is(err, fs.ErrExist):
			return // somebody else is at it
		case err != nil && !reconcile.Urgent(d.Urgency):
			s.unrecorded(err) // nobody would know, and it would be sent again and again
			return
		case err != nil:
			s.unrecorded(err)
		}
		receipt, err := s.give(ctx, name, d)
		r.At = s.Now().UTC()
		if err == nil {
			r.Kind, r.Receipt = access.NoticeSent, receipt
			s.note(r, stem+"-sent")
			s.out.Sent = append(s.out.Sent, r)
			s.Say("told %s by %s: %s", d.Recipient, name, d.Open.Title)
			return
		}
		r.Kind, r.Error, r.Last = access.NoticeFailed, err.Error(), n == len(d.Channels)-1
		s.note(r, stem+"-failed")
		s.out.Failed = append(s.out.Failed, r)
	}
}

// give hands a message to a channel.
func (s *sending) give(ctx context.Context, name string, d reconcile.Delivery) (string, error) {
	channel := s.Channels[name]
	if channel == nil {
		return "", errors.New("it cannot be used: its secret is not there, or not what it should be (rollcall check)")
	}
	m := d.Message(s.Rules.Channels[name])
	if s.Rules.Channels[name].Addressed && len(m.To) == 0 {
		return "", fmt.Errorf("there is no e-mail address for %s: add one to contacts.csv", d.Recipient)
	}
	ctx, cancel := context.WithTimeout(ctx, sendingTime)
	defer cancel()
	return channel.Send(ctx, m)
}

// recordOf is where a record lies.
func recordOf(r access.NoticeRecord, name string) string {
	return path.Join(outbox, r.At.UTC().Format(time.DateOnly), name+".json")
}

func short(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:8])
}

func (p *Post) write(name string, r access.NoticeRecord) error {
	b, err := json.Marshal(r)
	if err == nil {
		err = p.Records.Create(name, append(b, '\n'))
	}
	if err != nil {
		return fmt.Errorf("write the record %s: %w", name, err)
	}
	return nil
}

// outboxState is what the outbox says that memory does not.
type outboxState struct {
	book     access.NoticeBook
	records  []access.NoticeRecord
	names    []string             // all of the days that memory may not have
	attempts map[string]int       // by delivery, on this day
	begun    map[string]time.Time // deliveries without a result
}

// readOutbox reads the records that the book does not have yet.
func readOutbox(b access.NoticeBook, r Records, now time.Time) (*outboxState, error) {
	o := &outboxState{book: b, attempts: map[string]int{}, begun: map[string]time.Time{}}
	today := now.UTC().Format(time.DateOnly)
	names, err := outboxNames(b, r, today)
	if err != nil {
		return o, fmt.Errorf("list the outbox: %w", err)
	}
	o.names = names
	var wrong error
	for _, name := range names {
		if delivery, is := attempted(name); is && path.Base(path.Dir(name)) == today {
			o.attempts[delivery]++
		}
		if slices.Contains(b.Known, name) {
			continue
		}
		one, err := readNotice(r, name)
		if err != nil {
			wrong = errors.Join(wrong, err)
			continue
		}
		o.records = append(o.records, one)
	}
	o.fly()
	o.book = reconcile.Fold(b, o.records)
	return o, wrong
}

// attempted is the delivery that a record is the intent of, by its name:
// <delivery>-<attempt>-intent.json.
func attempted(name string) (delivery string, is bool) {
	stem, is := strings.CutSuffix(path.Base(name), "-intent.json")
	end := strings.LastIndexByte(stem, '-')
	if !is || end < 0 {
		return "", false
	}
	return stem[:end], true
}

// outboxNames are the names of the days on which there may be records that the book
// does not have.
func outboxNames(b access.NoticeBook, r Records, today string) ([]string, error) {
	from, err := time.Parse(time.DateOnly, b.From)
	if err != nil { // no run has accounted for any
		return r.List(outbox)
	}
	var all []string
	for day := from; day.Format(time.DateOnly) <= today; day = day.AddDate(0, 0, 1) {
		names, err := r.List(outbox + day.Format(time.DateOnly) + "/")
		if err != nil {
			return nil, err
		}
		all = append(all, names...)
	}
	return all, nil
}

func readNotice(r Records, name string) (one access.NoticeRecord, err error) {
	b, err := r.Read(name)
	if err == nil {
		err = json.Unmarshal(b, &one)
	}
	if err == nil && one.Kind == access.NoticeRaised && one.Raised == nil {
		err = errors.New("it raises nothing")
	}
	if err != nil {
		return one, fmt.Errorf("read the record %s (what it says was told may be told again): %w", name, err)
	}
	return one, nil
}

// fly finds the messages that were begun and of which nobody says what became.
func (o *outboxState) fly() {
	type try struct {
		id string
		n  int
	}
	ended := map[try]bool{}
	for _, r := range o.records {
		if r.Kind == access.NoticeSent || r.Kind == access.NoticeFailed {
			ended[try{r.Delivery, r.Attempt}] = true
		}
	}
	for _, r := range o.records {
		if r.Kind == access.NoticeIntent && !ended[try{r.Delivery, r.Attempt}] && r.At.After(o.begun[r.Delivery]) {
			o.begun[r.Delivery] = r.At
		}
	}
}

// accountNotices puts into a run's record what was sent since the run before, and into
// what the next one remembers who has to be told of what.
func (j *Job) accountNotices(n *access.Night, next *access.Memory, before access.Memory) {
	next.Notices = before.Notices
	if j.Notices == nil {
		return
	}
	o, err := readOutbox(before.Notices, j.Records, j.Now())
	if err != nil { // what is not read now is read by the next run
		n.Notes = append(n.Notes, "not all of what was told since the last run could be read: "+err.Error())
	}
	for _, r := range o.records {
		n.Notices = append(n.Notices, r.Notices()...)
	}
	book := o.book
	if err == nil {
		book.From = j.Now().UTC().AddDate(0, 0, -1).Format(time.DateOnly)
		book.Known = slices.DeleteFunc(o.names, func(name string) bool { return path.Base(path.Dir(name)) < book.From })
		n.Told = o.fresh(before.Notices)
	} else {
		book.From, book.Known, n.Notices = before.Notices.From, before.Notices.Known, nil
		book = before.Notices
	}
	rules := *j.Notices
	rules.Contacts = n.Policy.Contacts
	next.Notices = reconcile.NextBook(book, n, rules)
}

// fresh are the records that no run has accounted for.
func (o *outboxState) fresh(b access.NoticeBook) []string {
	return slices.DeleteFunc(slices.Clone(o.names), func(name string) bool { return slices.Contains(b.Known, name) })
}
