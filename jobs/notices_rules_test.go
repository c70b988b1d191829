package jobs_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/internal/access"
	"rollcall/jobs"
	"rollcall/reconcile"
)

// outbox are the records of a switchboard by what ends their names, such as sent.
func (s *switchboard) outbox(t *testing.T, end string) (all []access.NoticeRecord) {
	t.Helper()
	names, err := s.Records.List("outbox/")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if !strings.Contains(name, end) {
			continue
		}
		b, err := s.Records.Read(name)
		var r access.NoticeRecord
		if err == nil {
			err = json.Unmarshal(b, &r)
		}
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		all = append(all, r)
	}
	return all
}

// stuck are records of which some cannot be created.
type stuck struct {
	jobs.Records
	name string // a part of their names
	err  error
}

func (r stuck) Create(name string, b []byte) error {
	if strings.Contains(name, r.name) {
		return r.err
	}
	return r.Records.Create(name, b)
}

func TestAPostSaysAllThatDidNotGoOut(t *testing.T) {
	failed := access.NoticeRecord{Channel: "pager", Concerns: []string{"a/1", "b/2"}, Recipient: "on_call", Error: "HTTP 500"}
	for says, p := range map[string]jobs.Posted{
		"": {},
		"the channel pager did not take a/1, b/2 for on_call: HTTP 500": {Failed: []access.NoticeRecord{failed}},
		"somebody has to know something urgent and could not be told":   {Unreached: true},
		"the time was over before everything that is due was tried":     {Cut: true},
		"not wholly on record, and may be sent again: no space":         {Unrecorded: errors.New("no space")},
	} {
		if err := p.Err(); (err == nil) != (says == "") || err != nil && (!strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "\n")) {
			t.Errorf("%q: %v", says, err)
		}
	}
}

func TestWhatTheArchiveCannotSayIsToldAsWhatItIs(t *testing.T) {
	for trigger, want := range map[string]string{"nightly": "Run r-1 (nightly) ended without a record", access.TriggerNotices: "The archive could not be read"} {
		s := newSwitchboard(0)
		said := ""
		s.pager.refuse = func(m access.Message) error { said = fmt.Sprint(m.Parts); return nil }
		p := s.Unread(t.Context(), access.Run{ID: "r-1", Trigger: trigger, StartedAt: s.now}, errors.New("no such bucket"))
		if !strings.Contains(said, want) || len(p.Sent) != 1 || p.Err() != nil || len(s.outbox(t, "/raised-")) != 1 {
			t.Errorf("%s: %q, %v", trigger, said, p.Err())
		}
	}
}

func TestARunThatEndsTellsNobodyOfAnythingElse(t *testing.T) {
	s := newSwitchboard(1)
	s.Records = unlisted{s.Records}
	p := s.Finished(t.Context(), s.book, "sweep")
	if len(s.pager.asked)+len(s.chat.asked) != 0 || len(p.Book.Open) != 1 || !errors.Is(p.Unrecorded, errDead) {
		t.Errorf("the pager took %q: %+v", s.pager.asked, p)
	}
	if p := s.send(t); !errors.Is(p.Unrecorded, errDead) || len(s.pager.asked) != 1 {
		t.Errorf("an outbox that cannot be listed: %v, and the pager took %q", p.Unrecorded, s.pager.asked)
	}
}

// unlisted is an outbox that cannot be listed.
type unlisted struct{ jobs.Records }

func (unlisted) List(string) ([]string, error) { return nil, errDead }

func TestANightThatIsMissingIsToldByWhateverSendsNext(t *testing.T) {
	s := newSwitchboard(0)
	s.book.NightAt = s.now.Add(-27 * time.Hour)
	if s.send(t); !slices.Equal(s.pager.asked, []string{"run_missing/nightly"}) {
		t.Errorf("the pager took %q", s.pager.asked)
	}
	s.now = s.now.Add(time.Minute)
	if s.send(t); len(s.pager.asked) != 1 {
		t.Errorf("told again: %q", s.pager.asked)
	}
}

func TestWhatWasSentIsSaidAndOnRecordWithTheTimeOfTheAnswer(t *testing.T) {
	s := newSwitchboard(1)
	said, began := "", s.now
	s.Say = func(format string, args ...any) { said += fmt.Sprintf(format, args...) }
	s.pager.refuse = func(access.Message) error { s.now = s.now.Add(time.Minute); return nil }
	p := s.send(t)
	if len(p.Sent) != 1 || !p.Sent[0].At.Equal(began.Add(time.Minute)) || p.Sent[0].Receipt != "ok" || said != "told on_call by pager: Access could not be given back" {
		t.Errorf("%+v, said %q", p.Sent, said)
	}
	intents, sent := s.outbox(t, "-001-intent"), s.outbox(t, "-001-sent")
	if len(intents) != 1 || intents[0].Kind != access.NoticeIntent || !intents[0].At.Equal(began) || len(sent) != 1 || sent[0].Kind != access.NoticeSent || sent[0].Attempt != 1 || sent[0].Channel != "pager" {
		t.Errorf("%+v, %+v", intents, sent)
	}
}

func TestWhatSomebodyElseIsAtIsLeftToThemUntilTheyMustHaveDied(t *testing.T) {
	s := newSwitchboard(1)
	d := reconcile.DueNotices(s.book, s.Rules, s.now)[0]
	r := d.Record(access.NoticeIntent, s.now)
	r.Attempt, r.Channel = 1, "pager"
	b, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Records.Create("outbox/"+s.now.Format(time.DateOnly)+"/"+d.ID+"-001-intent.json", b); err != nil {
		t.Fatal(err)
	}
	for _, wait := range []time.Duration{0, reconcile.InFlight - 1} {
		s.now = dawn.Add(wait)
		if p := s.send(t); len(s.pager.asked)+len(s.chat.asked) != 0 || p.Cut || len(p.Failed) != 0 {
			t.Errorf("after %s: the pager took %q: %v", wait, s.pager.asked, p.Err())
		}
	}
	s.now = dawn.Add(reconcile.InFlight)
	if s.send(t); len(s.pager.asked) != 1 || len(s.outbox(t, "-002-sent")) != 1 {
		t.Errorf("after %s: the pager took %q", reconcile.InFlight, s.pager.asked)
	}
}

