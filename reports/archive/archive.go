// Package archive keeps the proof of every night: Parquet tables, the plan,
// the journals and the state that the next night starts from, all write-once,
// under a chain of signed manifests. It records what others decided: it must
// never decide, never change a system, and never change or delete a byte that
// it wrote. Its invariant: a run exists for readers if and only if its manifest
// exists, and every byte that a manifest names can be checked with the public
// key alone.
package archive

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"rollcall/internal/access"
)

// Archive is an opened archive.
type Archive struct {
	store  Store
	signer ed25519.PrivateKey

	keys   []turn   // that signed before; see formerKeys
	upkept *expired // see gone
}

var errReadOnly = errors.New("the archive is open for reading only; give the signing key to write")

// Open opens the archive in the folder root. With a signing key the folder is
// made when it is not there, and what is read back must have been signed with
// that key; with nil the archive can be read, and only digests are checked.
func Open(root string, signer ed25519.PrivateKey) (*Archive, error) {
	if signer != nil {
		if err := makeFolder(root); err != nil {
			return nil, fmt.Errorf("make archive %s: %w", root, err)
		}
	}
	if info, err := os.Stat(root); err != nil {
		return nil, fmt.Errorf("open archive: %w; give the folder that the nightly run writes to", err)
	} else if !info.IsDir() {
		return nil, fmt.Errorf("open archive: %s is not a folder", root)
	}
	return New(NewFolder(root), signer), nil
}

// New is Open for any Store.
func New(store Store, signer ed25519.PrivateKey) *Archive {
	return &Archive{store: store, signer: signer}
}

// Store is where the archive's bytes are; journals are written to it as
// journal/<run id>/<n>.json.
func (a *Archive) Store() Store { return a.store }

// PutInput keeps one input of a night as inputs/<SHA-256> and gives the
// digest. The same bytes are kept once.
func (a *Archive) PutInput(b []byte) (string, error) {
	if a.signer == nil {
		return "", errReadOnly
	}
	sum := access.Digest(b)
	err := a.store.Create(inputName(sum), b)
	if errors.Is(err, fs.ErrExist) {
		_, err = a.Input(sum)
	}
	if err != nil {
		return "", fmt.Errorf("archive input: %w", err)
	}
	return sum, nil
}

// Input gives back an input by its digest, checked against it.
func (a *Archive) Input(sum string) ([]byte, error) {
	if !isDigest(sum) {
		return nil, fmt.Errorf("read input: %q is not a SHA-256 in hex", sum)
	}
	b, err := a.store.Read(inputName(sum))
	if err != nil {
		return nil, fmt.Errorf("read input: %w", a.gone(inputName(sum), err))
	}
	if got := access.Digest(b); got != sum {
		return nil, altered(inputName(sum), sum, got)
	}
	return b, nil
}

// Head is the end of the chain: the sequence and digest of the last manifest
// and its run. An empty archive has sequence 0. Print it where the archive's
// keepers cannot change it: a chain that was cut short shows only there.
func (a *Archive) Head() (sequence int, sum string, run access.RunID, err error) {
	h, err := a.head()
	return h.Sequence, h.sum, h.RunID, err
}

func inputName(sum string) string { return "inputs/" + sum }

// isDigest accepts lower-case hex only, so that one digest has one name.
func isDigest(s string) bool {
	b, err := hex.DecodeString(s)
	return err == nil && len(b) == sha256.Size && hex.EncodeToString(b) == s
}

func altered(name, want, got string) error {
	return fmt.Errorf("%s was altered: its SHA-256 is %s and was %s when it was archived; restore it from a copy, then run: rollcall audit verify", name, got, want)
}
