package archive

import (
	"cmp"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
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

// Committed gives every committed run, oldest first. Each manifest is checked against the
// one after it, which names its digest, and the last one that each key signed with that key
// (the public key, and others after it of new roots that are trusted too): so it is proved
// of all that they are as they were signed (docs/adr/0026). One fault and nothing is given,
// since an answer must not rest on part of a chain. The files themselves are not read:
// CopyChecked does that.
func Committed(store Store, keys ...ed25519.PublicKey) ([]CommittedRun, error) {
	runs, _, err := follow(store, keys, untold)
	return runs, err
}

// CommittedTelling is Committed, and tells after each manifest how many of all were
// checked, one at a time.
func CommittedTelling(store Store, tell func(done, all int), keys ...ed25519.PublicKey) ([]CommittedRun, error) {
	runs, _, err := follow(store, keys, tell)
	return runs, err
}

func untold(int, int) {}

// link is one manifest of a chain while it is being checked.
type link struct {
	sequence int
	bytes    []byte
	head     head
	run      CommittedRun
	err      error // why it cannot be decoded
	// key has to have signed it; nil: the manifest after it vouches for it, or it was
	// checked with the keys that it changes.
	key ed25519.PublicKey
}

// follow is Committed, with the keys as they stand at the end. Reading takes nearly all of
// the time, and is no matter of order: all processors do it. Who has to have signed what
// is decided from the first manifest to the last.
func follow(store Store, trust []ed25519.PublicKey, tell func(done, all int)) ([]CommittedRun, *keyLine, error) {
	names, err := store.List("manifests/")
	if err != nil {
		return nil, nil, fmt.Errorf("list manifests: %w", err)
	}
	all := sequences(names)
	keys, err := newKeyLine(store, all, trust)
	if err != nil {
		return nil, nil, err
	}
	chain := make([]link, len(all))
	err = InParallel(len(all), func(n int) (err error) {
		chain[n], err = linkAt(store, all[n])
		return err
	}, func(done int) { tell(done/2, len(all)) })
	if err == nil {
		err = proved(store, chain, keys, named(names), func(done int) { tell((len(all)+done)/2, len(all)) })
	}
	if err != nil {
		return nil, nil, fmt.Errorf("%w; run: rollcall audit verify", err)
	}
	runs, err := linked(chain)
	return runs, keys, err
}

func linkAt(store Store, sequence int) (link, error) {
	b, err := store.Read(manifestName(sequence))
	if err != nil {
		return link{}, fmt.Errorf("read manifest: %w", err)
	}
	m, err := decodeManifest(b)
	h := head{m, access.Digest(b)}
	return link{sequence: sequence, bytes: b, head: h, run: committed(h), err: err}, nil
}

// named is whether there is a file of a name.
func named(names []string) func(string) bool {
	all := make(map[string]bool, len(names))
	for _, name := range names {
		all[name] = true
	}
	return func(name string) bool { return all[name] }
}

// proved checks the signatures that count, that none is missing, and that every manifest
// can be read. Of several faults it gives the first of the chain.
func proved(store Store, chain []link, keys *keyLine, there func(name string) bool, told func(done int)) error {
	var turned error
	for n := range chain {
		l := &chain[n]
		if l.err != nil || l.head.KeyChange == nil { // a manifest that cannot be read is told by its signature first
			if n == len(chain)-1 || chain[n+1].head.KeyChange != nil { // the last one of its key
				l.key = keys.now
			}
		} else if turned = keys.check(l.sequence, l.bytes); turned != nil {
			chain = chain[:n]
			break
		}
	}
	err := InParallel(len(chain), func(n int) error { return chain[n].proved(store, there) }, told)
	return cmp.Or(err, turned)
}

func (l *link) proved(store Store, there func(name string) bool) error {
	var err error
	if name := signatureName(l.sequence, l.head.sum); l.key != nil {
		err = authentic(store, l.sequence, l.bytes, l.key)
	} else if l.head.KeyChange == nil && !there(name) {
		err = unsigned(l.sequence, name)
	}
	if err == nil && l.err != nil {
		err = fmt.Errorf("read %s: %w", manifestName(l.sequence), l.err)
	}
	return err
}

// linked checks that each manifest stands after the one that it names.
func linked(chain []link) (runs []CommittedRun, err error) {
	gone, before := newExpired(), ""
	for n := range chain {
		l := &chain[n]
		if l.sequence != n+1 || l.head.Previous != before {
			return nil, fmt.Errorf("%s is not written after the manifest before it: the chain is broken there; run: rollcall audit verify", manifestName(l.sequence))
		}
		before = l.head.sum
		gone.take(l.head)
		runs = append(runs, l.run)
	}
	for i := range runs {
		for j := range runs[i].Tables {
			f := &runs[i].Tables[j]
			f.Expired = gone.of(f.Path)
		}
	}
	return runs, nil
}

// readers is how many files are read at once: in S3 each takes a round trip, and what
// is read of a folder is checked by all processors.
const readers = 32

// InParallel does n things, some at a time, and gives the first error by number. After
// an error nothing new is begun. told is called after each, one at a time.
func InParallel(n int, do func(i int) error, told func(done int)) error {
	var mu sync.Mutex
	var failed error
	next, done, first := 0, 0, n
	take := func() (int, bool) {
		mu.Lock()
		defer mu.Unlock()
		next++
		return next - 1, failed == nil && next <= n
	}
	finish := func(i int, err error) {
		mu.Lock()
		defer mu.Unlock()
		if err != nil && i < first {
			first, failed = i, err
		}
		done++
		told(done)
	}
	var all sync.WaitGroup
	for range min(readers, n) {
		all.Go(func() {
			for i, more := take(); more; i, more = take() {
				finish(i, do(i))
			}
		})
	}
	all.Wait()
	return failed
}

// committed is the run of a manifest, with the files of tables that it itself wrote.
func committed(h head) CommittedRun {
	run := CommittedRun{RunID: h.RunID, Sequence: h.Sequence, SHA256: h.sum, CreatedAt: h.CreatedAt}
	run.Tables = make([]TableFile, 0, min(len(h.Files), 32)) // more than a run has tables; of how many a manifest claims, nothing is proved yet
	own := "/run=" + string(h.RunID) + "/"
	for _, f := range h.Files {
		table, date, is := tableOf(f.Path, own)
		if is && (len(run.Tables) == 0 || date != run.Date) { // most runs have one date
			_, err := time.Parse(time.DateOnly, date)
			is = err == nil
		}
		if is {
			run.Date = date
			run.Tables = append(run.Tables, TableFile{Entry: f, Table: table})
		}
	}
	return run
}

// tableOf is the table and the date that the path of a file names, where it has the
// form of those that a run wrote for a table. Whether there is such a day is not asked.
func tableOf(path, own string) (table, date string, is bool) {
	table, rest, _ := strings.Cut(path, "/date=")
	date, rest, _ = strings.Cut(rest, own)
	is = table != "" && strings.HasSuffix(rest, ".parquet") && !strings.Contains(rest, "/") && strings.Trim(table, "abcdefghijklmnopqrstuvwxyz_") == ""
	return table, date, is
}

// Trigger is the command that ran it.
func (r CommittedRun) Trigger(store Store) (trigger string, err error) {
	type row struct {
		Trigger string `parquet:"trigger"`
	}
	err = EachRow(store, r, "runs", func(one row) { trigger = one.Trigger })
	return trigger, err
}

// EachRow gives every row of one table of a run, whose bytes are checked first. T names
// the columns that are needed, and no others are read.
func EachRow[T any](store Store, r CommittedRun, table string, row func(T)) error {
	m := Manifest{RunID: r.RunID}
	for _, f := range r.Tables {
		m.Files = append(m.Files, f.Entry)
	}
	return eachRow(New(store, nil), head{m, r.SHA256}, table, row)
}

// Listed are all files that the run's manifest lists.
func (r CommittedRun) Listed(store Store) ([]Entry, error) {
	s, err := r.Signed(store)
	if err != nil {
		return nil, err
	}
	m, err := decodeManifest(s.Manifest.Bytes)
	return m.Files, err
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
