// Package audit answers questions from an archive: the auditors' own, each a SQL
// file, and whatever SQL somebody brings. It reads committed runs only, from files
// that were checked against signed manifests; it must never write to an
// archive, and no SQL of somebody's own reaches a file or the network. Its invariant: the same archive,
// question and parameters give the same bytes, and the answer says what it rests on.
package audit

import (
	"cmp"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"rollcall/internal/garbage"
	"rollcall/reports/archive"
)

// Archive is an archive of which every manifest was checked.
type Archive struct {
	store archive.Store
	runs  []archive.CommittedRun // oldest first
	// Engine answers; nil: DuckDB, in this process.
	Engine Engine
	// Temp is where the files that a question needs are copied to; empty: the
	// system's folder, and memory for small ones.
	Temp string
	// Tell, when not nil, is told how far the reading is: what is read, how much of it
	// was, and how much there is.
	Tell func(what string, done, all int)
}

// ErrNoRuns says that nothing was committed yet.
var ErrNoRuns = errors.New("the archive holds no committed run, so there is nothing to ask")

// manifestGarbage is what may gather while manifests are read, as GOGC says it: they are a
// few MB in all, and a process that has little else in use would collect it again and again.
const manifestGarbage = 800

// Open checks the chain of manifests with the public key; others after it are those of
// new roots. Tell, when not nil, is told how far that is, and later how far answers are.
func Open(store archive.Store, tell func(what string, done, all int), keys ...ed25519.PublicKey) (*Archive, error) {
	var runs []archive.CommittedRun
	var err error
	garbage.At(manifestGarbage, func() {
		runs, err = archive.CommittedTelling(store, telling(tell, "manifests"), keys...)
	})
	if err != nil {
		return nil, err
	}
	if len(runs) == 0 {
		return nil, ErrNoRuns
	}
	return &Archive{store: store, runs: runs, Tell: tell}, nil
}

// telling tells of one thing only.
func telling(tell func(what string, done, all int), what string) func(done, all int) {
	if tell == nil {
		return func(int, int) {}
	}
	return func(done, all int) { tell(what, done, all) }
}

func (a *Archive) last() archive.CommittedRun { return a.runs[len(a.runs)-1] }

// Ask answers a question. Values are by the parameters' names; what is not given has
// the question's default.
func (a *Archive) Ask(ctx context.Context, q Question, values map[string]string) (*Answer, error) {
	bound, err := q.bind(values, a.lastDate())
	if err != nil {
		return nil, err
	}
	files, err := a.filesOf(q, bound)
	if err != nil {
		return nil, err
	}
	answer, err := a.run(ctx, q.SQL, bound, files)
	if err != nil {
		return nil, fmt.Errorf("answer %s: %w", q.Name, err)
	}
	if !slices.Equal(answer.Columns, q.Columns) {
		return nil, fmt.Errorf("answer %s: it has the columns %q and should have %q", q.Name, answer.Columns, q.Columns)
	}
	if answer.Unread, err = a.unread(q, bound); err != nil {
		return nil, fmt.Errorf("answer %s: %w", q.Name, err)
	}
	answer.Question, answer.Title = q.Name, q.Title
	for _, p := range q.Parameters {
		answer.Parameters = append(answer.Parameters, Given{p.Name, bound[p.Name]})
	}
	return answer, nil
}

// Query answers a query over the runs of the dates from and to (2006-01-02, both
// included; empty: no limit). Only one SELECT is taken.
func (a *Archive) Query(ctx context.Context, query, from, to string) (*Answer, error) {
	var given []Given
	for _, d := range []Given{{"from", from}, {"to", to}} {
		if d.Value == "" {
			continue
		}
		if _, err := time.Parse(time.DateOnly, d.Value); err != nil {
			return nil, Misuse("--%s is %q: write a date as 2026-03-31", d.Name, d.Value)
		}
		given = append(given, d)
	}
	var files []File
	for _, r := range a.between(from, to) {
		files = append(files, choose(r, mentioned(query))...)
	}
	answer, err := a.run(ctx, query, nil, files)
	if err != nil {
		return nil, err
	}
	answer.Query, answer.Parameters = query, given
	return answer, nil
}

