// Package collectortest is the conformance suite that every collector passes:
// many pages equal one page, no fault on any request shortens what is called
// complete, the order is stable, only reads are sent, a cancelled run comes
// back at once, no goroutine is left.
//
// A collector uses it in one test. Serve makes the fake of its system, with the
// same small population each time, in which every kind of record occurs and
// every list has two pages at PageSize; New makes the collector, with the
// address, the transport, the clock and the timeout of Env; Faults are Common
// and what only this vendor does, for the most part from package faults:
//
//	func TestConformance(t *testing.T) {
//		collectortest.Run(t, collectortest.Suite{
//			Serve: func(t *testing.T, pageSize int, clock *collectortest.Clock) http.Handler {
//				return populate(fakenotes.Options{MaxPage: pageSize, Now: clock.Now})
//			},
//			New: func(t *testing.T, env collectortest.Env) collectors.Collector {
//				c, err := NewCollector(Config{System: "notes", URL: env.URL, HTTP: env.HTTP,
//					Now: env.Clock.Now, Sleep: env.Clock.Sleep, Timeout: env.Timeout})
//				if err != nil {
//					t.Fatal(err)
//				}
//				return c
//			},
//			Faults: append(collectortest.Common(), collectortest.Fault{Name: "429", Rule: tooMany}),
//		})
//	}
//
// It must never excuse a collector: a fault may cost a scope its certificate,
// and nothing may cost a scope its records while it keeps the certificate; nor
// itself: a fault that strikes nothing, or that costs nothing, fails. Its one
// invariant: whatever a collector calls complete equals what it says of the
// same system undisturbed.
package collectortest

import (
	"net/http"
	"testing"
	"time"

	"go.uber.org/goleak"

	"rollcall/collectors"
	"rollcall/internal/sandbox/faults"
	"rollcall/internal/sandbox/testclock"
)

// Suite says how to set up one system and its collector.
type Suite struct {
	// Serve makes the system with the same population at each call. It answers
	// at most pageSize records a page; 0 is the vendor's maximum.
	Serve func(t *testing.T, pageSize int, clock *Clock) http.Handler
	// New makes a collector of the system at env. It is called from many
	// goroutines.
	New func(t *testing.T, env Env) collectors.Collector
	// PageSize is for the runs with faults; 0 is 1. Two is quicker, and enough
	// where every list has three records.
	PageSize int
	// Writes reports a request that changes something; nil: every method but
	// GET and HEAD.
	Writes func(*http.Request) bool
	// Key names a request, so that a fault can hit the same one in the next
	// run; nil: method, address, X-Amz-Target and body. It may read the body,
	// which is put back.
	Key func(*http.Request) string
	// Faults are what may go wrong; nil: Common.
	Faults []Fault
	// Leaks are options for goroutines of an SDK that outlive a collector.
	Leaks []goleak.Option
}

// Fault is one way to go wrong, tried on every single request, once and for
// ever. Match and Times of the rule are set by the suite.
type Fault struct {
	Name string
	Rule faults.Rule
	// Onwards lets the fault strike everything from its request on, as a
	// credential does that ends half-way.
	Onwards bool
	// Harmless faults say the same in other words: they must cost nothing. Any
	// other must cost at least one certificate when it lasts for ever, or it
	// proves nothing.
	Harmless bool
}

// Env is where a collector under test finds the system and its time.
type Env struct {
	URL   string
	HTTP  http.RoundTripper // use this one: the suite closes its connections
	Clock *Clock
	// Timeout is for one try of one request, body included: some runs have a
	// short one, on the clock of the machine, and answers that never end.
	Timeout time.Duration
}

// Clock is a time that passes only by sleeping, so that waits cost none.
type Clock = testclock.Clock

// NewClock stands at two in the morning.
func NewClock() *Clock { return testclock.At(time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)) }

// Common are the faults of any HTTP service.
func Common() []Fault {
	html := func(a *faults.Answer) {
		a.Header.Set("Content-Type", "text/html")
		a.Header.Del("Content-Length")
		a.Code, a.Body = http.StatusOK, []byte("<html><body>Please log in</body></html>")
	}
	return []Fault{
		{Name: "500", Rule: faults.Rule{Kind: faults.Status, Code: http.StatusInternalServerError, Body: `{}`}},
		{Name: "503 in HTML", Rule: faults.Unavailable()},
		{Name: "cut body", Rule: faults.Rule{Kind: faults.CutBody}},
		{Name: "empty body", Rule: faults.Rule{Kind: faults.EmptyBody}},
		{Name: "HTML body", Rule: faults.Rule{Kind: faults.Rewrite, Rewrite: html}},
		{Name: "connection closed", Rule: faults.Rule{Kind: faults.CloseBeforeReply}},
		{Name: "answer lost", Rule: faults.Rule{Kind: faults.CloseAfterWork}},
		{Name: "slow body", Rule: faults.Rule{Kind: faults.Stall}},
	}
}

// Links are the faults of a service whose pages lead to each other by a Link
// header (RFC 8288), or by _links in the body.
func Links() []Fault {
	return []Fault{
		{Name: "folded link", Rule: faults.Rule{Kind: faults.FoldedLink}, Harmless: true},
		{Name: "repeated cursor", Rule: faults.Rule{Kind: faults.RepeatedCursor}},
	}
}
