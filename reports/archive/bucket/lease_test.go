package bucket

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"rollcall/internal/sandbox/fakes3"
	"rollcall/internal/sandbox/faults"
)

// wall is the store's own clock, which a test moves.
type wall struct {
	mu  sync.Mutex
	now time.Time
}

func (w *wall) Now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *wall) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// leased is a store with a clock of its own, years away from this machine's.
func leased(t *testing.T) (store, *wall) {
	w := &wall{now: time.Date(2031, 5, 1, 2, 0, 0, 0, time.UTC)}
	return newStore(t, fakes3.Options{Now: w.Now}, nil), w
}

// take takes the lease; what it says goes to said.
func take(t *testing.T, b *Bucket, who string, lasts time.Duration) (l *Lease, said func() string, err error) {
	t.Helper()
	var mu sync.Mutex
	var all []string
	l, err = b.Take(t.Context(), Holder{Who: who, Host: "h", PID: 7}, lasts, func(format string, args ...any) {
		mu.Lock()
		defer mu.Unlock()
		all = append(all, fmt.Sprintf(format, args...))
	})
	return l, func() string {
		mu.Lock()
		defer mu.Unlock()
		return strings.Join(all, "\n")
	}, err
}

// takes is take where nothing is in the way.
func takes(t *testing.T, b *Bucket, who string, lasts time.Duration) (l *Lease, said func() string) {
	t.Helper()
	l, said, err := take(t, b, who, lasts)
	if err != nil {
		t.Fatalf("%v, said %q", err, said())
	}
	return l, said
}

// isFree fails unless the lease is there for the next one, of whom nobody was in the way.
func isFree(t *testing.T, b *Bucket) {
	t.Helper()
	next, said := takes(t, b, "the next one", LeaseTime)
	if said() != "" {
		t.Errorf("said %q", said())
	}
	next.Release()
}

// die ends a holder as SIGKILL does: nothing is renewed or given back.
func (l *Lease) die() {
	l.stop()
	<-l.ended
}

func TestTheLeaseIsHeldByOneAndNamesTheHolder(t *testing.T) {
	s, _ := leased(t)
	first, _ := takes(t, s.Bucket, "nightly by ci@runner-1, process 7", LeaseTime)
	if _, _, err := take(t, s.Bucket, "sweep", LeaseTime); !errors.Is(err, ErrHeld) || !strings.Contains(err.Error(), "nightly by ci@runner-1, process 7") {
		t.Errorf("a second one was told %v", err)
	}
	if err := first.Outlasts(LeaseTime / 2); err != nil {
		t.Error(err)
	}
	first.Release()
	isFree(t, s.Bucket)
}

func TestTheLeaseOfARunThatDiedIsTakenOverWhenItIsOverAndThatIsTold(t *testing.T) {
	s, clock := leased(t)
	dead, _ := takes(t, s.Bucket, "nightly by ci@runner-1", LeaseTime)
	dead.die()
	clock.pass(LeaseTime)
	if _, _, err := take(t, s.Bucket, "nightly", LeaseTime); !errors.Is(err, ErrHeld) {
		t.Errorf("before it was surely over: %v", err)
	}
	clock.pass(slack)
	next, said := takes(t, s.Bucket, "nightly by ci@runner-2", LeaseTime)
	if !strings.Contains(said(), "the lease of nightly by ci@runner-1 was not given back") {
		t.Errorf("said %q", said())
	}
	defer next.Release()
	if err := dead.write(t.Context(), dead.tag()); !taken(err) || !dead.failing(err) || dead.Outlasts(0) == nil {
		t.Errorf("the one that was thought dead woke up and was told %v", err)
	}
}

func TestOfManyRunnersThatFindAStaleLeaseOneTakesIt(t *testing.T) {
	s, clock := leased(t)
	dead, _ := takes(t, s.Bucket, "dead", LeaseTime)
	dead.die()
	clock.pass(LeaseTime + slack)
	var wg sync.WaitGroup
	won := make(chan *Lease, 10)
	for n := range cap(won) {
		wg.Go(func() {
			l, _, err := take(t, s.Bucket, fmt.Sprint("runner ", n), LeaseTime)
			if err == nil {
				won <- l
			} else if !errors.Is(err, ErrHeld) {
				t.Errorf("runner %d: %v", n, err)
			}
		})
	}
	wg.Wait()
	if len(won) != 1 {
		t.Fatalf("%d runners took it", len(won))
	}
	(<-won).Release()
}

func TestTheClocksOfTheRunnersDoNotMatter(t *testing.T) {
	s, _ := leased(t)
	s.cfg.Now = func() time.Time { return time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC) }
	l, _ := takes(t, s.Bucket, "slow clock", LeaseTime)
	defer l.Release()
	s.cfg.Now = func() time.Time { return time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC) }
	if _, _, err := take(t, s.Bucket, "fast clock", LeaseTime); !errors.Is(err, ErrHeld) {
		t.Errorf("a runner with another clock was told %v", err)
	}
}

