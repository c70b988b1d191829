package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/urfave/cli/v2"

	"rollcall/internal/access"
	"rollcall/internal/config"
	"rollcall/internal/phrase"
	"rollcall/internal/wholefile"
	"rollcall/reconcile"
)

const approveHelp = `Answers for what a guard holds: writes a signed file into the folder of approvals.
The next run that finds it lets pass exactly what it names, of exactly that guard,
once. Whoever came to the list since is judged anew; if somebody of the list turns
out not to have left, nothing of it passes. It expires after approvals.max_age.

Of a plan (plan.json, or the one beside a night's summary): --plan and --guard; with
--scope only the trip of that scope, else all trips of the guard, a file for each.
Of a list of HR's that was refused because of its numbers or its day: --guard roster --roster.

Look at what you approve: the report lists everybody by name. It takes your own key
(approvals.key), whose public half approvals.keys names where the night runs;
--new-key makes the pair. Nobody can approve what a protected account, a gap in
what was read, or the lack of a first night holds.`

func approveCommand(e *environ) *cli.Command {
	return &cli.Command{
		Name: "approve", Usage: "answer for what a guard holds: write a signed approval", Description: approveHelp,
		Flags: []cli.Flag{
			configFlag(), jsonFlag(),
			&cli.StringFlag{Name: "plan", Usage: "the plan `FILE` in which a guard holds something"},
			&cli.StringFlag{Name: "guard", Usage: "the `GUARD`, as the summary names it: " + strings.Join(reconcile.Answerable, ", ")},
			&cli.StringFlag{Name: "scope", Usage: "only the trip of this `SCOPE`, as the summary names it (behind the guard)"},
			&cli.StringFlag{Name: "roster", Usage: "with --guard roster: the refused list, a CSV `FILE`"},
			&cli.StringFlag{Name: "source", Usage: "with --guard roster: which list of the configuration it is, by `NAME`"},
			&cli.StringFlag{Name: "by", Usage: "`WHO` answers for it (needed)"},
			&cli.StringFlag{Name: "reason", Usage: "`WHY` it is right (needed)"},
			&cli.IntFlag{Name: "count", Usage: "how many you were told: refuse unless it names exactly that `NUMBER`", DefaultText: "any"},
			&cli.BoolFlag{Name: "new-key", Usage: "only make a pair of keys to approve with; overwrites nothing", DisableDefaultText: true},
		},
		Action: func(c *cli.Context) error {
			cfg, err := e.config(c)
			if err != nil {
				return err
			}
			if c.Bool("new-key") {
				return e.newApprovalKey(c, cfg)
			}
			given, err := e.approve(c, cfg)
			if err != nil {
				return err
			}
			return e.tellApprovals(cfg, given, c.Bool("json"))
		},
	}
}

// approved is one approval that was written, with what to tell of it.
type approved struct {
	File     string          `json:"file"`
	Approval access.Approval `json:"approval"`
	says     string
	names    []string
	others   []string // trips of other guards that hold some of the same
}

// approve checks what is asked for, signs and writes.
func (e *environ) approve(c *cli.Context, cfg config.Config) ([]approved, error) {
	if err := approvable(c); err != nil {
		return nil, err
	}
	key, err := e.approvalKey(c.Context, cfg)
	if err != nil {
		return nil, err
	}
	var out []approved
	if c.String("guard") == "roster" {
		out, err = e.approveRoster(c, cfg)
	} else {
		out, err = e.approvePlan(c, cfg)
	}
	if err != nil {
		return nil, err
	}
	for _, a := range out {
		if c.IsSet("count") && c.Int("count") != a.Approval.Count {
			return nil, refuse("%s (%s) is about %d, and --count says %d: look at the list again, with whoever told you the number; nothing was written", a.Approval.Guard, a.Approval.Scope, a.Approval.Count, c.Int("count"))
		}
	}
	now := e.now().UTC().Truncate(time.Second)
	for n := range out {
		a := &out[n].Approval
		a.ID, a.By, a.Reason, a.CreatedAt, a.ExpiresAt = newApprovalID(now), c.String("by"), c.String("reason"), now, now.Add(cfg.Approvals.MaxAge)
		b, err := sealApproval(*a, key)
		if err != nil {
			return nil, err
		}
		out[n].File = filepath.Join(cfg.Path(cfg.Approvals.Dir), a.ID+".json")
		if err := wholefile.New(out[n].File, b, 0o640); err != nil {
			return nil, exitError{exitAborted, fmt.Errorf("write the approval: %w: check the folder, then approve again", err)}
		}
	}
	return out, nil
}

// approvable refuses what cannot be meant, before a key is asked for.
func approvable(c *cli.Context) error {
	guard := c.String("guard")
	if guard == "" {
		return refuse("approve needs --guard GUARD, as the summary names it (one of %s)", strings.Join(reconcile.Answerable, ", "))
	}
	if why := reconcile.Unanswerable(guard); why != "" {
		return refuse("what the guard %s holds cannot be approved: %s", guard, why)
	}
	needs, not := "plan", []string{"roster", "source"}
	if guard == "roster" {
		needs, not = "roster", []string{"plan", "scope"}
	}
	for _, flag := range not {
		if c.IsSet(flag) {
			return refuse("--%s does not go with --guard %s: leave it out", flag, guard)
		}
	}
	for _, flag := range []string{needs, "by", "reason"} {
		if c.String(flag) == "" {
			return refuse("approve --guard %s needs --%s: see rollcall approve --help", guard, flag)
		}
	}
	for _, flag := range []string{"by", "reason"} {
		if s := c.String(flag); !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) {
			return refuse("--%s has to be one line of plain text: it is kept for auditors", flag)
		}
	}
	return nil
}

// tellApprovals says what was written, and what follows.
func (e *environ) tellApprovals(cfg config.Config, all []approved, asJSON bool) error {
	if asJSON {
		return writeJSON(e, all)
	}
	for _, a := range all {
		tellf(e.stdout, "%s\n   of     %s (%s): %s\n", a.File, a.Approval.Guard, a.Approval.Scope, a.says)
		if r := a.Approval.Roster; r != nil {
			tellf(e.stdout, "   names  the list %s with %d people, held against one of %d; %d are newly gone\n", r.File, r.People, r.Before, r.Gone)
		} else {
			tellf(e.stdout, "   names  %s\n", strings.Join(firstNames(a.names), ", "))
		}
		tellf(e.stdout, "   by     %s: %s\n   until  %s, and once\n", a.Approval.By, a.Approval.Reason, phrase.Minute(a.Approval.ExpiresAt))
		if len(a.others) > 0 {
			tellf(e.stdout, "   but    the same accounts are held by %s too: approve that as well\n", strings.Join(a.others, ", "))
		}
	}
	_, err := tellf(e.stdout, `
Next: the folder %s has to be there where the night runs, with this in it. The
next run that finds it goes on; rollcall plan shows beforehand what would count.
`, cfg.Approvals.Dir)
	return err
}

// firstNames are as many as are told one by one.
func firstNames(names []string) []string {
	if len(names) <= mostNamed {
		return names
	}
	return append(slices.Clone(names[:mostNamed]), fmt.Sprintf("and %d more", len(names)-mostNamed))
}
