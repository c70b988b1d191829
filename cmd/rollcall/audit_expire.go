package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"rollcall/internal/access"
	"rollcall/internal/config"
	"rollcall/internal/phrase"
	"rollcall/reports/archive"
)

const expireHelp = `Lets go of what old runs recorded of people, and keeps the proof: that each night
was, when, what it read and how it ended, the rules of the time, and of every file that
goes its name, size, rows and SHA-256. What the next night or an open review needs stays.

   rollcall audit expire --before 2019-01-01
   rollcall audit expire --before 2019-01-01 --by Ann --reason "seven years" --confirm DIGEST

The first lists what would go, and changes nothing. The second does it, if the list is
still the one with that digest: a run of its own names every file in the signed chain, and
only then are they deleted. It cannot be undone. Where it was interrupted, or a lock of the
store keeps a file, --finish goes on later.

archive.keep_days says how old runs have to be (usual: 2555 days), archive.legal_hold and
archive.holds what stays. In S3 it takes credentials that no night has:
archive.s3.expire_profile.`

func auditExpireCommand(e *environ) *cli.Command {
	return &cli.Command{
		Name: "expire", Usage: "let go of data about people that is older than it may be kept", Description: expireHelp,
		Flags: []cli.Flag{configFlag(), jsonFlag(),
			&cli.StringFlag{Name: "before", Usage: "of runs that were committed before this `DAY` (UTC), 2019-01-01"},
			&cli.StringFlag{Name: "by", Usage: "`WHO` answers for it"},
			&cli.StringFlag{Name: "reason", Usage: "`WHY`, for the record"},
			&cli.StringFlag{Name: "confirm", Usage: "do it: the `DIGEST` of the list that was looked at"},
			&cli.BoolFlag{Name: "finish", Usage: "only delete what earlier calls let go of and could not delete", DisableDefaultText: true}},
		Action: func(c *cli.Context) error { return e.auditExpire(c) },
	}
}

func (e *environ) auditExpire(c *cli.Context) error {
	cfg, err := e.config(c)
	if err != nil {
		return err
	}
	before, err := e.expiryDay(c, cfg)
	if err != nil {
		return err
	}
	held, err := e.lock(c.Context, cfg, "audit expire")
	if err != nil {
		return err
	}
	defer held.unlock()
	keep, err := e.openArchive(c.Context, cfg)
	if err != nil {
		return err
	}
	progress := e.counting("checking files")
	list, err := keep.Expirable(archive.ExpiryAsk{Before: before, Holds: holds(cfg), Locks: e.locks(c.Context, cfg), Progress: progress.tell})
	progress.end()
	if err != nil {
		return aborted(err)
	}
	switch digest := strings.ToLower(c.String("confirm")); {
	case c.Bool("finish"):
		list.Files = nil
		return e.expire(c, cfg, keep, list)
	case digest == "":
		return e.tellExpiring(cfg, list, c.Bool("json"))
	case len(digest) < 12 || !strings.HasPrefix(list.SHA256, digest):
		return refuse("--confirm is not the digest of the list as it is now (%s): look at it again without --confirm, since other files would go than you saw", list.SHA256)
	}
	return e.expire(c, cfg, keep, list)
}

// expiryDay is the day that is asked for, if the configuration allows it.
func (e *environ) expiryDay(c *cli.Context, cfg config.Config) (time.Time, error) {
	latest := e.now().UTC().AddDate(0, 0, -cfg.Archive.KeepDays).Truncate(24 * time.Hour)
	confirmed := c.IsSet("confirm")
	switch {
	case cfg.Archive.LegalHold:
		return latest, refuse("%s says archive.legal_hold: true, so nothing expires until somebody takes it out", cfg.File)
	case c.Bool("finish") && (confirmed || c.IsSet("before")):
		return latest, refuse("--finish only deletes what was let go of before: leave --before and --confirm out")
	case c.Bool("finish"):
		return latest, nil
	case c.String("before") == "":
		return latest, refuse("expire needs --before DAY: what runs of before that day recorded of people goes; the latest that archive.keep_days allows is %s", phrase.Day(latest))
	case confirmed && (c.String("by") == "" || c.String("reason") == ""):
		return latest, refuse("--confirm needs --by WHO and --reason WHY: they stay in the archive")
	}
	before, err := time.Parse(time.DateOnly, c.String("before"))
	switch {
	case err != nil:
		return before, refuse("--before is %q: write a date as 2019-01-01", c.String("before"))
	case before.After(latest):
		return before, refuse("--before %s is too late: archive.keep_days keeps everything for %d days, so %s is the latest", phrase.Day(before), cfg.Archive.KeepDays, phrase.Day(latest))
	}
	return before, nil
}

func holds(cfg config.Config) (all []archive.Hold) {
	for _, h := range cfg.Archive.Holds {
		all = append(all, archive.Hold{From: h.From, To: h.To, Reason: h.Reason})
	}
	return all
}

// expiryDone is what became of it.
type expiryDone struct {
	Run     access.RunID          `json:"run_id,omitempty"`
	Head    string                `json:"archive_head,omitempty"`
	Files   int                   `json:"files"`
	Deleted int                   `json:"deleted"`
	Bytes   int64                 `json:"bytes"`
	Locked  []archive.LockedError `json:"locked"`
	Failed  []string              `json:"failed"`
	Faulty  []string              `json:"not_as_written"`
}

