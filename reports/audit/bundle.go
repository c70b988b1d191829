package audit

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"rollcall/reports/archive"
)

// reach says of which runs a bundle has rows.
type reach int

const (
	answered reach = iota // those that the answer rests on
	around                // and those of the 90 days before them
	ever                  // all
)

// bundled are the tables of which a bundle has rows, with the columns by which a row is
// about the same as the row of a sample: all of those that both have must be equal.
var bundled = []struct {
	table string
	of    reach
	keys  []string
}{
	{"identities", around, []string{"source", "employee_id"}},
	{"accounts", answered, []string{"source", "employee_id", "system", "account_id"}},
	{"grants", answered, []string{"source", "employee_id", "system", "account_id", "entitlement", "entitlement_id"}},
	{"findings", around, []string{"source", "employee_id", "system", "account_id"}},
	{"actions", ever, []string{"source", "employee_id", "system", "account_id"}},
	{"endings", around, []string{"source", "employee_id", "system", "account_id"}},
	{"items", ever, []string{"source", "employee_id", "system", "account_id", "entitlement_id", "campaign_id", "row_id"}},
	{"decisions", ever, []string{"source", "employee_id", "system", "account_id", "entitlement_id", "campaign_id", "row_id"}},
}

const bundleReadme = `# Evidence for each row of a sample

Made by %s. What was asked, of what, and how the sample was drawn: sample.csv and evidence.txt.

There is one folder for each row of the sample, item-0001 for the first:

- row.csv: the row.
- identities.csv, accounts.csv, grants.csv, findings.csv, actions.csv, endings.csv, items.csv,
  decisions.csv: the rows of the archive about the same person, account and right. Accounts and
  grants are of the runs that the answer rests on; identities, findings and endings of the 90 days
  before them too; the rest of all runs. A file that is not there: there are no such rows.
- approvals.csv: the approvals that released those actions.
- journal/: the records of those actions as they were made, byte for byte.
- worksheets/: the files of reviewers that those decisions came in, byte for byte, by their SHA-256.
- proof.csv: for each file of the archive that any of this was taken from: its name, SHA-256 and
  number of rows, and the manifest that lists it.

manifests/ has those manifests with their signatures, byte for byte. To check by hand that one is
genuine, with the public key that compliance gave you:

    openssl pkeyutl -verify -pubin -inkey PUBLIC.pem -rawin -in manifests/N.json -sigfile manifests/N.DIGEST.sig

and that a file is what it lists: sha256sum FILE, and look the digest up in the manifest. Rows in CSV
files are copies out of the archive's Parquet files that proof.csv names; "rollcall audit sql" shows
them again. SHA256SUMS has the digest of every file here: sha256sum -c SHA256SUMS

It holds personal data.
`

// bundle is one while it is made: files by name.
type bundle struct {
	a     *Archive
	files map[string][]byte
	runs  map[string]archive.CommittedRun // by id
	reach map[string]reach                // of runs, by id
	used  map[int]archive.CommittedRun    // whose manifests prove something, by sequence
}

// Bundle writes, for each row of an answer, all that the archive has about it to the
// new folder dir, and gives the SHA-256 of the list of digests. The folder appears whole
// or not at all; fs.ErrExist says that it is there already.
func (a *Archive) Bundle(ctx context.Context, sample *Answer, dir string) (string, error) {
	if _, err := os.Lstat(dir); !errors.Is(err, fs.ErrNotExist) {
		return "", errors.Join(err, fmt.Errorf("%s: %w", dir, fs.ErrExist))
	}
	b := &bundle{a: a, files: map[string][]byte{}, runs: map[string]archive.CommittedRun{}, reach: map[string]reach{}, used: map[int]archive.CommittedRun{}}
	b.sort(sample.Runs)
	if err := b.fill(ctx, sample); err != nil {
		return "", err
	}
	return b.write(dir)
}

// sort says of each run how it belongs to an answer.
func (b *bundle) sort(runs []string) {
	first, last := "", ""
	for _, r := range b.a.runs {
		if b.runs[string(r.RunID)] = r; slices.Contains(runs, string(r.RunID)) && r.Date != "" {
			first, last = cmp.Or(first, r.Date), r.Date
		}
	}
	since := ""
	if day, err := time.Parse(time.DateOnly, first); err == nil {
		since = day.AddDate(0, 0, -period).Format(time.DateOnly)
	}
	for id, r := range b.runs {
		switch {
		case slices.Contains(runs, id):
			b.reach[id] = answered
		case since != "" && r.Date >= since && r.Date <= last:
			b.reach[id] = around
		default:
			b.reach[id] = ever
		}
	}
}

