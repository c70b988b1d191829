package archive

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"rollcall/internal/access"
)

// Snapshot is the record of one run while it is being written: Facts before
// the first effect, Finish after the last. Until Finish returns nil no reader
// sees it.
type Snapshot struct {
	archive *Archive
	run     access.Run
	date    string // the run's start in UTC: the partition
	base    head   // what the chain ended with when the run began
	known   map[access.RunID]bool
	files   []Entry
	issued  map[int]string
	facts   bool
}

// runPattern keeps run ids usable as folder names everywhere.
var runPattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)

// Begin starts the record of a run on top of the last committed one, which the
// run must name as its Previous (Memory.Previous): what a run decides rests on
// what it remembers, so a run that read an older memory may not be recorded.
func (a *Archive) Begin(run access.Run) (*Snapshot, error) {
	if a.signer == nil {
		return nil, errReadOnly
	}
	if !runPattern.MatchString(string(run.ID)) || run.StartedAt.IsZero() {
		return nil, fmt.Errorf("begin run %q: a run needs an id of letters, digits, '.', '_' and '-', and a start", run.ID)
	}
	base, err := a.head()
	if err != nil {
		return nil, fmt.Errorf("begin run %s: %w", run.ID, err)
	}
	return a.beginOn(base, run)
}

// beginOn is Begin on a head that is proven.
func (a *Archive) beginOn(base head, run access.Run) (*Snapshot, error) {
	if run.Previous != base.RunID {
		return nil, fmt.Errorf("begin run %s: it remembers run %q, but the archive's last is %q: another run finished meanwhile; start again", run.ID, run.Previous, base.RunID)
	}
	last, err := a.state(base)
	if err != nil {
		return nil, fmt.Errorf("begin run %s: %w", run.ID, err)
	}
	return &Snapshot{
		archive: a, run: run, base: base, date: run.StartedAt.UTC().Format(time.DateOnly),
		known: last.journals(), issued: map[int]string{},
	}, nil
}

// Issued notes the SHA-256 of the workbook that was written for worksheet i of
// the night; call it before Finish.
func (s *Snapshot) Issued(i int, sha256 string) { s.issued[i] = sha256 }

// Facts writes what was read, what was concluded and what is intended. Call it
// before the first effect: an effect whose reasons are not on disk is one that
// nobody can explain later.
func (s *Snapshot) Facts(n *access.Night) error {
	if err := s.fits(n); err != nil {
		return err
	}
	run, all := n.Run.ID, systems(n)
	write := []func() error{
		func() error { return put(s, "reads", readRows(run, n.Reads())) },
		func() error { return put(s, "identities", identityRows(run, n.People)) },
		func() error { return put(s, "accounts", accountRows(run, all)) },
		func() error { return put(s, "entitlements", entitlementRows(run, all, &n.Policy)) },
		func() error {
			return s.putTable("grants", func(w io.Writer) (int64, error) { return WriteGrants(w, n) })
		},
		func() error { return put(s, "findings", findingRows(run, n.Findings)) },
		func() error { return put(s, "rules", ruleRows(run, n.Policy.RoleMap.Rules)) },
		func() error { return put(s, "exceptions", exceptionRows(run, n.Policy.Exceptions)) },
		func() error { return put(s, "nonhuman", nonHumanRows(run, n.Policy.NonHuman)) },
		func() error { return s.putJSON(planName(run), n.Plan) },
		func() error { return s.putJSON(groundsName(run), groundsOf(n)) },
	}
	if err := inTurn(write); err != nil {
		return err
	}
	s.facts = true
	return nil
}

// Finish writes what happened and what the next night must remember, and
// commits the run with its manifest. memory is as it stands after the run.
// Journals that memory accounts for and no run before did are listed too, with
// the plan and the tables of their runs.
func (s *Snapshot) Finish(n *access.Night, memory access.Memory) error {
	if !s.facts {
		return fmt.Errorf("finish run %s: its facts were not written", s.run.ID)
	}
	if err := s.fits(n); err != nil {
		return err
	}
	if n.Run.FinishedAt.IsZero() {
		return fmt.Errorf("finish run %s: it has no end", s.run.ID)
	}
	run := n.Run.ID
	return inTurn([]func() error{
		func() error { return put(s, "actions", actionRows(n)) },
		func() error { return put(s, "endings", endingRows(n)) },
		func() error { return put(s, "events", eventRows(n)) },
		func() error { return put(s, "approvals", approvalRows(n)) },
		func() error { return put(s, "worksheets", worksheetRows(n, s.issued)) },
		func() error { return s.notices(n) },
		func() error { return put(s, "runs", runRow(n)) },
		func() error { return s.putJSON(stateName(run), stateOf(run, memory)) },
		func() error { return s.putSeen(n, memory) },
		func() error { return s.listInputs(n, memory) },
		func() error { return s.listJournals(memory) },
		func() error { return s.listSpent(memory) },
		func() error { return s.archive.commit(s.manifest(n.Run.FinishedAt)) },
	})
}

