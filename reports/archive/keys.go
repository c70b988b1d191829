package archive

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"time"

	"rollcall/internal/access"
)

// KeyChange says that from the next manifest on another key signs. The manifest that
// holds it is signed with both: with the former key, as every manifest before it, so
// that it hands over; and with the next one, at manifests/<10-digit
// sequence>.<SHA-256>.next.sig, so that whoever hands over holds what they name. Where
// the former key is lost only the next one signs, and nothing but a person's word
// connects the two: who verifies must have got the next key some other way.
type KeyChange struct {
	Former string `json:"former"` // public keys, PKIX PEM
	Next   string `json:"next"`
	Lost   bool   `json:"lost,omitempty"`
	By     string `json:"by"`
	Reason string `json:"reason"`
}

// keys are the public keys that a change names.
func (c *KeyChange) keys() (former, next ed25519.PublicKey, err error) {
	if former, err = ParsePublicKey([]byte(c.Former)); err == nil {
		next, err = ParsePublicKey([]byte(c.Next))
	}
	return former, next, err
}

// PublicPEM is a public key as ParsePublicKey reads it.
func PublicPEM(key ed25519.PublicKey) ([]byte, error) {
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return nil, fmt.Errorf("encode public key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), nil
}

// turn is a manifest that hands over, and one of its two keys.
type turn struct {
	sequence int
	key      ed25519.PublicKey
}

// ours checks that a manifest is this key's: signed with it, or handing over to it.
func (a *Archive) ours(h head, b []byte) error {
	own := a.signer.Public().(ed25519.PublicKey)
	if h.KeyChange == nil {
		return authentic(a.store, h.Sequence, b, own)
	}
	if _, next, err := h.KeyChange.keys(); err != nil || !next.Equal(own) {
		return &signatureError{manifestName(h.Sequence), "hands over to another key than this one"}
	}
	return signedAs(a.store, nextName(h.Sequence, h.sum), h.Sequence, b, own)
}

// notOurs says what to do when the end of the chain is another key's.
func (a *Archive) notOurs(h head, cause error) error {
	own, changes := a.signer.Public().(ed25519.PublicKey), []head{h}
	if s, err := a.state(h); err == nil { // unproven: it only makes the message better
		for _, u := range s.Upkeep {
			if one, _, err := a.read(u.Sequence); err == nil {
				changes = append(changes, one)
			}
		}
	}
	for _, one := range changes {
		if one.KeyChange == nil {
			continue
		}
		if former, _, err := one.KeyChange.keys(); err == nil && former.Equal(own) {
			return fmt.Errorf("this key signs no more: run %s handed the archive over to another key on %s (%s: %s); give this machine the new key (archive.signing_key); if nobody here did that, run: rollcall audit verify",
				one.RunID, one.CreatedAt.Format(time.DateOnly), one.KeyChange.By, one.KeyChange.Reason)
		}
	}
	return fmt.Errorf("the chain does not know this key (archive.signing_key), or its end was altered: %w; run: rollcall audit verify; if that finds nothing wrong, put the key back that signed run %s, or hand over to a new one with rollcall audit rotate-key", cause, h.RunID)
}

// formerly checks a manifest against the key that signed at its place, before this one.
func (a *Archive) formerly(sequence int, b []byte) error {
	former, err := a.formerKeys()
	if err != nil {
		return err
	}
	at := slices.IndexFunc(former, func(t turn) bool { return sequence <= t.sequence })
	if at < 0 { // this key's own place
		return authentic(a.store, sequence, b, a.signer.Public().(ed25519.PublicKey))
	}
	m, err := decodeManifest(b)
	if err != nil {
		return err
	}
	if sequence == former[at].sequence && m.KeyChange != nil && m.KeyChange.Lost { // formerKeys has seen that the key after it vouches for it
		return nil
	}
	return authentic(a.store, sequence, b, former[at].key)
}

// formerKeys are the keys that signed before this one, each with the last manifest that
// it signed, oldest first. Each is vouched for by the key after it.
func (a *Archive) formerKeys() ([]turn, error) {
	if a.keys != nil {
		return a.keys, nil
	}
	h, err := a.head()
	if err != nil {
		return nil, err
	}
	s, err := a.state(h)
	if err != nil {
		return nil, err
	}
	keys, key := []turn{}, a.signer.Public().(ed25519.PublicKey)
	for _, u := range slices.Backward(s.Upkeep) {
		if u.Kind != access.UpkeepKey {
			continue
		}
		if key, err = a.formerOf(u.Sequence, key); err != nil {
			return nil, err
		}
		keys = append(keys, turn{u.Sequence, key})
	}
	slices.Reverse(keys)
	a.keys = keys
	return keys, nil
}

// formerOf is the key that a hand-over to next came from.
func (a *Archive) formerOf(sequence int, next ed25519.PublicKey) (ed25519.PublicKey, error) {
	h, b, err := a.read(sequence)
	if err != nil {
		return nil, err
	}
	if h.KeyChange == nil {
		return nil, &signatureError{manifestName(sequence), "hands nothing over"}
	}
	former, to, err := h.KeyChange.keys()
	if err == nil && !to.Equal(next) {
		err = &signatureError{manifestName(sequence), "hands over to another key than signs after it"}
	}
	if err == nil {
		err = signedAs(a.store, nextName(sequence, h.sum), sequence, b, next)
	}
	return former, err
}

// KnowsKey reports whether a public key signs this archive, or signed it before. That
// of an empty archive is the signing key's alone.
func (a *Archive) KnowsKey(key ed25519.PublicKey) (bool, error) {
	if a.signer == nil {
		return false, errReadOnly
	}
	if key.Equal(a.signer.Public()) {
		return true, nil
	}
	former, err := a.formerKeys()
	return slices.ContainsFunc(former, func(t turn) bool { return t.key.Equal(key) }), err
}

// RotateKey hands the archive over to another key, in a run of its own. From then on
// nothing that the former key signs counts. It gives the digest of the chain's new end.
func (a *Archive) RotateKey(run access.Run, next ed25519.PrivateKey, by, reason string) (string, error) {
	s, err := a.Begin(run)
	if err != nil {
		return "", err
	}
	known, err := a.KnowsKey(next.Public().(ed25519.PublicKey))
	if err != nil {
		return "", fmt.Errorf("hand over to a new key: %w", err)
	}
	if known {
		return "", errors.New("hand over to a new key: that key signs this archive already, or did before: make another one")
	}
	return s.handOver(a.signer.Public().(ed25519.PublicKey), next, KeyChange{By: by, Reason: reason})
}

// NewRoot begins to sign with another key although the former one is lost. trust is what
// the chain is verified with first; whoever verifies it later needs the new public key
// from a source of their own.
func NewRoot(store Store, trust []ed25519.PublicKey, run access.Run, next ed25519.PrivateKey, by, reason string) (string, error) {
	runs, keys, err := follow(store, trust, untold)
	if err != nil {
		return "", fmt.Errorf("begin anew with another key: %w", err)
	}
	public := next.Public().(ed25519.PublicKey)
	if slices.ContainsFunc(keys.used, func(k ed25519.PublicKey) bool { return k.Equal(public) }) {
		return "", errors.New("begin anew with another key: that key signs this archive already, or did before: make another one")
	}
	unsigned := New(store, nil)
	base, err := unsigned.head()
	if err == nil && (len(runs) == 0 || base.sum != runs[len(runs)-1].SHA256) {
		err = errors.New("the archive is empty, or another run finished meanwhile: there is nothing to begin anew")
	}
	if err != nil {
		return "", fmt.Errorf("begin anew with another key: %w", err)
	}
	s, err := New(store, next).beginOn(base, run)
	if err != nil {
		return "", err
	}
	return s.handOver(keys.now, next, KeyChange{Lost: true, By: by, Reason: reason})
}

// handOver writes and commits a change of keys.
func (s *Snapshot) handOver(former ed25519.PublicKey, next ed25519.PrivateKey, c KeyChange) (string, error) {
	if s.base.Sequence == 0 {
		return "", errors.New("hand over to a new key: the archive is empty: put the new key into the configuration")
	}
	for text, key := range map[*string]ed25519.PublicKey{&c.Former: former, &c.Next: next.Public().(ed25519.PublicKey)} {
		b, err := PublicPEM(key)
		if err != nil {
			return "", err
		}
		*text = string(b)
	}
	if err := s.upkeep(access.UpkeepKey); err != nil {
		return "", fmt.Errorf("hand over to a new key: %w", err)
	}
	m := s.manifest(s.run.FinishedAt)
	m.KeyChange = &c
	b, err := encodeManifest(m)
	if err == nil {
		err = New(s.archive.store, next).sign(nextName(m.Sequence, digest(b)), b)
	}
	if err == nil && !c.Lost {
		err = s.archive.sign(signatureName(m.Sequence, digest(b)), b)
	}
	if err == nil {
		err = s.archive.put(m, b)
	}
	if err != nil {
		return "", fmt.Errorf("hand over to a new key: %w", err)
	}
	return digest(b), nil
}

// upkeep writes what a run leaves that only tended the archive.
func (s *Snapshot) upkeep(kind string) error {
	if s.run.FinishedAt.IsZero() {
		return fmt.Errorf("run %s has no end", s.run.ID)
	}
	last, err := s.archive.state(s.base)
	if err != nil {
		return err
	}
	after := *last
	after.RunID = s.run.ID
	after.Journals = append(slices.Clone(last.Journals), s.run.ID)
	slices.Sort(after.Journals)
	after.Upkeep = append(slices.Clone(last.Upkeep), access.Upkeep{Run: s.run.ID, Sequence: s.base.Sequence + 1, Kind: kind})
	if err := put(s, "runs", runRow(&access.Night{Run: s.run})); err != nil {
		return err
	}
	return s.putJSON(stateName(s.run.ID), after)
}

func encodeManifest(m Manifest) ([]byte, error) {
	b, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		return nil, fmt.Errorf("encode manifest: %w", err)
	}
	return append(b, '\n'), nil
}

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
		if err != nil || !next.Equal(k.now) || signedAs(k.store, nextName(n, digest(b)), n, b, next) != nil {
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
	if err := signedAs(k.store, nextName(sequence, digest(b)), sequence, b, next); err != nil {
		return err
	}
	k.now, k.used = next, append(k.used, next)
	k.changes = append(k.changes, Handover{Sequence: sequence, RunID: m.RunID, At: m.CreatedAt, By: c.By, Reason: c.Reason, NewRoot: c.Lost, KeySHA256: digest(next)})
	if c.Lost && !k.vouched[sequence] && !slices.ContainsFunc(k.trust, func(t ed25519.PublicKey) bool { return t.Equal(next) }) {
		return &signatureError{name, fmt.Sprintf("begins anew with a key that nothing before it vouches for: from run %s of %s on, all rests on the word of %s (%s) that the former key was lost. If that is so, get the new public key from somebody you trust (the SHA-256 of its 32 bytes begins with %s), and add it to the file of the key that you verify with",
			m.RunID, m.CreatedAt.Format(time.DateOnly), c.By, c.Reason, digest(next)[:16])}
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
