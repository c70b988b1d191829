package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"rollcall/internal/access"
	"rollcall/internal/config"
	"rollcall/reconcile"
	"rollcall/reports/archive"
)

// someNights refuses a --nights that asks for none.
func someNights(c *cli.Context) error {
	if n := c.Int("nights"); c.IsSet("nights") && n < 1 {
		return refuse("--nights is %d: write 1 or more, for the last night or more of them", n)
	}
	return nil
}

// pastNights are the last n committed runs, oldest first, and how many there are
// in all; none, when there is no archive yet. wanted chooses by trigger, nil: all.
func (e *environ) pastNights(ctx context.Context, cfg config.Config, n int, wanted func(trigger string) bool) ([]archive.PastRun, int, error) {
	keep, err := e.pastArchive(ctx, cfg)
	if keep == nil || err != nil {
		return nil, 0, err
	}
	runs, all, err := keep.NightsOf(n, wanted)
	if err != nil {
		return nil, 0, err
	}
	return e.notExpired(runs, all)
}

// notExpired leaves out the nights of which nothing about people is known any more, and
// says so.
func (e *environ) notExpired(runs []archive.PastRun, all int) (left []archive.PastRun, _ int, err error) {
	gone := 0
	var last *archive.ExpiredError
	for _, run := range runs {
		x, err := run.Expired()
		switch {
		case err != nil:
			return nil, 0, err
		case x == nil:
			left = append(left, run)
		default:
			gone, last = gone+1, x
		}
	}
	if gone > 0 {
		e.log.Warn(fmt.Sprintf("%d of the nights that were asked for have expired, and nothing is told of them: %v", gone, last))
	}
	return left, all, nil
}

// pastArchive is the archive, open for reading; nil: there is none yet.
func (e *environ) pastArchive(ctx context.Context, cfg config.Config) (*archive.Archive, error) {
	keep, err := e.past(ctx, cfg)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return keep, err
}

// wholeNight reports whether a run of that trigger read the systems and asked about
// everybody: what a sweep or an order recorded of rights is the night's before it.
func wholeNight(trigger string) bool { return trigger != "sweep" && trigger != "revoke" }

// replay tells what a change of the role map would have done on past nights. It
// holds one night at a time.
func (e *environ) replay(c *cli.Context, cfg config.Config, older, newer access.RoleMap) error {
	runs, all, err := e.pastNights(c.Context, cfg, c.Int("nights"), wholeNight)
	if err != nil {
		return aborted(fmt.Errorf("replay past nights: %w", err))
	}
	if len(runs) == 0 {
		return refuse("no night has run yet (archive %s), so there is none to replay: leave --nights out to judge tonight", archiveRoot(cfg))
	}
	r, err := judges[c.String("engine")](e, c, cfg, runs, older, newer)
	if err != nil {
		return err
	}
	r.Asked, r.Archived = c.Int("nights"), all
	if c.Bool("json") {
		return errors.Join(json.NewEncoder(e.stdout).Encode(r), partlyRead(r))
	}
	return errors.Join(printReplay(e.stdout, r, c.Bool("markdown")), partlyRead(r))
}

// judges are what may judge past nights, by the names of --engine.
var judges = map[string]func(*environ, *cli.Context, config.Config, []archive.PastRun, access.RoleMap, access.RoleMap) (reconcile.Replay, error){
	"go": byEvaluator, "duckdb": bySQL, "athena": bySQL,
}

// byEvaluator judges night after night as a night does, with its findings.
func byEvaluator(e *environ, c *cli.Context, cfg config.Config, runs []archive.PastRun, older, newer access.RoleMap) (reconcile.Replay, error) {
	var nights reconcile.Replaying
	progress := e.counting("replaying nights")
	defer progress.end()
	for at, run := range runs {
		progress.tell(at, len(runs))
		if err := c.Context.Err(); err != nil {
			return reconcile.Replay{}, aborted(err)
		}
		n, memory, err := run.Night()
		if err != nil {
			return reconcile.Replay{}, aborted(fmt.Errorf("replay past nights: %w", err))
		}
		nights.Add(n, memory, settings(cfg, access.Observe), older, newer)
	}
	return nights.Replay(), nil
}

