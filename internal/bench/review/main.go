// Command review measures how long the worksheets of a large campaign take to be
// written, and to be read and judged when all of them come back, and in how much memory. People read its report on stderr; on stdout is one
// line a figure (package figures). It must never count a campaign that is not whole:
// every row must have been proven and every worksheet be there in its three forms, or
// it fails.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/bench/figures"
	"rollcall/reports"
)

func main() {
	if err := bench(os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "bench-review:", err)
		os.Exit(1)
	}
}

const (
	timeTarget   = 60.0   // seconds, on two processors
	memoryTarget = 1024.0 // MiB
)

func bench(args []string, stdout, stderr io.Writer) (err error) {
	flags := flag.NewFlagSet("review", flag.ContinueOnError)
	flags.SetOutput(stderr)
	reviewers := flags.Int("reviewers", 2000, "how many reviewers")
	rows := flags.Int("rows", 50, "how many rows each has")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 || *reviewers < 1 || *rows < 1 {
		return fmt.Errorf("%q is no flag, or there is nobody; see -help", strings.Join(flags.Args(), " "))
	}
	dir, err := os.MkdirTemp("", "rollcall-bench")
	if err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	book, sheets := campaign(*reviewers, *rows)
	began, cpu := time.Now(), figures.CPU()
	if err := reports.WriteCampaign(dir, book, sheets); err != nil {
		return err
	}
	took, worked := time.Since(began), figures.CPU()-cpu
	size, err := whole(dir, sheets)
	if err != nil {
		return err
	}
	peak, err := figures.PeakKiB()
	if err != nil {
		return err
	}
	r := &figures.Report{Out: stdout, Story: stderr}
	r.Say("%d rows for %d reviewers: %.1f s (%.1f s of processors), at most %d MiB of memory, %d MiB of files\n", *reviewers**rows, *reviewers, took.Seconds(), worked.Seconds(), peak>>10, size>>20)
	r.Figure("review.write_time", took.Seconds(), "s", timeTarget)
	r.Figure("review.write_cpu", worked.Seconds(), "s", figures.NoTarget)
	r.Figure("review.write_memory", float64(peak)/1024, "MiB", memoryTarget)
	return errors.Join(takenIn(r, dir, book, sheets), r.Err)
}

// takenIn measures the way back: each workbook, with an answer to every row.
func takenIn(r *figures.Report, dir string, book reports.CampaignBook, sheets []access.Sheet) error {
	if err := fillIn(dir, sheets); err != nil {
		return err
	}
	people := book.Night.People
	book = reports.CampaignBook{Campaign: book.Campaign} // an import knows nothing of the night
	runtime.GC()
	began, cpu := time.Now(), figures.CPU()
	counted, err := takeIn(dir, access.CampaignRecord{Campaign: book.Campaign, Sheets: sheets}, people)
	if err != nil {
		return err
	}
	took, worked := time.Since(began), figures.CPU()-cpu
	if counted != book.Campaign.Rows {
		return fmt.Errorf("%d answers count, and %d rows were answered", counted, book.Campaign.Rows)
	}
	peak, err := figures.PeakKiB()
	if err != nil {
		return err
	}
	r.Say("%d workbooks with %d answers came back and count: %.1f s (%.1f s of processors), at most %d MiB of memory with the writing\n", len(sheets), counted, took.Seconds(), worked.Seconds(), peak>>10)
	r.Figure("review.import_time", took.Seconds(), "s", timeTarget)
	r.Figure("review.import_cpu", worked.Seconds(), "s", figures.NoTarget)
	r.Figure("review.import_memory", float64(peak)/1024, "MiB", memoryTarget)
	return nil
}

// whole checks that nothing is missing, and gives the size of it all.
func whole(dir string, sheets []access.Sheet) (size int64, err error) {
	for _, s := range sheets {
		for _, end := range []string{".xlsx", ".csv", ".html"} {
			info, err := os.Stat(filepath.Join(dir, s.ID+end))
			if err != nil {
				return 0, fmt.Errorf("a worksheet is missing: %w", err)
			}
			size += info.Size()
		}
		for _, r := range s.Rows {
			if r.MAC == "" || len(r.Cells) == 0 {
				return 0, fmt.Errorf("row %s of %s is not proven", r.ID, s.ID)
			}
		}
	}
	return size, nil
}
