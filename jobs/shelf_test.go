package jobs_test

import (
	"crypto/ed25519"

	"rollcall/collectors/roster"
	"rollcall/internal/access"
	"rollcall/reports/archive"
)

// shelf is the archive as cmd makes it fit, with a place for a test between
// facts and effects.
type shelf struct {
	*archive.Archive
	v        *village
	snapshot *archive.Snapshot
}

func (s *shelf) Memory() (access.Memory, error) { return s.Archive.Memory(roster.Decode) }

func (s *shelf) Facts(n *access.Night) (err error) {
	if s.snapshot, err = s.Begin(n.Run); err != nil {
		return err
	}
	if err := s.snapshot.Facts(n); err != nil {
		return err
	}
	if s.v.afterFacts != nil {
		s.v.afterFacts()
	}
	return nil
}

func (s *shelf) Finish(n *access.Night, next access.Memory) (string, error) {
	if err := s.snapshot.Finish(n, next); err != nil {
		return "", err
	}
	_, head, _, err := s.Head()
	return head, err
}

func (v *village) memory() access.Memory {
	v.t.Helper()
	a, err := archive.Open(v.root, nil)
	v.ok(err)
	m, err := a.Memory(nil)
	v.ok(err)
	return m
}

// verified checks every byte of the archive.
func (v *village) verified() {
	v.t.Helper()
	key, err := archive.ParsePrivateKey(v.signer)
	v.ok(err)
	r, err := archive.Verify(v.root, archive.Checks{Keys: []ed25519.PublicKey{publicOf(key)}})
	v.ok(err)
	if !r.OK() {
		v.t.Errorf("the archive is not sound: %v", r.Faults)
	}
}
