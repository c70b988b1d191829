package archive

import "fmt"

// Signed is a run's manifest with its signature, byte for byte, under the names that
// they have in the archive.
type Signed struct {
	ManifestName, SignatureName string
	Manifest, Signature         []byte
}

// Signed reads again what proves the run, and fails unless it still is what was checked.
func (r CommittedRun) Signed(store Store) (Signed, error) {
	s := Signed{ManifestName: manifestName(r.Sequence), SignatureName: signatureName(r.Sequence, r.SHA256)}
	var err error
	if s.Manifest, err = store.Read(s.ManifestName); err != nil {
		return s, fmt.Errorf("read manifest: %w", err)
	}
	if got := digest(s.Manifest); got != r.SHA256 {
		return s, altered(s.ManifestName, r.SHA256, got)
	}
	if s.Signature, err = store.Read(s.SignatureName); err != nil {
		return s, fmt.Errorf("read signature: %w", err)
	}
	return s, nil
}
