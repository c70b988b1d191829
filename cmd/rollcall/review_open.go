package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/urfave/cli/v2"

	"rollcall/internal/access"
	"rollcall/internal/phrase"
	"rollcall/jobs"
)

const reviewOpenHelp = `Freezes who may reach what, as the last complete night saw it, and writes for each reviewer
a workbook, a CSV file and a page for the browser with the same rows: send them one of
the three. Each row is asked of the manager of the person; who has none, or whose manager
has left, is asked of the next one up, of the owner of the system (contacts.csv) or of the
approver, and it says why. What is privileged is asked of the manager and of the owner.

Without a flag it is about everything. --system, --department, --entitlement, --risk and
--movers narrow it; --delta asks only about what changed since the review before, and the
rest keeps its last decision.

A night that could not read everything, or that is older than 24 hours, is refused.
Nothing in any system is changed or read.`

func reviewOpenCommand(e *environ) *cli.Command {
	return &cli.Command{
		Name: "open", Usage: "begin a review: one worksheet for each reviewer", Description: reviewOpenHelp,
		Flags: []cli.Flag{configFlag(), jsonFlag(),
			&cli.StringFlag{Name: "campaign", Usage: "what to call it: an `ID` such as 2026-q4 (usual: the year and the quarter)"},
			&cli.StringFlag{Name: "title", Usage: "what people read at its head: a `TEXT`"},
			&cli.StringFlag{Name: "reason", Value: "Periodic review of access", Usage: "why it is held: a `TEXT` for worksheets and auditors"},
			&cli.StringFlag{Name: "due", Usage: "the last day to answer, a `DATE` such as 2026-12-11 (usual: review.days from today)"},
			&cli.StringSliceFlag{Name: "system", Usage: "only this system: `NAME`; may be given several times, as those below"},
			&cli.StringSliceFlag{Name: "department", Usage: "only people of this department: `NAME`, * stands for any text"},
			&cli.StringSliceFlag{Name: "entitlement", Usage: "only this right: its `NAME` or id"},
			&cli.StringSliceFlag{Name: "risk", Usage: "only this `RISK`: standard, sensitive or privileged"},
			&cli.BoolFlag{Name: "movers", Usage: "only people whose job changed", DisableDefaultText: true},
			&cli.BoolFlag{Name: "delta", Usage: "only what is new or changed since the review before", DisableDefaultText: true},
			&cli.StringFlag{Name: "since", Usage: "with --delta: compare with the review `ID` (usual: the newest that is closed)"}},
		Action: func(c *cli.Context) error {
			return e.withReview(c, "review open", func(r *reviewing) error {
				campaign, err := r.campaign(c)
				if err != nil {
					return err
				}
				done := e.waiting("writing worksheets")
				out, err := r.Open(c.Context, campaign)
				done()
				if err != nil {
					return err
				}
				return r.tellOpened(out, c.Bool("json"))
			})
		},
	}
}

// campaign is the campaign that the flags ask for.
func (r *reviewing) campaign(c *cli.Context) (access.Campaign, error) {
	if r.cfg.Review.Approver == "" {
		return access.Campaign{}, refuse("%s names nobody who answers for a review: add review: {approver: {name: ..., mail: ...}}, who decides what nobody else does", r.cfg.File)
	}
	now := r.e.now().In(r.cfg.Company.Location())
	id := c.String("campaign")
	if id == "" {
		id = fmt.Sprintf("%d-q%d", now.Year(), (int(now.Month())+2)/3)
	}
	due := access.Day{At: time.Date(now.Year(), now.Month(), now.Day()+r.cfg.Review.Days, 0, 0, 0, 0, time.UTC)}
	if given := c.String("due"); given != "" {
		var err error
		if due, err = access.ParseDay(given); err != nil {
			return access.Campaign{}, refuse("--due %s is no date: write it as 2026-12-11", given)
		}
	}
	scope := access.CampaignScope{Systems: c.StringSlice("system"), Departments: c.StringSlice("department"), Entitlements: c.StringSlice("entitlement"),
		Movers: c.Bool("movers"), Delta: c.Bool("delta"), Since: access.CampaignID(c.String("since"))}
	for _, risk := range c.StringSlice("risk") {
		if !slices.Contains([]access.Risk{access.RiskStandard, access.RiskSensitive, access.RiskPrivileged}, access.Risk(risk)) {
			return access.Campaign{}, refuse("--risk %s is none that rollcall knows: standard, sensitive or privileged", risk)
		}
		scope.Risks = append(scope.Risks, access.Risk(risk))
	}
	for _, s := range scope.Systems {
		if !slices.Contains(systemNames(r.cfg), access.System(s)) {
			return access.Campaign{}, refuse("--system %s is not in %s", s, r.cfg.File)
		}
	}
	title := c.String("title")
	if title == "" {
		title = "Access review " + id
	}
	return access.Campaign{ID: access.CampaignID(id), Title: title, Reason: c.String("reason"), Approver: r.cfg.Review.Approver, ApproverMail: r.cfg.Review.ApproverMail,
		Scope: scope, OpenedAt: r.e.now().UTC(), OpenedBy: whoami(), Due: due}, nil
}

