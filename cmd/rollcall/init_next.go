package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"rollcall/internal/config"
	"rollcall/internal/phrase"
)

// toldNight is what the first hour ends with, of a night's summary.json.
type toldNight struct {
	Happened []string `json:"happened"`
	Leavers  []any    `json:"leavers"`
	Rosters  []struct {
		File     string `json:"file"`
		Problems int    `json:"problems_total"`
	} `json:"rosters"`
	Findings []struct {
		Kind  string `json:"kind"`
		Count int    `json:"count"`
	} `json:"findings"`
	Worksheets struct {
		Worksheets int `json:"worksheets"`
		Rows       int `json:"rows"`
	} `json:"worksheets"`
}

// sayThree ends the first hour: what was found, and who does what next.
func (e *environ) sayThree(cfg config.Config) error {
	reports := cfg.Path(cfg.Reports.Dir)
	run, err := newestRun(reports)
	if err != nil {
		return exitError{exitAborted, fmt.Errorf("find the reports of the night in %s: %w: run rollcall nightly --config %s", reports, err, cfg.File)}
	}
	dir := filepath.Join(reports, run)
	var told toldNight
	b, err := readFrom(filepath.Join(dir, "summary.json"), largestSummary)
	if err == nil {
		err = json.Unmarshal(b, &told)
	}
	if err != nil {
		return exitError{exitAborted, fmt.Errorf("read the summary of the night: %w: run rollcall nightly --config %s", err, cfg.File)}
	}
	fmt.Fprintln(e.stdout)
	for _, line := range told.Happened {
		fmt.Fprintf(e.stdout, "   %s\n", line)
	}
	fmt.Fprintf(e.stdout, "\nThree things to do next\n\n1. IT: read %s%s.\n%s", nightPage(dir), stillOpen(len(told.Leavers)), forIT(cfg, told))
	fmt.Fprintf(e.stdout, "2. HR: %s", forHR(cfg, told))
	fmt.Fprintf(e.stdout, "3. Reviewers: %s", forReviewers(cfg, told, dir))
	return nil
}

// nightPage is the page to read: that for the browser, where there is one.
func nightPage(dir string) string {
	page := filepath.Join(dir, "index.html")
	if _, err := os.Stat(page); err == nil {
		return page
	}
	return filepath.Join(dir, "summary.md")
}

func stillOpen(leavers int) string {
	if leavers == 0 {
		return ""
	}
	return fmt.Sprintf(" (%s who left can still get in: nothing was changed)", phrase.Counted(leavers, "person"))
}

func forIT(cfg config.Config, told toldNight) string {
	text := ""
	for _, f := range told.Findings {
		if f.Kind == "orphan_account" {
			text = fmt.Sprintf("   %s to nobody: write in %s what is a program's or break-glass.\n", belong(f.Count), cfg.Path(cfg.Policy.NonHuman))
		}
	}
	return text + fmt.Sprintf("   Write in %s whom to call. Then run this every night: rollcall nightly --config %s\n"+
		"   It changes nothing until rollcall.yaml says mode: enforce.\n", cfg.Path(cfg.Policy.Contacts), cfg.File)
}

func belong(n int) string {
	if n == 1 {
		return "1 account belongs"
	}
	return fmt.Sprintf("%d accounts belong", n)
}

// forHR asks for what is wrong with the worst list, or for the next one.
func forHR(cfg config.Config, told toldNight) string {
	file, worst := cfg.Rosters[0].File, 0
	for _, r := range told.Rosters {
		if r.Problems > worst {
			file, worst = r.File, r.Problems
		}
	}
	file = cfg.Path(file)
	if worst == 0 {
		return fmt.Sprintf("put a new list in the place of %s every day (docs/hr.md). Try each one first:\n   rollcall check --config %s --roster %s\n", file, cfg.File, file)
	}
	return fmt.Sprintf("mend %s in %s (docs/hr.md). What and where:\n   rollcall check --config %s --roster %s --out roster_problems.xlsx\n", phrase.Counted(worst, "thing"), file, cfg.File, file)
}

func forReviewers(cfg config.Config, told toldNight, dir string) string {
	text := "no row waits for an answer yet (docs/reviewers.md).\n"
	if sheet, rows := busiestSheet(dir); sheet != "" {
		text = fmt.Sprintf("answer the worksheets in %s (%d, with %s; docs/reviewers.md).\n   Begin with %s, where %d need an answer.\n",
			filepath.Join(dir, "worksheets"), told.Worksheets.Worksheets, phrase.Counted(told.Worksheets.Rows, "row"), filepath.Base(sheet), rows)
	}
	return text + fmt.Sprintf("   Whoever answers for access reads each line of %s and approves it: rollcall rolemap lint --config %s\n", cfg.Path(cfg.Policy.RoleMap), cfg.File)
}
