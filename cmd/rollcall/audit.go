package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"rollcall/internal/config"
	"rollcall/internal/phrase"
	"rollcall/internal/zones"
	"rollcall/reports/archive"
)

const verifyHelp = `Checks every byte of the archive with the public key alone: the signature of each
run's manifest, the chain from one to the next, changes of the key, size, SHA-256 and
rows of every file; and that no day between the first night and the last is without
one. Each fault says what, where, and since when. Without a configuration: --archive DIR
--key FILE, also on a copy and without a network; for an archive in S3 too
(s3://bucket/prefix, with the usual variables of the AWS SDK).

The end of the chain is printed. A chain that was cut short looks whole from inside:
give --head the end that was in a notice or a summary. --until now tells whether nights
are missing since the last one, too. Days are those of the company's time zone where the
configuration is read, else UTC, or --timezone.

It ends with 5 when something is not as it was written, and with 4 when it is, and
nights are missing. docs/verify.md has a second way, without rollcall.`

func auditCommand(e *environ) *cli.Command {
	return &cli.Command{
		Name: "audit", Usage: "questions to the archive",
		Subcommands: []*cli.Command{auditVerifyCommand(e), auditAskCommand(e), auditSQLCommand(e), auditReplayCommand(e), auditDDLCommand(e), auditExportCommand(e), auditRotateCommand(e), auditExpireCommand(e)},
	}
}

func auditVerifyCommand(e *environ) *cli.Command {
	return &cli.Command{
		Name: "verify", Usage: "was anything altered, lost or slipped in?", Description: verifyHelp,
		Flags: append(archiveFlags(), jsonFlag(),
			&cli.StringFlag{Name: "head", Usage: "an end of the chain that was kept, by its `SHA-256`: it has to be in it"},
			&cli.StringFlag{Name: "until", Usage: "nights have to be there up to this `DAY`, or now (usual: the last night's)"},
			&cli.StringFlag{Name: "timezone", Usage: "count days in this `ZONE`, such as Europe/Berlin"}),
		Action: func(c *cli.Context) error { return auditVerify(e, c) },
	}
}

func auditVerify(e *environ, c *cli.Context) error {
	cfg, keys, err := e.auditedArchive(c)
	if err != nil {
		return err
	}
	ask, err := e.checks(c, cfg)
	if err != nil {
		return err
	}
	progress := e.counting("checking files")
	ask.Keys, ask.Progress = keys, progress.tell
	dir := archiveRoot(cfg)
	report, err := e.verify(c.Context, cfg, ask)
	progress.end()
	if err != nil {
		return aborted(fmt.Errorf("the archive %s cannot be read: %w; check its place (--archive, or archive.root), and that this machine reaches it", dir, err))
	}
	if !c.Bool("json") {
		printReport(e.page(), dir, report)
	} else if err := json.NewEncoder(e.stdout).Encode(report); err != nil {
		return aborted(err)
	}
	return unsound(dir, report)
}

// checks are what the flags ask for besides.
func (e *environ) checks(c *cli.Context, cfg config.Config) (archive.Checks, error) {
	ask := archive.Checks{Head: strings.ToLower(strings.TrimSpace(c.String("head"))), Zone: cfg.Company.Location()}
	if ask.Head != "" && (len(ask.Head) != 64 || strings.Trim(ask.Head, "0123456789abcdef") != "") {
		return ask, refuse("--head is %q: give all 64 characters of the SHA-256, as the summary of a night has it", c.String("head"))
	}
	if name := c.String("timezone"); name != "" {
		var err error
		if ask.Zone, err = zones.Load(name); err != nil {
			return ask, refuse("--timezone is %q: write a name such as Europe/Berlin", name)
		}
	}
	switch until := c.String("until"); until {
	case "":
	case "now":
		ask.Until = e.now()
	default:
		day, err := time.ParseInLocation(time.DateOnly, until, ask.Zone)
		if err != nil {
			return ask, refuse("--until is %q: write a date as 2026-03-31, or now", until)
		}
		if day.After(e.now()) {
			return ask, refuse("--until %s is still to come: no night can have a record of it", until)
		}
		ask.Until = day
	}
	return ask, nil
}

