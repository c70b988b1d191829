package jobs_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"rollcall/internal/access"
	"rollcall/jobs"
	"rollcall/reconcile"
	"rollcall/reports/archive"
	"rollcall/reports/archive/storetest"
)

func TestAFailedBlockPagesAndTheNightThatCuresItResolves(t *testing.T) {
	t.Parallel()
	l := newTelling(t)
	l.unblockable("mia")
	l.night()
	l.wants(l.pager, "the pager", "leaver_block_failed")
	l.wants(l.chat, "the chat", "leaver_block_failed")
	for range 3 { // cron, within half an hour: nothing is told twice
		l.clock.Pass(9 * time.Minute)
		if p := l.deliver(); len(p.Sent) > 0 {
			t.Errorf("told again: %+v", p.Sent)
		}
	}
	l.oktaFaults.Clear()
	n := l.night()
	l.wants(l.pager, "the pager", "leaver_block_failed", "resolve leaver_block_failed")
	l.wants(l.chat, "the chat", "leaver_block_failed", "resolve leaver_block_failed")
	if l.pager.got[0].Key != l.pager.got[len(l.pager.got)-1].Key {
		t.Errorf("a pager cannot fold %q and %q", l.pager.got[0].Key, l.pager.got[len(l.pager.got)-1].Key)
	}
	// what the first night told is in the record of the second
	var told []string
	for _, row := range l.noticesOf(n.Run.ID) {
		if row.Kind == reconcile.NoticeBlockFailed && row.Result == "sent" && row.Purpose == access.ToTell && strings.HasPrefix(row.Receipt, "receipt-") {
			told = append(told, row.Recipient+" "+row.Channel)
		}
	}
	slices.Sort(told)
	if want := []string{"on_call pager", "security chat"}; !slices.Equal(told, want) {
		t.Errorf("on record is %q, want %q", told, want)
	}
	l.verified()
}

// torn is an outbox of a process that dies at a record: before it is written, or after.
type torn struct {
	jobs.Records
	n, at int
	after bool
	dead  context.CancelFunc
}

var errDead = errors.New("the process was killed")

func (r *torn) Create(name string, b []byte) error {
	r.n++
	if r.at > 0 && r.n >= r.at {
		r.dead()
		if r.n > r.at || !r.after {
			return errDead
		}
	}
	return r.Records.Create(name, b)
}

// dying is a channel of a process that may be dead already.
type dying struct {
	jobs.Channel
	ctx context.Context
}

func (d dying) Send(ctx context.Context, m access.Message) (string, error) {
	if d.ctx.Err() != nil {
		return "", errDead
	}
	return d.Channel.Send(ctx, m)
}

func TestKilledAtAnyRecordWhatIsDueIsSentByTheNextProcessUnderTheSameKey(t *testing.T) {
	t.Parallel()
	l := newTelling(t)
	l.unblockable("mia")
	l.unheard()
	m, before := l.memory().Notices, l.names()
	if len(before) > 0 {
		t.Fatalf("nothing was told yet: %s", before)
	}
	ends := 0
	for at := 1; at <= 16; at++ {
		for _, after := range []bool{false, true} {
			l.pager.got, l.chat.got, l.mail.got = nil, nil, nil
			box := &torn{Records: &storetest.Memory{}, at: at, after: after}
			ctx, cancel := context.WithCancel(t.Context())
			box.dead = cancel
			first := *l.post
			first.Records, first.Channels = box, map[string]jobs.Channel{}
			for name, c := range l.post.Channels {
				first.Channels[name] = dying{c, ctx}
			}
			first.Deliver(ctx, m)
			cancel()
			if box.n < at {
				ends++
			}
			second := *l.post
			second.Records = box.Records
			l.clock.Pass(reconcile.InFlight + time.Minute)
			if p := second.Deliver(t.Context(), m); p.Err() != nil || p.Unreached {
				t.Errorf("record %d: %v", at, p.Err())
			}
			for name, d := range map[string]*desk{"pager": l.pager, "chat": l.chat, "mail": l.mail} {
				keys := map[string]int{}
				for _, one := range d.got {
					keys[one.Key+" "+strings.Join(one.To, ",")]++
				}
				for key, times := range keys {
					if times > 2 {
						t.Errorf("record %d: %s took %s %d times", at, name, key, times)
					}
				}
				if len(keys) == 0 {
					t.Errorf("record %d, after %v: %s took nothing", at, after, name)
				}
			}
			if p := second.Deliver(t.Context(), m); len(p.Sent) > 0 {
				t.Errorf("record %d: told once more: %+v", at, p.Sent)
			}
		}
	}
	if ends == 0 {
		t.Error("a process never came to its end: more records are to be tried")
	}
}

