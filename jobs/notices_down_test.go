package jobs_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/internal/access"
	"rollcall/jobs"
	"rollcall/reconcile"
	"rollcall/reports/archive/storetest"
)

// gate is a channel that takes a message or not as a test has it, without a network.
type gate struct {
	refuse func(access.Message) error // nil: it takes all
	asked  []string                   // titles
}

func (g *gate) Send(ctx context.Context, m access.Message) (string, error) {
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	g.asked = append(g.asked, m.Key)
	if g.refuse != nil {
		return "ok", g.refuse(m)
	}
	return "ok", nil
}

// dead is the error of a channel that takes nothing from anybody.
type dead struct{}

func (dead) Error() string { return "nothing listens there" }
func (dead) Down() bool    { return true }

// switchboard is a post with three matters that page, and channels without a network.
type switchboard struct {
	*jobs.Post
	book        access.NoticeBook
	pager, chat *gate
	now         time.Time
}

func newSwitchboard(matters int) *switchboard {
	s := &switchboard{pager: &gate{}, chat: &gate{}, now: dawn}
	for n := range matters {
		s.book.Open = append(s.book.Open, access.Concern{Kind: reconcile.NoticeRestoreFailed, Subject: fmt.Sprintf("f-%d", n), Since: dawn, SeenIn: "run-1", Open: []string{"x"}})
	}
	s.Post = &jobs.Post{Records: &storetest.Memory{}, Now: func() time.Time { return s.now }, Say: func(string, ...any) {},
		Channels: map[string]jobs.Channel{"pager": s.pager, "chat": s.chat},
		Rules: reconcile.NoticeRules{Channels: map[string]reconcile.ChannelTraits{"pager": {Wakes: true}, "chat": {}},
			Tell: map[access.Audience][]string{access.ForOnCall: {"pager", "chat"}}}}
	return s
}

// send delivers what is due, as the next process does.
func (s *switchboard) send(t *testing.T) jobs.Posted {
	t.Helper()
	return s.Deliver(t.Context(), s.book)
}

func TestAChannelThatIsDownIsTriedForOneMessageOfARunAndTheOthersGoByTheNext(t *testing.T) {
	s := newSwitchboard(5)
	s.pager.refuse = func(access.Message) error { return fmt.Errorf("page: %w", dead{}) }
	p := s.send(t)
	if len(s.pager.asked) != 1 {
		t.Errorf("a pager that is down was tried %d times in one run", len(s.pager.asked))
	}
	if len(s.chat.asked) != 6 || p.Unreached { // the five, and that the pager does not work
		t.Errorf("the chat took %q, unreached %v", s.chat.asked, p.Unreached)
	}
	passed := 0
	for _, r := range p.Failed {
		if r.Channel == "pager" && strings.Contains(r.Error, "passed over") && strings.Contains(r.Error, "nothing listens there") {
			passed++
		}
	}
	if passed != 5 {
		t.Errorf("the record says %d times why the pager was passed over: %+v", passed, p.Failed)
	}
	s.pager.refuse, s.pager.asked = nil, nil
	s.book.Open = append(s.book.Open, access.Concern{Kind: reconcile.NoticeRestoreFailed, Subject: "f-9", Since: dawn, SeenIn: "run-1", Open: []string{"x"}})
	s.now = s.now.Add(10 * time.Minute)
	if s.send(t); !slices.Contains(s.pager.asked, "restore_failed/f-9") {
		t.Errorf("the next run does not try the pager again: %q", s.pager.asked)
	}
}

func TestAMessageThatIsRefusedIsNoChannelThatIsDown(t *testing.T) {
	s := newSwitchboard(4)
	s.pager.refuse = func(m access.Message) error {
		if strings.HasSuffix(m.Key, "f-0") {
			return errors.New("too long for us")
		}
		return nil
	}
	s.send(t)
	if len(s.pager.asked) != 4 {
		t.Errorf("the pager was asked for %q", s.pager.asked)
	}
}

func TestWhatNoOtherChannelTakesIsTriedOnceMoreByTheOneThatWasDown(t *testing.T) {
	s := newSwitchboard(4)
	s.Rules.Tell[access.ForOnCall] = []string{"pager"}
	tries := 0
	s.pager.refuse = func(access.Message) error {
		if tries++; tries == 1 { // it comes back while the run is at it
			return dead{}
		}
		return nil
	}
	if p := s.send(t); p.Unreached {
		t.Errorf("somebody could not be told although the pager works again: %q", s.pager.asked)
	}
	s = newSwitchboard(4)
	s.Rules.Tell[access.ForOnCall] = []string{"pager"}
	s.pager.refuse = func(access.Message) error { return dead{} }
	if p := s.send(t); !p.Unreached || len(s.pager.asked) != 2 {
		t.Errorf("a pager that stays down was tried %d times, unreached %v", len(s.pager.asked), p.Unreached)
	}
	s.pager.refuse, s.pager.asked, s.now = nil, nil, s.now.Add(31*time.Minute)
	if p := s.send(t); p.Unreached || len(s.pager.asked) < 4 {
		t.Errorf("half an hour later the pager was asked for %q, unreached %v", s.pager.asked, p.Unreached)
	}
}

func TestARunWhoseTimeIsOverBlamesNoChannelAndTheNextSendsTheRest(t *testing.T) {
	s := newSwitchboard(3)
	ctx, cancel := context.WithCancel(t.Context())
	s.pager.refuse = func(access.Message) error { cancel(); return context.Canceled }
	p := s.Deliver(ctx, s.book)
	if len(p.Failed) != 0 || len(s.chat.asked) != 0 || p.Err() == nil || !strings.Contains(p.Err().Error(), "the time was over") {
		t.Errorf("%+v, the chat took %q: %v", p.Failed, s.chat.asked, p.Err())
	}
	s.pager.refuse, s.pager.asked, s.now = nil, nil, s.now.Add(reconcile.InFlight+time.Minute)
	if p := s.send(t); p.Err() != nil || len(s.pager.asked) != 3 {
		t.Errorf("the next run sent %q: %v", s.pager.asked, p.Err())
	}
}
