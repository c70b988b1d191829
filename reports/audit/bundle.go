package audit

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
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
