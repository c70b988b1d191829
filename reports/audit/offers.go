package audit

import (
	"slices"
)

// Dates are the days of which there is a night, oldest first.
func (a *Archive) Dates() (days []string) {
	for _, r := range a.runs {
		if r.Has("reads") {
			days = append(days, r.Date)
		}
	}
	return slices.Compact(days)
}

// Offers are the values that a parameter may have, for completion: of the newest run
// that has any. Reviews are those of all runs.
func (a *Archive) Offers(parameter string) (texts []string, err error) {
	if slices.Contains([]string{"date", "from", "to"}, parameter) {
		return a.Dates(), nil
	}
	v, known := vocabularies[parameter]
	if !known {
		return nil, nil
	}
	first, rest := a.inOrder(v.table, nil)
	if parameter == "campaign" {
		first = append(first, rest...)
	}
	for _, r := range first {
		words, err := v.read(a.store, r)
		if err != nil {
			return nil, err
		}
		for _, w := range words {
			texts = append(texts, w.value)
			if parameter == "person" {
				texts = append(texts, w.also[0])
			}
		}
	}
	slices.Sort(texts)
	return slices.Compact(texts), nil
}
