package collectortest

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"rollcall/internal/access"
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
	for _, f := range s.Faults {
		t.Run("no fault shortens what is complete/"+f.Name, func(t *testing.T) { s.fault(t, f) })
	}
	if err := goleak.Find(leaks...); err != nil {
		t.Errorf("goroutines are left behind: %v", err)
	}
}

// collect runs a fresh collector undisturbed.
func (b *bench) collect(t *testing.T) access.Observation {
	t.Helper()
	obs, err := b.New(t, b.env).Collect(t.Context())
	if err != nil {
		t.Fatalf("collect undisturbed: %v", err)
	}
	for _, r := range obs.Reads {
		if !r.Complete {
			t.Fatalf("undisturbed, and yet %s has a gap: %s", r.Name(), r.Gap)
		}
	}
	if len(obs.Accounts) < 2 || len(obs.Grants) == 0 {
		t.Fatalf("the population is too small to prove anything: %d accounts, %d grants", len(obs.Accounts), len(obs.Grants))
	}
	return obs
}

func (s Suite) pages(t *testing.T) {
	few, many := s.start(t, 0), s.start(t, s.PageSize)
	one, other := few.collect(t), many.collect(t)
	if len(few.distinct()) >= len(many.distinct()) {
		t.Errorf("%d requests in small pages, %d in large ones: the page size has no effect", len(many.distinct()), len(few.distinct()))
	}
	if d := cmp.Diff(timeless(one, true), timeless(other, true)); d != "" {
		t.Errorf("small pages give another observation (-large +small):\n%s", d)
	}
}

func (s Suite) twice(t *testing.T) {
	b := s.start(t, s.PageSize)
	if d := cmp.Diff(timeless(b.collect(t), false), timeless(b.collect(t), false)); d != "" {
		t.Errorf("the second run differs:\n%s", d)
	}
}

func (s Suite) readsOnly(t *testing.T) {
	b := s.start(t, s.PageSize)
	b.collect(t)
	if len(b.writes) > 0 {
		t.Errorf("a collector wrote: %q", b.writes)
	}
}

// cancelled lets requests hang and the context end.
func (s Suite) cancelled(t *testing.T) {
	b := s.start(t, s.PageSize)
	b.collect(t)
	keys := b.distinct()
	for _, key := range []string{keys[0], keys[len(keys)/2], keys[len(keys)-1]} {
		ctx, cancel := context.WithCancel(t.Context())
		b.injector.Clear()
		b.injector.Add(faults.Rule{Kind: faults.Slow, Delay: 10 * prompt, Match: func(r *http.Request) bool {
			if b.key(r) != key {
				return false
			}
			cancel()
			return true
		}})
		began := time.Now()
		_, err := b.New(t, b.env).Collect(ctx)
		if err == nil {
			t.Errorf("cancelled at %q, and no error", key)
		}
		if took := time.Since(began); took > prompt {
			t.Errorf("cancelled at %q, and back only after %s", key, took)
		}
		cancel()
	}
}

// fault lets every single request go wrong, once and for ever.
func (s Suite) fault(t *testing.T, f Fault) {
	b := s.start(t, s.PageSize)
	want := b.collect(t)
	for _, key := range b.distinct() {
		for _, times := range []int{1, 0} {
			rule := f.Rule
			rule.Times = times
			rule.Match = func(r *http.Request) bool { return b.key(r) == key }
			b.injector.Clear()
			fired := b.injector.Add(rule)
			obs, err := b.New(t, b.env).Collect(t.Context())
			b.injector.Clear()
			if fired() == 0 {
				t.Errorf("nothing asked for %q again, so the fault proved nothing", key)
			}
			if err != nil {
				continue // nothing is claimed
			}
			if problem := Compare(want, obs); problem != "" {
				t.Fatalf("%s (times %d) on %q: %s", f.Name, times, key, problem)
			}
		}
	}
}

// Compare says what an observation claims wrongly, want being the truth:
// complete reads have all their accounts and grants, and an observation that
// is complete in all its reads is the truth. Who called, and what notes say, is
// left to the collector's own tests: a credential may not know itself.
func Compare(want, got access.Observation) string {
	if len(got.Reads) == 0 {
		return "it has no reads"
	}
	incomplete := 0
	for _, r := range got.Reads {
		switch {
		case !r.Complete && r.Gap == "":
			return r.Name() + " is incomplete and does not say why"
		case r.Complete && r.Gap != "":
			return r.Name() + " is complete and has a gap: " + r.Gap
		case !r.Complete:
			incomplete++
			continue
		}
		if d := cmp.Diff(holdings(want, r), holdings(got, r)); d != "" {
			return fmt.Sprintf("%s is called complete and is not (-truth +claimed):\n%s", r.Name(), d)
		}
	}
	if incomplete > 0 {
		return ""
	}
	if d := cmp.Diff(facts(want), facts(got)); d != "" {
		return "everything is called complete and differs (-truth +claimed):\n" + d
	}
	return ""
}

func facts(o access.Observation) access.Observation {
	o = timeless(o, false)
	for i := range o.Reads {
		o.Reads[i].Caller = ""
	}
	o.Self, o.Notes = nil, nil
	return o
}

// holdings are the records and, by name, the accounts and grants that rest
// on one read.
func holdings(o access.Observation, r access.Read) []string {
	rests := func(i int) bool { return o.Reads[i].Name() == r.Name() }
	var out []string
	for i := range o.Reads {
		if rests(i) {
			out = append(out, fmt.Sprintf("%d records", o.Reads[i].Records))
		}
	}
	for _, a := range o.Accounts {
		if rests(a.Read) {
			out = append(out, "account "+a.Key().String()+" "+a.Login+" "+a.VendorStatus)
		}
	}
	for _, e := range o.Entitlements {
		if rests(e.Read) {
			out = append(out, fmt.Sprintf("%s %s %s %s", e.Kind, e.Scope, e.ID, e.Name))
		}
	}
	for _, g := range o.Grants {
		if e := o.Entitlements[g.Entitlement]; rests(e.Read) {
			out = append(out, fmt.Sprintf("%s holds %s %s %s via %q",
				o.Accounts[g.Account].Key(), e.Kind, e.Scope, e.ID, o.Via(g)))
		}
	}
	return out
}

// timeless takes out what may differ between two runs: times and the number
// of requests; and what may differ between page sizes: pages and digests.
func timeless(o access.Observation, sizes bool) access.Observation {
	reads := make([]access.Read, len(o.Reads))
	for i, r := range o.Reads {
		r.StartedAt, r.FinishedAt, r.Requests = time.Time{}, time.Time{}, 0
		if sizes {
			r.Pages, r.SHA256 = 0, ""
		}
		reads[i] = r
	}
	o.Reads = reads
	return o
}

// quiet is for the server's complaints about connections that the faults cut.
func quiet() *log.Logger { return log.New(io.Discard, "", 0) }
