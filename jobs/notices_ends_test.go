package jobs_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/internal/access"
	"rollcall/reconcile"
)

func TestASweepWithoutNewsCuresAtOnceWhatAnAbortedOneOpened(t *testing.T) {
	s := newSwitchboard(0)
	aborted := func(id access.RunID, trigger string) access.Run {
		return access.Run{ID: id, Trigger: trigger, StartedAt: s.now}
	}
	s.Aborted(t.Context(), s.book, aborted("sweep-1", "sweep"), errors.New("disk full"))
	s.Aborted(t.Context(), s.book, aborted("night-1", "nightly"), errors.New("disk full"))
	s.pager.asked = nil
	s.now = s.now.Add(5 * time.Minute)
	s.Finished(t.Context(), s.book, "sweep")
	if want := []string{"run_aborted/sweep-sweep-1"}; !slices.Equal(s.pager.asked, want) {
		t.Errorf("the pager took %q, want that %q is cured", s.pager.asked, want)
	}
	s.pager.asked = nil
	if p := s.Finished(t.Context(), s.book, "sweep"); len(s.pager.asked) > 0 || len(p.Book.Open) == 0 {
		t.Errorf("once more: %q", s.pager.asked)
	}
}

func TestASweepThatIsAbortedAgainIsTheMatterThatIsOpen(t *testing.T) {
	s := newSwitchboard(0)
	for n := range 3 {
		s.Aborted(t.Context(), s.book, access.Run{ID: access.RunID("sweep-" + string(rune('1'+n))), Trigger: "sweep", StartedAt: s.now}, errors.New("disk full"))
		s.now = s.now.Add(5 * time.Minute)
	}
	if want := []string{"run_aborted/sweep-sweep-1"}; !slices.Equal(s.pager.asked, want) {
		t.Errorf("the pager took %q, want %q", s.pager.asked, want)
	}
}

func TestWhatCannotBeReadIsToldAndNothingThatMayBeCuredByNow(t *testing.T) {
	s := newSwitchboard(0)
	s.Aborted(t.Context(), s.book, access.Run{ID: "apply-1", Trigger: "apply", StartedAt: s.now}, errors.New("disk full"))
	s.pager.asked, s.now = nil, s.now.Add(40*time.Minute)
	run := access.Run{ID: "n-1", Trigger: access.TriggerNotices, StartedAt: s.now}
	if p := s.Unread(t.Context(), run, errors.New("no such bucket")); p.Unreached || !slices.Equal(s.pager.asked, []string{"run_aborted/notices-n-1"}) {
		t.Errorf("the pager took %q: %v", s.pager.asked, p.Err())
	}
	s.now = s.now.Add(10 * time.Minute)
	run.ID, run.StartedAt = "n-2", s.now
	if s.Unread(t.Context(), run, errors.New("no such bucket")); len(s.pager.asked) != 1 {
		t.Errorf("ten minutes later it is told again: %q", s.pager.asked)
	}
	s.now = s.now.Add(10 * time.Minute)
	s.send(t)
	if last := s.pager.asked[1:]; !slices.Contains(last, "run_aborted/notices-n-1") || !slices.ContainsFunc(last, func(k string) bool { return strings.Contains(k, "apply") }) {
		t.Errorf("it can be read again, and the pager took %q", last)
	}
	if b := reconcile.Finished(s.book, access.TriggerNotices, s.now); len(b) > 0 {
		t.Errorf("%+v", b)
	}
}
