package archive

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/parquet-go/parquet-go"

	"rollcall/internal/access"
)

// Report is what verification found. Faults are ordered: manifests by
// sequence, then files by path.
type Report struct {
	Manifests int // that verified
	Files     int // listed files that were checked
	Bytes     int64
	Rows      int64 // of the tables that verified

	// The end of the chain as it is in the archive. A chain that was cut short
	// is a sound chain: compare these with the head that was printed or mailed
	// when the last run finished.
	Sequence int
	SHA256   string
	RunID    access.RunID

	Faults []Fault
	Notes  []string // what no manifest speaks for, such as the files of a run that died

	// Nights counts the runs that were a night, Missing the days without one.
	Nights   int
	Zone     string // in which days were counted
	From, To string // the first and the last day that had to have a night
	Missing  []MissingNights
	// Keys are the changes of the signing key, oldest first.
	Keys []Handover
	// Expired are the runs that let go of data about people, oldest first.
	Expired []ExpiredRun
}

// OK reports whether nothing was found wrong.
func (r *Report) OK() bool { return len(r.Faults) == 0 }

// ExpiredRun is a run that let go of what others recorded of people: of that only its
// SHA-256 is known.
type ExpiredRun struct {
	RunID   access.RunID
	At      time.Time
	By      string
	Reason  string
	Before  string // the day
	Files   int
	Runs    int // whose data it was
	Pending int // files that are there still
}

// Fault is one thing that is wrong with one file. RunID and WrittenAt name the run that
// vouched for the file first, SoundIn and SoundAt the last that found it as it was
// written: it came to be after that, and before NextIn, where the file system dates it so.
// They are empty when what would say so is itself at fault.
type Fault struct {
	Path      string
	Says      string
	RunID     access.RunID
	WrittenAt time.Time
	SoundIn   access.RunID
	SoundAt   time.Time
	ChangedAt time.Time // as the file system has it: it can be forged, and a copy has its own
	AfterRun  access.RunID
	BeforeRun access.RunID // empty: after the newest
}

func (f Fault) String() string {
	if f.RunID == "" {
		return f.Path + ": " + f.Says
	}
	says := fmt.Sprintf("%s: %s (sound when run %s wrote it, %s", f.Path, f.Says, f.RunID, f.WrittenAt.Format(time.RFC3339))
	if f.SoundIn != f.RunID && f.SoundIn != "" {
		says += fmt.Sprintf("; last known to be sound by run %s, %s", f.SoundIn, f.SoundAt.Format(time.RFC3339))
	}
	if !f.ChangedAt.IsZero() {
		says += fmt.Sprintf("; this disk dates the change %s, after run %s", f.ChangedAt.UTC().Format(time.RFC3339), f.AfterRun)
		if f.BeforeRun != "" {
			says += fmt.Sprintf(" and before run %s", f.BeforeRun)
		}
	}
	return says + ")"
}

// Checks say what verification asks besides. The zero Checks ask for nothing more.
type Checks struct {
	Keys []ed25519.PublicKey // the first is gone by; those after it are of new roots
	Zone *time.Location      // in which a night has its day; nil: UTC
	// Until is the last day that has to have a night; zero: that of the newest one. A time
	// that is no midnight is a moment: the day before it is the last.
	Until time.Time
	// Head is the SHA-256 of a manifest that has to be in the chain: the end of it that
	// was printed or mailed. Empty: nobody knows one.
	Head string
	// Progress is told how many of the files were checked.
	Progress func(done, all int)
}

// Verify checks the whole archive in the folder root with the public key alone:
// every manifest's signature, place and link to the one before; size, SHA-256
// and number of rows of every file that they list; and that the committed runs
// have no file that is not listed. The error says that the archive could not be
// read at all; whatever is wrong inside is in the Report.
//
// What cannot be known from inside is whether the newest runs were cut off the
// end, as nothing that is left names them. Compare the Report's head with the
// one in the last notice to compliance.
func Verify(root string, key ed25519.PublicKey) (Report, error) {
	return VerifyWith(root, Checks{Keys: []ed25519.PublicKey{key}})
}

// VerifyWith is Verify with more to ask.
func VerifyWith(root string, ask Checks) (Report, error) {
	if _, err := os.Stat(root); err != nil {
		return Report{}, fmt.Errorf("verify: there is no archive: %w", err)
	}
	folder := NewFolder(root)
	report, err := VerifyStore(folder, ask)
	if err != nil {
		return report, err
	}
	drafts, err := folder.Drafts()
	if len(drafts) > 0 {
		report.Notes = append(report.Notes, fmt.Sprintf("%d temporary files that a crash left, such as %s; they may be deleted while nothing runs", len(drafts), drafts[0]))
	}
	return report, err
}

