package archive

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"time"

	"rollcall/internal/access"
)

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

// Verify checks the whole archive in the folder root with public keys alone:
// every manifest's signature, place and link to the one before; size, SHA-256
// and number of rows of every file that they list; and that the committed runs
// have no file that is not listed. The error says that the archive could not be
// read at all; whatever is wrong inside is in the Report.
//
// What cannot be known from inside is whether the newest runs were cut off the
// end, as nothing that is left names them. Compare the Report's head with the
// one in the last notice to compliance.
func Verify(root string, ask Checks) (Report, error) {
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

// VerifyStore is Verify for any Store.
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
	v.judged[signatureName(sequence, access.Digest(b))] = true
	v.judged[nextName(sequence, access.Digest(b))] = true
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
	h := &head{m, access.Digest(b)}
	v.linked(sequence, h)
	v.inTime(h)
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
