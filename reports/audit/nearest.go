package audit

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Nearest are at most three of these words that differ from the given one by a few letters.
func Nearest(words []string, given string) []string {
	all := make([]term, len(words))
	for i, w := range words {
		all[i].value = w
	}
	return nearest(all, given)
}

// nearest are at most three words that differ from the given one by a few letters.
func nearest(all []term, given string) (near []string) {
	type distant struct {
		text string
		by   int
	}
	limit := max(2, len([]rune(given))/3)
	best := map[string]int{}
	for _, w := range all {
		by := limit + 1
		for _, name := range append([]string{w.value}, w.also...) {
			by = min(by, letters(strings.ToLower(name), strings.ToLower(given), limit))
		}
		if before, had := best[w.String()]; by <= limit && (!had || by < before) {
			best[w.String()] = by
		}
	}
	var found []distant
	for text, by := range best {
		found = append(found, distant{text, by})
	}
	slices.SortFunc(found, func(x, y distant) int { return cmp.Or(cmp.Compare(x.by, y.by), cmp.Compare(x.text, y.text)) })
	for _, d := range found[:min(3, len(found))] {
		near = append(near, d.text)
	}
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

// nearDay says which nights are nearest to a day that has none.
func (a *Archive) nearDay(q Question, name, day string) []string {
	if !slices.Contains(q.nights, name) {
		return nil
	}
	before, after := "", ""
	for _, d := range a.Dates() {
		switch {
		case d == day:
			return nil
		case d < day:
			before = d
		case after == "":
			after = d
		}
	}
	switch {
	case before == "":
		return nil // the question says so, or goes by the first night
	case after == "":
		return []string{fmt.Sprintf("there is no night of %s: the answer is of %s, the newest one", day, before)}
	}
	return []string{fmt.Sprintf("there is no night of %s: the answer is of %s, the one before; the next one is of %s", day, before, after)}
}
