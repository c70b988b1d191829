package archive

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
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
