package archive

import (
	"crypto/ed25519"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"time"

	"rollcall/internal/access"
)

// keyLine follows the keys of a chain, from one manifest to the next.
type keyLine struct {
	store Store
	trust []ed25519.PublicKey
	now   ed25519.PublicKey // signs the next manifest
	used  []ed25519.PublicKey
	// vouched are changes that a trusted key further on vouches for.
	vouched map[int]bool
	changes []Handover
}

// Handover is a change of keys as it was verified. A new root rests on the word of who
// signed it: nothing in the chain before vouches for its key.
type Handover struct {
	Sequence  int
	RunID     access.RunID
	At        time.Time
	By        string
	Reason    string
	NewRoot   bool
	KeySHA256 string // of the raw public key that signs from here on
}

// newKeyLine finds the key that signs the first of these manifests. Mostly it is the
// trusted one. Who trusts a later key finds their way back over the hand-overs, each of
// which the key after it has signed.
func newKeyLine(store Store, sequences []int, trust []ed25519.PublicKey) (*keyLine, error) {
	k := &keyLine{store: store, trust: trust, vouched: map[int]bool{}}
	if len(trust) == 0 || slices.ContainsFunc(trust, func(p ed25519.PublicKey) bool { return len(p) != ed25519.PublicKeySize }) {
		return nil, errors.New("give the public key that belongs to the signing key of the nightly run")
	}
	k.now = trust[0]
	if len(sequences) > 0 {
		if b, err := store.Read(manifestName(sequences[0])); err != nil || authentic(store, sequences[0], b, k.now) != nil {
			k.back(sequences)
		}
	}
	k.used = append(k.used, k.now)
	return k, nil
}

// back goes over the hand-overs from the last to the first. What cannot be read is told
// when its turn comes.
func (k *keyLine) back(sequences []int) {
	for _, n := range slices.Backward(sequences) {
		b, err := k.store.Read(manifestName(n))
		if err != nil {
			continue
		}
		m, err := decodeManifest(b)
		if err != nil || m.KeyChange == nil {
			continue
		}
		former, next, err := m.KeyChange.keys()
		if err != nil || !next.Equal(k.now) || signedAs(k.store, nextName(n, access.Digest(b)), n, b, next) != nil {
			continue
		}
		k.now, k.vouched[n] = former, true
	}
}

// check checks the signatures of the manifest at the next place, and turns to the next
// key where it hands over.
func (k *keyLine) check(sequence int, b []byte) error {
	m, err := decodeManifest(b)
	if err != nil || m.KeyChange == nil { // a manifest that cannot be read is told by its signature first
		return authentic(k.store, sequence, b, k.now)
	}
	c := m.KeyChange
	if !c.Lost {
		if err := authentic(k.store, sequence, b, k.now); err != nil {
			return err
		}
	}
	name := manifestName(sequence)
	former, next, err := c.keys()
	switch {
	case err != nil:
		return &signatureError{name, "hands over to a key that cannot be read: " + err.Error()}
	case !former.Equal(k.now):
		return &signatureError{name, "hands over from another key than the one that signs here"}
	case slices.ContainsFunc(k.used, func(u ed25519.PublicKey) bool { return u.Equal(next) }):
		return &signatureError{name, "hands over to a key that signed before"}
	}
	if err := signedAs(k.store, nextName(sequence, access.Digest(b)), sequence, b, next); err != nil {
		return err
	}
	k.now, k.used = next, append(k.used, next)
	k.changes = append(k.changes, Handover{Sequence: sequence, RunID: m.RunID, At: m.CreatedAt, By: c.By, Reason: c.Reason, NewRoot: c.Lost, KeySHA256: access.Digest(next)})
	if c.Lost && !k.vouched[sequence] && !slices.ContainsFunc(k.trust, func(t ed25519.PublicKey) bool { return t.Equal(next) }) {
		return &signatureError{name, fmt.Sprintf("begins anew with a key that nothing before it vouches for: from run %s of %s on, all rests on the word of %s (%s) that the former key was lost. If that is so, get the new public key from somebody you trust (the SHA-256 of its 32 bytes begins with %s), and add it to the file of the key that you verify with",
			m.RunID, m.CreatedAt.Format(time.DateOnly), c.By, c.Reason, access.Digest(next)[:16])}
	}
	return nil
}

// ParsePublicKeys reads one or more Ed25519 public keys in PKIX PEM: the one that a
// verifier goes by and, after it, those of new roots.
func ParsePublicKeys(b []byte) ([]ed25519.PublicKey, error) {
	first, err := ParsePublicKey(b)
	if err != nil {
		return nil, err
	}
	keys := []ed25519.PublicKey{first}
	for found, rest := pem.Decode(b); found != nil; found, rest = pem.Decode(rest) {
		if found.Type != "PUBLIC KEY" {
			continue
		}
		key, err := ParsePublicKey(pem.EncodeToMemory(found))
		if err != nil {
			return nil, err
		}
		if !key.Equal(keys[len(keys)-1]) {
			keys = append(keys, key)
		}
	}
	return keys, nil
}
