// Command review measures how long the worksheets of a large campaign take to be
// written, and to be read and judged when all of them come back, and in how much
// memory. People read its report on stderr; on stdout is one line a figure (package
// figures).
//
// It must never count a campaign that is not whole: every row must have been proven and
// every worksheet be there in its three forms, or it fails. Its invariant: only what a
// user waits for is measured, and neither making the campaign nor filling it in is.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

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
	flags := figures.Flags("review", stderr)
	reviewers := flags.Int("reviewers", 2000, "how many reviewers")
	rows := flags.Int("rows", 50, "how many rows each has")
	if err := figures.Parse(flags, args); err != nil {
		return err
	}
	if *reviewers < 1 || *rows < 1 {
		return errors.New("there is nobody, or nothing to ask; see -help")
	}
	dir, err := os.MkdirTemp("", "rollcall-bench")
	if err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	book, sheets := campaign(*reviewers, *rows)
	took, err := figures.Measure(func() error { return reports.WriteCampaign(dir, book, sheets) })
	if err != nil {
		return err
	}
	size, err := whole(dir, sheets)
	if err != nil {
		return err
	}
	r := &figures.Report{Bench: "review", Out: stdout, Story: stderr}
	r.Say("%d rows for %d reviewers: %.1f s (%.1f s of processors), at most %d MiB of memory, %d MiB of files\n", *reviewers**rows, *reviewers, took.Time.Seconds(), took.CPU.Seconds(), took.PeakKiB>>10, size>>20)
	tell(r, "review.write", took)
	return errors.Join(takenIn(r, dir, book, sheets), r.Err)
}

// takenIn measures the way back: each workbook, with an answer to every row.
func takenIn(r *figures.Report, dir string, book reports.CampaignBook, sheets []access.Sheet) error {
	if err := fillIn(dir, sheets); err != nil {
		return err
	}
	people := book.Night.People
	book = reports.CampaignBook{Campaign: book.Campaign} // an import knows nothing of the night
	counted := 0
	took, err := figures.Measure(func() (err error) {
		counted, err = takeIn(dir, access.CampaignRecord{Campaign: book.Campaign, Sheets: sheets}, people)
		return err
	})
	if err != nil {
		return err
	}
	if counted != book.Campaign.Rows {
		return fmt.Errorf("%d answers count, and %d rows were answered", counted, book.Campaign.Rows)
	}
	r.Say("%d workbooks with %d answers came back and count: %.1f s (%.1f s of processors), at most %d MiB of memory\n", len(sheets), counted, took.Time.Seconds(), took.CPU.Seconds(), took.PeakKiB>>10)
	tell(r, "review.import", took)
	return nil
}

// tell tells what one way took; the memory is that of the campaign too.
func tell(r *figures.Report, way string, took figures.Cost) {
	r.Figure(way+"_time", took.Time.Seconds(), "s", timeTarget)
	r.Figure(way+"_cpu", took.CPU.Seconds(), "s", figures.NoTarget)
	r.Figure(way+"_memory", float64(took.PeakKiB)/1024, "MiB", memoryTarget)
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
