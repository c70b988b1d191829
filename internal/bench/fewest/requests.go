// Package fewest computes, from what a population has, the fewest requests that read
// all of it, and the shortest time that the vendors' limits allow. It must never ask
// a collector, nor share its code. Its invariant: what it computes cannot be beaten, so
// that a collector which needs less has not read everything.
package fewest

import (
	"maps"
	"slices"
	"time"

	"rollcall/collectors"
	"rollcall/internal/sandbox/population"
)

// Requests is how many requests go to each endpoint.
type Requests map[string]int

func (p Requests) Total() int {
	n := 0
	for _, calls := range p {
		n += calls
	}
	return n
}

// with is the plan and another one together.
func (p Requests) with(more Requests) Requests {
	all := maps.Clone(p)
	for endpoint, calls := range more {
		all[endpoint] += calls
	}
	return all
}

func (p Requests) Endpoints() []string { return slices.Sorted(maps.Keys(p)) }

// pages is how many pages a list takes. An empty list takes one: that it is
// empty has to be read too.
func pages(rows, size int) int { return max(1, (rows+size-1)/size) }

func pagesOfAll(lists []int, size int) int {
	n := 0
	for _, rows := range lists {
		n += pages(rows, size)
	}
	return n
}

// cheapest is the plan with the fewest requests, the fastest of those.
func cheapest(a, b Requests, bound func(Requests) time.Duration) Requests {
	if a.Total() < b.Total() || (a.Total() == b.Total() && bound(a) <= bound(b)) {
		return a
	}
	return b
}

// fastest is the plan that ends first, with the fewest requests of those.
func fastest(a, b Requests, bound func(Requests) time.Duration) Requests {
	if bound(a) < bound(b) || (bound(a) == bound(b) && a.Total() <= b.Total()) {
		return a
	}
	return b
}

// Of is the fewest requests that read a population by the plan that is preferred, and
// the time that they take at least. Of the two counts one is given.
func Of(okta *population.OktaCounts, aws *population.AWSCounts, prefer collectors.Prefer) (Requests, time.Duration) {
	if okta != nil {
		r := oktaMinimum(*okta, prefer)
		return r, oktaBound(r)
	}
	r := awsMinimum(*aws)
	return r, awsBound(r)
}
