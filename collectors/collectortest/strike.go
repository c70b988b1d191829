package collectortest

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/faults"
)

// Answers that never end cost a timeout each, so that they are tried side by
// side, with a short one.
const (
	hasty  = 150 * time.Millisecond
	beside = 16
)

// fault lets every single request go wrong, once and for ever; with -short one of eight,
// not the same ones for each fault, and the others only if those prove nothing.
func (s Suite) fault(t *testing.T, f Fault) {
	drawn := func(n int) bool { return !testing.Short() || n%8 == len(f.Name)%8 }
	sum := s.strikes(t, f, drawn)
	if testing.Short() && sum.proves(f) != "" {
		sum.add(s.strikes(t, f, func(n int) bool { return !drawn(n) }))
	}
	t.Log(sum)
	if problem := sum.proves(f); problem != "" {
		t.Error(problem)
	}
}

// strikes plays a run for each request that is drawn, by its number, with that request disturbed.
func (s Suite) strikes(t *testing.T, f Fault, drawn func(n int) bool) tally {
	timeout, workers := patient, 1
	if f.Rule.Kind == faults.Stall {
		timeout, workers = hasty, beside
		f.Rule.Delay = 10 * prompt
	}
	keys := make(chan string)
	tallies := make(chan tally, workers)
	var all []string
	for range workers {
		b := s.start(t, s.PageSize, patient)
		want := b.collect(t) // each its own: answers hold the server's address
		all, b.env.Timeout = b.distinct(), timeout
		go func() {
			var sum tally
			defer func() { tallies <- sum }() // also when New ends the test
			for key := range keys {
				sum.add(b.strike(t, f, key, want))
			}
			if wrote := b.wrote(); len(wrote) > 0 {
				t.Errorf("disturbed, the collector wrote: %q", wrote)
			}
		}()
	}
	for n, key := range all {
		if drawn(n) {
			keys <- key
		}
	}
	close(keys)
	var sum tally
	for range workers {
		sum.add(<-tallies)
	}
	return sum
}

// tally counts what came of one fault.
type tally struct {
	altered         int // answers that were not what they would have been
	whole, gap, err int // runs by how they ended: all complete, with gaps, with an error
}

func (s *tally) add(o tally) {
	s.altered += o.altered
	s.whole += o.whole
	s.gap += o.gap
	s.err += o.err
}

func (s tally) String() string {
	return fmt.Sprintf("%d answers altered; %d runs were complete all the same, %d had gaps, %d ended with an error", s.altered, s.whole, s.gap, s.err)
}

// proves says why a tally proves nothing, or "".
func (s tally) proves(f Fault) string {
	switch cost := s.gap + s.err; {
	case s.altered == 0:
		return f.Name + " altered no answer, so it proved nothing"
	case f.Harmless && cost > 0:
		return f.Name + " says the same in other words, and cost a certificate"
	case !f.Harmless && cost == 0:
		return f.Name + " cost nothing, however often it struck, so it is not what it is meant to be"
	}
	return ""
}

// strike lets one request go wrong, once and then for ever, and judges what a
// fresh collector claims.
func (b *bench) strike(t *testing.T, f Fault, key string, want access.Observation) (sum tally) {
	often := []int{1, 0}
	if f.Onwards {
		often = often[1:]
	}
	for _, times := range often {
		rule := f.Rule
		rule.Times, rule.Match = times, b.at(key, f.Onwards)
		b.injector.Clear()
		fired := b.injector.Add(rule)
		obs, err := b.New(t, b.env).Collect(t.Context())
		sum.altered += b.injector.Altered()
		b.injector.Clear()
		// A hasty run on a busy machine may give up an honest answer before it
		// comes to this request; what it claims is judged all the same.
		if fired() == 0 && b.env.Timeout == patient {
			t.Errorf("nothing asked for %q again, so the fault proved nothing", key)
		}
		switch {
		case err != nil: // nothing is claimed
			sum.err++
			continue
		case slices.ContainsFunc(obs.Reads, func(r access.Read) bool { return !r.Complete }):
			sum.gap++
		default:
			sum.whole++
		}
		if problem := Compare(want, obs); problem != "" {
			t.Errorf("%s (times %d) on %q: %s", f.Name, times, key, problem)
		}
	}
	return sum
}

// at matches one request or, onwards, everything from it on. The injector asks
// under its lock.
func (b *bench) at(key string, onwards bool) func(*http.Request) bool {
	struck := false
	return func(r *http.Request) bool {
		here := b.key(r) == key
		struck = struck || here
		return here || (onwards && struck)
	}
}
