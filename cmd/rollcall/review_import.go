package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/urfave/cli/v2"

	"rollcall/internal/access"
	"rollcall/internal/phrase"
	"rollcall/jobs"
	"rollcall/reports"
)

const reviewImportHelp = `Takes in what reviewers sent back: workbooks (as Excel, LibreOffice or Google Sheets save
them), CSV files, and the files that the page for the browser exports. They may be
renamed, sorted, filtered and partly filled in. What is right counts from now on; of what
is not, a marked-up copy says in plain words what to mend, to be sent back to them. A row
that is left blank stays open, and is never taken for Keep.

The same file again counts once (what did not count of the newest may, if --from now says
who sent it); a newer one of the same worksheet replaces the answers that it has. Of
several that come in together, the one that was saved last is the newest (so keep the
times of the files when you copy them). Folders and links in FOLDER are named, and not
looked into. Each file is kept in the archive as it was
received. --from says who sent the files, where the way they came proves it (a mailbox, a
login).

With something to mend it ends with 3: all else was taken in.`

func reviewImportCommand(e *environ) *cli.Command {
	return &cli.Command{
		Name: "import", Usage: "take in the worksheets that came back", Description: reviewImportHelp,
		Flags: []cli.Flag{configFlag(), jsonFlag(), campaignFlag(),
			&cli.StringFlag{Name: "dir", Usage: "the `FOLDER` with the files that came back"},
			&cli.StringSliceFlag{Name: "file", Usage: "one `FILE` that came back; may be given several times"},
			&cli.StringFlag{Name: "from", Usage: "who sent them: an e-mail address or a name, as a `TEXT`"}},
		Action: func(c *cli.Context) error {
			for _, name := range passedBy(c.String("dir")) {
				fmt.Fprintf(e.stderr, "not looked at: %s: only the files in the folder itself are taken in; give it with --dir or --file if answers are there\n", phrase.OneLine(name))
			}
			names, err := returnedNames(c.String("dir"), c.StringSlice("file"))
			if err != nil {
				return err
			}
			return e.withReview(c, "review import", func(r *reviewing) error {
				out, err := r.Import(c.Context, access.CampaignID(c.String("campaign")), returnedFiles(names, c.String("from")))
				if err != nil {
					return err
				}
				return r.tellImported(out, c.Bool("json"))
			})
		},
	}
}

// returnedNames are the files to take in, the one that was saved last at the end: of two
// of one worksheet its answers count. What programs leave beside a file (such as ~$ of
// Excel) is no file of anybody's.
func returnedNames(dir string, files []string) ([]string, error) {
	if dir == "" && len(files) == 0 {
		return nil, refuse("review import needs --dir FOLDER, or --file FILE: where the worksheets are that came back")
	}
	names := slices.Clone(files)
	if dir != "" {
		entries, err := os.ReadDir(dir)
		if err != nil {
			return nil, refuse("the folder with the worksheets that came back: %w", err)
		}
		for _, f := range entries {
			if f.Type().IsRegular() && !beside(f.Name()) {
				names = append(names, filepath.Join(dir, f.Name()))
			}
		}
	}
	if len(names) == 0 {
		return nil, refuse("there is no file in %s: put the worksheets that came back there", dir)
	}
	return newestLast(names)
}

// beside: what programs and desktops leave beside the files of people.
func beside(name string) bool { return strings.HasPrefix(name, ".") || strings.HasPrefix(name, "~$") }

// passedBy are the folders and links in the folder with the files that came back: answers
// may lie behind them, and nobody looks there.
func passedBy(dir string) (names []string) {
	entries, _ := os.ReadDir(dir) // returnedNames says what is wrong with it
	for _, f := range entries {
		if !f.Type().IsRegular() && !beside(f.Name()) {
			names = append(names, filepath.Join(dir, f.Name()))
		}
	}
	return names
}

// readFile is a file that came back, or why it cannot be read.
type readFile struct {
	came jobs.Came
	err  error
}

// returnedFiles gives files in their order, and reads a few ahead of whoever takes them:
// one for each processor.
func returnedFiles(names []string, from string) iter.Seq2[jobs.Came, error] {
	return func(yield func(jobs.Came, error) bool) {
		ahead, done := make(chan chan readFile, runtime.GOMAXPROCS(0)-1), make(chan struct{})
		defer close(done)
		go func() {
			defer close(ahead)
			for _, name := range names {
				one := make(chan readFile, 1)
				select {
				case ahead <- one:
				case <-done:
					return
				}
				go func() { one <- readReturned(name, from) }()
			}
		}()
		for one := range ahead {
			if got := <-one; !yield(got.came, got.err) {
				return
			}
		}
	}
}

// readReturned reads a file. One that is too large is read no further than that shows.
func readReturned(name, from string) readFile {
	b, err := readSome(name, reports.LargestReturned)
	if err != nil {
		return readFile{err: refuse("a worksheet that came back: %w", err)}
	}
	back := reports.ReadReturned(filepath.Base(name), b)
	back.Sender, back.Channel = from, "file"
	return readFile{came: jobs.Came{Bytes: b, Cut: int64(len(b)) > reports.LargestReturned, Sheet: back}}
}

