package archive

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"iter"
	"maps"
	"regexp"
	"slices"
	"time"

	"rollcall/internal/access"
)

// CommittedRun is one run as its manifest proves it.
type CommittedRun struct {
	RunID     access.RunID
	Sequence  int
	SHA256    string // of the manifest
	CreatedAt time.Time
	Date      string // 2006-01-02 in UTC, the partition of its tables
	Tables    []TableFile
}

// TableFile is one file of a table that a committed run wrote.
type TableFile struct {
	Entry
	Table string
	// Expired says when and why the file was let go; nil: it is there.
	Expired *ExpiredError
}

// Has reports whether the run wrote a table.
func (r CommittedRun) Has(table string) bool {
	return slices.ContainsFunc(r.Tables, func(f TableFile) bool { return f.Table == table })
}

var tablePattern = regexp.MustCompile(`^([a-z_]+)/date=(\d{4}-\d{2}-\d{2})/run=[^/]+/[^/]+\.parquet$`)

// Committed gives every committed run, oldest first. Each manifest is checked with
// the public key (others after it are those of new roots that are trusted too) and
// against the one after it; one fault and nothing is given, since an answer must not rest
// on part of a chain. The files themselves are not read: CopyChecked does that.
func Committed(store Store, keys ...ed25519.PublicKey) ([]CommittedRun, error) {
	runs, _, err := follow(store, keys)
	return runs, err
}

// follow is Committed, with the keys as they stand at the end.
func follow(store Store, trust []ed25519.PublicKey) ([]CommittedRun, *keyLine, error) {
	names, err := store.List("manifests/")
	if err != nil {
		return nil, nil, fmt.Errorf("list manifests: %w", err)
	}
	all := sequences(names)
	keys, err := newKeyLine(store, all, trust)
	if err != nil {
		return nil, nil, err
	}
	var runs []CommittedRun
	gone := newExpired()
	for _, sequence := range all {
		h, err := proved(store, sequence, keys)
		if err != nil {
			return nil, nil, fmt.Errorf("%w; run: rollcall audit verify", err)
		}
		before := ""
		if len(runs) > 0 {
			before = runs[len(runs)-1].SHA256
		}
		if sequence != len(runs)+1 || h.Previous != before {
			return nil, nil, fmt.Errorf("%s is not written after the manifest before it: the chain is broken there; run: rollcall audit verify", manifestName(sequence))
		}
		gone.take(h)
		runs = append(runs, committed(h))
	}
	for i := range runs {
		for j := range runs[i].Tables {
			f := &runs[i].Tables[j]
			f.Expired = gone.of(f.Path)
		}
	}
	return runs, keys, nil
}

// proved reads the manifest at the next place of a chain.
func proved(store Store, sequence int, keys *keyLine) (head, error) {
	name := manifestName(sequence)
	b, err := store.Read(name)
	if err != nil {
		return head{}, fmt.Errorf("read manifest: %w", err)
	}
	if err := keys.check(sequence, b); err != nil {
		return head{}, err
	}
	m, err := decodeManifest(b)
	if err != nil {
		return head{}, fmt.Errorf("read %s: %w", name, err)
	}
	return head{m, digest(b)}, nil
}

func committed(h head) CommittedRun {
	run := CommittedRun{RunID: h.RunID, Sequence: h.Sequence, SHA256: h.sum, CreatedAt: h.CreatedAt}
	for _, f := range h.Files {
		if at := tablePattern.FindStringSubmatch(f.Path); at != nil && h.owns(f.Path, at[1]) {
			run.Date = at[2]
			run.Tables = append(run.Tables, TableFile{Entry: f, Table: at[1]})
		}
	}
	return run
}

// Trigger is the command that ran it.
func (r CommittedRun) Trigger(store Store) (trigger string, err error) {
	type row struct {
		Trigger string `parquet:"trigger"`
	}
	m := Manifest{RunID: r.RunID}
	for _, f := range r.Tables {
		m.Files = append(m.Files, f.Entry)
	}
	err = eachRow(New(store, nil), head{m, r.SHA256}, "runs", func(one row) { trigger = one.Trigger })
	return trigger, err
}

// CopyChecked copies a file, and fails unless it is byte for byte what the manifest
// lists.
func CopyChecked(store Store, e Entry, to io.Writer) (err error) {
	f, err := store.Open(e.Path)
	if err != nil {
		return fmt.Errorf("%s cannot be read: %w; run: rollcall audit verify", e.Path, err)
	}
	defer func() { _ = f.Close() }() // it was only read
	sum := sha256.New()
	if _, err := io.Copy(io.MultiWriter(to, sum), io.NewSectionReader(f, 0, f.Size())); err != nil {
		return fmt.Errorf("copy %s: %w", e.Path, err)
	}
	if got := hex.EncodeToString(sum.Sum(nil)); got != e.SHA256 {
		return altered(e.Path, e.SHA256, got)
	}
	return nil
}

// emptyTables write each table with all its columns and without rows.
var emptyTables = map[string]func(io.Writer) error{
	"runs": noRows[RunRow], "reads": noRows[ReadRow], "identities": noRows[IdentityRow], "accounts": noRows[AccountRow],
	"entitlements": noRows[EntitlementRow], "grants": noRows[GrantRow], "findings": noRows[FindingRow], "actions": noRows[ActionRow],
	"rules": noRows[RuleRow], "exceptions": noRows[ExceptionRow], "nonhuman": noRows[NonHumanRow], "approvals": noRows[ApprovalRow],
	"endings": noRows[EndingRow], "events": noRows[EventRow], "worksheets": noRows[WorksheetRow], "items": noRows[ItemRow],
	"decisions": noRows[DecisionRow], "notices": noRows[NoticeRow],
}

func noRows[T any](w io.Writer) error {
	_, err := writeRows(w, iter.Seq[T](func(func(T) bool) {}))
	return err
}

// TableNames are the tables of an archive, sorted.
func TableNames() []string { return slices.Sorted(maps.Keys(emptyTables)) }

// EmptyTable writes a table without rows: what readers take a table's columns from
// when no run has filled it, or when an older rollcall wrote it with fewer.
func EmptyTable(table string, w io.Writer) error {
	write, known := emptyTables[table]
	if !known {
		return fmt.Errorf("there is no table %q", table)
	}
	return write(w)
}
