package main

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"time"

	"github.com/xuri/excelize/v2"

	"rollcall/internal/access"
	"rollcall/reconcile"
	"rollcall/reports"
)

// fillIn writes Keep and a reason into every row of each workbook, where it lies.
func fillIn(dir string, sheets []access.Sheet) error {
	book := func(s access.Sheet) string { return filepath.Join(dir, s.ID+".xlsx") }
	heads, err := headsOf(book(sheets[0]))
	if err != nil {
		return fmt.Errorf("read the heads of a workbook: %w", err)
	}
	for _, s := range sheets {
		if err := fill(book(s), heads); err != nil {
			return fmt.Errorf("fill in %s: %w", book(s), err)
		}
	}
	return nil
}

func headsOf(file string) ([]string, error) {
	f, err := excelize.OpenFile(file)
	if err != nil {
		return nil, err
	}
	rows, err := f.GetRows("Review")
	if err := errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	return rows[0], nil
}

// answers are what a reviewer writes, by the head of the column.
var answers = map[string]string{"Decision": "Keep", "Reason": "they work with it every day"}

// fill puts the answers into the cells of a workbook that are there for them.
func fill(file string, heads []string) error {
	in, err := zip.OpenReader(file)
	if err != nil {
		return err
	}
	defer in.Close() // reading only
	var out bytes.Buffer
	w, filled := zip.NewWriter(&out), 0
	for _, part := range in.File {
		n, err := copyFilled(w, part, heads)
		if err != nil {
			return err
		}
		filled += n
	}
	if filled == 0 {
		return errors.New("no cell is there to be filled in")
	}
	if err := w.Close(); err != nil {
		return err
	}
	return os.WriteFile(file, out.Bytes(), 0o600)
}

// copyFilled copies a part of a workbook, a sheet with its answers.
func copyFilled(w *zip.Writer, part *zip.File, heads []string) (filled int, err error) {
	r, err := part.Open()
	if err != nil {
		return 0, err
	}
	b, err := io.ReadAll(r)
	if err := errors.Join(err, r.Close()); err != nil {
		return 0, err
	}
	if bytes.Contains(b, []byte("<dataValidation")) { // the sheet with the rows
		for head, text := range answers {
			column, err := excelize.ColumnNumberToName(slices.Index(heads, head) + 1)
			if err != nil {
				return 0, err
			}
			empty := regexp.MustCompile(`<c r="(` + column + `[0-9]+)"( s="[0-9]+")?(?:></c>|/>)`)
			filled += len(empty.FindAllIndex(b, -1))
			b = empty.ReplaceAll(b, []byte(`<c r="$1"$2 t="inlineStr"><is><t>`+text+`</t></is></c>`))
		}
	}
	to, err := w.Create(part.Name)
	if err != nil {
		return 0, err
	}
	_, err = to.Write(b)
	return filled, err
}

// takeIn reads every workbook and judges it, as review import does, and gives how many
// answers count.
func takeIn(dir string, rec access.CampaignRecord, people []access.Person) (counted int, err error) {
	in := reconcile.NewReceiving(rec, staff(people, rec.Sheets), reconcile.CampaignRules{Locked: reports.LockedHeads()})
	for got := range ahead(dir, rec.Sheets) {
		back := <-got
		if back.Refused != nil {
			return 0, fmt.Errorf("%s was refused: %s", back.File, back.Refused.Says)
		}
		reports.Recognise(&back, in.Asked(back))
		r := in.Receive(back, night.Add(24*time.Hour))
		if r.File.Refused != nil || len(r.File.Problems) > 0 {
			return 0, fmt.Errorf("%s was not taken in: %+v", back.File, r.File)
		}
		counted += r.File.Counted
	}
	return counted, nil
}

// ahead reads workbooks in their order, one for each processor at a time.
func ahead(dir string, sheets []access.Sheet) <-chan chan access.ReturnedSheet {
	out := make(chan chan access.ReturnedSheet, runtime.GOMAXPROCS(0)-1)
	go func() {
		defer close(out)
		for _, s := range sheets {
			one := make(chan access.ReturnedSheet, 1)
			out <- one
			go func() {
				b, err := os.ReadFile(filepath.Join(dir, s.ID+".xlsx"))
				back := reports.ReadReturned(s.ID+".xlsx", b)
				if err != nil {
					back.Refused = &access.Problem{Says: err.Error()}
				}
				one <- back
			}()
		}
	}()
	return out
}

// staff are the reviewers and their people, who all work here.
func staff(people []access.Person, sheets []access.Sheet) *reconcile.Staff {
	list := reconcile.SourceRoster{Verdict: access.RosterVerdict{Source: "employees", InForce: access.AcceptedRoster{SHA256: "x"}}}
	add := func(i access.Identity) {
		i.Status, i.Row = access.StatusActive, len(list.Rows)+2
		list.Rows = append(list.Rows, i)
	}
	for _, p := range people {
		add(p.Identity)
	}
	for _, s := range sheets {
		add(access.Identity{Source: s.Reviewer.Source, EmployeeID: s.Reviewer.EmployeeID, Name: s.ReviewerName})
	}
	return reconcile.StaffOf(reconcile.World{Now: night, Rosters: []reconcile.SourceRoster{list}}, nil)
}
