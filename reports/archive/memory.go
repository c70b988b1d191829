package archive

import (
	"fmt"
	"maps"
	"time"

	"rollcall/internal/access"
)

// memory is the inverse of stateOf, but for the rosters' rows and the grants.
func (s *state) memory() access.Memory {
	m := access.Memory{
		Previous:      s.RunID,
		Accounts:      s.Accounts,
		Counts:        s.Counts,
		Accepted:      map[access.Source]access.AcceptedRoster{},
		InForce:       map[access.Source][]access.Identity{},
		History:       s.History,
		Vanished:      map[access.PersonKey]access.Vanished{},
		FirstSeenLeft: map[access.PersonKey]time.Time{},
		FirstSeen:     s.FirstSeen,
		Moves:         map[access.PersonKey][]access.Move{},
		GlassUsed:     map[access.AccountKey]time.Time{},
		Watched:       map[access.AccountKey]access.Watched{},
		Awaited:       s.Awaited,
		GrantsSeen:    map[uint64]uint32{},
		Blocked:       map[access.AccountKey]access.BlockRecord{},
		Endings:       map[access.AccountKey]access.Ending{},
		Residues:      map[string]access.Residue{},
		Campaigns:     map[access.CampaignID]access.Campaign{},
		Removals:      map[string]access.Removal{},
		Kept:          map[string]access.Exception{},
		Upkeep:        s.Upkeep,
		Past:          s.Past,
		Journals:      s.journals(),
	}
	if s.Notices != nil {
		m.Notices = *s.Notices
	}
	if m.Accounts == nil {
		m.Accounts = map[access.System]int{}
	}
	if m.Counts == nil {
		m.Counts = map[string]access.Counted{}
	}
	if m.FirstSeen == nil {
		m.FirstSeen = map[string]access.Day{}
	}
	for _, r := range s.Accepted {
		m.Accepted[r.Source] = r
	}
	for _, v := range s.Vanished {
		m.Vanished[v.Identity.Key()] = v
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
	for _, w := range s.Watched {
		m.Watched[w.Account] = w
	}
	for _, b := range s.Blocked {
		m.Blocked[b.Account] = b
	}
	for _, e := range s.Endings {
		m.Endings[e.Account] = e
	}
	for _, r := range s.Residues {
		m.Residues[r.FindingID] = r
	}
	for _, c := range s.Campaigns {
		m.Campaigns[c.ID] = c
	}
	maps.Copy(m.Removals, s.Removals)
	for row, k := range s.Kept {
		m.Kept[row] = k.exception()
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
