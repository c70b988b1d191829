package reports

import (
	"bytes"
	_ "embed" // the page's template
	"encoding/json"
	"fmt"
	"html/template"
	"path"

	"rollcall/reports/page"
)

// The list of runs is the page that always has the same address: whoever keeps a link to
// it finds the newest night.

var (
	//go:embed page/runs.html
	runsHTML string

	runsTemplate = page.Template(runsHTML, nil)
	runsLooks    = page.Base() + nightStyle
	runsPolicy   = page.Policy(runsLooks, "")
)

// ToldRun is a run with a page: the folder that holds it, and its summary.json.
type ToldRun struct {
	Dir     string
	Summary []byte
}

type runsView struct {
	CSP    string
	Style  template.CSS
	Newest *runLine
	Runs   []runLine
	More   int
}

type runLine struct {
	File, At, Title, State, Tone string
	Code, Urgent                 int
	Happened                     []string
}

// RunsPage makes the list of runs from their summaries, newest first; more older ones
// have a folder and are not listed. A summary that cannot be read is left out.
func RunsPage(runs []ToldRun, more int) ([]byte, error) {
	v := runsView{CSP: runsPolicy, Style: template.CSS(runsLooks), More: more}
	for _, r := range runs {
		var s story
		if err := json.Unmarshal(r.Summary, &s); err != nil {
			v.More++
			continue
		}
		state, tone := stateOf(s)
		v.Runs = append(v.Runs, runLine{File: href(path.Join(r.Dir, PageName)), At: s.StartedAt, Title: titleOf(s), State: state, Tone: tone, Code: s.ExitCode, Urgent: len(s.Urgent), Happened: s.Happened})
	}
	if len(v.Runs) > 0 {
		v.Newest = &v.Runs[0]
	}
	var out bytes.Buffer
	if err := runsTemplate.Execute(&out, v); err != nil {
		return nil, fmt.Errorf("make the list of runs: %w", err)
	}
	return []byte(page.Printable(out.String())), nil
}
