package audit

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"rollcall/reports/archive"
)

// lastDate is the date of the newest run that has tables.
func (a *Archive) lastDate() string {
	for _, r := range slices.Backward(a.runs) {
		if r.Date != "" {
			return r.Date
		}
	}
	return a.last().CreatedAt.UTC().Format(time.DateOnly)
}

func (a *Archive) between(from, to string) (runs []archive.CommittedRun) {
	for _, r := range a.runs {
		if r.Date != "" && r.Date >= from && (to == "" || r.Date <= to) {
			runs = append(runs, r)
		}
	}
	return runs
}

// standing is the night that a question's head names (Question.nights), if there is one.
func (a *Archive) standing(name string, bound map[string]string) (archive.CommittedRun, bool, error) {
	name = strings.TrimSuffix(name, "?")
	if name, before := strings.CutPrefix(name, "<"); before {
		day, err := time.Parse(time.DateOnly, bound[name])
		if err != nil {
			return archive.CommittedRun{}, false, fmt.Errorf("the day --%s: %w", name, err)
		}
		return a.nightAt(day.AddDate(0, 0, -1).Format(time.DateOnly))
	}
	night, found, err := a.nightAt(bound[name])
	if err == nil && !found && name == "from" {
		return a.firstNight()
	}
	return night, found, err
}

// tooEarly says that there was no night yet.
func (a *Archive) tooEarly(name, day string) error {
	if days := a.Dates(); len(days) > 0 {
		return Misuse("there was no night on %s or before: give a later --%s; the first night is of %s", day, name, days[0])
	}
	return Misuse("there was no night on %s or before: give a later --%s", day, name)
}

// nightAt is the newest night of a date or before it. What a sweep, an order or a
// restore recorded of rights is the night's before it.
func (a *Archive) nightAt(date string) (archive.CommittedRun, bool, error) {
	runs := a.between("", date)
	slices.Reverse(runs)
	return a.night(runs)
}

// firstNight stands for a date before all nights.
func (a *Archive) firstNight() (archive.CommittedRun, bool, error) { return a.night(a.runs) }

// night is the first of these runs that is one. prelude.sql says the same.
func (a *Archive) night(runs []archive.CommittedRun) (archive.CommittedRun, bool, error) {
	for _, r := range runs {
		if !r.Has("reads") {
			continue
		}
		trigger, err := r.Trigger(a.store)
		if err != nil {
			return r, false, err
		}
		if !slices.Contains([]string{"sweep", "revoke", "restore"}, trigger) {
			return r, true, nil
		}
	}
	return archive.CommittedRun{}, false, nil
}
