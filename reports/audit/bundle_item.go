package audit

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"rollcall/reports/archive"
)

// item is what is gathered about one row of a sample.
type item struct {
	b      *bundle
	folder string
	about  map[string]string // what identifies it, by column
	from   map[string]bool   // table and run of the rows that it has
	rows   map[string][]map[string]string
}

// of are the columns of a row that say what it is about.
func (it *item) of(columns []string, row []any) map[string]string {
	about := map[string]string{}
	for i, text := range Texts(row) {
		for _, t := range bundled {
			if text != "" && slices.Contains(t.keys, columns[i]) {
				about[columns[i]] = text
			}
		}
	}
	return about
}

// where is the condition under which a row is about the item; none where the item says
// neither a person nor an account nor a row of a review.
func (it *item) where(keys []string) string {
	var all []string
	known := false
	for _, k := range keys {
		if v := it.about[k]; v != "" {
			all = append(all, k+" = "+literal(v))
			known = known || slices.Contains([]string{"employee_id", "account_id", "row_id"}, k)
		}
	}
	if !known {
		return ""
	}
	return strings.Join(all, " AND ")
}

// take keeps the rows that are about the item.
func (it *item) take(table string, keys []string, all *Answer) {
	mine := Answer{Columns: all.Columns}
	for _, row := range all.Rows {
		texts, is := byColumn(all.Columns, row), true
		for _, k := range keys {
			is = is && (it.about[k] == "" || texts[k] == it.about[k])
		}
		if is {
			mine.Rows = append(mine.Rows, row)
			it.note(table, texts)
		}
	}
	if len(mine.Rows) > 0 {
		it.b.files[it.folder+"/"+table+".csv"] = mine.CSV()
	}
}

// note remembers a row, and where it is from.
func (it *item) note(table string, texts map[string]string) {
	if it.rows == nil {
		it.rows = map[string][]map[string]string{}
	}
	it.rows[table] = append(it.rows[table], texts)
	it.from[table+"\x00"+texts["run_id"]] = true
}

func byColumn(columns []string, row []any) map[string]string {
	texts := map[string]string{}
	for i, text := range Texts(row) {
		texts[columns[i]] = text
	}
	return texts
}

// approvals adds those that released the item's actions.
func (it *item) approvals(ctx context.Context) error {
	var ids []string
	for _, a := range it.rows["actions"] {
		for _, id := range strings.Fields(a["approval_id"]) {
			ids = append(ids, literal(id))
		}
	}
	if len(ids) == 0 {
		return nil
	}
	slices.Sort(ids)
	answer, err := it.b.query(ctx, "approvals", ever, "approval_id IN ("+strings.Join(slices.Compact(ids), ", ")+")")
	if err == nil {
		it.take("approvals", nil, answer)
	}
	return err
}

// journal adds the records of the item's actions.
func (it *item) journal() error {
	for _, a := range it.rows["actions"] {
		r, ours := it.b.runs[a["run_id"]]
		if !ours {
			continue
		}
		err := it.b.listed(r, func(e archive.Entry) bool { return strings.HasPrefix(e.Path, "journal/") }, func(e archive.Entry, bytes []byte) {
			if about(bytes, a["action_id"]) {
				it.keep(r, e, "journal/"+strings.TrimPrefix(e.Path, "journal/"), bytes)
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// about reports whether a journal's record is of an action.
func about(record []byte, action string) bool {
	type named struct {
		ID string `json:"action_id"`
	}
	var r struct {
		Action  named `json:"action"`
		Outcome struct {
			Action named `json:"action"`
		} `json:"outcome"`
	}
	return json.Unmarshal(record, &r) == nil && action != "" && (r.Action.ID == action || r.Outcome.Action.ID == action)
}

// worksheets adds the files that the item's decisions came in.
func (it *item) worksheets() error {
	for _, d := range it.rows["decisions"] {
		r, ours := it.b.runs[d["run_id"]]
		if sum := d["worksheet_sha256"]; ours && sum != "" {
			err := it.b.listed(r, func(e archive.Entry) bool { return e.Path == "inputs/"+sum }, func(e archive.Entry, bytes []byte) {
				it.keep(r, e, "worksheets/"+sum, bytes)
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// keep adds an original to the item.
func (it *item) keep(r archive.CommittedRun, e archive.Entry, name string, bytes []byte) {
	it.b.files[it.folder+"/"+name] = bytes
	it.from[e.Path+"\x00"+string(r.RunID)] = true
}

// proof lists what the item was taken from, and notes whose manifests prove it.
func (it *item) proof() {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	_ = w.Write([]string{"file", "sha256", "rows", "run_id", "manifest", "manifest_sha256"}) // a buffer takes all
	for _, key := range slices.Sorted(maps.Keys(it.from)) {
		from, run, _ := strings.Cut(key, "\x00")
		r := it.b.runs[run]
		it.b.used[r.Sequence] = r
		line := func(e archive.Entry) {
			rows := ""
			if e.Rows != nil {
				rows = fmt.Sprint(*e.Rows)
			}
			_ = w.Write([]string{e.Path, e.SHA256, rows, run, fmt.Sprintf("%010d.json", r.Sequence), r.SHA256})
		}
		for _, f := range r.Tables {
			if f.Table == from {
				line(f.Entry)
			}
		}
		if strings.Contains(from, "/") {
			_ = it.b.listed(r, func(e archive.Entry) bool { return e.Path == from }, func(e archive.Entry, _ []byte) { line(e) }) // it was read a moment ago
		}
	}
	w.Flush()
	it.b.files[it.folder+"/proof.csv"] = b.Bytes()
}
