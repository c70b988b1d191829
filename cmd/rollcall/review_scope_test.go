//go:build cgo

package main

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// TestAReviewIsAboutWhatItsFlagsSay: each of them narrows it, two at once narrow it more, and what
// people read at its head is what was given.
func TestAReviewIsAboutWhatItsFlagsSay(t *testing.T) {
	q := newQuarter(t)
	q.clock.set(q.state.night(q.state.Played - 1).Add(8 * time.Hour))
	open := func(id string, flags ...string) (opened, []askedRow) {
		var o opened
		q.into(&o, q.review(exitDone, append([]string{"open", "--json", "--campaign", id}, flags...)...))
		var rows []askedRow
		for _, s := range o.Worksheets {
			rows = append(rows, q.twin(id, s.Worksheet)...)
		}
		if len(rows) == 0 || len(rows) != o.Campaign.Rows {
			t.Fatalf("%v: %d rows, and the review says %d", flags, len(rows), o.Campaign.Rows)
		}
		return o, rows
	}
	_, every := open("all", "--title", "All of it", "--due", "2041-01-31")
	if says := q.review(exitDone, "status", "--campaign", "all"); !strings.HasPrefix(says, "All of it (all): open, due on 2041-01-31\n") {
		t.Errorf("%.80s", says)
	}
	q.review(exitRefused, "open", "--campaign", "late", "--due", "31.1.2041")
	department, right := "", ""
	for _, r := range every {
		if r["Department"] != "" && r["Risk"] == "Privileged" {
			department, right = r["Department"], r["Technical name"]
		}
	}
	if department == "" {
		t.Fatal("nobody of a department holds anything privileged")
	}
	_, name, _ := strings.Cut(right, ": ")
	name, _, _ = strings.Cut(name, " [")
	for id, c := range map[string]struct {
		flags []string
		is    func(askedRow) bool
	}{
		"department": {[]string{"--department", department}, func(r askedRow) bool { return r["Department"] == department }},
		"risk":       {[]string{"--risk", "privileged"}, func(r askedRow) bool { return r["Risk"] == "Privileged" }},
		"both":       {[]string{"--risk", "privileged", "--department", department}, func(r askedRow) bool { return r["Risk"] == "Privileged" && r["Department"] == department }},
		"right":      {[]string{"--entitlement", name}, func(r askedRow) bool { return strings.Contains(r["Technical name"], name) }},
	} {
		_, rows := open(id, c.flags...)
		if n := slices.IndexFunc(rows, func(r askedRow) bool { return !c.is(r) }); n >= 0 {
			t.Errorf("%v: it asks about %v", c.flags, rows[n])
		}
		if len(rows) >= len(every) {
			t.Errorf("%v: %d rows, of %d in all", c.flags, len(rows), len(every))
		}
	}
	if says := q.review(exitRefused, "open", "--campaign", "x", "--movers"); !strings.Contains(says, "nothing is in the scope") {
		t.Errorf("nobody of the demo has changed their job: %s", says)
	}
	q.review(exitRefused, "open", "--campaign", "x", "--risk", "high")
	q.review(exitRefused, "open", "--campaign", "x", "--system", "nowhere")
}
