package archive

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"rollcall/internal/access"
)

// Manifest names every file of one run and the manifest before it. It lies at
// manifests/<10-digit sequence>.json. Beside it, at
// manifests/<10-digit sequence>.<SHA-256 of the manifest>.sig, lies the raw
// 64-byte Ed25519 signature of its bytes, which `openssl pkeyutl -verify -rawin`
// checks.
//
// The signature is written first, so that no manifest is ever unsigned; the
// manifest is what commits the run. That is why the signature's name holds the
// digest: a signature whose run died, or lost the race for the sequence, has a
// name of its own and is in nobody's way, and no write-once file is deleted.
type Manifest struct {
	Schema    int          `json:"schema"`
	Sequence  int          `json:"sequence"`
	RunID     access.RunID `json:"run_id"`
	Previous  string       `json:"previous"` // SHA-256 of the manifest before, empty for the first
	CreatedAt time.Time    `json:"created_at"`
	Files     []Entry      `json:"files"` // by path
	// Each is there only in a run that did nothing else.
	KeyChange *KeyChange `json:"key_change,omitempty"`
	Expiry    *Expiry    `json:"expiry,omitempty"`
}

// Entry is one file as it was written. Rows is there for Parquet tables only.
type Entry struct {
	Path   string `json:"path"`
	Size   int64  `json:"size"`
	Rows   *int64 `json:"rows,omitempty"`
	SHA256 string `json:"sha256"`
}

// file finds an entry by its path.
func (m *Manifest) file(path string) (Entry, bool) {
	i, ok := slices.BinarySearchFunc(m.Files, path, func(e Entry, p string) int { return strings.Compare(e.Path, p) })
	if !ok {
		return Entry{}, false
	}
	return m.Files[i], true
}

const manifestSchema = 1

var (
	manifestPattern  = regexp.MustCompile(`^manifests/(\d{10})\.json$`)
	signaturePattern = regexp.MustCompile(`^manifests/(\d{10})\.([0-9a-f]{64})(?:\.next)?\.sig$`)
)

func manifestName(sequence int) string { return fmt.Sprintf("manifests/%010d.json", sequence) }

func signatureName(sequence int, sum string) string {
	return fmt.Sprintf("manifests/%010d.%s.sig", sequence, sum)
}

// nextName is where the key that a manifest hands over to has signed it.
func nextName(sequence int, sum string) string {
	return fmt.Sprintf("manifests/%010d.%s.next.sig", sequence, sum)
}

// decodeManifest is strict: what this version does not know, it must not
// vouch for.
func decodeManifest(b []byte) (Manifest, error) {
	if m, is := plainManifest(b); is {
		return m, nil
	}
	return strictManifest(b)
}

func strictManifest(b []byte) (Manifest, error) {
	var m Manifest
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&m); err != nil {
		return m, err
	}
	if m.Schema != manifestSchema {
		return m, fmt.Errorf("it has schema %d and this rollcall knows %d; use a newer rollcall", m.Schema, manifestSchema)
	}
	return m, nil
}

// head is the last manifest, with its digest; the zero head is that of an
// empty archive.
type head struct {
	Manifest
	sum string
}

// looked reports whether the run read systems, or went by what one before it read. A
// run of a campaign did neither: it has no table of facts.
func (h head) looked() bool { return h.has("reads") }

// has reports whether the run wrote a table.
func (h head) has(table string) bool {
	return slices.ContainsFunc(h.Files, func(e Entry) bool { return h.owns(e.Path, table) })
}

// owns reports whether a file is of a table that the run itself wrote: it may list
// those of a run that died, too.
func (h head) owns(path, table string) bool {
	return strings.HasPrefix(path, table+"/") && strings.Contains(path, "/run="+string(h.RunID)+"/")
}

// head is the end of the chain. When the archive has a key, it must be the one that
// signs from here on: a key that the chain does not know, or knows no longer, must not
// sign the next run.
func (a *Archive) head() (head, error) {
	names, err := a.store.List("manifests/")
	if err != nil {
		return head{}, err
	}
	last := sequences(names)
	if len(last) == 0 {
		return head{}, nil
	}
	h, b, err := a.read(last[len(last)-1])
	if err != nil || a.signer == nil {
		return h, err
	}
	if err := a.ours(h, b); err != nil {
		return head{}, a.notOurs(h, err)
	}
	return h, nil
}

