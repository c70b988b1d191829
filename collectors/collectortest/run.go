package collectortest

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"rollcall/internal/sandbox/faults"
)

// prompt is how soon a cancelled collector has to be back.
const prompt = 5 * time.Second

// Run holds a collector to the suite.
func Run(t *testing.T, s Suite) {
	if s.PageSize == 0 {
		s.PageSize = 1
	}
	if s.Faults == nil {
		s.Faults = Common()
	}
	leaks := append([]goleak.Option{goleak.IgnoreCurrent()}, s.Leaks...)
	t.Run("many pages equal one page", s.pages)
	t.Run("two runs give equal observations", s.twice)
	t.Run("only reads are sent", s.readsOnly)
	t.Run("a cancelled run comes back at once", s.cancelled)
	t.Run("what was read before the time was up counts, and nothing else", s.overtime)
	for _, f := range s.Faults {
		t.Run("no fault shortens what is complete/"+f.Name, func(t *testing.T) { s.fault(t, f) })
	}
	if err := goleak.Find(leaks...); err != nil {
		t.Errorf("goroutines are left behind: %v", err)
	}
}

func (s Suite) pages(t *testing.T) {
	large := s.start(t, 0, patient)
	want := large.collect(t)
	for _, size := range slices.Compact([]int{1, s.PageSize}) {
		small := s.start(t, size, patient)
		got := small.collect(t)
		if len(large.distinct()) >= len(small.distinct()) {
			t.Errorf("%d requests in pages of %d, %d in large ones: the page size has no effect", len(small.distinct()), size, len(large.distinct()))
		}
		if d := cmp.Diff(timeless(want, true), timeless(got, true)); d != "" {
			t.Errorf("pages of %d give another observation (-large +small):\n%s", size, d)
		}
	}
}

func (s Suite) twice(t *testing.T) {
	b := s.start(t, s.PageSize, patient)
	if d := cmp.Diff(timeless(b.collect(t), false), timeless(b.collect(t), false)); d != "" {
		t.Errorf("the second run differs:\n%s", d)
	}
}

func (s Suite) readsOnly(t *testing.T) {
	b := s.start(t, s.PageSize, patient)
	b.collect(t)
	if wrote := b.wrote(); len(wrote) > 0 {
		t.Errorf("a collector wrote: %q", wrote)
	}
}

// cancelled lets the context end before the run, and while an answer hangs:
// before its first byte or, of every other request, in the middle of its body.
func (s Suite) cancelled(t *testing.T) {
	b := s.start(t, s.PageSize, patient)
	b.collect(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s.back(t, b, ctx, "before it began")
	for n, key := range b.distinct() {
		ctx, cancel := context.WithCancel(t.Context())
		kind := []faults.Kind{faults.Slow, faults.Stall}[n%2]
		b.injector.Clear()
		b.injector.Add(faults.Rule{Kind: kind, Delay: 10 * prompt, Match: func(r *http.Request) bool {
			if b.key(r) != key {
				return false
			}
			cancel()
			return true
		}})
		s.back(t, b, ctx, "at "+key)
		cancel()
		b.injector.Clear() // an SDK may finish one request for all, such as that of its credentials
	}
}

// back runs a collector whose context ends, and wants it back.
func (s Suite) back(t *testing.T, b *bench, ctx context.Context, when string) {
	t.Helper()
	began := time.Now()
	_, err := b.New(t, b.env).Collect(ctx)
	if err == nil {
		t.Errorf("cancelled %s, and no error", when)
	}
	if took := time.Since(began); took > prompt {
		t.Errorf("cancelled %s, and back only after %s", when, took)
	}
}

// deadlined is a context whose deadline comes when a test says so.
type deadlined struct {
	context.Context
	over chan struct{}
}

func (d deadlined) Done() <-chan struct{} { return d.over }

func (d deadlined) Err() error {
	select {
	case <-d.over:
		return context.DeadlineExceeded
	default:
		return nil
	}
}

// overtime lets the time be up at every single request, which then hangs: what
// the collector calls complete has to be the truth, and there has to be some.
func (s Suite) overtime(t *testing.T) {
	b := s.start(t, s.PageSize, patient)
	want := b.collect(t)
	partly := 0
	for _, key := range b.distinct() {
		ctx, once := deadlined{t.Context(), make(chan struct{})}, sync.Once{}
		b.injector.Clear()
		b.injector.Add(faults.Rule{Kind: faults.Slow, Delay: 10 * prompt, Match: func(r *http.Request) bool {
			if b.key(r) != key {
				return false
			}
			once.Do(func() { close(ctx.over) })
			return true
		}})
		began := time.Now()
		obs, err := b.New(t, b.env).Collect(ctx)
		b.injector.Clear()
		if took := time.Since(began); took > prompt {
			t.Errorf("out of time at %s, and back only after %s", key, took)
		}
		if err != nil {
			continue // nothing is claimed
		}
		if problem := Compare(want, obs); problem != "" {
			t.Errorf("out of time at %q: %s", key, problem)
		}
		whole := 0
		for _, r := range obs.Reads {
			if r.Complete {
				whole++
			}
		}
		if whole == len(obs.Reads) {
			t.Errorf("out of time at %q, and everything is called complete", key)
		}
		if whole > 0 {
			partly++
		}
	}
	if partly == 0 {
		t.Error("what had been read was never kept")
	}
}
