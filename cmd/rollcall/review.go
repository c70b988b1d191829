package main

import (
	"context"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"rollcall/collectors/roster"
	"rollcall/internal/access"
	"rollcall/internal/config"
	"rollcall/jobs"
	"rollcall/reconcile"
	"rollcall/reports"
)

func reviewCommand(e *environ) *cli.Command {
	return &cli.Command{
		Name: "review", Usage: "access reviews: send worksheets out, take answers in, remind, close",
		Subcommands: []*cli.Command{reviewOpenCommand(e), reviewImportCommand(e), reviewStatusCommand(e), reviewRemindCommand(e), reviewCloseCommand(e)},
	}
}

func campaignFlag() cli.Flag {
	return &cli.StringFlag{Name: "campaign", Usage: "the review, by its `ID` such as 2026-q4 (needed where several are open)"}
}

// reviewing is one command of a review, wired: it reaches no system.
type reviewing struct {
	*jobs.Review
	e   *environ
	cfg config.Config
	key []byte
	// refused counts the reminders in a row that a channel did not take.
	refused map[string]int
}

// review wires a command of a review. It holds no credential of any system.
func (e *environ) review(ctx context.Context, cfg config.Config, trigger string) (*reviewing, error) {
	keep, err := e.openArchive(ctx, cfg)
	if err != nil {
		return nil, err
	}
	key, err := e.rowKey(ctx, cfg)
	if err != nil {
		return nil, err
	}
	run := e.newRun(cfg, trigger, access.Observe)
	w := wiring{e: e, cfg: cfg, run: run, bad: map[access.Source]roster.BadRows{}}
	n := &night{cfg: cfg, archive: &nightArchive{Archive: keep}}
	n.job = &jobs.Job{Run: run, Now: e.now, Sleep: e.sleeper(), Settings: settings(cfg, access.Observe), Inputs: w.inputs, Archive: n.archive, Records: keep.Store(),
		Say: func(format string, args ...any) { e.log.Info(fmt.Sprintf(format, args...)) }}
	n.known()
	r := &reviewing{e: e, cfg: cfg, key: key, refused: map[string]int{}}
	r.Review = &jobs.Review{Job: n.job, Campaigns: keep, Rules: campaignRules(cfg), Write: r.write, Recognise: reports.Recognise, Mend: r.mend}
	return r, nil
}

// campaignRules are the company's choices about reviews as reconcile wants them.
func campaignRules(cfg config.Config) reconcile.CampaignRules {
	return reconcile.CampaignRules{Zone: cfg.Company.Location(), KeepDays: cfg.Review.KeepDays, ExceptionMaxDays: cfg.Policy.ExceptionMaxDays,
		RemovePrivileged: cfg.Review.Unanswered == config.UnansweredRevoke, Locked: reports.LockedHeads()}
}

// rowKey is the key that proves the rows of worksheets. It comes from the one that
// signs the archive, so that there is none to keep besides, and shows nothing of it.
func (e *environ) rowKey(ctx context.Context, cfg config.Config) ([]byte, error) {
	key, err := e.signingKey(ctx, cfg)
	if err != nil {
		return nil, err
	}
	return hkdf.Key(sha256.New, key.Seed(), nil, "rollcall worksheet rows", sha256.Size)
}

// dir is the folder of a campaign.
func (r *reviewing) dir(id access.CampaignID) string {
	return filepath.Join(r.cfg.Path(r.cfg.Review.Dir), string(id))
}

func (r *reviewing) write(p jobs.Package) error {
	return reports.WriteCampaign(filepath.Join(r.dir(p.Campaign.ID), "worksheets"), reports.CampaignBook{Campaign: p.Campaign, Night: p.Night, Last: p.Last, Key: r.key}, p.Sheets)
}

// withReview runs one command of a review under the lock.
func (e *environ) withReview(c *cli.Context, trigger string, do func(*reviewing) error) error {
	cfg, err := e.config(c)
	if err != nil {
		return err
	}
	held, err := e.lock(c.Context, cfg, trigger)
	if err != nil {
		return err
	}
	defer held.unlock()
	r, err := e.review(c.Context, cfg, trigger)
	if err != nil {
		return err
	}
	return notReviewed(do(r))
}

// notReviewed gives an error of a review its exit code.
func notReviewed(err error) error {
	var refused jobs.Refused
	switch {
	case err == nil:
		return nil
	case errors.As(err, &refused):
		return refuse("%s", refused.Says)
	}
	return unattempted(err)
}
