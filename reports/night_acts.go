package reports

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"rollcall/internal/access"
	"rollcall/internal/phrase"
)

// act is what one of the people who act next has to know, and when.
type act struct {
	When, To string
	Urgent   bool
	Words    []actWords
}

type actWords struct{ Text, Runbook, RunbookTitle string }

type pageLink struct{ Words, File string }

// act gathers who acts next: the most urgent first, each with everything at once.
func (v *nightView) act(f Footer) {
	if v.Worksheets.Rows > 0 {
		v.Waiting = fmt.Sprintf("%s in %s for reviewers. They are asked in the next review, or by whoever sends them their file.", phrase.Counted(v.Worksheets.Rows, "row"), phrase.Counted(v.Worksheets.Worksheets, "worksheet"))
	}
	if v.Call == nil {
		return
	}
	for _, one := range v.Call.Say[:min(len(v.Call.Say), mostOpen)] {
		when, to := phrase.Capital(one.When), phrase.Capital(one.To)
		at := slices.IndexFunc(v.Acts, func(a act) bool { return a.When == when && a.To == to })
		if at < 0 {
			at = len(v.Acts)
			v.Acts = append(v.Acts, act{When: when, To: to, Urgent: one.When == now})
		}
		v.Acts[at].Words = append(v.Acts[at].Words, actWords{plainKind(one.Words), runbookLink(f, one.Runbook), runbookTitle(one.Runbook)})
	}
	slices.SortStableFunc(v.Acts, func(a, b act) int {
		switch {
		case a.Urgent == b.Urgent:
			return 0
		case a.Urgent:
			return -1
		}
		return 1
	})
	v.ActsMore = max(0, len(v.Call.Say)-mostOpen)
}

// runbookLink is where a runbook's page lies, seen from the run's folder; empty unless it
// was written.
func runbookLink(f Footer, r access.Runbook) string {
	if file, written := f.Runbooks[r]; written && r != "" {
		return href(file)
	}
	return ""
}

// plainKind says in words the kind of finding with which a sentence begins.
func plainKind(words string) string {
	kind, rest, _ := strings.Cut(words, ": ")
	if title, is := findingTitles[access.FindingKind(kind)]; is {
		return title + ": " + rest
	}
	return words
}

func runbookTitle(r access.Runbook) string { return strings.ReplaceAll(string(r), "-", " ") }

// href makes a link of the path of a file, whatever characters it has.
func href(file string) string { return (&url.URL{Path: file}).String() }
