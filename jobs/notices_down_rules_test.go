package jobs_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"rollcall/internal/access"
	"rollcall/reconcile"
)

func TestAChannelThatRefusesIsOnRecordAndTheNextOneIsTried(t *testing.T) {
	s := newSwitchboard(1)
	s.pager.refuse = func(access.Message) error { return errors.New("too long for us") }
	s.chat.refuse = s.pager.refuse
	p := s.send(t)
	failed := s.outbox(t, "-failed")
	if len(failed) < 2 || failed[0].Kind != access.NoticeFailed || failed[0].Channel != "pager" || failed[0].Last || failed[1].Channel != "chat" || !failed[1].Last || failed[1].Attempt != 2 || failed[1].Error != "too long for us" {
		t.Errorf("%+v", failed)
	}
	if len(p.Failed) != len(failed) || !p.Unreached || len(p.Sent) != 0 {
		t.Errorf("%+v", p)
	}
}

func TestAChannelIsDownWhenItSaysSoOrDoesNotAnswerInTime(t *testing.T) {
	for name, tt := range map[string]struct {
		err  error
		down bool
	}{"it says so": {dead{}, true}, "it says that it is not": {alive{}, false}, "no answer in time": {fmt.Errorf("post: %w", context.DeadlineExceeded), true}, "a refusal": {errDead, false}} {
		s := newSwitchboard(3)
		s.pager.refuse = func(access.Message) error { return tt.err }
		p := s.send(t)
		if passed := len(s.outbox(t, "-passed-")); (passed > 0) != tt.down || (len(s.pager.asked) == 1) != tt.down || len(p.Failed) != passed+len(s.outbox(t, "-failed")) {
			t.Errorf("%s: passed over %d times, asked %d times, %d failed", name, passed, len(s.pager.asked), len(p.Failed))
		}
		for _, r := range s.outbox(t, "-passed-") {
			if r.Last || r.Kind != access.NoticeFailed || r.Channel != "pager" {
				t.Errorf("%s: %+v", name, r)
			}
		}
	}
}

// alive is the error of a channel that would take another message.
type alive struct{}

func (alive) Error() string { return "not this one" }
func (alive) Down() bool    { return false }

// Of channels that are down each gets one more try, in their order, until one takes it.
func TestWhatIsStrandedGoesByTheFirstChannelThatIsBackAndByNoOther(t *testing.T) {
	s := newSwitchboard(1)
	tries := map[string]int{}
	first := func(name string) func(access.Message) error {
		return func(access.Message) error {
			if tries[name]++; tries[name] == 1 {
				return dead{}
			}
			return nil
		}
	}
	s.pager.refuse, s.chat.refuse = first("pager"), first("chat")
	if p := s.send(t); p.Unreached || !slices.Equal(s.pager.asked, []string{"restore_failed/f-0", "restore_failed/f-0", "channel_failing/chat"}) || tries["chat"] != 1 {
		t.Errorf("the pager was tried for %q, the chat %d times, unreached %v", s.pager.asked, tries["chat"], p.Unreached)
	}
	s = newSwitchboard(1)
	clear(tries)
	s.pager.refuse, s.chat.refuse = func(access.Message) error { return dead{} }, first("chat")
	if p := s.send(t); p.Unreached || len(s.pager.asked) != 2 || tries["chat"] < 2 || slices.Compact(s.chat.asked)[0] != "restore_failed/f-0" {
		t.Errorf("the pager was tried %d times, the chat %d, unreached %v", len(s.pager.asked), tries["chat"], p.Unreached)
	}
}

// What was refused for itself has had its turn: the one more try is for what waits.
func TestTheOneMoreTryOfAChannelIsForWhatItWasPassedOverFor(t *testing.T) {
	s := newSwitchboard(2)
	s.Rules.Tell[access.ForOnCall] = []string{"pager"}
	s.pager.refuse = func(m access.Message) error {
		if strings.HasSuffix(m.Key, "f-0") {
			return errDead
		}
		return dead{}
	}
	if s.send(t); !slices.Equal(s.pager.asked, []string{"restore_failed/f-0", "restore_failed/f-1", "restore_failed/f-1"}) {
		t.Errorf("the pager was asked for %q", s.pager.asked)
	}
}

func TestAChannelWithoutItsSecretOrWithoutAnAddressIsPassedToTheNextOne(t *testing.T) {
	s := newSwitchboard(1)
	delete(s.Channels, "pager")
	p := s.send(t)
	if len(p.Failed) < 1 || !strings.Contains(p.Failed[0].Error, "its secret is not there") || len(s.chat.asked) < 1 {
		t.Errorf("%+v, the chat took %q", p.Failed, s.chat.asked)
	}
	for mail, reaches := range map[string]bool{"": false, "desk@example.test": true} {
		s = newSwitchboard(1)
		s.Rules.Channels["pager"] = reconcile.ChannelTraits{Wakes: true, Addressed: true}
		s.Rules.Contacts = []access.Contact{{Responsibility: "on_call", Name: "Desk", BusinessHours: mail}}
		p = s.send(t)
		if (len(s.pager.asked) == 1) != reaches || !reaches && !strings.Contains(p.Failed[0].Error, "there is no e-mail address for on_call") || (len(p.Failed) == 0) != reaches {
			t.Errorf("%q: the pager took %q, failed %+v", mail, s.pager.asked, p.Failed)
		}
	}
}
