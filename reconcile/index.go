package reconcile

import (
	"math/bits"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"rollcall/internal/access"
)

// lists are many short lists of numbers in one piece of memory, by index.
type lists struct {
	start []uint32 // where each begins; one more at the end
	all   []uint32
}

// of is one of the lists.
func (l lists) of(i int) []uint32 { return l.all[l.start[i]:l.start[i+1]:l.start[i+1]] }

// listsBy sorts the numbers below count into n lists, in their order. key says of
// each in which it is; a negative one is in none.
func listsBy(n, count int, key func(i int) int) lists {
	return listsOf(n, func(put func(k int, value uint32)) {
		for i := range count {
			put(key(i), uint32(i))
		}
	})
}

// listsOf makes n lists of what each puts into them, in its order; into a negative one
// goes nothing. It is called twice, and says the same both times.
func listsOf(n int, each func(put func(k int, value uint32))) lists {
	l := lists{start: make([]uint32, n+2)}
	each(func(k int, _ uint32) {
		if k >= 0 {
			l.start[k+2]++
		}
	})
	for k := 2; k < len(l.start); k++ {
		l.start[k] += l.start[k-1]
	}
	l.all = make([]uint32, l.start[n+1])
	each(func(k int, value uint32) { // start[k+1] is where the next of k goes, and ends as where k+1 begins
		if k >= 0 {
			l.all[l.start[k+1]] = value
			l.start[k+1]++
		}
	})
	l.start = l.start[:n+1]
	return l
}

// inARow are the lists of several parts, which have no end yet, one after the other.
func inARow(all []lists) lists {
	var l lists
	for _, part := range all {
		for _, start := range part.start {
			l.start = append(l.start, uint32(len(l.all))+start)
		}
		l.all = append(l.all, part.all...)
	}
	l.start = append(l.start, uint32(len(l.all)))
	return l
}

// grantsByAccount gives the indexes of the grants of each account.
func grantsByAccount(o access.Observation) lists {
	return listsBy(len(o.Accounts), len(o.Grants), func(n int) int { return int(o.Grants[n].Account) })
}

// fewest is how much work is worth a part of its own, and rounds how many parts
// each core has: the one that others keep busy leaves some of them to the rest.
const fewest, rounds = 4096, 8

// inParts calls part for ranges that together are 0 to n, as many side by side as
// there are cores. Parts may write only what is theirs; each is told its number,
// below parts(n).
func inParts(n int, part func(p, from, to int)) {
	count := parts(n)
	var wg sync.WaitGroup
	var next atomic.Int64
	for range min(count, runtime.GOMAXPROCS(0)) {
		wg.Go(func() {
			for p := int(next.Add(1)) - 1; p < count; p = int(next.Add(1)) - 1 {
				part(p, n*p/count, n*(p+1)/count)
			}
		})
	}
	wg.Wait()
}

// sideBySide does several things at once.
func sideBySide(all ...func()) {
	var wg sync.WaitGroup
	for _, one := range all {
		wg.Go(one)
	}
	wg.Wait()
}

func parts(n int) int {
	cores := runtime.GOMAXPROCS(0)
	if cores == 1 {
		return 1
	}
	return max(1, min(rounds*cores, n/fewest))
}

// patterns find the rules of which one pattern may match a text, without trying
// them all: a pattern without * and ? is looked up.
type patterns struct {
	plain map[string][]int32
	wild  []int32
}

func (p *patterns) add(n int32, pattern string) {
	if !plain(pattern) {
		p.wild = append(p.wild, n)
		return
	}
	if p.plain == nil {
		p.plain = map[string][]int32{}
	}
	key := strings.ToLower(pattern)
	p.plain[key] = append(p.plain[key], n)
}

// plain reports whether a pattern means one text.
func plain(pattern string) bool { return pattern != "" && !access.Wild(pattern) }

// may are the rules that may match one of the texts, ascending. Mostly they are one of
// the lists that are there.
func (p *patterns) may(texts ...string) []int32 {
	all, mixed := p.wild, false
	for _, t := range texts {
		switch more := p.plain[strings.ToLower(t)]; {
		case len(all) == 0:
			all = more
		case len(more) > 0:
			all, mixed = slices.Concat(all, more), true
		}
	}
	if mixed {
		slices.Sort(all)
		all = slices.Compact(all)
	}
	return all
}

// numbers number texts in the order in which they come.
type numbers struct {
	by   map[string]int32
	last string // who sits together is often listed together
	was  int32
}

func (n *numbers) of(s string) int32 {
	if s == n.last && n.by != nil {
		return n.was
	}
	if n.by == nil {
		n.by = map[string]int32{}
	}
	k, has := n.by[s]
	if !has {
		k = int32(len(n.by))
		n.by[s] = k
	}
	n.last, n.was = s, k
	return k
}

// idSet is a set of numbers that look like chance, as those in ids do: each says by
// itself where it belongs.
type idSet struct {
	slots []uint64 // a power of two of them, at most half of them full; 0: empty
	full  int
	zero  bool // 0 is in the set
}

// grow makes room for n numbers in all.
func (s *idSet) grow(n int) {
	if 2*n <= len(s.slots) {
		return
	}
	before := s.slots
	s.slots = make([]uint64, 1<<bits.Len(uint(2*n-1)))
	for _, id := range before {
		if id != 0 {
			s.slots[s.place(id)] = id
		}
	}
}

// place is where a number is, or would be.
func (s *idSet) place(id uint64) int {
	last := len(s.slots) - 1
	n := int(id) & last
	for s.slots[n] != id && s.slots[n] != 0 {
		n = (n + 1) & last
	}
	return n
}

// add reports whether a number is new.
func (s *idSet) add(id uint64) bool {
	if id == 0 {
		was := s.zero
		s.zero = true
		return !was
	}
	if 2*(s.full+1) > len(s.slots) {
		s.grow(2 * (s.full + 1))
	}
	n := s.place(id)
	if s.slots[n] == id {
		return false
	}
	s.slots[n] = id
	s.full++
	return true
}
