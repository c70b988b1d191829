package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"rollcall/internal/access"
	"rollcall/internal/phrase"
	"rollcall/jobs"
	"rollcall/reconcile"
)

func reviewStatusCommand(e *environ) *cli.Command {
	return &cli.Command{
		Name: "status", Usage: "who owes which answers, and by when",
		Description: `Tells how far a review is: who has answered how much, what is open and overdue, how it
went day by day, and what became of each Remove. It changes nothing and reads no system.`,
		Flags: []cli.Flag{configFlag(), jsonFlag(), campaignFlag()},
		Action: func(c *cli.Context) error {
			cfg, err := e.config(c)
			if err != nil {
				return err
			}
			r, err := e.review(c.Context, cfg, "review status")
			if err != nil {
				return err
			}
			now, progress, err := r.Look(c.Context, access.CampaignID(c.String("campaign")))
			if err != nil {
				return notReviewed(err)
			}
			if c.Bool("json") {
				return json.NewEncoder(e.stdout).Encode(struct {
					Campaign access.Campaign            `json:"campaign"`
					Progress reconcile.CampaignProgress `json:"progress"`
					Removals []access.Removal           `json:"removals"`
				}{now.Record.Campaign, progress, append([]access.Removal{}, now.Removals...)})
			}
			e.page().status(now, progress)
			return nil
		},
	}
}

// status tells how far a campaign is.
func (p page) status(now jobs.Ended, progress reconcile.CampaignProgress) {
	c := now.Record.Campaign
	state := "open, due on " + c.Due.String()
	if !c.Open() {
		state = "closed on " + phrase.Day(c.ClosedAt) + " by " + c.ClosedBy
	}
	p.line("%s (%s): %s", c.Title, c.ID, state)
	p.line("%d of %d rows are answered, %d are open%s.", progress.Answered, progress.Issued, progress.Open, unanswered(progress.Expired))
	p.line("\n%-32s %6s %8s %5s %7s  %s", "Reviewer", "rows", "answered", "open", "urgent", "")
	for _, s := range progress.Sheets {
		p.line("%-32s %6d %8d %5d %7d  %s", phrase.Clip(s.Reviewer, 32), s.Issued, s.Answered, s.Open, s.Urgent, sheetState(s))
	}
	p.line("\nOpen at the end of each day")
	for _, b := range progress.Burndown {
		p.line("  %s  %s %d", b.Day, bar(b.Open, progress.Issued), b.Open)
	}
	if len(now.Removals) > 0 {
		p.line("\nWhat is to be removed")
	}
	for _, one := range now.Removals {
		p.line("  %s: %s of %s: %s", one.Login, one.Name, one.Account.System, removalState(one))
	}
	p.changes(now.Record)
}

// changes tells what reviewers want to be another access: a task for the owner of the
// system, with both rights named.
func (p page) changes(rec access.CampaignRecord) {
	var tasks []string
	for _, c := range reconcile.Changes(rec) {
		tasks = append(tasks, fmt.Sprintf("%s, %s in %s: instead of %s %s they are to have %s, says %s (%s)", c.Item.Person.Name, c.Item.Account.Login, c.Item.System, c.Item.Kind.Words(), c.Item.Entitlement, c.To, c.By, c.Reason))
	}
	p.list("To change, by the owner of the system", tasks)
}

// unanswered tells of the rows that a closed review ended without an answer.
func unanswered(rows int) string {
	if rows == 0 {
		return ""
	}
	return fmt.Sprintf(", and %d nobody answered", rows)
}

func sheetState(s reconcile.SheetProgress) string {
	var says []string
	switch {
	case s.Expired > 0:
		says = append(says, fmt.Sprintf("%d never answered", s.Expired))
	case s.Open == 0:
		says = append(says, "done")
	case s.Gone:
		says = append(says, "DOES NOT WORK HERE ANY MORE: review remind passes the rows on")
	case s.Overdue:
		says = append(says, "OVERDUE since "+s.Due.String())
	case s.Returned == 0:
		says = append(says, "nothing came back yet")
	}
	if s.PassedOn > 0 {
		says = append(says, fmt.Sprintf("%d passed on", s.PassedOn))
	}
	if s.Wrong > 0 {
		says = append(says, fmt.Sprintf("%d to mend", s.Wrong))
	}
	if s.Delegate != "" {
		says = append(says, s.Delegate+" stands in")
	}
	return strings.Join(says, ", ")
}

func removalState(r access.Removal) string {
	switch {
	case !r.GoneAt.IsZero():
		return "gone, as run " + string(r.GoneIn) + " of " + phrase.Day(r.GoneAt) + " saw"
	case r.Overruled != "":
		return "the review " + string(r.Overruled) + " decided about it anew, and that counts"
	case r.SentAt.After(r.DecidedAt):
		return "taken away on " + phrase.Day(r.SentAt) + ", not yet seen gone by a complete night"
	}
	return "still there, to be gone by " + r.Due.String()
}

// bar is a picture of a part of a whole, 40 characters wide.
func bar(part, whole int) string {
	const wide = 40
	if whole == 0 {
		return ""
	}
	full := (part*wide + whole - 1) / whole
	return strings.Repeat("#", full) + strings.Repeat(".", wide-full)
}