// expire records what goes, then deletes it, with what earlier calls left.
func (e *environ) expire(c *cli.Context, cfg config.Config, keep *archive.Archive, list archive.Expiring) error {
	eraser, err := e.eraser(c.Context, cfg)
	if err != nil {
		return err
	}
	done := expiryDone{Files: len(list.Files) + len(list.Pending), Faulty: list.Faulty}
	if len(list.Files) > 0 {
		run, err := e.upkeepRun(cfg, keep, "audit expire")
		if err == nil {
			done.Run = run.ID
			done.Head, err = keep.RecordExpiry(run, list, strings.TrimSpace(c.String("by")), strings.TrimSpace(c.String("reason")))
		}
		if err != nil {
			return aborted(fmt.Errorf("%w (nothing was deleted)", err))
		}
	}
	progress := e.counting("deleting files")
	out, err := keep.Erase(eraser, append(slices.Clone(list.Pending), list.Files...), progress.tell)
	progress.end()
	if err != nil {
		return aborted(err)
	}
	done.Deleted, done.Bytes, done.Locked = out.Erased, out.Bytes, out.Locked
	for _, failed := range out.Failed {
		done.Failed = append(done.Failed, failed.Error())
	}
	return errors.Join(e.tellExpired(done, c.Bool("json")), leftOver(done))
}

// eraser deletes: in S3 with credentials that no night has.
func (e *environ) eraser(ctx context.Context, cfg config.Config) (archive.Eraser, error) {
	if !cfg.Archive.InS3() {
		return archive.NewFolder(cfg.Path(cfg.Archive.Root)), nil
	}
	if cfg.Archive.S3.ExpireProfile == "" {
		return nil, refuse("%s does not say whose credentials may delete: write archive.s3.expire_profile, on the machine of whoever does this and nowhere else (docs/operations.md)", cfg.File)
	}
	other := cfg
	other.Archive.S3.Profile = cfg.Archive.S3.ExpireProfile
	b, err := e.bucket(ctx, other)
	if err != nil {
		return nil, err
	}
	return b, nil
}

// locks tell what the store keeps longer, to whoever may delete.
func (e *environ) locks(ctx context.Context, cfg config.Config) archive.Locker {
	if eraser, err := e.eraser(ctx, cfg); err == nil {
		if l, can := eraser.(archive.Locker); can {
			return l
		}
	}
	return nil
}

// leftOver is what the command ends with when files are there still.
func leftOver(done expiryDone) error {
	switch {
	case len(done.Failed) > 0:
		return exitError{exitFailed, fmt.Errorf("%d file(s) could not be deleted, the first: %s: mend that, then run: rollcall audit expire --finish", len(done.Failed), done.Failed[0])}
	case len(done.Locked) > 0:
		return exitError{exitIncomplete, fmt.Errorf("%d file(s) are kept by a lock of the store, the first: %w: run rollcall audit expire --finish when it is over", len(done.Locked), &done.Locked[0])}
	case len(done.Faulty) > 0:
		return exitError{exitIncomplete, fmt.Errorf("%d file(s) are not as they were written, and stay: run rollcall audit verify", len(done.Faulty))}
	}
	return nil
}

func (e *environ) tellExpiring(cfg config.Config, list archive.Expiring, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(e.stdout).Encode(struct {
			Before  string                `json:"before"`
			Runs    int                   `json:"runs"`
			Bytes   int64                 `json:"bytes"`
			SHA256  string                `json:"list_sha256"`
			Files   []archive.ExpiredFile `json:"files"`
			Kept    []archive.KeptRun     `json:"kept"`
			Faulty  []string              `json:"not_as_written"`
			Pending []archive.ExpiredFile `json:"pending"`
		}{phrase.Day(list.Before), list.Runs, list.Bytes, list.SHA256, list.Files, list.Kept, list.Faulty, list.Pending})
	}
	p := e.page()
	locked, until := 0, time.Time{}
	for _, f := range list.Files {
		note := ""
		if f.LegalHold || f.LockedUntil.After(e.now()) {
			locked++
			note = "  locked until " + phrase.Day(f.LockedUntil)
			if f.LegalHold {
				note = "  under a legal hold of the store"
			}
			if f.LockedUntil.After(until) {
				until = f.LockedUntil
			}
		}
		p.line("%s %10d  %s%s", f.SHA256, f.Size, f.Path, note)
	}
	p.line("Nothing was changed. In %s, %d run(s) of before %s would lose what they recorded of people: %d files, %d bytes.", archiveRoot(cfg), list.Runs, phrase.Day(list.Before), len(list.Files), list.Bytes)
	for _, k := range list.Kept {
		p.line("kept   run %s of %s: %s", string(k.RunID), phrase.Day(k.At), k.Why)
	}
	for _, f := range list.Faulty {
		p.line("kept   %s: letting go of it would hide that; run: rollcall audit verify", f)
	}
	if locked > 0 {
		p.line("locked %d file(s) would stay until the store's lock is over (the last: %s); they are recorded all the same, and deleted later", locked, phrase.Day(until))
	}
	if len(list.Pending) > 0 {
		p.line("left   %d file(s) that were let go of before are there still: rollcall audit expire --finish deletes them", len(list.Pending))
	}
	if len(list.Files) == 0 {
		p.line("There is nothing to let go of.")
		return nil
	}
	p.line("Digest of this list: %s", list.SHA256)
	p.line("To do it, which cannot be undone: rollcall audit expire --config %s --before %s --by WHO --reason WHY --confirm %s", cfg.File, phrase.Day(list.Before), list.SHA256)
	return nil
}

func (e *environ) tellExpired(done expiryDone, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(e.stdout).Encode(done)
	}
	p := e.page()
	if done.Run != "" {
		p.line("Run %s let go of them, on record. Head of the archive: %s", string(done.Run), done.Head)
	}
	p.line("%d of %d files were deleted, %d bytes.", done.Deleted, done.Files, done.Bytes)
	for _, l := range done.Locked {
		p.line("kept   %s", l.Error())
	}
	for _, f := range done.Failed {
		p.line("FAILED %s", f)
	}
	return nil
}