// unsound is what verification ends with.
func unsound(dir string, r archive.Report) error {
	switch {
	case !r.OK():
		return exitError{exitFailed, fmt.Errorf("the archive %s is not as it was written: %d fault(s)", dir, len(r.Faults))}
	case r.Manifests == 0:
		return exitError{exitIncomplete, fmt.Errorf("the archive %s has no recorded run, so that nothing was checked: if nights have run, find out where their archive is (--archive, or archive.root; is its disk mounted?), and whether its manifests were taken away", dir)}
	case len(r.Missing) > 0:
		return exitError{exitIncomplete, fmt.Errorf("the archive %s is as it was written, and %d night(s) have no record in it", dir, nightsMissing(r))}
	}
	return nil
}

func nightsMissing(r archive.Report) (n int) {
	for _, m := range r.Missing {
		n += m.Nights
	}
	return n
}

// printReport tells what was checked and what is wrong.
func printReport(p page, dir string, r archive.Report) {
	p.line("Archive %s: %d night(s), %d run(s), %d files, %d bytes, %d rows checked.", dir, r.Nights, r.Manifests, r.Files, r.Bytes, r.Rows)
	for _, f := range r.Faults {
		p.line("FAULT  %s", f.String())
	}
	for _, m := range r.Missing {
		p.line("MISSING  %s", m.String())
	}
	for _, k := range r.Keys {
		if k.NewRoot {
			p.line("NEW ROOT  since run %s, %s, another key signs, and only the word of %s (%s) says that the former one was lost: nothing before vouches for it (SHA-256 of the public key: %s)", string(k.RunID), phrase.Day(k.At), k.By, k.Reason, k.KeySHA256)
			continue
		}
		p.line("key    since run %s, %s, another key signs: the former one handed over (%s: %s; SHA-256 of the public key: %s)", string(k.RunID), phrase.Day(k.At), k.By, k.Reason, k.KeySHA256)
	}
	for _, x := range r.Expired {
		p.line("expired  on %s by %s (%s; run %s): what %d run(s) of before %s recorded of people, %d files, is known by its SHA-256 only", phrase.Day(x.At), x.By, x.Reason, string(x.RunID), x.Runs, x.Before, x.Files)
		if x.Pending > 0 {
			p.line("note   %d of those files are there still: the deletion was interrupted, or a lock keeps them; run: rollcall audit expire --finish", x.Pending)
		}
	}
	for _, n := range r.Notes {
		p.line("note   %s", n)
	}
	if r.From != "" && len(r.Missing) == 0 {
		p.line("Nights: none is missing from %s to %s (days of %s).", r.From, r.To, r.Zone)
	}
	p.line("End of the chain: %d %s (run %s)\n%s", r.Sequence, r.SHA256, string(r.RunID), verdictOf(r))
}

// verdictOf is the last line. Evidence that is not there must not sound like evidence.
func verdictOf(r archive.Report) string {
	if !r.OK() {
		return fmt.Sprintf("%d fault(s): keep the archive as it is, fetch a copy from the backup, and tell security.", len(r.Faults))
	}
	if r.Manifests == 0 {
		return "No run is recorded here, so that nothing was checked."
	}
	says := "Every byte is as it was written."
	if len(r.Expired) > 0 {
		says = "Every byte that has not expired is as it was written."
	}
	if len(r.Missing) > 0 {
		says += fmt.Sprintf(" But %d night(s) have no record: find out why, and keep the reason beside the evidence (docs/operations.md).", nightsMissing(r))
	}
	if slices.ContainsFunc(r.Keys, func(k archive.Handover) bool { return k.NewRoot }) {
		says += " What stands after a new root is proven by its key alone."
	}
	return says
}
