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
	runs, err := a.looks(q, bound)
	if err != nil {
		return nil, err
	}
	says := make([]string, len(runs)) // which of them are nights each tells by a file of its own: all at once
	err = archive.InParallel(len(runs), func(n int) (err error) {
		says[n], err = a.gaps(runs[n])
		return err
	}, func(int) {})
	return slices.DeleteFunc(says, func(s string) bool { return s == "" }), err
}

// looks are the runs among which are the nights whose sight of the systems the answer
// rests on, oldest first.
func (a *Archive) looks(q Question, bound map[string]string) (runs []archive.CommittedRun, err error) {
	if !anyOfThem(mentioned(q.SQL)) {
		return nil, nil
	}
	for _, p := range q.nights {
		night, found, err := a.standing(p, bound)
		if err != nil {
			return nil, err
		}
		if found {
			runs = append(runs, night)
		}
	}
	if anyOfThem(q.period) {
		for _, r := range a.between(bound["from"], q.until(bound["to"])) {
			if r.Has("reads") {
				runs = append(runs, r)
			}
		}
	}
	bySequence := func(x, y archive.CommittedRun) int { return x.Sequence - y.Sequence }
	slices.SortFunc(runs, bySequence)
	return slices.CompactFunc(runs, func(x, y archive.CommittedRun) bool { return x.Sequence == y.Sequence }), nil
}

// gaps names what a night did not read to its end; "" if it read all, or is no night.
func (a *Archive) gaps(run archive.CommittedRun) (string, error) {
	type row struct {
		System   string `parquet:"system,dict"`
		Scope    string `parquet:"scope,dict"`
		Kind     string `parquet:"kind,dict"`
		Complete bool   `parquet:"complete"`
		Gap      string `parquet:"gap"`
	}
	var gaps []string
	err := archive.EachRow(a.store, run, "reads", func(r row) {
		if !r.Complete {
			gaps = append(gaps, fmt.Sprintf("%s (%s)", access.Read{System: access.System(r.System), Scope: r.Scope, Kind: r.Kind}.Name(), r.Gap))
		}
	})
	if err != nil || len(gaps) == 0 {
		return "", err
	}
	night, is, err := a.night([]archive.CommittedRun{run})
	if err != nil || !is {
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
