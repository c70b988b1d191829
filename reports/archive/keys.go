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
		err = New(s.archive.store, next).sign(nextName(m.Sequence, access.Digest(b)), b)
	}
	if err == nil && !c.Lost {
		err = s.archive.sign(signatureName(m.Sequence, access.Digest(b)), b)
	}
	if err == nil {
		err = s.archive.put(m, b)
	}
	if err != nil {
		return "", fmt.Errorf("hand over to a new key: %w", err)
	}
	return access.Digest(b), nil
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
