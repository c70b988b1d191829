package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"rollcall/internal/access"
	"rollcall/internal/config"
	"rollcall/jobs"
	"rollcall/reconcile"
	"rollcall/reports"
	"rollcall/reports/archive"
)

func noticesCommand(e *environ) *cli.Command {
	return &cli.Command{
		Name: "notices", Usage: "who has to be told of what a run found: send, list, take up, test",
		Subcommands: []*cli.Command{noticesSendCommand(e), noticesListCommand(e), noticesAckCommand(e), noticesTestCommand(e)},
	}
}

const noticesSendHelp = `Sends what is due now: what a run left behind that could not send it, what is critical and
still open (again after 30 minutes; an hour on, also to the next ones of notices.escalate),
what waited for business hours, and the one message a day of what is not urgent. It also
tells that no night was committed for 26 hours.

nightly, sweep, apply, revoke and restore do the same at their end. Let cron run this every
10 minutes. It takes no lock, reads no system, and needs no key that signs.

It ends with 5 when something did not go out: it is tried again. Where the archive cannot
be read, it tells that to whoever is told of an aborted run, and ends with 1. It takes ten
minutes at the most.`

// noticing is one command about notices, wired.
type noticing struct {
	*jobs.Post
	keep *archive.Archive
	book access.NoticeBook // as the last run left it
}

// notices wires a command about notices.
func (e *environ) notices(ctx context.Context, c *cli.Context) (*noticing, config.Config, error) {
	cfg, err := e.config(c)
	if err != nil {
		return nil, cfg, err
	}
	if !cfg.Notices.On() {
		return nil, cfg, refuse("%s has no notices, so that nobody is told of anything: docs/notices.md says what to write there", cfg.File)
	}
	n := &noticing{}
	if n.keep, err = e.past(ctx, cfg); err == nil {
		err = goneArchive(cfg, n.keep)
	}
	if err == nil {
		n.book, err = n.keep.Notices()
	}
	if err != nil {
		return nil, cfg, exitError{exitAborted, fmt.Errorf("read who has to be told of what: %w: run rollcall nightly once, or rollcall audit verify", err)}
	}
	n.Post = e.post(ctx, cfg, n.keep)
	n.Run = newRunID(e.now())
	return n, cfg, nil
}

// goneArchive is an error where the archive has no run and the reports tell of some: a disk
// that is not mounted looks like the first day, on which there is nothing to tell.
func goneArchive(cfg config.Config, a *archive.Archive) error {
	sequence, _, _, err := a.Head()
	if err != nil || sequence > 0 {
		return err
	}
	pages := filepath.Join(cfg.Path(cfg.Reports.Dir), reports.PageName)
	if _, err := os.Stat(pages); err != nil {
		return nil // nothing is known of any run
	}
	return fmt.Errorf("the archive %s has no run, and %s tells of runs: see that its disk is mounted and that archive.root is right; if it is a new archive, move the old reports away", archiveRoot(cfg), pages)
}

func noticesSendCommand(e *environ) *cli.Command {
	return &cli.Command{
		Name: "send", Usage: "send what is due now", Description: noticesSendHelp,
		Flags: []cli.Flag{configFlag(), jsonFlag()},
		Action: func(c *cli.Context) error {
			return e.sendNotices(c)
		},
	}
}

// sendNotices sends what is due. Where the archive cannot be read, it tells that.
func (e *environ) sendNotices(c *cli.Context) error {
	ctx, cancel := context.WithTimeout(c.Context, noticeTime)
	defer cancel()
	n, cfg, err := e.notices(ctx, c)
	m := e.measuring(cfg, access.TriggerNotices)
	if err != nil {
		if exitCode(err) == exitAborted {
			e.tellUnread(ctx, cfg, err)
			return m.ended(err)
		}
		return err
	}
	e.isRead(cfg)
	posted := n.Deliver(ctx, n.book)
	m.waiting = reconcile.Waiting(posted.Book)
	e.sayUntellable(posted)
	if err := e.tellPosted(posted, c.Bool("json")); err != nil {
		return err
	}
	if err := posted.Err(); err != nil {
		return m.ended(exitError{exitFailed, err})
	}
	return m.ended(nil)
}

func (e *environ) tellPosted(p jobs.Posted, asJSON bool) error {
	if asJSON {
		return writeJSON(e, struct {
			Sent   []access.NoticeRecord `json:"sent"`
			Failed []access.NoticeRecord `json:"failed"`
		}{append([]access.NoticeRecord{}, p.Sent...), append([]access.NoticeRecord{}, p.Failed...)})
	}
	if len(p.Sent)+len(p.Failed) == 0 {
		fmt.Fprintln(e.stdout, "Nothing is due.")
	}
	for _, r := range p.Sent {
		tellf(e.stdout, "told %s by %s (%s): %s\n", r.Recipient, r.Channel, r.Purpose, strings.Join(r.Concerns, ", "))
	}
	for _, r := range p.Failed {
		tellf(e.stdout, "NOT told %s by %s: %s: %s\n", r.Recipient, r.Channel, strings.Join(r.Concerns, ", "), r.Error)
	}
	return nil
}
