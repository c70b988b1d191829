package roster

import (
	"hash/maphash"

	"rollcall/internal/access"
)

// seed of the hashes in every lookup.
var seed = maphash.MakeSeed()

// hashOf is the hash by which a lookup finds a key. 0 is that of no key.
func hashOf(key string) uint32 {
	if key == "" {
		return 0
	}
	return uint32(maphash.String(seed, key)) | 1
}

// lookup finds the first row with a key among a million in a few bytes a row. A row
// with an empty key is not in it.
type lookup struct {
	rows  []access.Identity
	key   func(*access.Identity) string
	slots []slot
	again []again
}

// slot is a row, counted from 1 (0: none), with its key's hash.
type slot struct {
	hash uint32
	row  int32
}

// again is a row that has the key of an earlier one.
type again struct{ first, row int }

// newLookup takes the hashes of the rows' keys.
func newLookup(rows []access.Identity, key func(*access.Identity) string, hashes []uint32) *lookup {
	l := &lookup{rows: rows, key: key, slots: make([]slot, len(rows)+len(rows)/2+1)}
	touch(l.slots)
	for i, hash := range hashes {
		if hash == 0 {
			continue
		}
		if at := l.find(hash, func(row int32) bool { return key(&rows[row]) == key(&rows[i]) }); l.slots[at].row == 0 {
			l.slots[at] = slot{hash, int32(i + 1)}
		} else {
			l.again = append(l.again, again{int(l.slots[at].row) - 1, i})
		}
	}
	return l
}

// find gives the slot of a key, or the empty one in which it would be: a third of
// them stay empty, so that there is one.
func (l *lookup) find(hash uint32, is func(row int32) bool) int {
	at := int(uint64(hash) * uint64(len(l.slots)) >> 32)
	for {
		s := l.slots[at]
		if s.row == 0 || s.hash == hash && is(s.row-1) {
			return at
		}
		if at++; at == len(l.slots) {
			at = 0
		}
	}
}

// first gives the first row with a key, -1 when there is none.
func (l *lookup) first(key string) int {
	at := l.find(hashOf(key), func(row int32) bool { return l.key(&l.rows[row]) == key })
	return int(l.slots[at].row) - 1
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
