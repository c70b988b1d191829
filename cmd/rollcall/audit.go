package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/urfave/cli/v2"

	"rollcall/reports/archive"
)

const verifyHelp = `Checks every byte of the archive with the public key alone: the signature of each
night's manifest, the chain from one to the next, and size, SHA-256 and rows of
every file. Without a configuration: --archive DIR --key FILE, also on a copy; for an
archive in S3 too (s3://bucket/prefix, with the usual variables of the AWS SDK).

The end of the chain is printed: compare it with the one in the last notice, for a
chain that was cut short looks whole from inside.`

func auditCommand(e *environ) *cli.Command {
	return &cli.Command{
		Name: "audit", Usage: "questions to the archive",
		Subcommands: []*cli.Command{{
			Name: "verify", Usage: "was anything altered, lost or slipped in?", Description: verifyHelp,
			Flags:  append(archiveFlags(), jsonFlag()),
			Action: func(c *cli.Context) error { return auditVerify(e, c) },
		},
			auditAskCommand(e), auditSQLCommand(e), auditReplayCommand(e), auditDDLCommand(e), auditExportCommand(e)},
	}
}

func auditVerify(e *environ, c *cli.Context) error {
	cfg, key, err := e.auditedArchive(c)
	if err != nil {
		return err
	}
	dir := archiveRoot(cfg)
	report, err := e.verify(c.Context, cfg, key)
	if err != nil {
		return aborted(fmt.Errorf("verify the archive %s: %w", dir, err))
	}
	if c.Bool("json") {
		err = json.NewEncoder(e.stdout).Encode(report)
	} else {
		err = printReport(e.stdout, dir, report)
	}
	if err != nil {
		return aborted(err)
	}
	if !report.OK() {
		return exitError{exitFailed, fmt.Errorf("the archive %s is not as it was written: %d fault(s)", dir, len(report.Faults))}
	}
	return nil
}

// printReport tells what was checked and what is wrong.
func printReport(w io.Writer, dir string, r archive.Report) error {
	fmt.Fprintf(w, "Archive %s: %d night(s), %d files, %d bytes, %d rows checked.\n", dir, r.Manifests, r.Files, r.Bytes, r.Rows)
	for _, f := range r.Faults {
		fmt.Fprintf(w, "FAULT  %s\n", f)
	}
	for _, n := range r.Notes {
		fmt.Fprintf(w, "note   %s\n", n)
	}
	verdict := "Every byte is as it was written."
	if !r.OK() {
		verdict = fmt.Sprintf("%d fault(s): keep the archive as it is, fetch a copy from the backup, and tell security.", len(r.Faults))
	}
	_, err := fmt.Fprintf(w, "End of the chain: %d %s (run %s)\n%s\n", r.Sequence, r.SHA256, r.RunID, verdict)
	return err
}