func TestTwoProcessesAtOnceTellEverybodyOnce(t *testing.T) {
	t.Parallel()
	l := newTelling(t)
	l.unblockable("mia")
	l.unheard()
	m := l.memory().Notices
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() { l.post.Deliver(t.Context(), m) })
	}
	all.Wait()
	if len(l.pager.got) != 1 || len(l.chat.got) != 1 || len(l.mail.got) != 2 {
		t.Errorf("the pager took %d, the chat %d, mail %d", len(l.pager.got), len(l.chat.got), len(l.mail.got))
	}
}

func TestAChannelThatIsDownFallsOverAndIsTold(t *testing.T) {
	t.Parallel()
	l := newTelling(t)
	l.pager.isDown(true)
	l.unblockable("mia")
	l.night()
	l.wants(l.pager, "the pager")
	if got := l.chat.took(); !slices.Contains(got, "leaver_block_failed") || !slices.Contains(got, "channel_failing") {
		t.Errorf("the chat took %q", got)
	}
	l.pager.isDown(false)
	l.clock.Pass(31 * time.Minute)
	l.deliver()
	l.clock.Pass(time.Minute)
	l.deliver()
	l.wants(l.pager, "the pager", "leaver_block_failed")
	if got := l.chat.took(); !slices.Contains(got, "resolve channel_failing") {
		t.Errorf("the chat took %q", got)
	}
}

func TestAnAbortedRunPagesThoughNothingCanBeWritten(t *testing.T) {
	t.Parallel()
	l := newTelling(t)
	l.night()
	m := l.memory().Notices
	l.post.Records = &torn{Records: l.records, at: 1, dead: func() {}}
	p := l.post.Aborted(t.Context(), m, access.Run{ID: "run-9", Trigger: "nightly", StartedAt: l.clock.Now()}, errors.New("commit the evidence: no space left on device"))
	if !errors.Is(p.Unrecorded, errDead) || !slices.Contains(l.pager.took(), "run_aborted") || !slices.Contains(l.chat.took(), "run_aborted") {
		t.Errorf("%v; the pager took %q", p.Unrecorded, l.pager.took())
	}
	l.post.Records = l.records // and the next night that is committed says so, once it is known
	l.post.Aborted(t.Context(), m, access.Run{ID: "run-9", Trigger: "nightly", StartedAt: l.clock.Now()}, errors.New("x"))
	l.night()
	if !slices.Contains(l.pager.took(), "resolve run_aborted") {
		t.Errorf("the pager took %q", l.pager.took())
	}
}

func TestSomebodyWhoHasItIsOnRecord(t *testing.T) {
	t.Parallel()
	l := newTelling(t)
	l.unblockable("mia")
	l.night()
	b, err := jobs.Book(l.memory().Notices, l.records, l.clock.Now())
	l.ok(err)
	id, found := l.post.Rules.ConcernOf(b, l.pager.got[0].Key)
	if !found {
		t.Fatalf("%s is not in %+v", l.pager.got[0].Key, b.Open)
	}
	l.ok(l.post.Ack(id, "dana"))
	l.clock.Pass(3 * time.Hour)
	if p := l.deliver(); len(p.Sent) > 0 {
		t.Errorf("told again: %+v", p.Sent)
	}
	n := l.night() // it fails again: still in hand
	if !slices.ContainsFunc(l.noticesOf(n.Run.ID), func(r archive.NoticeRow) bool { return r.Purpose == "ack" && r.Recipient == "dana" }) {
		t.Errorf("%+v", l.noticesOf(n.Run.ID))
	}
	l.verified()
}

func TestWhatWasToldBeforeDaysWithoutANightIsOnRecordWithTheNextNight(t *testing.T) {
	t.Parallel()
	l := newTelling(t)
	l.unblockable("mia")
	l.night()
	l.clock.Pass(2 * 24 * time.Hour) // the scheduler was down
	n := l.night()
	if !slices.ContainsFunc(l.noticesOf(n.Run.ID), func(r archive.NoticeRow) bool { return r.Recipient == "on_call" && r.Result == "sent" }) {
		t.Errorf("%+v", l.noticesOf(n.Run.ID))
	}
	l.verified()
}
