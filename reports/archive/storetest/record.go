package storetest

import (
	"errors"

	"rollcall/internal/access"
	"rollcall/reports/archive"
)

// Record records a night with nothing but its facts, and what is remembered after it.
func Record(a *archive.Archive, n *access.Night, m access.Memory) error {
	s, err := a.Begin(n.Run)
	if err != nil {
		return err
	}
	return errors.Join(s.Facts(n), s.Finish(n, m))
}