// fileLine is what is told of one file that came back.
type fileLine struct {
	File      string              `json:"file"`
	Worksheet string              `json:"worksheet,omitempty"`
	Rows      int                 `json:"rows"`
	Counted   int                 `json:"counted"`
	Refused   string              `json:"refused,omitempty"`
	Problems  []access.RowProblem `json:"problems"`
	MarkedUp  string              `json:"marked_up,omitempty"`
}

// tellImported tells what counts, and what is to be mended.
func (r *reviewing) tellImported(o jobs.Imported, asJSON bool) error {
	lines, bad := []fileLine{}, false
	for _, got := range o.Files {
		one := r.fileLine(o.Campaign.ID, got.File)
		lines, bad = append(lines, one), bad || one.MarkedUp != "" || got.File.Refused != nil && got.File.Refused.Severity == access.Stop
	}
	if asJSON {
		err := json.NewEncoder(r.e.stdout).Encode(struct {
			Campaign access.CampaignID `json:"campaign_id"`
			Files    []fileLine        `json:"files"`
			Passed   []sheetLine       `json:"passed_on"`
			Issued   int               `json:"rows_issued"`
			Open     int               `json:"rows_open"`
			Head     string            `json:"archive_head,omitempty"`
		}{o.Campaign.ID, lines, sheetLines(passedOn(o)), o.Progress.Issued, o.Progress.Open, o.Head})
		return errors.Join(err, toMend(bad))
	}
	p := r.e.page()
	for _, l := range lines {
		p.file(l)
	}
	for _, s := range passedOn(o) {
		p.line("New worksheet for %s: %d rows that were passed on. Send it: %s", phrase.Named(s.ReviewerName, s.ReviewerMail), len(s.Rows), filepath.Join(r.dir(o.Campaign.ID), "worksheets", s.ID+".xlsx"))
	}
	p.line("The review %s: %d of %d rows are answered, %d are open%s; due on %s.", o.Campaign.ID, o.Progress.Answered, o.Progress.Issued, o.Progress.Open, unanswered(o.Progress.Expired), o.Campaign.Due)
	if o.Head == "" {
		p.line("Nothing was new.")
	} else {
		p.line("Head of the archive: %s", o.Head)
	}
	return toMend(bad)
}

func passedOn(o jobs.Imported) (all []access.Sheet) {
	for _, f := range o.Files {
		all = append(all, f.PassedOn...)
	}
	return all
}

// toMend is the exit code of an import that could not take in everything.
func toMend(bad bool) error {
	if bad {
		return exitError{code: exitHeld}
	}
	return nil
}

func (r *reviewing) fileLine(id access.CampaignID, f access.ReturnedFile) fileLine {
	l := fileLine{File: f.File, Worksheet: f.Sheet, Rows: f.Rows, Counted: f.Counted, Problems: append([]access.RowProblem{}, f.Problems...)}
	switch {
	case f.Refused != nil:
		l.Refused = sentences(f.Refused.Says, f.Refused.Meanwhile, f.Refused.Mend)
	case len(f.Problems) > 0:
		l.MarkedUp = r.markedUp(id, f)
	}
	return l
}

// markedUp is where the copy of a file is in which something is to be mended: a
// workbook, whatever came.
func (r *reviewing) markedUp(id access.CampaignID, f access.ReturnedFile) string {
	return filepath.Join(r.dir(id), "to-mend", copyName(f)+".xlsx")
}

// mend writes that copy.
func (r *reviewing) mend(id access.CampaignID, came jobs.Came, f access.ReturnedFile) error {
	b, _, err := reports.MarkedUp(came.Bytes, came.Sheet, f)
	if err != nil {
		return err
	}
	return writeFile(r.markedUp(id, f), b)
}

// file tells of one file that came back.
func (p page) file(l fileLine) {
	switch {
	case l.Refused != "":
		p.line("%s: %s", l.File, l.Refused)
	case len(l.Problems) == 0:
		p.line("%s: %d rows, %d answers count.", l.File, l.Rows, l.Counted)
	default:
		p.line("%s: %d rows, %d answers count, %d to mend. Send this copy back: %s", l.File, l.Rows, l.Counted, len(l.Problems), l.MarkedUp)
		for _, bad := range l.Problems[:min(5, len(l.Problems))] {
			p.line("    row %s, %s: %s", rowOf(bad), bad.Column, bad.Says)
		}
		if len(l.Problems) > 5 {
			p.line("    and %d more, in the copy", len(l.Problems)-5)
		}
	}
}

// rowOf names a row of a file as whoever looks for it there finds it: the page's has no
// lines.
func rowOf(p access.RowProblem) string {
	if p.Line > 0 {
		return strconv.Itoa(p.Line)
	}
	return p.RowID
}

// marks is what copyName adds, with which a copy comes back.
var marks = regexp.MustCompile(`_[0-9a-f]{8}_to-mend$`)

// copyName is what the marked-up copy of a file is called, without its ending. No copy
// takes the place of another file's: two reviewers may send files of one name, and none is
// to be sent the rows of the other. A terminal shows it as it is.
func copyName(f access.ReturnedFile) string {
	ending := filepath.Ext(f.File)
	base := marks.ReplaceAllString(strings.TrimSuffix(filepath.Base(f.File), ending), "")
	if form := strings.ToLower(strings.TrimPrefix(ending, ".")); form != "" && form != "xlsx" {
		base += "_" + form
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return '_'
		}
		return r
	}, base) + "_" + f.SHA256[:min(8, len(f.SHA256))] + "_to-mend"
}
