// Package faults puts the failures of real networks and real vendors in
// front of a sandbox server: refusals, cut bodies, lost answers, folded
// headers. It works for any http.Handler, Okta's as well as AWS's.
//
// It must never invent a success: apart from EmptyBody and Rewrite, which
// say what they alter, what it lets through is what the wrapped handler said.
// Its one invariant: a request that no rule fires on reaches the handler
// untouched, and its answer reaches the client untouched.
package faults

import (
	"net/http"
	"sync"
	"time"
)

// Kind says how a request goes wrong.
type Kind int

const (
	// Pass does nothing; the zero Rule is harmless, and counts its matches.
	Pass Kind = iota
	// Status answers Rule.Code, Rule.Header and Rule.Body; the handler never
	// sees the request.
	Status
	// CutBody does the work, announces the whole length, sends half of the
	// body and closes the connection; an answer without a body is lost whole.
	CutBody
	// EmptyBody does the work and answers 200 with no body at all.
	EmptyBody
	// CloseBeforeReply closes the connection; nothing is done.
	CloseBeforeReply
	// CloseAfterWork does the work and closes the connection: the answer is lost.
	CloseAfterWork
	// Slow waits for Rule.Delay, until the client gives up or until Clear, then
	// goes on.
	Slow
	// Stall does the work, sends half of the body, and waits as Slow does
	// before it sends the rest.
	Stall
	// FoldedLink joins the Link headers into one, as some proxies do.
	FoldedLink
	// RepeatedCursor lets Okta's next link, in the header or in the body's
	// _links, point to the page itself. Use Rewrite for the tokens of AWS.
	RepeatedCursor
	// Rewrite does the work and passes the answer through Rule.Rewrite.
	Rewrite
	// Refuse answers what Rule.Refuse says to the request; the handler never
	// sees it.
	Refuse
)

// Rule is one fault: which requests, after how many, how often, and how.
type Rule struct {
	Match func(*http.Request) bool // nil matches every request
	Skip  int                      // let this many matches pass first
	Times int                      // fire this often; 0 is for ever
	Kind  Kind

	Code    int           // Status; 0 is 500
	Header  http.Header   // Status
	Body    string        // Status
	Delay   time.Duration // Slow, Stall
	Rewrite func(*Answer) // Rewrite
	Refuse  func(*http.Request) Answer
}

// Answer is what a handler said, for Rewrite to alter.
type Answer struct {
	Code   int
	Header http.Header
	Body   []byte
}

// Injector applies the first rule that is due; it is safe for parallel use.
type Injector struct {
	next http.Handler

	mu    sync.Mutex
	rules []*armed
	told  int
	held  chan struct{} // closed, and made anew, when nobody is to wait any more
}

type armed struct {
	Rule
	matched, fired int
}

// New wraps a handler; without rules it is transparent.
func New(next http.Handler) *Injector {
	return &Injector{next: next, held: make(chan struct{})}
}

// Add arms a rule and returns a count of how often it has fired so far.
func (in *Injector) Add(rule Rule) (fired func() int) {
	a := &armed{Rule: rule}
	in.mu.Lock()
	defer in.mu.Unlock()
	in.rules = append(in.rules, a)
	return func() int {
		in.mu.Lock()
		defer in.mu.Unlock()
		return a.fired
	}
}

// Clear disarms every rule, lets go whom Slow and Stall keep waiting, and
// forgets what Altered counted.
func (in *Injector) Clear() {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.rules, in.told = nil, 0
	close(in.held)
	in.held = make(chan struct{})
}

func (in *Injector) release() <-chan struct{} {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.held
}

// Altered counts the clients that were told something else than the handler
// would have told them, or too late: a rule may fire on an answer that has
// nothing for it to spoil, such as FoldedLink on one without links.
func (in *Injector) Altered() int {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.told
}

func (in *Injector) altered(yes bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if yes {
		in.told++
	}
}

// due finds the rule for this request. Rules behind the one that fires do not
// count the request; rules before it that only skip do.
func (in *Injector) due(r *http.Request) (Rule, bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	for _, a := range in.rules {
		if a.Match != nil && !a.Match(r) {
			continue
		}
		a.matched++
		if a.matched <= a.Skip || (a.Times > 0 && a.fired >= a.Times) {
			continue
		}
		a.fired++
		return a.Rule, true
	}
	return Rule{}, false
}

func (in *Injector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	rule, ok := in.due(r)
	if !ok {
		in.next.ServeHTTP(w, r)
		return
	}
	in.apply(rule, w, r)
}

func (in *Injector) apply(rule Rule, w http.ResponseWriter, r *http.Request) {
	switch rule.Kind {
	case EmptyBody, FoldedLink, RepeatedCursor, Rewrite:
		in.spoil(rule, w, r)
		return
	case Pass:
		in.next.ServeHTTP(w, r)
		return
	}
	released := in.release()
	in.altered(true)
	switch rule.Kind {
	case Status:
		refuse(rule, w)
	case Refuse:
		send(w, rule.Refuse(r))
	case CloseBeforeReply:
		closeNow(w)
	case CloseAfterWork:
		in.work(r)
		closeNow(w)
	case CutBody:
		cut(w, in.work(r))
	case Stall:
		in.stall(w, r, rule.Delay, released)
	case Slow:
		if wait(r, rule.Delay, released) {
			in.next.ServeHTTP(w, r)
		}
	}
}

// spoil does the work and alters the answer, if it has what the rule spoils.
func (in *Injector) spoil(rule Rule, w http.ResponseWriter, r *http.Request) {
	right := in.work(r)
	answer := right.clone()
	switch rule.Kind {
	case EmptyBody:
		answer = empty(answer)
	case FoldedLink:
		answer = folded(answer)
	case RepeatedCursor:
		answer = repeated(r, answer)
	case Rewrite:
		rule.Rewrite(&answer)
	}
	in.altered(!answer.equal(right))
	send(w, answer)
}