func inTurn(steps []func() error) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// fits refuses a night that is another run's, or whose parts do not belong
// together.
func (s *Snapshot) fits(n *access.Night) error {
	if n.Run.ID != s.run.ID || n.Run.Previous != s.run.Previous {
		return fmt.Errorf("archive run %s: the night is of run %q after %q", s.run.ID, n.Run.ID, n.Run.Previous)
	}
	for i := range n.Systems {
		j := &n.Systems[i]
		if len(j.Matches) != len(j.Accounts) || len(j.Verdicts) != len(j.Grants) {
			return fmt.Errorf("archive run %s: %s has %d accounts with %d matches and %d grants with %d verdicts",
				s.run.ID, j.System, len(j.Accounts), len(j.Matches), len(j.Grants), len(j.Verdicts))
		}
		if j.Seen != nil && len(j.Seen) != len(j.Grants) {
			return fmt.Errorf("archive run %s: %s has %d grants, and says of %d when they were first seen", s.run.ID, j.System, len(j.Grants), len(j.Seen))
		}
	}
	return nil
}

func (s *Snapshot) manifest(finished time.Time) Manifest {
	slices.SortFunc(s.files, func(a, b Entry) int { return strings.Compare(a.Path, b.Path) })
	return Manifest{
		Schema: manifestSchema, Sequence: s.base.Sequence + 1, RunID: s.run.ID, Previous: s.base.sum,
		CreatedAt: finished.UTC(), Files: s.files,
	}
}

func planName(run access.RunID) string { return "plans/" + string(run) + ".json" }

// write streams one file and notes it for the manifest.
func (s *Snapshot) write(name string, fill func(io.Writer) (*int64, error)) error {
	m := meter{sum: sha256.New()}
	var rows *int64
	err := s.archive.store.Stream(name, func(w io.Writer) (err error) {
		rows, err = fill(io.MultiWriter(w, &m))
		return err
	})
	if err != nil {
		return fmt.Errorf("archive run %s: %w", s.run.ID, err)
	}
	s.files = append(s.files, Entry{Path: name, Size: m.size, Rows: rows, SHA256: hex.EncodeToString(m.sum.Sum(nil))})
	return nil
}

// meter measures what is written through it.
type meter struct {
	sum  hash.Hash
	size int64
}

func (m *meter) Write(b []byte) (int, error) {
	m.size += int64(len(b))
	return m.sum.Write(b)
}

func (s *Snapshot) putJSON(name string, v any) error {
	return s.write(name, func(w io.Writer) (*int64, error) {
		e := json.NewEncoder(w)
		e.SetEscapeHTML(false)
		e.SetIndent("", " ")
		return nil, e.Encode(v)
	})
}

// listInputs lists what the run was made from. Every input must be in the
// archive, so that the night can be re-performed; only a refused roster need
// not be, since it may hold what rollcall does not keep.
func (s *Snapshot) listInputs(n *access.Night, memory access.Memory) error {
	sums := map[string]string{} // digest -> what it is
	for _, in := range n.Inputs {
		if in.SHA256 != "" { // empty: the file is optional and is not there
			sums[in.SHA256] = in.Name
		}
	}
	for _, r := range n.Rosters {
		for _, in := range n.Inputs {
			if !r.Accepted && in.Name == "roster:"+string(r.Source) && !s.archive.has(in.SHA256) {
				delete(sums, in.SHA256)
			}
		}
	}
	for source, r := range memory.Accepted {
		sums[r.SHA256] = "roster in force of " + string(source)
	}
	for sum, what := range sums { // manifest sorts
		if err := s.listed(inputName(sum)); err != nil {
			return fmt.Errorf("archive run %s: input %s was not put into the archive: %w", s.run.ID, what, err)
		}
	}
	return nil
}

// has reports whether an input can be opened.
func (a *Archive) has(sum string) bool {
	f, err := a.store.Open(inputName(sum))
	if err != nil {
		return false
	}
	return f.Close() == nil
}

// listJournals lists the journal of this run and of those that it adopted.
func (s *Snapshot) listJournals(memory access.Memory) error {
	for run := range s.vouchedFor(memory) { // manifest sorts
		names, err := s.archive.store.List(journalFolder(run))
		if err != nil {
			return fmt.Errorf("archive run %s: %w", s.run.ID, err)
		}
		if run != s.run.ID {
			reasons, err := s.reasons(run)
			if err != nil {
				return fmt.Errorf("archive run %s: %w", s.run.ID, err)
			}
			names = append(names, reasons...)
		}
		for _, name := range names {
			err := s.listed(name)
			if run != s.run.ID && (errors.Is(err, errNoTable) || strings.HasPrefix(name, inputName(""))) {
				continue // damaged before anybody vouched for it: verification notes it
			}
			if err != nil {
				return fmt.Errorf("archive run %s: what run %s left: %w", s.run.ID, run, err)
			}
		}
	}
	return nil
}

