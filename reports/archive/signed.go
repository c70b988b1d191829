package archive

import (
	"crypto/ed25519"
	"fmt"

	"rollcall/internal/access"
)

// Signed is a run's manifest with what signs it, byte for byte, under the names that
// they have in the archive.
type Signed struct {
	Manifest   Stored
	Signatures []Stored
	// Former and Next are set where the manifest hands over to another key.
	Former, Next ed25519.PublicKey
}

// Stored is one file of an archive.
type Stored struct {
	Name  string
	Bytes []byte
}

// Signed reads again what proves the run, and fails unless it still is what was checked.
func (r CommittedRun) Signed(store Store) (s Signed, err error) {
	if s.Manifest, err = stored(store, manifestName(r.Sequence)); err != nil {
		return s, err
	}
	if got := access.Digest(s.Manifest.Bytes); got != r.SHA256 {
		return s, altered(s.Manifest.Name, r.SHA256, got)
	}
	m, err := decodeManifest(s.Manifest.Bytes)
	if err != nil {
		return s, fmt.Errorf("read %s: %w", s.Manifest.Name, err)
	}
	names := []string{signatureName(r.Sequence, r.SHA256)}
	if c := m.KeyChange; c != nil {
		if s.Former, s.Next, err = c.keys(); err != nil {
			return s, fmt.Errorf("read %s: %w", s.Manifest.Name, err)
		}
		if c.Lost { // the former key has signed nothing
			names = nil
		}
		names = append(names, nextName(r.Sequence, r.SHA256))
	}
	for _, name := range names {
		one, err := stored(store, name)
		if err != nil {
			return s, err
		}
		s.Signatures = append(s.Signatures, one)
	}
	return s, nil
}

func stored(store Store, name string) (Stored, error) {
	b, err := store.Read(name)
	if err != nil {
		return Stored{}, fmt.Errorf("read %s: %w", name, err)
	}
	return Stored{name, b}, nil
}