// Whoever creates the record of an intent sends the message, and nobody else does; what is
// not urgent goes out with its record only. Neither is tried by the next channel then.
func TestWithoutTheRecordOfItsIntentOnlyWhatIsUrgentIsSent(t *testing.T) {
	full, taken := errors.New("no space left on device"), fmt.Errorf("create: %w", fs.ErrExist)
	page := access.Concern{Kind: reconcile.NoticeRestoreFailed, Subject: "f", Since: dawn}
	calm := access.Concern{Kind: reconcile.NoticePolicyUnusable, Subject: "p", Since: dawn}
	for _, tt := range []struct {
		name   string
		matter access.Concern
		at     string
		err    error
		sent   int
	}{
		{"a page that another process sends", page, "-001-intent", taken, 0},
		{"what another process sends", calm, "-001-intent", taken, 0},
		{"a page, and the disk is full", page, "-001-intent", full, 1},
		{"the disk is full", calm, "-001-intent", full, 0},
		{"a page whose result is there", page, "-sent", taken, 1},
		{"a page whose result cannot be written", page, "-sent", full, 1},
		{"a result that cannot be written", calm, "-sent", full, 1},
	} {
		s := newSwitchboard(0)
		s.book.Open = []access.Concern{tt.matter}
		s.Rules.Channels["fax"], s.Channels["fax"], s.Rules.Tell[access.ForOnCall] = reconcile.ChannelTraits{}, &gate{}, []string{"chat", "fax"}
		s.Records = stuck{s.Records, tt.at, tt.err}
		p := s.send(t)
		if len(s.chat.asked) != tt.sent || errors.Is(p.Unrecorded, full) != (tt.err == full) || (p.Unrecorded != nil) != (tt.err == full) || len(p.Failed) != 0 || len(p.Sent) != tt.sent {
			t.Errorf("%s: the chat took %q, unrecorded %v, failed %+v, sent %d", tt.name, s.chat.asked, p.Unrecorded, p.Failed, len(p.Sent))
		}
	}
}

func TestARunThatIsStoppedBetweenTwoMessagesSendsNoOther(t *testing.T) {
	s := newSwitchboard(3)
	ctx, cancel := context.WithCancel(t.Context())
	s.pager.refuse = func(access.Message) error { cancel(); return nil }
	if p := s.Deliver(ctx, s.book); len(p.Sent) != 1 || !p.Cut || len(p.Failed) != 0 || len(s.outbox(t, "-intent")) != 1 {
		t.Errorf("%d were sent, cut %v, %d were begun", len(p.Sent), p.Cut, len(s.outbox(t, "-intent")))
	}
	s = newSwitchboard(1)
	ctx, cancel = context.WithCancel(t.Context())
	s.pager.refuse = func(access.Message) error { cancel(); return context.Canceled }
	if p := s.Deliver(ctx, s.book); !p.Cut || len(p.Failed) != 0 || len(s.outbox(t, "-intent")) != 1 {
		t.Errorf("cut %v, %d were begun", p.Cut, len(s.outbox(t, "-intent")))
	}
	s = newSwitchboard(1) // both are down, and the run is stopped meanwhile
	ctx, cancel = context.WithCancel(t.Context())
	s.pager.refuse = func(access.Message) error { return dead{} }
	s.Rules.Tell[access.ForOnCall] = []string{"pager"}
	s.Say = func(string, ...any) {}
	s.Rules.Escalate = nil
	s.Records = onEnd{s.Records, "-failed", cancel}
	if s.Deliver(ctx, s.book); len(s.pager.asked) != 1 || len(s.outbox(t, "-intent")) != 1 {
		t.Errorf("the pager was asked %d times, %d were begun", len(s.pager.asked), len(s.outbox(t, "-intent")))
	}
}

// onEnd does something once a record of that name is there.
type onEnd struct {
	jobs.Records
	name string
	do   func()
}

func (r onEnd) Create(name string, b []byte) error {
	if strings.Contains(name, r.name) {
		defer r.do()
	}
	return r.Records.Create(name, b)
}

func TestWhoHasSomethingInHandIsOnRecordUnlessItCannotBeWritten(t *testing.T) {
	s := newSwitchboard(1)
	if err := s.Ack("restore_failed/f-0", "dana"); err != nil {
		t.Fatal(err)
	}
	acks := s.outbox(t, "/ack-")
	if len(acks) != 1 || acks[0].Kind != access.NoticeAck || acks[0].By != "dana" || !acks[0].At.Equal(s.now) || !slices.Equal(acks[0].Concerns, []string{"restore_failed/f-0"}) {
		t.Errorf("%+v", acks)
	}
	if b, err := jobs.Book(s.book, s.Records, s.now); err != nil || b.Acked["restore_failed/f-0"].By != "dana" {
		t.Errorf("%+v: %v", b.Acked, err)
	}
	s.Records = stuck{s.Records, "/ack-", errDead}
	if err := s.Ack("restore_failed/f-0", "eve"); !errors.Is(err, errDead) || !strings.Contains(err.Error(), "write the record outbox/") {
		t.Errorf("%v", err)
	}
}
