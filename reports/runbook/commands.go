package runbook

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"rollcall/reports"
)

// type types a command with this company's configuration.
func (c company) command(args ...string) *Command { return c.commandWith(c.file, args...) }

func (c company) commandWith(file string, args ...string) *Command {
	words := []string{"rollcall"}
	for _, a := range append(args, "--config", file) {
		words = append(words, shellWord(a))
	}
	return &Command{Line: strings.Join(words, " "), Ends: []int{0}}
}

func (c *Command) ends(codes ...int) *Command     { c.Ends = codes; return c }
func (c *Command) shows(texts ...string) *Command { c.Shows = texts; return c }
func (c *Command) not(texts ...string) *Command   { c.Not = texts; return c }

// shellWord writes a word so that a shell takes it for one. What a person writes in
// the place of a blank may have spaces.
func shellWord(s string) string {
	if slices.Contains([]string{"WHO", "WHY", "RIGHT", "FILE", "FOLDER", "PLAN", "TICKET"}, s) {
		return "'" + s + "'"
	}
	return reports.ShellWord(s)
}

func typed(says string, k *Command) Tool { return Tool{Says: says, Command: k} }

// path is a place of the configuration as commands name it.
func (c company) path(p string, more ...string) string {
	if !filepath.IsAbs(p) {
		p = filepath.Join(filepath.Dir(c.file), p)
	}
	return filepath.Join(append([]string{p}, more...)...)
}

// inReports is a place in the folder of a run's reports.
func (c company) inReports(more ...string) string {
	return c.path(c.cfg.Reports.Dir, append([]string{"RUN"}, more...)...)
}

// summary says where a run's summary is.
func (c company) summary() Tool {
	return Tool{Says: "The summary of the run: " + c.inReports("summary.md")}
}

// lists names HR's lists with their files.
func (c company) lists() string {
	var all []string
	for _, r := range c.cfg.Rosters {
		all = append(all, fmt.Sprintf("%s (%s)", r.Name, c.path(r.File)))
	}
	return strings.Join(all, ", ")
}

// checkLists are the commands with which HR tries a list.
func (c company) checkLists(more ...string) []Tool {
	var out []Tool
	for _, r := range c.cfg.Rosters {
		k := c.command(append([]string{"check", "--roster", c.path(r.File), "--source", string(r.Name)}, more...)...)
		out = append(out, typed(fmt.Sprintf("Try the list %s:", r.Name), k))
	}
	return out
}
