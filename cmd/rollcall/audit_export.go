package main

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"rollcall/reports/audit"
	"rollcall/reports/evidence"
)

const exportHelp = `Writes a new folder for auditors: a page that tells in plain words how the control did
in the period (index.html), an answer to each question as CSV and as a workbook, with
what it rests on, the signed manifests, the public key, and how to check all of it
without rollcall (VERIFY.txt).

   rollcall audit export --from 2026-01-01 --to 2026-03-31 --out pack-2026-q1

Hand over, by another way than the folder, the two digests that are printed at the end.
With --sign the list of digests is signed too, with archive.signing_key of the
configuration: that is for whoever runs the control, not for whoever audits it.

The folder holds personal data: only its owner can read it. Nothing is overwritten, and
what breaks off leaves no folder.`

func auditExportCommand(e *environ) *cli.Command {
	return &cli.Command{Name: "export", Usage: "the evidence pack of a period, as a folder", Description: exportHelp,
		Flags: append(archiveFlags(),
			&cli.StringFlag{Name: "from", Usage: "the first `DAY` of the period, 2026-01-01"},
			&cli.StringFlag{Name: "to", Usage: "the last `DAY` of the period"},
			&cli.StringFlag{Name: "out", Usage: "the new `FOLDER`"},
			&cli.IntFlag{Name: "days", Value: 1, Usage: "the SLA for leavers, in `DAYS` from the end of access to the verified block"},
			&cli.BoolFlag{Name: "sign", Usage: "sign the list of digests with the configuration's archive.signing_key", DisableDefaultText: true}),
		Action: func(c *cli.Context) error { return auditExport(e, c) }}
}

func auditExport(e *environ, c *cli.Context) error {
	r, err := wantedPack(c, e.now())
	if err != nil {
		return err
	}
	if c.Bool("sign") {
		if r.Signer, err = e.packSigner(c); err != nil {
			return err
		}
	}
	_, keys, err := e.auditedArchive(c)
	if err != nil {
		return err
	}
	opened, cfg, err := e.openAudited(c)
	if err != nil {
		return err
	}
	r.Key, r.Tool = keys[0], thisProgram().String()
	done := e.waiting("writing the evidence pack")
	made, err := evidence.Export(c.Context, opened, r, c.String("out"))
	done()
	if errors.Is(err, fs.ErrExist) {
		return refuse("%s is there already, and nothing is overwritten: choose another name with --out", c.String("out"))
	}
	if errors.Is(err, evidence.ErrOtherKey) {
		return refuse("archive.signing_key: %w; leave --sign out", err)
	}
	if err != nil {
		return aborted(fmt.Errorf("no pack was made of the archive %s: %w", archiveRoot(cfg), err))
	}
	return e.printPack(c.String("out"), made)
}

// wantedPack reads the flags. A day that has not come yet has no night to be missed.
func wantedPack(c *cli.Context, now time.Time) (evidence.Request, error) {
	r := evidence.Request{From: c.String("from"), To: c.String("to"), Days: c.Int("days")}
	for _, d := range []audit.Given{{Name: "from", Value: r.From}, {Name: "to", Value: r.To}} {
		if _, err := time.Parse(time.DateOnly, d.Value); err != nil {
			return r, refuse("--%s is %q: write a date as 2026-03-31", d.Name, d.Value)
		}
	}
	today := now.UTC().Format(time.DateOnly)
	switch {
	case r.From > r.To:
		return r, refuse("--from %s is after --to %s: give the earlier day first", r.From, r.To)
	case r.To > today:
		return r, refuse("--to %s has not come yet (today is %s, in UTC): a pack tells what happened", r.To, today)
	case r.Days < 1:
		return r, refuse("--days is %d: write 1 or more", r.Days)
	case strings.TrimSpace(c.String("out")) == "":
		return r, refuse("say with --out where to write the pack: a folder that is not there yet")
	}
	if _, err := os.Lstat(c.String("out")); err == nil {
		return r, refuse("%s is there already, and nothing is overwritten: choose another name with --out", c.String("out"))
	}
	return r, nil
}

// packSigner is the configuration's key. Whether it is the one that signs the archive,
// Export sees.
func (e *environ) packSigner(c *cli.Context) (ed25519.PrivateKey, error) {
	cfg, err := e.config(c)
	if err != nil {
		return nil, err
	}
	text, err := e.secret(c.Context, cfg, cfg.Archive.SigningKey)
	if err != nil {
		return nil, refuse("the key that signs the archive: %w; leave --sign out to make a pack without it", err)
	}
	return keyFrom("the key that signs the archive", cfg.Archive.SigningKey, text)
}

func (e *environ) printPack(dir string, made evidence.Made) error {
	tellf(e.stdout, "Evidence pack %s: %d files, %d answers, %d signed manifests. Open index.html in it.\n", dir, made.Files, made.Answers, made.Manifests)
	for _, not := range made.Not {
		tellf(e.stdout, "no answer  %s\n", not)
	}
	_, err := tellf(e.stdout, "SHA-256 of its list of digests (SHA256SUMS): %s\nSHA-256 of the public key: %s\nIt holds personal data: it is for auditors and compliance only. Tell them these two digests by another way.\n", made.SHA256, made.KeySHA256)
	return err
}
