package collectors

import "slices"

// Sort sorts the rows of a table in place and gives, of each old index, the new one: other
// tables name rows by their index.
func Sort[T any](rows []T, compare func(a, b T) int) (moved []uint32) {
	order := make([]uint32, len(rows))
	for i := range order {
		order[i] = uint32(i)
	}
	slices.SortStableFunc(order, func(a, b uint32) int { return compare(rows[a], rows[b]) })
	old := slices.Clone(rows)
	moved = make([]uint32, len(rows))
	for now, was := range order {
		rows[now], moved[was] = old[was], uint32(now)
	}
	return moved
}
