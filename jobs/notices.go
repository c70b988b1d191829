package jobs

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"rollcall/internal/access"
	"rollcall/reconcile"
)

// Channel delivers messages to one place. Send gives what the other side answered. An
// error that has a method Down() bool, and says so, is about the channel and no message:
// the other messages of a run are not tried there.
type Channel interface {
	Send(ctx context.Context, m access.Message) (receipt string, err error)
}

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
	// Cut: the time was over before all that is due was tried.
	Cut bool
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
	if p.Cut {
		wrong = append(wrong, errors.New("the time was over before everything that is due was tried: the next rollcall notices send sends the rest"))
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
	c := reconcile.AbortedRun(b, run, why.Error())
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
	s := &sending{Post: p, tried: map[string]bool{}, down: map[string]string{}, again: map[string]bool{}}
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
