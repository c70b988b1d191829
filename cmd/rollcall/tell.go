package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"rollcall/internal/access"
	"rollcall/reports"
)

// summaries are what is told of a run, in three forms.
type summaries struct {
	text, markdown string
	data           []byte
}

// tell writes a run's summaries and its page into its folder, and the list of runs above.
func (n *night) tell(record *access.Night, footer reports.Footer) (summaries, error) {
	footer.Beside, footer.Runbooks = n.beside(), n.runbooks()
	data, err := reports.SummaryJSON(record, footer)
	if err != nil {
		return summaries{}, err
	}
	t := summaries{reports.Summary(record, footer), reports.SummaryMarkdown(record, footer), data}
	page, err := reports.NightPage(record, footer)
	if err != nil {
		return summaries{}, err
	}
	for name, b := range map[string][]byte{"summary.txt": []byte(t.text), "summary.md": []byte(t.markdown), "summary.json": t.data, reports.PageName: page} {
		if err := writeFile(filepath.Join(n.dir, name), b); err != nil {
			return summaries{}, err
		}
	}
	return t, listRuns(filepath.Dir(n.dir))
}

// beside are the files in the run's folder that its page links to.
func (n *night) beside() []string {
	names := []string{"summary.txt", "summary.json"}
	if _, err := os.Stat(filepath.Join(n.dir, "plan.json")); err == nil {
		names = append(names, "plan.json")
	}
	hr, err := filepath.Glob(filepath.Join(n.dir, "hr", "*.xlsx"))
	if err != nil {
		return names // the folder's name is no pattern: the page links to fewer
	}
	for _, file := range hr {
		names = append(names, "hr/"+filepath.Base(file))
	}
	return names
}

// runbooks are the pages that rollcall runbook has written, seen from the run's folder.
func (n *night) runbooks() map[access.Runbook]string {
	all := map[access.Runbook]string{}
	pages, err := filepath.Glob(filepath.Join(n.cfg.Path(runbookFolder), "*.html"))
	if err != nil {
		return all
	}
	for _, page := range pages {
		from, err := filepath.Abs(n.dir)
		if err != nil {
			continue
		}
		to, err := filepath.Abs(page)
		if err != nil {
			continue
		}
		if rel, err := filepath.Rel(from, to); err == nil {
			name := filepath.Base(page)
			all[access.Runbook(name[:len(name)-len(".html")])] = filepath.ToSlash(rel)
		}
	}
	return all
}

// mostListed is how many runs the list of runs has.
const mostListed = 200

// listRuns writes the list of the runs that have a page in this folder, newest first:
// their names sort by time.
func listRuns(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("list the runs: %w", err)
	}
	entries = slices.DeleteFunc(entries, func(d fs.DirEntry) bool {
		_, err := os.Stat(filepath.Join(dir, d.Name(), reports.PageName))
		return err != nil
	})
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return cmp.Compare(b.Name(), a.Name()) })
	var runs []reports.ToldRun
	for _, d := range entries[:min(len(entries), mostListed)] {
		b, err := readFrom(filepath.Join(dir, d.Name(), "summary.json"), largestSummary)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return fmt.Errorf("list the runs: %w", err)
		}
		runs = append(runs, reports.ToldRun{Dir: d.Name(), Summary: b})
	}
	b, err := reports.RunsPage(runs, len(entries)-len(runs))
	if err != nil {
		return err
	}
	return writeFile(filepath.Join(dir, reports.PageName), b)
}