// VerifyStore is VerifyWith for any Store.
func VerifyStore(store Store, ask Checks) (Report, error) {
	report, err := verify(store, ask)
	if err != nil {
		return report, fmt.Errorf("verify: %w", err)
	}
	return report, nil
}

// verifier is one verification under way.
type verifier struct {
	store  Store
	ask    Checks
	keys   *keyLine
	report Report
	names  []string

	previous *head                 // the manifest before, when it verified
	heads    []*head               // those that verified
	listed   map[string]Entry      // everything that verified manifests list
	writer   map[string]*head      // who vouches for it: the first that does
	lister   map[string]*head      // the last that does
	sound    map[string]*head      // the last that found it as it was written
	runs     map[access.RunID]bool // the committed runs
	judged   map[string]bool       // the signatures that were looked at
	gone     *expired
	there    map[string]bool
	nights   []time.Time // when they began
}

func verify(store Store, ask Checks) (Report, error) {
	names, err := store.List("")
	if err != nil {
		return Report{}, err
	}
	keys, err := newKeyLine(store, sequences(names), ask.Keys)
	if err != nil {
		return Report{}, err
	}
	v := &verifier{
		store: store, ask: ask, keys: keys, names: names,
		listed: map[string]Entry{}, writer: map[string]*head{}, lister: map[string]*head{}, sound: map[string]*head{}, runs: map[access.RunID]bool{}, judged: map[string]bool{},
		gone: newExpired(), there: map[string]bool{},
	}
	for _, name := range names {
		v.there[name] = true
	}
	v.chain()
	v.headIsThere()
	for n, path := range slices.Sorted(maps.Keys(v.listed)) {
		if ask.Progress != nil {
			ask.Progress(n, len(v.listed))
		}
		v.file(v.listed[path])
	}
	v.unlisted()
	v.missing()
	v.report.Keys = keys.changes
	return v.report, nil
}

func (v *verifier) fault(path, says string, by *head) {
	f := Fault{Path: path, Says: says}
	if by != nil {
		f.RunID, f.WrittenAt, f.SoundIn, f.SoundAt = by.RunID, by.CreatedAt, by.RunID, by.CreatedAt
		if last := v.sound[path]; last != nil && last.Sequence > by.Sequence {
			f.SoundIn, f.SoundAt = last.RunID, last.CreatedAt
		}
		v.dated(&f)
	}
	v.report.Faults = append(v.report.Faults, f)
}

// dated says between which runs the file system dates a change. One that is dated before
// the file was known to be sound says nothing.
func (v *verifier) dated(f *Fault) {
	store, can := v.store.(interface {
		Changed(string) (time.Time, bool)
	})
	if !can {
		return
	}
	at, known := store.Changed(f.Path)
	if !known || !at.After(f.SoundAt) {
		return
	}
	f.ChangedAt = at
	for _, h := range v.heads {
		if h.CreatedAt.After(at) {
			f.BeforeRun = h.RunID
			return
		}
		f.AfterRun = h.RunID
	}
}

// chain walks the manifests from the first to the last.
func (v *verifier) chain() {
	expected := 1
	for _, sequence := range sequences(v.names) {
		for ; expected < sequence; expected++ {
			v.fault(manifestName(expected), "is missing: the chain has a gap here", nil)
			v.previous = nil
		}
		v.previous = v.manifest(sequence)
		expected = sequence + 1
	}
}

// manifest checks one manifest and takes in what it lists; nil when it cannot
// be believed. A manifest that cannot be believed accuses no file.
func (v *verifier) manifest(sequence int) *head {
	name := manifestName(sequence)
	b, err := v.store.Read(name)
	if err != nil {
		v.fault(name, "cannot be read: "+err.Error(), nil)
		return nil
	}
	v.judged[signatureName(sequence, digest(b))] = true
	v.judged[nextName(sequence, digest(b))] = true
	var bad *signatureError
	switch err := v.keys.check(sequence, b); {
	case errors.As(err, &bad):
		v.fault(bad.path, bad.says+"; what this manifest lists was not checked", nil)
		return nil
	case err != nil:
		v.fault(name, err.Error(), nil)
		return nil
	}
	m, err := decodeManifest(b)
	if err != nil {
		v.fault(name, "is signed, but cannot be read: "+err.Error(), nil)
		return nil
	}
	h := &head{m, digest(b)}
	v.linked(sequence, h)
	v.expires(h)
	v.take(h)
	return h
}

