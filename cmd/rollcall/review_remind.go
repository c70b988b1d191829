package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"rollcall/internal/access"
	"rollcall/internal/config"
	"rollcall/internal/phrase"
	"rollcall/jobs"
	"rollcall/reconcile"
	"rollcall/reports"
)

const reviewRemindHelp = `Does what a review asks for today: it writes a message for everybody who is to be told
something, one for each person (launch; day 7; 4 and 2 business days before the due date;
the due date; every business day after it), tells the reviewer's manager one business day
late, the owner of the system and compliance three days late, and passes to the approver
what nobody answered five days late. Rows of a reviewer who has left go to whoever is
next. What is gone meanwhile, or belongs to somebody who has left, needs no answer; it is
asked about again if it is there after all.

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
		switch was, err := readInput(file); {
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
	Reopened int               `json:"open_again,omitempty"`
	Folder   string            `json:"folder"`
	Head     string            `json:"archive_head,omitempty"`
}

type messageLine struct {
	To    string   `json:"to"`
	About []string `json:"about"`
	Sent  bool     `json:"sent,omitempty"` // by itself: nobody has to
}

func remindedLines(r *reviewing, o jobs.Reminded) remindedLine {
	out := remindedLine{Campaign: o.Campaign.ID, Messages: []messageLine{}, Passed: sheetLines(o.Passed), Settled: len(o.Settled), Reopened: len(o.Reopened), Folder: filepath.Join(r.dir(o.Campaign.ID), "messages"), Head: o.Head}
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
		p.line("New worksheet for %s (%s): %d rows. Send it: %s", phrase.Named(s.ReviewerName, s.ReviewerMail), s.Because, len(s.Rows), filepath.Join(r.dir(o.Campaign.ID), "worksheets", s.ID+".xlsx"))
	}
	if len(o.Settled) > 0 {
		p.line("%d rows need no answer any more: what they ask about is gone, or its person has left.", len(o.Settled))
	}
	if len(o.Reopened) > 0 {
		p.line("%d rows are open again: what they ask about is there after all, and nobody has answered.", len(o.Reopened))
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