func (b *bundle) fill(ctx context.Context, sample *Answer) error {
	var evidence bytes.Buffer
	if err := sample.WriteEvidence(&evidence); err != nil {
		return err
	}
	b.files["README.md"], b.files["sample.csv"], b.files["evidence.txt"] = []byte(fmt.Sprintf(bundleReadme, sample.Tool)), sample.CSV(), evidence.Bytes()
	items := make([]*item, len(sample.Rows))
	for i, row := range sample.Rows {
		items[i] = &item{b: b, folder: fmt.Sprintf("item-%04d", i+1), about: map[string]string{}, from: map[string]bool{}}
		items[i].about = items[i].of(sample.Columns, row)
		one := Answer{Columns: sample.Columns, Rows: [][]any{row}}
		b.files[items[i].folder+"/row.csv"] = one.CSV()
		for _, run := range []string{byColumn(sample.Columns, row)["run_id"], byColumn(sample.Columns, row)["night"]} {
			if _, known := b.runs[run]; known {
				items[i].from["runs\x00"+run] = true
			}
		}
	}
	for _, t := range bundled {
		if err := b.table(ctx, t.table, t.of, t.keys, items); err != nil {
			return err
		}
	}
	for _, it := range items {
		if err := errors.Join(it.approvals(ctx), it.journal(), it.worksheets()); err != nil {
			return err
		}
		it.proof()
	}
	for _, r := range b.used {
		if err := b.manifest(r); err != nil {
			return err
		}
	}
	return nil
}

// table adds the rows of a table to each item that they are about. One SELECT asks for
// the people and accounts of all items.
func (b *bundle) table(ctx context.Context, table string, of reach, keys []string, items []*item) error {
	var any []string
	for _, it := range items {
		if where := it.where(keys); where != "" {
			any = append(any, "("+where+")")
		}
	}
	if len(any) == 0 {
		return nil
	}
	slices.Sort(any)
	answer, err := b.query(ctx, table, of, strings.Join(slices.Compact(any), " OR "))
	if err != nil {
		return err
	}
	for _, it := range items {
		if it.where(keys) != "" {
			it.take(table, keys, answer)
		}
	}
	return nil
}

// query asks for rows of one table, of runs within reach.
func (b *bundle) query(ctx context.Context, table string, of reach, where string) (*Answer, error) {
	var files []File
	for _, r := range b.a.runs {
		if b.reach[string(r.RunID)] <= of && !expired(r, table) {
			files = append(files, choose(r, []string{table})...)
		}
	}
	answer, err := b.a.run(ctx, "SELECT * FROM "+table+" WHERE "+where+" ORDER BY ALL", nil, files)
	if err != nil {
		return nil, fmt.Errorf("gather %s: %w", table, err)
	}
	return answer, nil
}

// expired reports whether a run's table was let go: what is gone cannot be bundled.
func expired(r archive.CommittedRun, table string) bool {
	return slices.ContainsFunc(r.Tables, func(f archive.TableFile) bool { return f.Table == table && f.Expired != nil })
}

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

// listed gives files that a run's manifest lists, checked.
func (b *bundle) listed(r archive.CommittedRun, wanted func(archive.Entry) bool, take func(archive.Entry, []byte)) error {
	all, err := r.Listed(b.a.store)
	if err != nil {
		return err
	}
	for _, e := range all {
		if !wanted(e) {
			continue
		}
		var content bytes.Buffer
		if err := archive.CopyChecked(b.a.store, e, &content); err != nil {
			return err
		}
		take(e, content.Bytes())
	}
	return nil
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

// manifest adds what proves a run.
func (b *bundle) manifest(r archive.CommittedRun) error {
	s, err := b.a.Signed(r)
	if err != nil {
		return err
	}
	for _, one := range append(s.Signatures, s.Manifest) {
		b.files["manifests/"+path.Base(one.Name)] = one.Bytes
	}
	return nil
}

// write writes everything, the list of digests last, and then names the folder.
func (b *bundle) write(dir string) (sum string, err error) {
	var list bytes.Buffer
	for _, name := range slices.Sorted(maps.Keys(b.files)) {
		digest := sha256.Sum256(b.files[name])
		fmt.Fprintf(&list, "%s  %s\n", hex.EncodeToString(digest[:]), name)
	}
	b.files["SHA256SUMS"] = list.Bytes()
	parent := filepath.Dir(filepath.Clean(dir))
	if err := os.MkdirAll(parent, 0o700); err != nil {
		return "", err
	}
	draft, err := os.MkdirTemp(parent, "."+filepath.Base(dir)+".partial-")
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(draft)) }() // it is gone when all went well
	for _, name := range slices.Sorted(maps.Keys(b.files)) {
		fill := func(f *os.File) error {
			_, err := f.Write(b.files[name])
			return errors.Join(err, f.Sync())
		}
		if err := write(filepath.Join(draft, filepath.FromSlash(name)), fill); err != nil {
			return "", err
		}
	}
	if err := os.Rename(draft, dir); err != nil {
		return "", err
	}
	digest := sha256.Sum256(list.Bytes())
	return hex.EncodeToString(digest[:]), nil
}
