package audit

import (
	"fmt"
	"slices"

	"rollcall/internal/phrase"
)

// nearest are at most three words that differ from the given one by a few letters.
func nearest(all []term, given string) (near []string) {
	var names []string
	for _, w := range all {
		names = append(append(names, w.value), w.also...)
	}
	for _, name := range phrase.Nearest(names, given) {
		for _, w := range all {
			if s := w.String(); (w.value == name || slices.Contains(w.also, name)) && !slices.Contains(near, s) {
				near = append(near, s)
			}
		}
		if len(near) >= 3 { // of a company's logins each may be near
			break
		}
	}
	return near[:min(3, len(near))]
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
