package main

import (
	"path/filepath"
	"testing"
	"time"

	"rollcall/internal/phrase"
	"rollcall/internal/sandbox/fakeokta"
)

// off lets the clock of this machine be wrong while something is done. The systems
// have clocks of their own.
func (w *townsfolk) off(by time.Duration, do func(*tick)) {
	wrong := &tick{now: w.clock.Now().Add(by)}
	do(wrong)
}

// by plays a command by another clock.
func (w *townsfolk) by(clock *tick, args ...string) ran {
	w.t.Helper()
	return play(w.t.Context(), clock, nil, append([]string{args[0], "--config", filepath.Join(w.dir, "rollcall.yaml")}, args[1:]...)...)
}

func TestByAClockThatIsADayAheadNobodyIsBlockedOrRemovedEarlyAndNothingIsRecorded(t *testing.T) {
	w := blockedForDays(t, fakeokta.Options{}) // leo is due tomorrow
	w.leave("mia")
	runs := w.runs()
	w.quiet()
	w.off(24*time.Hour, func(ahead *tick) {
		for _, command := range []string{"nightly", "plan", "sweep"} {
			w.want(w.by(ahead, command), exitAborted, "the clock of this machine said 2041-03-07 01:00 UTC when that of", "said 2041-03-06 01:00 UTC", "nothing is changed by it: set the clock")
		}
	})
	if w.sent() > 0 || w.runs() != runs {
		t.Errorf("%d changes were sent, and %d runs were recorded", w.sent(), w.runs()-runs)
	}
	w.want(w.night("nightly"), exitDone, "deactivate leo@example.test in okta: done")
	w.blocked("mia")
	w.verified()
}

func TestByAClockThatIsAnHourBackNothingIsRecordedBeforeWhatIsThere(t *testing.T) {
	w := leoLeft(t, fakeokta.Options{})
	w.clock.pass(24 * time.Hour)
	w.off(-time.Hour, func(back *tick) {
		w.want(w.by(back, "nightly"), exitAborted, "set the clock")
	})
	w.untouched("leo")
	w.want(w.now("nightly"), exitDone)
	w.blocked("leo")
	w.verified()
}

func TestAFewMinutesOffAreBorne(t *testing.T) {
	for _, by := range []time.Duration{-5 * time.Minute, 5 * time.Minute} {
		w := leoLeft(t, fakeokta.Options{})
		w.clock.pass(24 * time.Hour)
		w.off(by, func(near *tick) { w.want(w.by(near, "nightly"), exitDone) })
		w.blocked("leo")
	}
}

func TestAWSTellsOfAWrongClockToo(t *testing.T) {
	for _, by := range []time.Duration{24 * time.Hour, -time.Hour} {
		w := leoLeft(t, fakeokta.Options{})
		w.aws.TellTime()
		w.clock.pass(24 * time.Hour)
		w.off(by, func(wrong *tick) {
			w.want(w.by(wrong, "nightly"), exitAborted, "when that of aws said "+phrase.Minute(w.clock.Now()), "set the clock")
		})
		w.untouched("leo")
		w.want(w.now("nightly"), exitDone)
		w.blocked("leo")
	}
}
