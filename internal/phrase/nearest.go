package phrase

import (
	"cmp"
	"slices"
	"strings"
)

// Nearest are those of the words that a typing error may stand for: the ones that differ
// from it by a few letters, in whatever case, the nearest first.
func Nearest(words []string, given string) (near []string) {
	limit, by := max(2, len([]rune(given))/3), map[string]int{}
	for _, w := range words {
		if _, twice := by[w]; twice {
			continue
		}
		if n := letters(strings.ToLower(w), strings.ToLower(given), limit); n <= limit {
			by[w], near = n, append(near, w)
		}
	}
	slices.SortFunc(near, func(a, b string) int { return cmp.Or(cmp.Compare(by[a], by[b]), cmp.Compare(a, b)) })
	return near
}

// letters is how many letters are to be put in, left out or changed to make b of a
// (Levenshtein); more than limit where it is more.
func letters(a, b string, limit int) int {
	x, y := []rune(a), []rune(b)
	if len(x)-len(y) > limit || len(y)-len(x) > limit {
		return limit + 1
	}
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := range x {
		left := row[0]
		row[0] = i + 1
		for j := range y {
			change := left
			if x[i] != y[j] {
				change++
			}
			left = row[j+1]
			row[j+1] = min(change, row[j+1]+1, row[j]+1)
		}
	}
	return row[len(y)]
}
