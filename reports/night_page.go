package reports

import (
	"bytes"
	"cmp"
	_ "embed" // the page's template, script and style
	"fmt"
	"html/template"
	"path"

	"rollcall/internal/access"
	"rollcall/reports/page"
	"rollcall/reports/picture"
)

// The night report is a run on one page, for people: what happened, who acts next, and
// everything that the summaries tell, to search and to print. It shows what tell allows
// everybody, and findings under the same discretion.

var (
	//go:embed page/night.html
	nightHTML string
	//go:embed page/night.css
	nightStyle string
	//go:embed page/night.js
	nightScript string

	nightTemplate = page.Template(nightHTML, nil)
	nightLooks    = page.Base() + picture.Style() + nightStyle
	nightPolicy   = page.Policy(nightLooks, nightScript)
)

// PageName is the file of a run's report in the folder of the run, and of the list of
// all runs in the folder above.
const PageName = "index.html"

// How many of each the page holds; the archive has all.
const (
	mostRows    = 10_000 // findings
	mostPeople  = 1000   // leavers, and rights of earlier jobs
	mostReads   = 5000
	shownAtOnce = 200 // findings, until more are asked for
)

// nightView is what the template shows.
type nightView struct {
	CSP    string
	Style  template.CSS
	Script template.JS
	story
	Title, Day, State, Tone string
	Nothing                 string // why nothing was changed; empty: the run might have
	Steps                   bool   // the runbooks were written
	Acts                    []act
	ActsMore                int
	Waiting                 string
	LeaverTitle             string
	Unknown                 []string
	People                  []personView
	PeopleMore              int
	LaterWords              string
	Taken                   []takenView
	Held                    []guardView
	ApprovalLines           []approvalView
	Matrix                  matrix
	Rows                    []findingView
	RowsMore, Withheld      int
	Kinds, Places, Serious  []string
	Nexts                   []string
	Trend                   trend
	Certificates            []readView
	ReadsMore               int
	Sheets                  []sheetView
	Links                   []pageLink
}

type sheetView struct {
	Who, Because, File string
	Rows, Flagged      int
}

// NightPage makes the report of a run as one HTML file, to lie in the run's folder.
func NightPage(n *access.Night, f Footer) ([]byte, error) {
	n = forEverybody(n)
	s, d := tell(n, f), newDiscretion(n)
	v := nightView{CSP: nightPolicy, Style: template.CSS(nightLooks), Script: template.JS(nightScript), story: s,
		Title: titleOf(s), Day: n.Run.StartedAt.UTC().Format("Monday 2 January 2006"), Steps: len(f.Runbooks) > 0, LeaverTitle: leaversTitle(s)}
	v.State, v.Tone = stateOf(s)
	v.Nothing = nothing(n, s)
	v.act(f)
	v.leavers(n)
	v.taken("Access of earlier jobs", s.Movers)
	v.taken("What reviews decided to remove", s.Reviewed)
	v.held(f)
	v.findings(n, d, f)
	v.reads(n)
	v.sheets(n)
	for _, name := range f.Beside {
		v.Links = append(v.Links, pageLink{besideWords(name), href(name)})
	}
	var err error
	if v.Trend, err = trendOf(n.Past); err != nil {
		return nil, err
	}
	const perRow = 900 // bytes, about
	var out bytes.Buffer
	out.Grow(len(nightLooks) + len(nightScript) + perRow*(len(v.Rows)+len(v.People)+100))
	if err := nightTemplate.Execute(&out, v); err != nil {
		return nil, fmt.Errorf("make the page of the night: %w", err)
	}
	return []byte(page.Printable(out.String())), nil
}

// titleOf says what kind of run it was.
func titleOf(s story) string {
	switch {
	case s.Order != "" && s.Trigger == "plan":
		return "One person, by order: what would happen"
	case s.Order != "":
		return "One person, by order"
	}
	return cmp.Or(map[string]string{"plan": "Plan: what a night would do", "sweep": "Sweep between two nights", "apply": "A plan, carried out"}[s.Trigger], "Night report")
}

// stateOf says how the run ended, and how it looks.
func stateOf(s story) (words, tone string) {
	switch {
	case s.ExitCode == 0 && len(s.Urgent) > 0:
		return "Done, and something is urgent", "urgent"
	case s.ExitCode == 0:
		return "In order", "good"
	case s.ExitCode == 3:
		return "Somebody has to decide", "want"
	case s.ExitCode == 4:
		return "Not everything could be read", "want"
	}
	return "Something went wrong", "urgent"
}

// nothing says why a run changed nothing, if it was not to.
func nothing(n *access.Night, s story) string {
	switch {
	case isPlan(n):
		return "This is a plan. Nothing was changed in any system, and nothing was archived: it says what would happen."
	case s.Mode == access.Observe:
		return "The mode is observe: rollcall only looked. Nothing was changed in any system."
	}
	return ""
}

func (v *nightView) sheets(n *access.Night) {
	for _, w := range n.Worksheets {
		one := sheetView{Who: cmp.Or(line(w.ReviewerName), line(w.ReviewerMail), "a reviewer"), Because: line(w.Because), Rows: len(w.Items)}
		for _, i := range w.Items {
			if i.FindingID != "" {
				one.Flagged++
			}
		}
		if w.File != "" {
			one.File = href(path.Join("worksheets", w.File))
		}
		v.Sheets = append(v.Sheets, one)
	}
}
