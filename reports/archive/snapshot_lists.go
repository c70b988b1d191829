package archive

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"rollcall/internal/access"
)

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
