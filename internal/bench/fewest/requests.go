package main

import (
	"maps"
	"slices"
	"time"
)

// plan is how many requests go to each endpoint.
type plan map[string]int

func (p plan) total() int {
	n := 0
	for _, calls := range p {
		n += calls
	}
	return n
}

// with is the plan and another one together.
func (p plan) with(more plan) plan {
	all := maps.Clone(p)
	for endpoint, calls := range more {
		all[endpoint] += calls
	}
	return all
}

func (p plan) endpoints() []string { return slices.Sorted(maps.Keys(p)) }

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
func cheapest(a, b plan, bound func(plan) time.Duration) plan {
	if a.total() < b.total() || (a.total() == b.total() && bound(a) <= bound(b)) {
		return a
	}
	return b
}

// fastest is the plan that ends first, with the fewest requests of those.
func fastest(a, b plan, bound func(plan) time.Duration) plan {
	if bound(a) < bound(b) || (bound(a) == bound(b) && a.total() <= b.total()) {
		return a
	}
	return b
}