func TestALeaseIsRenewedUntilItIsGivenBack(t *testing.T) {
	s, _ := leased(t)
	const lasts = 8 * time.Second // renewed each second
	l, _ := takes(t, s.Bucket, "nightly", lasts)
	written := func() int { return len(s.s3.Versions("archive/" + leaseName)) }
	each := time.NewTicker(50 * time.Millisecond)
	defer each.Stop()
	for begun := time.Now(); written() < 4 && time.Since(begun) < time.Minute; <-each.C {
		if err := l.Outlasts(lasts / 4); err != nil {
			t.Fatal(err)
		}
	}
	l.Release()
	if n := written(); n < 5 {
		t.Errorf("it was written %d times", n)
	}
	if got, err := s.List(""); err != nil || len(got) != 0 {
		t.Errorf("the lease counts as part of the archive: %v, %v", got, err)
	}
}

func TestALeaseThatCannotBeRenewedStopsBeforeSomebodyElseCanHaveIt(t *testing.T) {
	s, _ := leased(t)
	const lasts, need = 2 * time.Second, time.Second
	l, said := takes(t, s.Bucket, "nightly", lasts)
	s.faults.Add(faults.Rule{Match: puts, Kind: faults.Refuse, Refuse: slowDown})
	var err error
	since := time.Now()
	each := time.NewTicker(20 * time.Millisecond)
	defer each.Stop()
	for ; ; <-each.C {
		passed := time.Since(since)
		if err = l.Outlasts(need); err != nil {
			break
		}
		if passed > lasts-need {
			t.Fatalf("it is relied on after %s", passed)
		}
	}
	if !strings.Contains(err.Error(), "could not be renewed") || !strings.Contains(said(), "could not be renewed") {
		t.Errorf("it says %v, and said %q", err, said())
	}
	l.Release()
	if !strings.Contains(said(), "could not be given back") {
		t.Errorf("said %q", said())
	}
}

func TestALeaseWhoseAnswerIsLostIsStillOurs(t *testing.T) {
	s, _ := leased(t)
	s.faults.Add(faults.Rule{Match: puts, Kind: faults.CloseAfterWork, Times: 1})
	l, _ := takes(t, s.Bucket, "nightly", LeaseTime)
	s.faults.Add(faults.Rule{Match: puts, Kind: faults.CloseAfterWork, Times: 1})
	if err := l.write(t.Context(), l.tag()); err != nil {
		t.Errorf("renew: %v", err)
	}
	s.faults.Add(faults.Rule{Match: puts, Kind: faults.CloseAfterWork, Times: 1})
	l.Release()
	isFree(t, s.Bucket)
}

func TestWhoLosesTheRaceForALeaseIsToldThatItIsHeld(t *testing.T) {
	s, _ := leased(t)
	s.faults.Add(faults.Rule{Match: puts, Times: 1, Kind: faults.Refuse, Refuse: conflict})
	if _, _, err := take(t, s.Bucket, "sweep", LeaseTime); !errors.Is(err, ErrHeld) {
		t.Errorf("it was told %v", err)
	}
}

func TestALeaseThatSomebodyDeletedIsLost(t *testing.T) {
	s, _ := leased(t)
	l, _ := takes(t, s.Bucket, "nightly", LeaseTime)
	s.s3.ServeHTTP(discard{}, remove(t, "/evidence/archive/"+leaseName))
	if err := l.write(t.Context(), l.tag()); err == nil || !l.failing(err) || l.Outlasts(0) == nil {
		t.Errorf("renewing it: %v, and it is relied on: %v", err, l.Outlasts(0))
	}
	l.die()
}

func TestWhatIsNoLeaseIsNotTakenOver(t *testing.T) {
	s, clock := leased(t)
	put, err := http.NewRequestWithContext(t.Context(), http.MethodPut, "http://s3/evidence/archive/"+leaseName, strings.NewReader(`{"holder":`))
	if err != nil {
		t.Fatal(err)
	}
	s.s3.ServeHTTP(discard{}, put)
	clock.pass(24 * time.Hour)
	if _, _, err := take(t, s.Bucket, "nightly", LeaseTime); err == nil || errors.Is(err, ErrHeld) || !strings.Contains(err.Error(), "then delete it") {
		t.Errorf("it was told %v", err)
	}
}

func remove(t *testing.T, path string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, "http://s3"+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// discard is an answer that nobody reads.
type discard struct{}

func (discard) Header() http.Header         { return http.Header{} }
func (discard) Write(b []byte) (int, error) { return len(b), nil }
func (discard) WriteHeader(int)             {}
