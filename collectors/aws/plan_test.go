package aws

import (
	"testing"

	"rollcall/collectors"
)

func TestHoldersAreAskedForOnTheSideThatTakesFewerRequests(t *testing.T) {
	known := counts{principals: 1100, everybody: true, managing: true}
	for _, c := range []struct {
		rule        string
		pairs       int
		change      func(*counts)
		time, calls side
	}{
		{"fewer pairs than people", 300, func(*counts) {}, byPair, byPair},
		{"as many pairs as people", 1100, func(*counts) {}, byPair, byPair},
		{"one pair more than people", 1101, func(*counts) {}, byPair, byPrincipal},
		{"a tenth more pairs than people", 1225, func(*counts) {}, byPrincipal, byPrincipal},
		{"people that are not all known", 9000, func(c *counts) { c.everybody = false }, byPair, byPair},
		{"a caller outside the management account", 9000, func(c *counts) { c.managing = false }, byPair, byPair},
		{"nothing provisioned", 0, func(*counts) {}, byPair, byPair},
		{"nobody there, and pairs all the same", 9000, func(c *counts) { c.principals = 0 }, byPrincipal, byPrincipal},
	} {
		given := known
		given.pairs = c.pairs
		c.change(&given)
		for prefer, want := range map[collectors.Prefer]side{"": c.time, collectors.PreferTime: c.time, collectors.PreferCalls: c.calls} {
			if got := given.side(prefer); got != want {
				t.Errorf("%s, prefer %q: side %d, want %d", c.rule, prefer, got, want)
			}
		}
	}
}

func TestAFewPairsDoNotWaitForThePeopleUnlessCallsMatterMore(t *testing.T) {
	c := counts{pairs: quick, principals: 1, everybody: true, managing: true}
	if c.waits(collectors.PreferTime) || c.side(collectors.PreferTime) != byPair {
		t.Error("for the sake of time it waits")
	}
	if !c.waits(collectors.PreferCalls) || c.side(collectors.PreferCalls) != byPrincipal {
		t.Error("for the sake of calls it does not wait")
	}
	c.pairs++
	if !c.waits("") || c.side("") != byPrincipal {
		t.Error("many pairs do not wait")
	}
}

func TestPairsAreAskedForOnTheSideThatTakesFewerRequests(t *testing.T) {
	for _, c := range []struct {
		accounts, sets int
		whole, want    bool
	}{
		{20, 20, true, false}, {19, 20, true, true}, {20, 19, true, false},
		{19, 20, false, false},  // the list of accounts broke off
		{150, 120, true, false}, // 150*2 by account, 120*2 by set
		{150, 100, true, true},  // 150*1 by account, 100*2 by set
		{0, 5, true, true},
	} {
		if got := pairsByAccount(c.accounts, c.sets, c.whole); got != c.want {
			t.Errorf("%d accounts, %d sets, whole %v: by account %v", c.accounts, c.sets, c.whole, got)
		}
	}
}

func TestAnEmptyListTakesOneRequest(t *testing.T) {
	for records, want := range map[int]int{0: 1, 1: 1, 100: 1, 101: 2, 1000: 10} {
		if got := pagesOf(records, 100); got != want {
			t.Errorf("%d records take %d pages, want %d", records, got, want)
		}
	}
}
