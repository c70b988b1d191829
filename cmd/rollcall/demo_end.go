package main

import (
	"bytes"
	"encoding/csv"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// newestRun is the folder of the last night's reports: their names sort by time.
func newestRun(reports string) (string, error) {
	entries, err := os.ReadDir(reports)
	if err != nil {
		return "", err
	}
	entries = slices.DeleteFunc(entries, func(d os.DirEntry) bool { return !d.IsDir() })
	if len(entries) == 0 {
		return "", errors.New("there are none")
	}
	return entries[len(entries)-1].Name(), nil
}

// writeRunbooks writes the pages that say what to do, with what the files say now. A
// company whose contacts somebody took out gets none, and the reason.
func (d *demo) writeRunbooks() error {
	cfg, err := d.configured()
	if err == nil {
		_, err = d.inside().runbooks(cfg, d.path(runbookFolder))
	}
	return err
}

// busiestSheet is the workbook with the most rows that need an answer, and how
// many; none when no row does.
func busiestSheet(run string) (file string, rows int) {
	twins, err := filepath.Glob(filepath.Join(run, "worksheets", "*.csv"))
	if err != nil {
		return "", 0
	}
	for _, twin := range twins {
		if n := flaggedRows(twin); n > rows {
			file, rows = strings.TrimSuffix(twin, ".csv")+".xlsx", n
		}
	}
	return file, rows
}

// flaggedRows counts the rows of a worksheet that say why they are flagged. One
// that cannot be read has none: it is only left unmentioned.
func flaggedRows(file string) int {
	b, err := readInput(file)
	if err != nil {
		return 0
	}
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(b, []byte("\ufeff"))))
	r.FieldsPerRecord = -1
	rows, err := r.ReadAll()
	if err != nil || len(rows) == 0 {
		return 0
	}
	why := slices.Index(rows[0], "Why flagged")
	n := 0
	for _, row := range rows[1:] {
		if why >= 0 && why < len(row) && row[why] != "" {
			n++
		}
	}
	return n
}
