package jobs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
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
	// down are the channels that are passed over, with why; again those that were given
	// one more try since.
	down     map[string]string
	again    map[string]bool
	stranded []reconcile.Delivery // what no channel took, one of which is down
	out      Posted
}

// unrecorded notes why something is not on record, if it is not.
func (s *sending) unrecorded(err error) {
	s.out.Unrecorded = errors.Join(s.out.Unrecorded, err)
}

// raise puts a concern on record that no night's record has.
func (s *sending) raise(c access.Concern) {
	r := access.NoticeRecord{Kind: access.NoticeRaised, At: s.Now().UTC(), Run: s.Run, Raised: &c}
	s.note(r, "raised-"+short(c.ID(), c.Since.Format(time.RFC3339), c.CuredAt.Format(time.RFC3339), string(s.Run)))
}

// note makes a record durable and takes it in. One that cannot be written counts for the
// rest of this process.
func (s *sending) note(r access.NoticeRecord, name string) {
	if err := s.write(recordOf(r, name), r); !errors.Is(err, fs.ErrExist) {
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
			if s.tried[d.ID] {
				continue
			}
			if ctx.Err() != nil {
				s.out.Cut = true
				return
			}
			s.tried[d.ID], more = true, true
			if at, begun := s.begun[d.ID]; begun && s.Now().Sub(at) < reconcile.InFlight {
				continue // somebody else is at it
			}
			s.tell(ctx, d)
		}
	}
	s.reopen(ctx)
}

// tell tries one channel after the other. One that was found to be down is passed over:
// each message would wait for it in vain.
func (s *sending) tell(ctx context.Context, d reconcile.Delivery) {
	for n, name := range d.Channels {
		last := n == len(d.Channels)-1
		if why := s.down[name]; why != "" {
			s.passOver(d, name, why, last)
			continue
		}
		if !s.try(ctx, d, name, last) {
			return
		}
	}
	if slices.ContainsFunc(d.Channels, func(name string) bool { return s.down[name] != "" }) {
		s.stranded = append(s.stranded, d)
	}
}

// passOver puts on record why a channel was not tried.
func (s *sending) passOver(d reconcile.Delivery, name, why string, last bool) {
	r := d.Record(access.NoticeFailed, s.Now().UTC())
	r.Channel, r.Last, r.Error = name, last, "it was passed over, since it was down for another message of this run: "+why
	s.note(r, fmt.Sprintf("%s-passed-%s", d.ID, short(name, r.At.Format(time.RFC3339Nano))))
	s.out.Failed = append(s.out.Failed, r)
}

// reopen gives each channel that is down one more try, with what no other channel took. If
// it works by now, the rest goes by it too.
func (s *sending) reopen(ctx context.Context) {
	waiting := s.stranded
	s.stranded = nil
	for _, d := range waiting {
		for _, name := range d.Channels {
			if (s.down[name] != "") == s.again[name] {
				continue // it had its one more try, or never was down
			}
			s.again[name] = true
			if ctx.Err() != nil || !s.try(ctx, d, name, true) {
				break
			}
		}
	}
}

// try hands a message to one channel, with a record before and after. It gives whether the
// next channel is to be tried.
func (s *sending) try(ctx context.Context, d reconcile.Delivery, name string, last bool) (next bool) {
	attempt := s.attempts[d.ID] + 1
	s.attempts[d.ID] = attempt
	r := d.Record(access.NoticeIntent, s.Now().UTC())
	r.Attempt, r.Channel = attempt, name
	stem := fmt.Sprintf("%s-%03d", d.ID, attempt)
	switch err := s.write(recordOf(r, stem+"-intent"), r); {
	case errors.Is(err, fs.ErrExist):
		return false // somebody else is at it
	case err != nil && !reconcile.Urgent(d.Urgency):
		s.unrecorded(err) // nobody would know, and it would be sent again and again
		return false
	default:
		s.unrecorded(err)
	}
	receipt, err := s.give(ctx, name, d)
	r.At = s.Now().UTC()
	switch {
	case err == nil:
		delete(s.down, name)
		r.Kind, r.Receipt = access.NoticeSent, receipt
		s.note(r, stem+"-sent")
		s.out.Sent = append(s.out.Sent, r)
		s.Say("told %s by %s: %s", d.Recipient, name, d.Open.Title)
		return false
	case ctx.Err() != nil: // the run was stopped, not the channel: the next one sends it again
		s.out.Cut = true
		return false
	}
	if isDown(err) {
		s.down[name] = err.Error()
	}
	r.Kind, r.Error, r.Last = access.NoticeFailed, err.Error(), last
	s.note(r, stem+"-failed")
	s.out.Failed = append(s.out.Failed, r)
	return true
}

// isDown reports whether a channel itself says that it takes no message of anybody's now,
// or had not answered when its time was over.
func isDown(err error) bool {
	var says interface{ Down() bool }
	return errors.As(err, &says) && says.Down() || errors.Is(err, context.DeadlineExceeded)
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
