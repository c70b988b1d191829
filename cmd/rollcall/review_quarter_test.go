package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
)

// quarter is the demo company while it holds a review.
type quarter struct {
	*demo
	t    *testing.T
	back string // where files come back to
	// save makes of a workbook what another program makes of it; nil: it is sent as it is.
	save func(t *testing.T, file string)
	// signs is who signs the files that the page saves.
	signs string
}

// newQuarter is the demo company after two nights, with a configuration that lets
// reviews take effect.
func newQuarter(t *testing.T) *quarter {
	t.Helper()
	q := &quarter{demo: openDemo(t), t: t, back: t.TempDir()}
	b, err := os.ReadFile(q.path("rollcall.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	settings := strings.Replace(string(b), "\nreview:\n", "\nreview:\n  removals: enforce\n", 1)
	if err := os.WriteFile(q.path("rollcall.yaml"), []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	q.playNight(t)
	q.playNight(t)
	acting := strings.Replace(settings, "\nmode: observe", "\nmode: enforce", 1)
	if acting == settings {
		t.Fatal("the demo's configuration does not say mode: observe")
	}
	if err := os.WriteFile(q.path("rollcall.yaml"), []byte(acting), 0o600); err != nil {
		t.Fatal(err)
	}
	return q
}

// run runs a command on the demo's clock and gives what it printed.
func (q *quarter) run(code int, args ...string) string {
	q.t.Helper()
	var out, story bytes.Buffer
	e := q.inside()
	e.args = append([]string{"rollcall"}, args...)
	e.stdout, e.stderr = &out, &story
	err := newApp(e).RunContext(q.t.Context(), e.args)
	if got := exitCode(err); got != code {
		q.t.Fatalf("%v ends with %d, want %d: %v\n%s%s", args, got, code, err, out.String(), story.String())
	}
	if err != nil {
		return out.String() + err.Error()
	}
	return out.String()
}

func (q *quarter) review(code int, args ...string) string {
	q.t.Helper()
	return q.run(code, append(append([]string{"review"}, args...), "--config", q.path("rollcall.yaml"))...)
}

// into reads the JSON that a command prints.
func (q *quarter) into(v any, printed string) {
	q.t.Helper()
	if err := json.Unmarshal([]byte(printed), v); err != nil {
		q.t.Fatalf("%v in:\n%s", err, printed)
	}
}

// later moves the clock to an hour of a day of the campaign.
func (q *quarter) later(opened time.Time, days int) { q.clock.set(opened.AddDate(0, 0, days)) }

// asked is a row as its reviewer sees it, by the head of the column.
type askedRow map[string]string

// given is what a reviewer writes.
type given struct{ decision, reason, changeTo, passTo string }

// lines are the CSV twin of a worksheet.
func (q *quarter) lines(id, sheet string) [][]string {
	q.t.Helper()
	b, err := os.ReadFile(q.path("reviews", id, "worksheets", sheet+".csv"))
	if err != nil {
		q.t.Fatal(err)
	}
	lines, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(b, []byte("\ufeff")))).ReadAll()
	if err != nil {
		q.t.Fatal(err)
	}
	return lines
}

// twin reads the CSV twin of a worksheet.
func (q *quarter) twin(id, sheet string) []askedRow {
	q.t.Helper()
	lines := q.lines(id, sheet)
	var rows []askedRow
	for _, l := range lines[1:] {
		row := askedRow{}
		for n, head := range lines[0] {
			row[head] = l[n]
		}
		rows = append(rows, row)
	}
	return rows
}

// workbook answers a worksheet in its workbook, as name.
func (q *quarter) workbook(id, sheet, name string, answer func(askedRow) given) string {
	q.t.Helper()
	f, err := excelize.OpenFile(q.path("reviews", id, "worksheets", sheet+".xlsx"))
	if err != nil {
		q.t.Fatal(err)
	}
	defer f.Close()
	rows, err := f.GetRows("Review")
	if err != nil {
		q.t.Fatal(err)
	}
	set := func(row int, head, text string) {
		cell, _ := excelize.CoordinatesToCellName(slices.Index(rows[0], head)+1, row)
		if err := f.SetCellStr("Review", cell, text); err != nil {
			q.t.Fatal(err)
		}
	}
	byID := map[string]askedRow{}
	for _, row := range q.twin(id, sheet) {
		byID[row["Row ID"]] = row
	}
	for n, row := range rows[1:] {
		a := answer(byID[row[0]])
		for head, text := range map[string]string{"Decision": a.decision, "Reason": a.reason, "Change to": a.changeTo, "Pass to": a.passTo} {
			if text != "" {
				set(n+2, head, text)
			}
		}
	}
	file := filepath.Join(q.back, name)
	if err := f.SaveAs(file); err != nil {
		q.t.Fatal(err)
	}
	if q.save != nil {
		q.save(q.t, file)
	}
	return file
}

// page answers a worksheet in its page: the file that the page saves.
func (q *quarter) page(id, sheet, name string, answer func(askedRow) given) string {
	q.t.Helper()
	type row struct {
		ID       string `json:"id"`
		MAC      string `json:"mac"`
		Decision string `json:"decision"`
		Reason   string `json:"reason"`
		ChangeTo string `json:"change_to"`
		PassTo   string `json:"pass_to"`
	}
	saved := struct {
		Schema   string `json:"schema"`
		Campaign string `json:"campaign"`
		Sheet    string `json:"sheet"`
		SignedBy string `json:"signed_by"`
		Rows     []row  `json:"rows"`
	}{"rollcall-worksheet-2", id, sheet, q.signs, nil}
	for _, r := range q.twin(id, sheet) {
		a := answer(r)
		saved.Rows = append(saved.Rows, row{r["Row ID"], r["Row check"], a.decision, a.reason, a.changeTo, a.passTo})
	}
	return q.write(name, saved)
}

// table answers a worksheet in its CSV, with semicolons as a German Excel saves it.
func (q *quarter) table(id, sheet, name string, answer func(askedRow) given) string {
	q.t.Helper()
	lines := q.lines(id, sheet)
	for n, r := range q.twin(id, sheet) {
		a := answer(r)
		for head, text := range map[string]string{"Decision": a.decision, "Reason": a.reason, "Change to": a.changeTo, "Pass to": a.passTo} {
			lines[n+1][slices.Index(lines[0], head)] = text
		}
	}
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	w.Comma, w.UseCRLF = ';', true
	if err := w.WriteAll(lines); err != nil {
		q.t.Fatal(err)
	}
	return q.write(name, out.Bytes())
}

func (q *quarter) write(name string, content any) string {
	q.t.Helper()
	b, is := content.([]byte)
	if !is {
		var err error
		if b, err = json.Marshal(content); err != nil {
			q.t.Fatal(err)
		}
	}
	file := filepath.Join(q.back, name)
	if err := os.WriteFile(file, b, 0o600); err != nil {
		q.t.Fatal(err)
	}
	return file
}

// keep keeps everything, with a reason.
func keep(askedRow) given {
	return given{decision: "Keep", reason: "Needed for what the team runs every week"}
}

// opened is what review open prints.
type opened struct {
	Campaign struct {
		Rows int `json:"rows"`
		Due  string
	}
	Worksheets []sheetLine
	Rerouted   []string
}

// imported is what review import prints.
type imported struct {
	Files  []fileLine
	Passed []sheetLine `json:"passed_on"`
	Open   int         `json:"rows_open"`
}

func (q *quarter) imports(code int, files ...string) (got imported) {
	q.t.Helper()
	args := []string{"import", "--json"}
	for _, f := range files {
		args = append(args, "--file", f)
	}
	q.into(&got, q.review(code, args...))
	return got
}

// sheetOf is the worksheet of a reviewer.
func sheetOf(t *testing.T, all []sheetLine, reviewer string) sheetLine {
	t.Helper()
	n := slices.IndexFunc(all, func(s sheetLine) bool { return s.Reviewer == reviewer })
	if n < 0 {
		t.Fatalf("there is no worksheet of %s", reviewer)
	}
	return all[n]
}