// vouchedFor are this run and those whose journals it adopted.
func (s *Snapshot) vouchedFor(memory access.Memory) map[access.RunID]bool {
	runs := map[access.RunID]bool{s.run.ID: true}
	for run, accounted := range memory.Journals {
		if accounted && !s.known[run] {
			runs[run] = true
		}
	}
	return runs
}

// listSpent lists the records by which this run, and those that it adopted, made
// an approval a spent one.
func (s *Snapshot) listSpent(memory access.Memory) error {
	names, err := s.archive.store.List(spentFolder)
	if err != nil {
		return fmt.Errorf("archive run %s: %w", s.run.ID, err)
	}
	runs := s.vouchedFor(memory)
	for _, name := range names {
		b, err := s.archive.store.Read(name)
		if err != nil {
			return fmt.Errorf("archive run %s: %w", s.run.ID, err)
		}
		var by struct {
			Run access.RunID `json:"run_id"`
		}
		if json.Unmarshal(b, &by) != nil || !runs[by.Run] {
			continue // another run's, or damaged: verification notes it
		}
		if err := s.listed(name); err != nil {
			return fmt.Errorf("archive run %s: %w", s.run.ID, err)
		}
	}
	return nil
}

// notices writes what was sent since the run before, and lists the records that say so.
func (s *Snapshot) notices(n *access.Night) error {
	for _, name := range n.Told {
		if err := s.listed(name); err != nil {
			return fmt.Errorf("archive run %s: what was told since the run before: %w", s.run.ID, err)
		}
	}
	if len(n.Notices) == 0 {
		return nil
	}
	return put(s, "notices", readable(noticeRows(s.run.ID, "", n.Notices)))
}

// outbox is the folder of the records of what was told, a folder for each day.
const outbox = "outbox/"

// spentFolder has a folder for each approval that was used.
const spentFolder = "spent/"

// reasons are the plan, its inputs and the tables of a run that died: what its journal did
// rests on them. Its row in runs and its state, if it came that far, are not
// vouched for: it was never committed.
func (s *Snapshot) reasons(run access.RunID) ([]string, error) {
	all, err := s.archive.store.List("")
	if err != nil {
		return nil, err
	}
	rests := s.restsOn(run)
	return slices.DeleteFunc(all, func(name string) bool {
		table := strings.HasSuffix(name, ".parquet") && !strings.HasPrefix(name, "runs/") && !strings.HasPrefix(name, "state/")
		return !rests[name] && (owner(name) != run || !table && name != planName(run) && name != groundsName(run))
	}), nil
}

// restsOn are the inputs that the plan of a run names; none if it left no plan
// that can be read.
func (s *Snapshot) restsOn(run access.RunID) map[string]bool {
	out := map[string]bool{}
	var plan access.Plan
	b, err := s.archive.store.Read(planName(run))
	if err != nil || json.Unmarshal(b, &plan) != nil {
		return out
	}
	for _, in := range plan.Inputs {
		if in.SHA256 != "" {
			out[inputName(in.SHA256)] = true
		}
	}
	return out
}

func journalFolder(run access.RunID) string { return "journal/" + string(run) + "/" }

// errNoTable says that a file is not the table that its name promises.
var errNoTable = errors.New("not a readable table")

// listed notes a file that is there already.
func (s *Snapshot) listed(name string) error {
	if slices.ContainsFunc(s.files, func(e Entry) bool { return e.Path == name }) {
		return nil
	}
	size, sum, err := measure(s.archive.store, name)
	if err != nil {
		return err
	}
	if in, ok := strings.CutPrefix(name, inputName("")); ok && in != sum {
		return altered(name, in, sum)
	}
	e := Entry{Path: name, Size: size, SHA256: sum}
	if strings.HasSuffix(name, ".parquet") {
		rows, err := countRows(s.archive.store, name)
		if err != nil {
			return fmt.Errorf("%s: %w: %w", name, errNoTable, err)
		}
		e.Rows = &rows
	}
	s.files = append(s.files, e)
	return nil
}

// measure gives the size and the digest of a stored file.
func measure(store Store, name string) (size int64, sum string, err error) {
	f, err := store.Open(name)
	if err != nil {
		return 0, "", err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return measured(f)
}

func measured(f File) (size int64, sum string, err error) {
	m := meter{sum: sha256.New()}
	if _, err := io.Copy(&m, io.NewSectionReader(f, 0, f.Size())); err != nil {
		return 0, "", err
	}
	return m.size, hex.EncodeToString(m.sum.Sum(nil)), nil
}