// linked checks that a signed manifest stands where it says, after what it says.
func (v *verifier) linked(sequence int, h *head) {
	name := manifestName(sequence)
	if h.Sequence != sequence {
		v.fault(name, fmt.Sprintf("is manifest %d under another number", h.Sequence), h)
	}
	switch {
	case v.previous != nil && h.Previous != v.previous.sum:
		v.fault(manifestName(sequence-1), "is not the manifest that "+name+" was written after", v.previous)
	case sequence == 1 && h.Previous != "":
		v.fault(name, "is not the first of its chain: something came before it", h)
	}
	if v.runs[h.RunID] {
		v.fault(name, "commits run "+string(h.RunID)+" a second time", h)
	}
}

// take notes a verified manifest and the files that it vouches for.
func (v *verifier) take(h *head) {
	v.report.Manifests++
	v.report.Sequence, v.report.SHA256, v.report.RunID = h.Sequence, h.sum, h.RunID
	v.runs[h.RunID] = true
	v.heads = append(v.heads, h)
	for _, e := range h.Files {
		known, again := v.listed[e.Path]
		if again && known.SHA256 != e.SHA256 {
			v.fault(e.Path, "is listed with two digests, by run "+string(v.writer[e.Path].RunID)+" and by run "+string(h.RunID), h)
		}
		if !again || v.gone.of(e.Path) != nil {
			v.listed[e.Path], v.writer[e.Path] = e, h
		}
		v.lister[e.Path], v.sound[e.Path] = h, h
	}
	if v.previous != nil { // each run reads the state of the one before, and checks it
		v.sound[stateName(v.previous.RunID)] = h
	}
	v.gone.take(*h)
}

// file checks one listed file. It is opened once: in S3 that fetches it.
func (v *verifier) file(e Entry) {
	by := v.writer[e.Path]
	if x := v.gone.of(e.Path); x != nil {
		if !v.there[e.Path] {
			return
		}
		v.left(x)
	}
	v.report.Files++
	night := strings.HasPrefix(e.Path, "runs/") && by.owns(e.Path, "runs") && by.looked()
	f, err := v.store.Open(e.Path)
	if err != nil && night { // that it was is proven all the same
		v.nights = append(v.nights, by.CreatedAt)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		v.fault(e.Path, "is missing", by)
		return
	case err != nil:
		v.fault(e.Path, "cannot be read: "+err.Error(), by)
		return
	}
	v.content(e, f, by)
	if night {
		v.began(f, by)
	}
	if err := f.Close(); err != nil {
		v.fault(e.Path, "cannot be read: "+err.Error(), by)
	}
}

func (v *verifier) content(e Entry, f File, by *head) {
	size, sum, err := measured(f)
	switch {
	case err != nil:
		v.fault(e.Path, "cannot be read: "+err.Error(), by)
	case size != e.Size:
		v.fault(e.Path, fmt.Sprintf("has %d bytes and had %d: it was altered", size, e.Size), by)
	case sum != e.SHA256:
		v.fault(e.Path, "was altered: its SHA-256 is "+sum+" and was "+e.SHA256, by)
	default:
		v.report.Bytes += size
		v.rows(e, f, by)
	}
}

// rows checks that a table has the rows that the run counted when it wrote it.
func (v *verifier) rows(e Entry, f File, by *head) {
	if e.Rows == nil {
		if strings.HasSuffix(e.Path, ".parquet") {
			v.fault(e.Path, "is listed without a number of rows", by)
		}
		return
	}
	n, err := rowsIn(f)
	switch {
	case err != nil:
		v.fault(e.Path, "is not a readable table: "+err.Error(), by)
	case n != *e.Rows:
		v.fault(e.Path, fmt.Sprintf("has %d rows, and the run counted %d", n, *e.Rows), by)
	default:
		v.report.Rows += n
	}
}

func countRows(store Store, name string) (n int64, err error) {
	f, err := store.Open(name)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return rowsIn(f)
}

func rowsIn(f File) (int64, error) {
	table, err := parquet.OpenFile(f, f.Size(), parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return 0, err
	}
	return table.NumRows(), nil
}