// sheetLine is what is told of one worksheet.
type sheetLine struct {
	Worksheet string `json:"worksheet"`
	Reviewer  string `json:"reviewer"`
	Mail      string `json:"mail,omitempty"`
	Because   string `json:"because"`
	Delegate  string `json:"delegate,omitempty"`
	Rows      int    `json:"rows"`
}

func sheetLines(sheets []access.Sheet) []sheetLine {
	out := []sheetLine{}
	for _, s := range sheets {
		out = append(out, sheetLine{s.ID, s.ReviewerName, s.ReviewerMail, s.Because, s.DelegateName, len(s.Rows)})
	}
	return out
}

// tellOpened tells what went out, and what to do with it.
func (r *reviewing) tellOpened(o jobs.Opened, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(r.e.stdout).Encode(struct {
			Campaign   access.Campaign `json:"campaign"`
			Folder     string          `json:"folder"`
			Worksheets []sheetLine     `json:"worksheets"`
			Rerouted   []string        `json:"rerouted"`
			Head       string          `json:"archive_head"`
		}{o.Campaign, r.dir(o.Campaign.ID), sheetLines(o.Sheets), append([]string{}, o.Rerouted...), o.Head})
	}
	p := r.e.page()
	p.line("The review %s is open: %d rows in %d worksheets, due on %s.", o.Campaign.ID, o.Campaign.Rows, len(o.Sheets), o.Campaign.Due)
	p.line("It is frozen as the systems were on %s (run %s).", phrase.Minute(o.Campaign.SeenAt), o.Campaign.Night)
	for _, s := range sheetLines(o.Sheets) {
		p.line("  %4d rows  %s%s", s.Rows, phrase.Named(s.Reviewer, s.Mail), standsFor(s.Delegate))
	}
	p.list("Asked in somebody else's place", o.Rerouted)
	p.list("The books", booksOf(o.Campaign.Books))
	p.line("\nWhat to do next")
	p.line("  1. Send each reviewer one of the three files with their name: %s", r.dir(o.Campaign.ID)+"/worksheets")
	p.line("  2. What comes back, put into a folder, and run: rollcall review import --dir FOLDER")
	p.line("  3. Run rollcall review remind every day (rollcall nightly does it too): it writes who has to be reminded.")
	p.line("Head of the archive: %s", o.Head)
	return nil
}

func standsFor(delegate string) string {
	if delegate == "" {
		return ""
	}
	return " (" + delegate + " stands in)"
}

// booksOf says the books in lines.
func booksOf(books []access.Balance) []string {
	var out []string
	for _, b := range books {
		says := fmt.Sprintf("%s: %d =", b.What, b.Total)
		for n, part := range b.Parts {
			if n > 0 {
				says += " +"
			}
			says += fmt.Sprintf(" %d %s", part.Count, part.Name)
		}
		if !b.Holds() {
			says += "  DOES NOT ADD UP"
		}
		out = append(out, says)
	}
	return out
}
