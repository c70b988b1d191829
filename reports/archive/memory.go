package archive

import (
	"fmt"
	"time"

	"rollcall/internal/access"
)

// memory is the inverse of stateOf, but for the rosters' rows and the grants.
func (s *state) memory() access.Memory {
	m := access.Memory{
		Previous:      s.RunID,
		Accounts:      orEmpty(s.Accounts),
		Counts:        orEmpty(s.Counts),
		Accepted:      byKey(s.Accepted, func(r access.AcceptedRoster) access.Source { return r.Source }),
		InForce:       map[access.Source][]access.Identity{},
		History:       s.History,
		Vanished:      byKey(s.Vanished, func(v access.Vanished) access.PersonKey { return v.Identity.Key() }),
		Doubts:        byKey(s.Doubts, func(d access.Doubt) access.PersonKey { return d.Person }),
		FirstSeenLeft: make(map[access.PersonKey]time.Time, len(s.FirstSeenLeft)),
		FirstSeen:     orEmpty(s.FirstSeen),
		Moves:         make(map[access.PersonKey][]access.Move, len(s.Moves)),
		GlassUsed:     make(map[access.AccountKey]time.Time, len(s.GlassUsed)),
		Watched:       byKey(s.Watched, func(w access.Watched) access.AccountKey { return w.Account }),
		Awaited:       s.Awaited,
		GrantsSeen:    map[uint64]uint32{},
		Blocked:       byKey(s.Blocked, func(b access.BlockRecord) access.AccountKey { return b.Account }),
		Undone:        s.Undone,
		Endings:       byKey(s.Endings, func(e access.Ending) access.AccountKey { return e.Account }),
		Orders:        byKey(s.Orders, func(o access.OpenOrder) access.PersonKey { return o.Person }),
		Residues:      byKey(s.Residues, func(r access.Residue) string { return r.FindingID }),
		Campaigns:     byKey(s.Campaigns, func(c access.Campaign) access.CampaignID { return c.ID }),
		Removals:      orEmpty(s.Removals),
		Kept:          make(map[string]access.Exception, len(s.Kept)),
		Upkeep:        s.Upkeep,
		Past:          s.Past,
		Journals:      s.journals(),
	}
	if s.Notices != nil {
		m.Notices = *s.Notices
	}
	for _, l := range s.FirstSeenLeft {
		m.FirstSeenLeft[l.Person] = l.At
	}
	for _, one := range s.Moves {
		m.Moves[one.Person] = one.From
	}
	for _, g := range s.GlassUsed {
		m.GlassUsed[g.Account] = g.At
	}
	for row, k := range s.Kept {
		m.Kept[row] = k.exception()
	}
	return m
}

func byKey[K comparable, T any](all []T, key func(T) K) map[K]T {
	keyed := make(map[K]T, len(all))
	for _, one := range all {
		keyed[key(one)] = one
	}
	return keyed
}

// orEmpty is a map that can be written to, whatever the state had.
func orEmpty[K comparable, T any](m map[K]T) map[K]T {
	if m == nil {
		return map[K]T{}
	}
	return m
}

// Memory is what the last committed run left behind. An empty archive remembers
// nothing: an empty Memory, whose maps can be written to. Every byte is checked
// against the manifest's digests first. decode reads the rows of an archived
// roster (inputs/<sha256>); with nil the caller fills InForce.
func (a *Archive) Memory(decode func([]byte) ([]access.Identity, error)) (access.Memory, error) {
	h, err := a.head()
	if err != nil {
		return access.Memory{}, fmt.Errorf("recall the last run: %w", err)
	}
	return a.memoryAfter(h, decode)
}

// Notices is who had to be told of what after the last committed run.
func (a *Archive) Notices() (access.NoticeBook, error) {
	h, err := a.head()
	if err != nil {
		return access.NoticeBook{}, fmt.Errorf("recall the last run: %w", err)
	}
	s, err := a.state(h)
	if err != nil || s.Notices == nil {
		return access.NoticeBook{}, err
	}
	return *s.Notices, nil
}

// memoryAfter is what the run of a head left behind.
func (a *Archive) memoryAfter(h head, decode func([]byte) ([]access.Identity, error)) (access.Memory, error) {
	s, err := a.state(h)
	if err != nil {
		return access.Memory{}, fmt.Errorf("recall the last run: %w", err)
	}
	m := s.memory()
	if h.Sequence == 0 {
		return m, nil
	}
	night, err := a.nightUpTo(h)
	if err == nil {
		if night.RunID != h.RunID {
			m.Looked = night.RunID
		}
		m.GrantsSeen, err = a.seen(night)
	}
	if err != nil {
		return access.Memory{}, fmt.Errorf("recall the last run: %w", err)
	}
	if decode == nil {
		return m, nil
	}
	for source, r := range m.Accepted {
		if m.InForce[source], err = a.inForce(r.SHA256, decode); err != nil {
			return access.Memory{}, fmt.Errorf("recall roster %s: %w", source, err)
		}
	}
	return m, nil
}

func (a *Archive) inForce(sum string, decode func([]byte) ([]access.Identity, error)) ([]access.Identity, error) {
	b, err := a.Input(sum)
	if err != nil {
		return nil, err
	}
	rows, err := decode(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", inputName(sum), err)
	}
	return rows, nil
}
