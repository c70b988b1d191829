package fakeokta

import "slices"

// table keeps rows sorted by their key, so that cursors survive changes
// between two pages and every listing has one order.
type table[T any] struct {
	keys []string
	rows map[string]*T
}

func newTable[T any]() *table[T] { return &table[T]{rows: map[string]*T{}} }

func (t *table[T]) put(key string, row T) *T {
	if old, ok := t.rows[key]; ok {
		*old = row
		return old
	}
	if n := len(t.keys); n == 0 || t.keys[n-1] < key {
		t.keys = append(t.keys, key)
	} else {
		at, _ := slices.BinarySearch(t.keys, key)
		t.keys = slices.Insert(t.keys, at, key)
	}
	t.rows[key] = &row
	return &row
}

// get answers nil on a nil table as on an unknown key.
func (t *table[T]) get(key string) *T {
	if t == nil {
		return nil
	}
	return t.rows[key]
}

func (t *table[T]) del(key string) bool {
	if t.get(key) == nil {
		return false
	}
	at, _ := slices.BinarySearch(t.keys, key)
	t.keys = slices.Delete(t.keys, at, at+1)
	delete(t.rows, key)
	return true
}

func (t *table[T]) len() int {
	if t == nil {
		return 0
	}
	return len(t.keys)
}

// where lists, in order, the rows that keep says yes to; nil keeps all.
func (t *table[T]) where(keep func(*T) bool) []*T {
	if t == nil {
		return nil
	}
	out := make([]*T, 0, len(t.keys))
	for _, key := range t.keys {
		if row := t.rows[key]; keep == nil || keep(row) {
			out = append(out, row)
		}
	}
	return out
}

// those are the rows of these keys, as far as there are any.
func (t *table[T]) those(keys []string) []*T {
	out := make([]*T, 0, len(keys))
	for _, key := range keys {
		if row := t.get(key); row != nil {
			out = append(out, row)
		}
	}
	return out
}

// list copies the rows in order.
func (t *table[T]) list() []T {
	out := make([]T, 0, t.len())
	for _, row := range t.where(nil) {
		out = append(out, *row)
	}
	return out
}

// delWhere removes the rows that drop says yes to, and says how many.
func (t *table[T]) delWhere(drop func(*T) bool) int {
	n := 0
	for _, key := range slices.Clone(t.keys) {
		if drop(t.rows[key]) {
			t.del(key)
			n++
		}
	}
	return n
}

// keysOf lists a table's keys; none for a table that was never made.
func (t *table[T]) keysOf() []string {
	if t == nil {
		return nil
	}
	return t.keys
}
