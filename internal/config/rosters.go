package config

import (
	"fmt"
	"slices"

	"github.com/goccy/go-yaml/token"

	"rollcall/internal/access"
)

// Roster is one list of HR's.
type Roster struct {
	Name     access.Source
	File     string                   // as written; see Config.Path
	Columns  map[string]string        // rollcall's column -> HR's header
	Statuses map[string]access.Status // HR's word -> rollcall's
	Canaries []access.EmployeeID      // people who are always in it
	// TimeZones gives the time zone of people at a location, by HR's word for it.
	TimeZones map[string]string
	// LeftAfter is after how many accepted lists of different content that do not have
	// them somebody counts as left; 0: never, they are held until HR answers.
	LeftAfter int
	Dates     string // dmy or mdy: how days that can be read in two ways are meant; empty: the column tells
}

// columns are rollcall's own names of roster columns (docs/hr.md), and of
// those in which some HR systems have the same in another way.
var columns = []string{"employee_id", "email", "name", "title", "department", "manager_id", "worker_type", "status",
	"start_date", "end_date", "last_working_day", "timezone", "aliases",
	"first_name", "last_name", "manager_email", "rehire_date", "on_leave", "location", "future_action", "future_date"}

var statuses = []string{string(access.StatusActive), string(access.StatusLeave), string(access.StatusPending),
	string(access.StatusGardenLeave), string(access.StatusLeft), string(access.StatusUnknown)}

func (r *reader) rosters(dst *[]Roster) func(value) {
	return func(v value) {
		items, isList := r.list(v)
		for _, item := range items {
			one := Roster{}
			r.roster(&one, item)
			if slices.ContainsFunc(*dst, func(o Roster) bool { return o.Name == one.Name && one.Name != "" }) {
				r.failValue(item, fmt.Sprintf("two rosters are called %q", one.Name), "give each list its own name")
			}
			*dst = append(*dst, one)
		}
		if isList && len(items) == 0 {
			r.fail(r.whereIs(v), v.path, "rosters has no list of HR's", "add one with a dash, name and file")
		}
	}
}

func (r *reader) roster(one *Roster, v value) {
	one.Columns, one.Statuses, one.TimeZones = map[string]string{}, map[string]access.Status{}, map[string]string{}
	var canaries []string
	r.mapping(v, []field{
		{"name", "add a short name, such as employees", r.text((*string)(&one.Name), matches(identifier, "a short lower-case name, such as employees"))},
		{"file", "add the path of the CSV file", r.text(&one.File)},
		{"columns", "", r.columns(one.Columns)},
		{"statuses", "", r.statuses(one.Statuses)},
		{"canaries", "", r.texts(&canaries)},
		{"timezones", "", r.timezones(one.TimeZones)},
		{"dates", "", r.text(&one.Dates, oneOf("dmy", "mdy"))},
		{"left_after_lists", "", r.number(&one.LeftAfter, 2, 100, "not being in one list is how every mistake of a report begins, so that 2 different lists are the least after which somebody may count as left; without the line it never happens")},
	})
	for _, id := range canaries {
		one.Canaries = append(one.Canaries, access.EmployeeID(id))
	}
}

// columns reads rollcall's column -> HR's header. One header cannot be two columns.
func (r *reader) columns(dst map[string]string) func(value) {
	return func(v value) {
		by := map[string]string{}
		r.each(v, func(key string, at *token.Position, entry value) {
			if !slices.Contains(columns, key) {
				r.unknownKey(at, v.path, key, columns)
				return
			}
			var header string
			r.text(&header)(entry)
			if other := by[header]; other != "" {
				r.failValue(entry, fmt.Sprintf("header %q stands for both %s and %s", header, other, key), "keep one of them")
			}
			if header != "" {
				by[header], dst[key] = key, header
			}
		})
	}
}

// statuses reads HR's word -> rollcall's status.
func (r *reader) statuses(dst map[string]access.Status) func(value) {
	return func(v value) {
		r.each(v, func(key string, _ *token.Position, entry value) {
			var status string
			r.text(&status, oneOf(statuses...))(entry)
			if status != "" {
				dst[key] = access.Status(status)
			}
		})
	}
}

// timezones reads HR's word for a location -> the time zone there.
func (r *reader) timezones(dst map[string]string) func(value) {
	return func(v value) {
		r.each(v, func(key string, _ *token.Position, entry value) {
			var zone string
			if r.text(&zone, timezone)(entry); zone != "" {
				dst[key] = zone
			}
		})
	}
}
