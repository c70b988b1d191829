package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"
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
	return p.deliver(ctx, b, func(b access.NoticeBook) []access.Concern {
		return []access.Concern{reconcile.AbortedRun(b, run, why.Error())}
	})
}

// Unread is Aborted where what the last run left cannot be read. Nothing else is told: what
// the outbox has of earlier days may be cured by now.
func (p *Post) Unread(ctx context.Context, run access.Run, why error) Posted {
	says := reconcile.AbortedRun
	if run.Trigger == access.TriggerNotices {
		says = reconcile.UnreadableArchive
	}
	yesterday := access.NoticeBook{From: p.Now().UTC().AddDate(0, 0, -1).Format(time.DateOnly)}
	o, err := readOutbox(yesterday, p.Records, p.Now())
	c := says(o.book, run, why.Error())
	o.book.Open = slices.DeleteFunc(o.book.Open, func(open access.Concern) bool { return open.ID() != c.ID() })
	return p.send(ctx, o, err, []access.Concern{c})
}

// Finished says to whom was told that a run was aborted that one of the same command came
// to its end, also if that one has nothing to record. It sends nothing if nobody was told.
func (p *Post) Finished(ctx context.Context, b access.NoticeBook, trigger string) Posted {
	o, err := readOutbox(b, p.Records, p.Now())
	cured := reconcile.Finished(o.book, trigger, p.Now())
	if len(cured) == 0 {
		return Posted{Book: o.book, Unrecorded: err}
	}
	return p.send(ctx, o, err, cured)
}

// Deliver sends what is due now, by what the last committed run left.
func (p *Post) Deliver(ctx context.Context, b access.NoticeBook) Posted {
	return p.deliver(ctx, b, func(b access.NoticeBook) []access.Concern {
		more := reconcile.Finished(b, access.TriggerNotices, p.Now()) // the archive is read
		if c := reconcile.MissingNight(b, p.Now()); c != nil {
			more = append(more, *c)
		}
		return more
	})
}

func (p *Post) deliver(ctx context.Context, b access.NoticeBook, raised func(access.NoticeBook) []access.Concern) Posted {
	o, err := readOutbox(b, p.Records, p.Now())
	return p.send(ctx, o, err, raised(o.book))
}

// send goes through everything that is due; wrong is what could not be read.
func (p *Post) send(ctx context.Context, o *outboxState, wrong error, raised []access.Concern) Posted {
	s := &sending{Post: p, outboxState: o, tried: map[string]bool{}, down: map[string]string{}, again: map[string]bool{}}
	s.unrecorded(wrong)
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
