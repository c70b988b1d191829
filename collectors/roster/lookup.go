package roster

import (
	"hash/maphash"
	"math/bits"

	"rollcall/internal/access"
)

// lookup finds the first row with a key among a million in a few bytes a row. A row
// with an empty key is not in it.
type lookup struct {
	rows  []access.Identity
	key   func(*access.Identity) string
	seed  maphash.Seed
	slots []slot
	again []again
}

// slot is a row, counted from 1 (0: none), with a part of its key's hash.
type slot struct {
	hash uint32
	row  int32
}

// again is a row that has the key of an earlier one.
type again struct{ first, row int }

func newLookup(rows []access.Identity, key func(*access.Identity) string) lookup {
	l := lookup{rows: rows, key: key, seed: maphash.MakeSeed(), slots: make([]slot, 1<<bits.Len(uint(2*len(rows))))}
	for i := range rows {
		k := key(&rows[i])
		if k == "" {
			continue
		}
		hash := maphash.String(l.seed, k)
		if at := l.find(k, hash); l.slots[at].row == 0 {
			l.slots[at] = slot{uint32(hash >> 32), int32(i + 1)}
		} else {
			l.again = append(l.again, again{int(l.slots[at].row) - 1, i})
		}
	}
	return l
}

// find gives the slot of a key, or the empty one in which it would be: at most half
// of them are taken, so that there is one.
func (l *lookup) find(key string, hash uint64) int {
	at := int(hash) & (len(l.slots) - 1)
	for {
		s := l.slots[at]
		if s.row == 0 || s.hash == uint32(hash>>32) && l.key(&l.rows[s.row-1]) == key {
			return at
		}
		at = (at + 1) & (len(l.slots) - 1)
	}
}

// first gives the first row with a key, -1 when there is none.
func (l *lookup) first(key string) int {
	return int(l.slots[l.find(key, maphash.String(l.seed, key))].row) - 1
}

// groups gives, for every key that several rows share, where these rows are.
func (l *lookup) groups() (all [][]int) {
	group := map[int]int{} // the first row -> index into all
	for _, a := range l.again {
		g, ok := group[a.first]
		if !ok {
			g, group[a.first] = len(all), len(all)
			all = append(all, []int{a.first})
		}
		all[g] = append(all[g], a.row)
	}
	return all
}
