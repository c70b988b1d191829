package audit

import (
	"fmt"
	"slices"
	"strings"

	"rollcall/internal/access"
	"rollcall/reports/archive"
)

// observed are the tables of what a night saw in the systems, or concluded from it: what
// it did not read is missing in them, and looks as if it were not there.
var observed = []string{"accounts", "grants", "findings", "endings"}

func anyOfThem(tables []string) bool {
	return slices.ContainsFunc(tables, func(t string) bool { return slices.Contains(observed, t) })
}

// unread says, night by night, what was not read to its end of what the answer to a
// question rests on.
func (a *Archive) unread(q Question, bound map[string]string) ([]string, error) {
	nights, err := a.looks(q, bound)
	if err != nil {
		return nil, err
	}
	says := make([]string, len(nights))
	err = archive.InParallel(len(nights), func(n int) (err error) {
		says[n], err = a.gaps(nights[n])
		return err
	}, func(int) {})
	return slices.DeleteFunc(says, func(s string) bool { return s == "" }), err
}

// looks are the nights whose sight of the systems the answer rests on, oldest first.
func (a *Archive) looks(q Question, bound map[string]string) (nights []archive.CommittedRun, err error) {
	if !anyOfThem(mentioned(q.SQL)) {
		return nil, nil
	}
	for _, p := range q.nights {
		night, found, err := a.standing(p, bound)
		if err != nil {
			return nil, err
		}
		if found {
			nights = append(nights, night)
		}
	}
	if anyOfThem(q.period) {
		for _, r := range a.between(bound["from"], q.until(bound["to"])) {
			night, is, err := a.night([]archive.CommittedRun{r})
			if err != nil {
				return nil, err
			}
			if is {
				nights = append(nights, night)
			}
		}
	}
	bySequence := func(x, y archive.CommittedRun) int { return x.Sequence - y.Sequence }
	slices.SortFunc(nights, bySequence)
	return slices.CompactFunc(nights, func(x, y archive.CommittedRun) bool { return x.Sequence == y.Sequence }), nil
}

// gaps names what a night did not read to its end; "" if it read all.
func (a *Archive) gaps(night archive.CommittedRun) (string, error) {
	type row struct {
		System   string `parquet:"system,dict"`
		Scope    string `parquet:"scope,dict"`
		Kind     string `parquet:"kind,dict"`
		Complete bool   `parquet:"complete"`
		Gap      string `parquet:"gap"`
	}
	var gaps []string
	err := archive.EachRow(a.store, night, "reads", func(r row) {
		if !r.Complete {
			gaps = append(gaps, fmt.Sprintf("%s (%s)", access.Read{System: access.System(r.System), Scope: r.Scope, Kind: r.Kind}.Name(), r.Gap))
		}
	})
	if err != nil || len(gaps) == 0 {
		return "", err
	}
	return fmt.Sprintf("%s of %s: %s", night.RunID, night.Date, strings.Join(aFew(gaps, ""), ", ")), nil
}

// aFew are the first of many, and how many more there are, with where to find them.
func aFew(all []string, where string) []string {
	const few = 5
	if len(all) <= few {
		return all
	}
	return append(slices.Clone(all[:few]), fmt.Sprintf("%d more%s", len(all)-few, where))
}
