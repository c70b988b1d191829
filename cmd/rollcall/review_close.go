package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"rollcall/internal/access"
	"rollcall/internal/config"
	"rollcall/jobs"
	"rollcall/reconcile"
	"rollcall/reports"
)

const reviewCloseHelp = `Ends a review. A row that nobody answered is never taken for Keep: it is recorded as not
answered, for the approver to decide (or, with review.unanswered: revoke, removed if it is
privileged). Then it writes the pack for auditors: who was listed, who reviewed it and
when, their checks with their figures, each Remove and the night that saw it gone, the
exceptions, hand-overs, and the sums.

A closed review takes no more answers. Until five business days after the due date it is
therefore only closed if everything is answered, or with --unanswered: the open rows are
then recorded as above, and the next review asks about them again, a delta too.`

func reviewCloseCommand(e *environ) *cli.Command {
	return &cli.Command{
		Name: "close", Usage: "end a review, and write the pack for auditors", Description: reviewCloseHelp,
		Flags: []cli.Flag{configFlag(), jsonFlag(), campaignFlag(),
			&cli.BoolFlag{Name: "unanswered", Usage: "end it although rows are open that may still be answered", DisableDefaultText: true},
			&cli.BoolFlag{Name: "pack", Usage: "of a review that is closed: write the pack again, as of now", DisableDefaultText: true}},
		Action: func(c *cli.Context) error {
			return e.withReview(c, "review close", func(r *reviewing) error {
				out, err := r.end(c)
				if err != nil {
					return err
				}
				return r.tellClosed(out, c.Bool("json"))
			})
		},
	}
}

// end closes a campaign or, with --pack, looks at one that is closed.
func (r *reviewing) end(c *cli.Context) (jobs.Ended, error) {
	id := access.CampaignID(c.String("campaign"))
	if !c.Bool("pack") {
		return r.Close(c.Context, id, c.Bool("unanswered"))
	}
	out, _, err := r.Look(c.Context, id)
	if err == nil && out.Record.Campaign.Open() {
		err = jobs.Refused{Says: fmt.Sprintf("the review %s is open: close it first", out.Record.Campaign.ID)}
	}
	return out, err
}

func (r *reviewing) tellClosed(o jobs.Ended, asJSON bool) error {
	rec := o.Record
	b, err := reports.CampaignPack(reports.Pack{Record: rec, Checks: o.Checks, Removals: o.Removals, Kept: o.Kept, Changes: reconcile.Changes(rec), At: r.e.now().UTC(), ToolVersion: r.Run.ToolVersion, Head: o.Head})
	name := filepath.Join(r.dir(rec.Campaign.ID), "compliance", "access-review_"+string(rec.Campaign.ID)+"_pack.xlsx")
	if err == nil {
		err = writeFile(name, b)
	}
	if err != nil {
		return exitError{exitAborted, fmt.Errorf("write the pack for auditors (the review is closed and recorded; write it again with rollcall review close --campaign %s --pack): %w", rec.Campaign.ID, err)}
	}
	if asJSON {
		return json.NewEncoder(r.e.stdout).Encode(struct {
			Campaign access.Campaign           `json:"campaign"`
			Checks   []reconcile.CampaignCheck `json:"checks"`
			Removals []access.Removal          `json:"removals"`
			Pack     string                    `json:"pack"`
			Head     string                    `json:"archive_head,omitempty"`
		}{rec.Campaign, o.Checks.Checks, append([]access.Removal{}, o.Removals...), name, o.Head})
	}
	p := r.e.page()
	p.line("The review %s is closed: %d rows, %d of them nobody answered, %d needed no answer any more.", rec.Campaign.ID, rec.Campaign.Rows, o.Expired, o.Gone)
	for _, c := range o.Checks.Checks {
		p.line("  %s %s: %s", holdsWord(c.Holds), c.Name, c.Says)
	}
	if o.Expired > 0 {
		p.line("%s decides about the %d rows that nobody answered: they are in the pack.", rec.Campaign.Approver, o.Expired)
	}
	p.line("%d to remove, %d exceptions until their day; what is to be removed is followed until a night sees it gone.", len(o.Removals), len(o.Kept))
	p.changes(rec)
	for _, x := range o.Kept {
		p.line("    to keep it for good, add to %s: %s", exceptionsFile(r.cfg), exceptionLine(x))
	}
	p.line("The pack for auditors: %s", name)
	if o.Head != "" {
		p.line("Head of the archive: %s", o.Head)
	}
	return nil
}

func holdsWord(holds bool) string {
	if holds {
		return "yes"
	}
	return "NO "
}

func exceptionsFile(cfg config.Config) string { return cmp.Or(cfg.Policy.Exceptions, "exceptions.csv") }