// choose are the files of some tables of a run. One of which the signed manifest says
// that it has no rows answers nothing, and is not read.
func choose(r archive.CommittedRun, tables []string) (files []File) {
	for _, f := range r.Tables {
		if slices.Contains(tables, f.Table) && (f.Rows == nil || *f.Rows > 0) {
			files = append(files, File{f, r})
		}
	}
	return files
}

var word = regexp.MustCompile(`[a-z_]+`)

// mentioned are the tables whose names occur in a query: no other is copied.
func mentioned(query string) (tables []string) {
	words := word.FindAllString(strings.ToLower(query), -1)
	for _, table := range archive.TableNames() {
		if slices.Contains(words, table) || table == "runs" && slices.Contains(words, "nights") {
			tables = append(tables, table)
		}
	}
	return tables
}

// filesOf are the files that a question needs: of the nights that stand at its dates,
// of a period, of all that came before.
func (a *Archive) filesOf(q Question, bound map[string]string) ([]File, error) {
	byPath := map[string]File{}
	add := func(files []File) {
		for _, f := range files {
			byPath[f.Path] = f
		}
	}
	tables, from := mentioned(q.SQL), bound["from"]
	for _, p := range q.nights {
		night, found, err := a.standing(p, bound)
		if err != nil {
			return nil, err
		}
		p, optional := strings.CutSuffix(p, "?")
		p, before := strings.CutPrefix(p, "<")
		if !found && optional {
			continue
		}
		if !found {
			return nil, a.tooEarly(p, bound[p])
		}
		files := choose(night, tables)
		if _, gone := there(files); len(gone) > 0 && !before {
			return nil, Misuse("what the night of %s recorded of people has expired, so that it cannot be asked: %s: give a later --%s", night.Date, gone[0], p)
		}
		add(files)
		if p == "from" && !before && night.Date < from { // what was done since it is of the period
			from = night.Date
		}
	}
	for _, r := range a.between(from, q.until(bound["to"])) {
		add(choose(r, q.period))
	}
	for _, r := range a.between("", cmp.Or(bound["to"], bound["date"])) {
		add(choose(r, q.history))
		if !r.Has("reads") { // a night writes worksheets too, each time
			add(choose(r, q.reviews))
		}
	}
	files := make([]File, 0, len(byPath))
	for _, f := range byPath {
		files = append(files, f)
	}
	slices.SortFunc(files, func(x, y File) int { return strings.Compare(x.Path, y.Path) })
	return files, nil
}

// run asks the engine, and notes what the answer rests on.
func (a *Archive) run(ctx context.Context, query string, bound map[string]string, files []File) (*Answer, error) {
	engine := a.Engine
	if engine == nil {
		engine = DuckDB{Temp: a.Temp, Tell: a.Tell}
	}
	files, gone := there(files)
	answer, err := engine.Answer(ctx, a.store, Query{SQL: query, Values: bound, Files: files})
	if err != nil {
		return nil, err
	}
	last := a.last()
	answer.Manifests = len(a.runs)
	answer.AsOf, answer.Head, answer.HeadRun = last.CreatedAt.UTC(), fmt.Sprintf("%d %s", last.Sequence, last.SHA256), string(last.RunID)
	for _, f := range files {
		answer.Runs = append(answer.Runs, string(f.Run.RunID))
	}
	slices.Sort(answer.Runs)
	answer.Runs, answer.Files, answer.Expired = slices.Compact(answer.Runs), len(files), gone
	return answer, nil
}

// there are the files that have not expired, and in words what has.
func there(files []File) (left []File, gone []string) {
	runs := map[string]bool{}
	for _, f := range files {
		x := f.Expired
		if x == nil {
			left = append(left, f)
			continue
		}
		if !runs[string(f.Run.RunID)] {
			runs[string(f.Run.RunID)] = true
			gone = append(gone, fmt.Sprintf("run %s of %s (let go of on %s by %s: %s)", f.Run.RunID, f.Run.Date, x.At.UTC().Format(time.DateOnly), x.By, x.Reason))
		}
	}
	return left, gone
}
