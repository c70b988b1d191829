package archive

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/klauspost/compress/zstd"

	"rollcall/internal/access"
)

// The day on which each grant was first seen lies in states/<run id>.grants,
// because the grants table does not hold all that a grant's key is made of. It
// is zstd over: 8 bytes of magic, the number of grants, their keys ascending
// (each as the difference to the one before), and their days since 1970. All
// numbers are unsigned varints.
const seenMagic = "rcseen\x00\x01"

// seen pairs a grant's key with its first day.
type seen struct {
	key uint64
	day uint32
}

func seenName(run access.RunID) string { return "states/" + string(run) + ".grants" }

func (s *Snapshot) putSeen(n *access.Night, memory access.Memory) error {
	grants := seenTonight(n, memory)
	return s.write(seenName(s.run.ID), func(w io.Writer) (*int64, error) { return nil, encodeSeen(w, grants) })
}

// seenTonight gives the grants of tonight, by key. When a read was incomplete,
// or a known system was not read at all, what was remembered before stays
// remembered: a grant that could not be seen is not new on the next night.
func seenTonight(n *access.Night, memory access.Memory) []seen {
	var all []seen
	for i := range n.Systems {
		j := &n.Systems[i]
		all = slices.Grow(all, len(j.Grants))
		for g, key := range j.GrantKeys() {
			if day := j.FirstSeen(g); day != 0 {
				all = append(all, seen{key, uint32(day)})
			}
		}
	}
	if !readAll(n, memory) {
		for key, day := range memory.GrantsSeen {
			all = append(all, seen{key, day})
		}
	}
	slices.SortFunc(all, func(a, b seen) int {
		if a.key != b.key { // of almost all
			return cmp.Compare(a.key, b.key)
		}
		return cmp.Compare(a.day, b.day)
	})
	return slices.CompactFunc(all, func(a, b seen) bool { return a.key == b.key })
}

// readAll reports whether every known system was read, each scope to its end.
func readAll(n *access.Night, memory access.Memory) bool {
	read := map[access.System]bool{}
	for i := range n.Systems {
		read[n.Systems[i].System] = true
		if slices.ContainsFunc(n.Systems[i].Reads, func(r access.Read) bool { return !r.Complete }) {
			return false
		}
	}
	for system := range memory.Accounts {
		if !read[system] {
			return false
		}
	}
	return true
}

func encodeSeen(w io.Writer, grants []seen) error {
	packed, err := zstd.NewWriter(w, zstd.WithEncoderConcurrency(1))
	if err != nil {
		return err
	}
	out := bufio.NewWriter(packed)
	number := func(n uint64) {
		var b [binary.MaxVarintLen64]byte
		// A bufio.Writer keeps its first error until Flush.
		_, _ = out.Write(binary.AppendUvarint(b[:0], n))
	}
	_, _ = out.WriteString(seenMagic)
	number(uint64(len(grants)))
	last := uint64(0)
	for _, g := range grants {
		number(g.key - last)
		last = g.key
	}
	for _, g := range grants {
		number(uint64(g.day))
	}
	return errors.Join(out.Flush(), packed.Close())
}

// seen reads the first-seen days that the head's run left.
func (a *Archive) seen(h head) (map[uint64]uint32, error) {
	name := seenName(h.RunID)
	b, err := a.proven(h, name)
	if err != nil {
		return nil, err
	}
	grants, err := decodeSeen(b)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return grants, nil
}

func decodeSeen(b []byte) (map[uint64]uint32, error) {
	plain, err := zstd.NewReader(bytes.NewReader(b), zstd.WithDecoderConcurrency(1))
	if err != nil {
		return nil, err
	}
	defer plain.Close()
	in := bufio.NewReader(plain)
	magic := make([]byte, len(seenMagic))
	if _, err := io.ReadFull(in, magic); err != nil || string(magic) != seenMagic {
		return nil, errors.New("it is not a list of first-seen days that this rollcall knows; use the one that wrote it")
	}
	n, err := binary.ReadUvarint(in)
	if err != nil {
		return nil, err
	}
	if n > uint64(len(b)) { // keys are spread over 64 bits: packed, each takes several bytes
		return nil, fmt.Errorf("it claims %d grants, and is too small for as many", n)
	}
	keys := make([]uint64, n)
	last := uint64(0)
	for i := range keys {
		step, err := binary.ReadUvarint(in)
		if err != nil {
			return nil, err
		}
		last += step
		keys[i] = last
	}
	grants := make(map[uint64]uint32, n)
	for _, key := range keys {
		day, err := binary.ReadUvarint(in)
		if err != nil {
			return nil, err
		}
		grants[key] = uint32(day)
	}
	return grants, nil
}
