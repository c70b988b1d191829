package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"rollcall/internal/access"
	"rollcall/internal/config"
	"rollcall/jobs"
	"rollcall/reconcile"
	"rollcall/reports"
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
		state = "closed on " + c.ClosedAt.Format(time.DateOnly) + " by " + c.ClosedBy
	}
	p.line("%s (%s): %s", c.Title, c.ID, state)
	p.line("%d of %d rows are answered, %d are open%s.", progress.Answered, progress.Issued, progress.Open, unanswered(progress.Expired))
	p.line("\n%-32s %6s %8s %5s %7s  %s", "Reviewer", "rows", "answered", "open", "urgent", "")
	for _, s := range progress.Sheets {
		p.line("%-32s %6d %8d %5d %7d  %s", cut(s.Reviewer, 32), s.Issued, s.Answered, s.Open, s.Urgent, sheetState(s))
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
		return "gone, as run " + string(r.GoneIn) + " of " + r.GoneAt.Format(time.DateOnly) + " saw"
	case r.Overruled != "":
		return "the review " + string(r.Overruled) + " decided about it anew, and that counts"
	case !r.SentAt.IsZero():
		return "taken away on " + r.SentAt.Format(time.DateOnly) + ", not yet seen gone by a complete night"
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

const reviewRemindHelp = `Does what a review asks for today: it writes a message for everybody who is to be told
something, one for each person (launch; day 7; 4 and 2 business days before the due date;
the due date; every business day after it), tells the reviewer's manager one business day
late, the owner of the system and compliance three days late, and passes to the approver
what nobody answered five days late. Rows of a reviewer who has left go to whoever is
next. What is gone meanwhile, or belongs to somebody who has left, needs no answer.

Run it every day; rollcall nightly does so too. Nothing is sent twice.`

func reviewRemindCommand(e *environ) *cli.Command {
	return &cli.Command{
		Name: "remind", Usage: "tell everybody who is due today", Description: reviewRemindHelp,
		Flags: []cli.Flag{configFlag(), jsonFlag(), campaignFlag()},
		Action: func(c *cli.Context) error {
			return e.withReview(c, "review remind", func(r *reviewing) error {
				out, err := r.remind(c.Context, access.CampaignID(c.String("campaign")))
				if err != nil {
					return err
				}
				if c.Bool("json") {
					return errors.Join(json.NewEncoder(e.stdout).Encode(remindedLines(r, out)), out.Stuck, unwritten(out))
				}
				r.tellReminded(out)
				return errors.Join(out.Stuck, unwritten(out))
			})
		},
	}
}

// remindAll does for each open review what the day asks for, after a night and under
// its lock.
func (e *environ) remindAll(ctx context.Context, cfg config.Config, open []access.CampaignID) error {
	var wrong []error
	for _, id := range open {
		r, err := e.review(ctx, cfg, "review remind")
		if err == nil {
			var out jobs.Reminded
			if out, err = r.remind(ctx, id); err == nil {
				err = errors.Join(out.Stuck, unwritten(out))
			}
			if out.Head != "" {
				l := remindedLines(r, out)
				e.log.Info(fmt.Sprintf("the review %s: %d messages sent, %d messages to send and %d new worksheets, in %s", id, len(out.Sent), len(l.Messages)-len(out.Sent), len(l.Passed), r.dir(id)))
			}
		}
		if err != nil {
			wrong = append(wrong, fmt.Errorf("the reminders of the review %s (the night itself is committed; run rollcall review remind): %w", id, err))
		}
	}
	return errors.Join(wrong...)
}

// remind sends what is due today by the channels of whom it is for. What none takes is
// written, for somebody to send.
func (r *reviewing) remind(ctx context.Context, id access.CampaignID) (jobs.Reminded, error) {
	var post *jobs.Post
	if r.cfg.Notices.On() {
		post = r.e.post(ctx, r.cfg, nil)
	}
	return r.Remind(ctx, id, func(rec access.CampaignRecord, d reconcile.Digest) (channel, result string) {
		if by := r.remindBy(ctx, post, d, r.reminderMessage(rec, d, reports.Reminder(rec, d, r.contacts()))); by != "" {
			return by, "sent"
		}
		name := filepath.Join(r.dir(rec.Campaign.ID), "messages", r.e.now().In(r.cfg.Company.Location()).Format(time.DateOnly)+"_"+reports.FileName(d.Recipient))
		if err := writeBeside(name, ".txt", []byte(reports.Reminder(rec, d, r.contacts()))); err != nil {
			return "file", "failed: " + err.Error()
		}
		return "file", "written for somebody to send"
	})
}

// writeBeside writes a file that takes no other's place: what was written for somebody
// earlier that day, or for somebody whose address looks alike, may not be sent yet.
func writeBeside(name, ending string, b []byte) error {
	for n := 1; ; n++ {
		file := name + ending
		if n > 1 {
			file = fmt.Sprintf("%s_%d%s", name, n, ending)
		}
		switch was, err := os.ReadFile(file); {
		case errors.Is(err, fs.ErrNotExist):
			return writeFile(file, b)
		case err != nil:
			return err
		case bytes.Equal(was, b): // of a run that died before it recorded it
			return nil
		}
	}
}

// contacts are those of contacts.csv, for whom to ask.
func (r *reviewing) contacts() []access.Contact {
	p, _ := readPolicy(r.cfg)
	return p.Contacts
}

// unwritten says that a message did not go out: it is tried again the next time.
func unwritten(o jobs.Reminded) error {
	if len(o.Failed) == 0 {
		return nil
	}
	return exitError{exitFailed, fmt.Errorf("%d messages could not be written (%s); they are tried again by the next rollcall review remind", len(o.Failed), o.Failed[0])}
}

type remindedLine struct {
	Campaign access.CampaignID `json:"campaign_id"`
	Messages []messageLine     `json:"messages"`
	Passed   []sheetLine       `json:"passed_on"`
	Settled  int               `json:"needs_no_answer"`
	Folder   string            `json:"folder"`
	Head     string            `json:"archive_head,omitempty"`
}

type messageLine struct {
	To    string   `json:"to"`
	About []string `json:"about"`
	Sent  bool     `json:"sent,omitempty"` // by itself: nobody has to
}

func remindedLines(r *reviewing, o jobs.Reminded) remindedLine {
	out := remindedLine{Campaign: o.Campaign.ID, Messages: []messageLine{}, Passed: sheetLines(o.Passed), Settled: len(o.Settled), Folder: filepath.Join(r.dir(o.Campaign.ID), "messages"), Head: o.Head}
	for _, d := range o.Digests {
		m := messageLine{To: d.Recipient, Sent: slices.Contains(o.Sent, d.Recipient)}
		for _, n := range d.Notices {
			m.About = append(m.About, n.Kind+" "+n.Sheet)
		}
		out.Messages = append(out.Messages, m)
	}
	return out
}

func (r *reviewing) tellReminded(o jobs.Reminded) {
	p, l := r.e.page(), remindedLines(r, o)
	if o.Head == "" {
		p.line("The review %s asks for nothing today.", o.Campaign.ID)
		return
	}
	if len(o.Sent) > 0 {
		p.line("%d messages were sent:", len(o.Sent))
		p.messages(l.Messages, true)
	}
	if left := len(l.Messages) - len(o.Sent); left > 0 {
		p.line("%d messages to send, in %s:", left, l.Folder)
		p.messages(l.Messages, false)
	}
	for _, s := range o.Passed {
		p.line("New worksheet for %s (%s): %d rows. Send it: %s", named(s.ReviewerName, s.ReviewerMail), s.Because, len(s.Rows), filepath.Join(r.dir(o.Campaign.ID), "worksheets", s.ID+".xlsx"))
	}
	if len(o.Settled) > 0 {
		p.line("%d rows need no answer any more: what they ask about is gone, or its person has left.", len(o.Settled))
	}
	p.line("Head of the archive: %s", o.Head)
}

// messages lists those that went out by themselves, or those that somebody has to send.
func (p page) messages(all []messageLine, sent bool) {
	for _, m := range all {
		if m.Sent == sent {
			p.line("  %s: %s", m.To, strings.Join(m.About, ", "))
		}
	}
}

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

func exceptionsFile(cfg config.Config) string {
	if cfg.Policy.Exceptions == "" {
		return "exceptions.csv"
	}
	return cfg.Policy.Exceptions
}
