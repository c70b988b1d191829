package jobs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"rollcall/internal/access"
	"rollcall/reconcile"
)

// sendingTime is how long a channel may take for one message, its own retries included.
const sendingTime = 2 * time.Minute

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