// sequences gives the sequences of the manifests among names, ascending.
func sequences(names []string) []int {
	var all []int
	for _, name := range names {
		if m := manifestPattern.FindStringSubmatch(name); m != nil {
			n, _ := strconv.Atoi(m[1]) // ten digits always are a number
			all = append(all, n)
		}
	}
	slices.Sort(all)
	return all
}

// read reads one manifest without asking who signed it.
func (a *Archive) read(sequence int) (head, []byte, error) {
	name := manifestName(sequence)
	b, err := a.store.Read(name)
	if err != nil {
		return head{}, nil, fmt.Errorf("read manifest: %w", err)
	}
	m, err := decodeManifest(b)
	if err != nil {
		return head{}, nil, fmt.Errorf("read %s: %w", name, err)
	}
	return head{m, access.Digest(b)}, b, nil
}

// load reads one manifest and, when the archive has a key, checks that it was signed
// with it, or with the one that signed before it.
func (a *Archive) load(sequence int) (head, error) {
	h, b, err := a.read(sequence)
	if err != nil || a.signer == nil || a.ours(h, b) == nil {
		return h, err
	}
	if err := a.formerly(sequence, b); err != nil {
		return head{}, fmt.Errorf("%w; run: rollcall audit verify", err)
	}
	return h, nil
}

// signatureError says which file makes a manifest unproven.
type signatureError struct{ path, says string }

func (e *signatureError) Error() string { return e.path + " " + e.says }

// authentic checks the signature of a manifest's bytes.
func authentic(store Store, sequence int, manifest []byte, key ed25519.PublicKey) error {
	return signedAs(store, signatureName(sequence, access.Digest(manifest)), sequence, manifest, key)
}

func signedAs(store Store, name string, sequence int, manifest []byte, key ed25519.PublicKey) error {
	signature, err := store.Read(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return unsigned(sequence, name)
	case err != nil:
		return fmt.Errorf("read signature: %w", err)
	case !ed25519.Verify(key, manifest, signature):
		return &signatureError{name, "is not this key's signature of " + manifestName(sequence) + ": it was altered, or the key is another one"}
	}
	return nil
}

// unsigned says that a manifest has no signature of that name, which holds its digest.
func unsigned(sequence int, name string) error {
	return &signatureError{manifestName(sequence), "was altered, or its signature is missing: there is no " + name}
}

// commit signs and writes a manifest. Once it returns nil the run exists; on an
// error it does not, unless the error came after the last write took effect.
func (a *Archive) commit(m Manifest) error {
	b, err := encodeManifest(m)
	if err != nil {
		return err
	}
	if err := a.sign(signatureName(m.Sequence, access.Digest(b)), b); err != nil {
		return err
	}
	return a.put(m, b)
}

// sign writes this key's signature of a manifest.
func (a *Archive) sign(name string, manifest []byte) error {
	signature := ed25519.Sign(a.signer, manifest)
	err := a.store.Create(name, signature)
	if errors.Is(err, fs.ErrExist) {
		err = a.sameSignature(name, signature)
	}
	if err != nil {
		return fmt.Errorf("sign manifest: %w", err)
	}
	return nil
}

// put writes a manifest that is signed.
func (a *Archive) put(m Manifest, b []byte) error {
	err := a.store.Create(manifestName(m.Sequence), b)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("commit run %s: another run committed first, so this one's record does not count; run it again: %w", m.RunID, err)
	}
	if err != nil {
		return fmt.Errorf("commit run %s: %w", m.RunID, err)
	}
	return nil
}

// sameSignature accepts the signature of the very same manifest by a run that
// died before it could write the manifest.
func (a *Archive) sameSignature(name string, want []byte) error {
	got, err := a.store.Read(name)
	if err != nil {
		return err
	}
	if !bytes.Equal(got, want) {
		return fmt.Errorf("%s is there and is not this key's signature; run: rollcall audit verify", name)
	}
	return nil
}