// bySQL judges all nights in one SELECT.
func bySQL(e *environ, c *cli.Context, cfg config.Config, runs []archive.PastRun, older, newer access.RoleMap) (none reconcile.Replay, err error) {
	opened, _, err := e.openAudited(c)
	if err == nil {
		opened.Engine, err = e.engine(c, cfg)
	}
	if err != nil {
		return none, err
	}
	heads := make([]access.Run, len(runs))
	for i, run := range runs {
		if heads[i], err = run.Head(); err != nil {
			return none, aborted(fmt.Errorf("replay past nights: %w", err))
		}
	}
	r, err := opened.CompareMaps(c.Context, heads, cfg.Company.Location(), older, newer)
	if err != nil {
		return none, aborted(fmt.Errorf("replay past nights: %w", err))
	}
	return r, nil
}

// partlyRead is what the command ends with when nights were not read to their end.
func partlyRead(r reconcile.Replay) error {
	partly := 0
	for _, n := range r.Nights {
		if len(n.Unread) > 0 {
			partly++
		}
	}
	if partly == 0 {
		return nil
	}
	return exitError{exitIncomplete, fmt.Errorf("%d of %d nights had not read everything, so this is not all: --json tells which, and why", partly, len(r.Nights))}
}

func printReplay(to io.Writer, r reconcile.Replay, markdown bool) error {
	person, finding := []string{"person", "system", "account", "right"}, []string{"finding", "reason", "rests on", "nights"}
	sections := []section{
		nightsSection(r, markdown),
		{fmt.Sprintf("Access that people held and that would have been allowed (%d)", len(r.Allowed)), append(person[:4:4], "by", "nights"), changesOver(r.Allowed)},
		{fmt.Sprintf("Access that people held and that nothing would have allowed any more (%d)", len(r.Unexpected)), append(person[:4:4], "was allowed by", "nights"), changesOver(r.Unexpected)},
	}
	if !r.ChangesOnly {
		sections = append(sections,
			section{fmt.Sprintf("Findings that would have appeared (%d)", len(r.Appear)), finding, findingsOver(r.Appear)},
			section{fmt.Sprintf("Findings that would have vanished (%d)", len(r.Vanish)), finding, findingsOver(r.Vanish)})
	}
	return printSections(to, markdown, sections)
}

// nightsSection has a row for each night. As text it has no head, so that each cell
// says what it counts.
func nightsSection(r reconcile.Replay, markdown bool) section {
	s := section{title: "What the change would have done " + howMany(len(r.Nights), r.Asked, r.Nights[0].Date, r.Nights[len(r.Nights)-1].Date),
		head: []string{"night", "run", "gained", "lost", "findings appear", "findings vanish", "not read"}}
	if r.ChangesOnly { // of findings nothing is known
		s.head = slices.Delete(s.head, 4, 6)
	}
	for _, n := range r.Nights {
		counts := []int{n.Gained, n.Lost, n.Appear, n.Vanish}
		if r.ChangesOnly {
			counts = counts[:2]
		}
		row := []string{n.Date.String(), string(n.Run)}
		for i, count := range counts {
			cell := strconv.Itoa(count)
			if !markdown {
				cell += " " + s.head[2+i]
			}
			row = append(row, cell)
		}
		switch unread := shortList(n.Unread); {
		case markdown:
			row = append(row, unread)
		case unread != "":
			row = append(row, "not all was read: "+unread)
		}
		s.rows = append(s.rows, row)
	}
	return s
}

// howMany names the nights that an answer rests on.
func howMany(nights, asked int, from, to access.Day) string {
	says := fmt.Sprintf("on the last %d nights (%s to %s)", nights, from, to)
	if nights == 1 {
		says = fmt.Sprintf("on the last night (%s)", to)
	}
	if nights < asked {
		says += fmt.Sprintf("; %d were asked for, and the archive has no more", asked)
	}
	return says
}

// shortList names the first few of what was not read, without saying why, and how
// many more there are.
func shortList(all []string) string {
	const few = 5
	var names []string
	for _, one := range all[:min(few, len(all))] {
		name, _, _ := strings.Cut(one, ": ")
		names = append(names, name)
	}
	if len(all) > few {
		names = append(names, fmt.Sprintf("and %d more", len(all)-few))
	}
	return strings.Join(names, ", ")
}

func changesOver(all []reconcile.SpanOfChange) (rows [][]string) {
	for _, c := range all {
		rows = append(rows, append(changeRow(c.GrantChange), when(c.Span)))
	}
	return rows
}

func findingsOver(all []reconcile.SpanOfFinding) (rows [][]string) {
	for _, f := range all {
		rows = append(rows, append(findingRow(f.Finding), when(f.Span)))
	}
	return rows
}

// when says on which nights something was so.
func when(s reconcile.Span) string {
	if s.Nights == 1 {
		return s.To.String()
	}
	return fmt.Sprintf("%s to %s (%d nights)", s.From, s.To, s.Nights)
}
