package reports

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"

	"rollcall/internal/access"
	"rollcall/internal/garbage"
	"rollcall/internal/phrase"
	"rollcall/internal/wholefile"
)

// WorksheetFile says what was written for one reviewer. The digests are of the
// files' bytes, hex; the names are within the folder that was given.
type WorksheetFile struct {
	Reviewer   access.PersonKey `json:"reviewer,omitzero"`
	Name       string           `json:"reviewer_name"`
	Rows       int              `json:"rows"`
	Flagged    int              `json:"flagged"`
	XLSX       string           `json:"xlsx"`
	XLSXSHA256 string           `json:"xlsx_sha256"`
	CSV        string           `json:"csv"`
	CSVSHA256  string           `json:"csv_sha256"`
}

// WriteWorksheets writes a workbook and its CSV twin for each worksheet of the
// night into dir, which it makes if needed. A file of the same name is
// replaced. One worksheet that cannot be written does not keep the others from
// being written: the error joins all that went wrong.
func WriteWorksheets(dir string, n *access.Night) ([]WorksheetFile, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, fmt.Errorf("make worksheet folder: %w", err)
	}
	all, names, files := newNightSheets(n), fileNames(n), make([]WorksheetFile, len(n.Worksheets))
	err := eachSheet(dir, len(files), func(i int) (err error) {
		if files[i], err = writeWorksheet(dir, names[i], all.sheet(i)); err != nil {
			return fmt.Errorf("write worksheet of %s: %w", line(n.Worksheets[i].ReviewerName), err)
		}
		return nil
	})
	return slices.DeleteFunc(files, func(f WorksheetFile) bool { return f.XLSX == "" }), err
}

// eachSheet writes worksheets side by side, and gives all that went wrong.
func eachSheet(dir string, n int, write func(i int) error) error {
	errs := make([]error, n)
	// The rows stay while thousands of workbooks come and go: at the usual pace the
	// garbage would be let grow to the size of the rows.
	garbage.At(60, func() {
		var g errgroup.Group
		g.SetLimit(2 * runtime.GOMAXPROCS(0)) // half of them wait for the disk
		for i := range n {
			g.Go(func() error {
				errs[i] = write(i)
				return nil
			})
		}
		g.Wait() // the errors are in errs
	})
	return errors.Join(errors.Join(errs...), wholefile.SyncFolder(dir))
}

func writeWorksheet(dir, name string, s *sheet) (WorksheetFile, error) {
	book, err := s.workbook()
	if err != nil {
		return WorksheetFile{}, err
	}
	twin := s.csvBytes()
	f := WorksheetFile{Reviewer: s.Reviewer, Name: s.ReviewerName, Rows: len(s.rows), Flagged: s.flagged(),
		XLSX: name + ".xlsx", XLSXSHA256: access.Digest(book), CSV: name + ".csv", CSVSHA256: access.Digest(twin)}
	if err := errors.Join(putFile(filepath.Join(dir, f.XLSX), book), putFile(filepath.Join(dir, f.CSV), twin)); err != nil {
		return WorksheetFile{}, err
	}
	return f, nil
}

// fileNames names the file of each worksheet, without its ending. Two
// reviewers of one name are told apart by HR's id or e-mail, then by number.
func fileNames(n *access.Night) []string {
	date := phrase.Day(n.Run.StartedAt)
	count := map[string]int{}
	slugs := make([]string, len(n.Worksheets))
	for i, w := range n.Worksheets {
		slugs[i] = cmp.Or(slug(w.ReviewerName), slug(w.Reviewer.String()), slug(w.ReviewerMail), "reviewer")
		count[slugs[i]]++
	}
	used := map[string]bool{}
	for i, w := range n.Worksheets {
		if key := cmp.Or(slug(w.Reviewer.String()), slug(w.ReviewerMail)); count[slugs[i]] > 1 && key != "" && key != slugs[i] {
			slugs[i] += "_" + key
		}
		plain := slugs[i]
		for again := 2; used[slugs[i]]; again++ {
			slugs[i] = plain + "_" + strconv.Itoa(again)
		}
		used[slugs[i]] = true
	}
	for i := range slugs {
		slugs[i] = "access-review_" + date + "_" + slugs[i]
	}
	return slugs
}

// slug keeps what is safe in a file name everywhere: a-z, 0-9 and hyphens.
func slug(s string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(s) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
		if b.Len() >= 60 {
			break
		}
	}
	return strings.Trim(b.String(), "-")
}

func putFile(path string, b []byte) error { return wholefile.Put(path, b, 0o640) }
