package archive

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"rollcall/internal/access"
)

// state is what a committed run hands to the next one, as states/<run id>.json;
// the first-seen days of grants lie beside it (seen.go). Every list is sorted,
// so that the same memory is the same bytes.
type state struct {
	Schema        int                       `json:"schema"`
	RunID         access.RunID              `json:"run_id"`
	Accounts      map[access.System]int     `json:"accounts"`
	Counts        map[string]access.Counted `json:"counts,omitempty"` // by Read.Name; absent in the states of older rollcalls
	Accepted      []access.AcceptedRoster   `json:"accepted"`
	History       []access.AcceptedRoster   `json:"history"` // oldest first
	Vanished      []access.Vanished         `json:"vanished"`
	Doubts        []access.Doubt            `json:"doubts,omitempty"` // absent in the states of older rollcalls
	FirstSeenLeft []leftAt                  `json:"first_seen_left"`
	FirstSeen     map[string]access.Day     `json:"findings_first_seen"`
	Moves         []moved                   `json:"moves,omitempty"`
	GlassUsed     []glass                   `json:"break_glass_used,omitempty"`
	Watched       []access.Watched          `json:"watched,omitempty"`
	Awaited       []access.Sent             `json:"awaited_events,omitempty"`
	Blocked       []access.BlockRecord      `json:"blocked"`
	Undone        []access.BlockRecord      `json:"undone,omitempty"` // absent in the states of older rollcalls
	Endings       []access.Ending           `json:"endings,omitempty"`
	Residues      []access.Residue          `json:"residues,omitempty"`
	Orders        []access.OpenOrder        `json:"orders,omitempty"`
	// Absent in the states of older rollcalls, and until a first review is opened.
	Campaigns []access.Campaign         `json:"campaigns,omitempty"`
	Removals  map[string]access.Removal `json:"removals,omitempty"`
	Kept      map[string]allowed        `json:"kept,omitempty"`
	Upkeep    []access.Upkeep           `json:"upkeep,omitempty"`
	Past      []access.PastNight        `json:"past_nights,omitempty"`
	// Absent in the states of older rollcalls, and where nobody is told of anything.
	Notices  *access.NoticeBook `json:"notices,omitempty"`
	Journals []access.RunID     `json:"journals"`
}

// allowed is an exception that a review made.
type allowed struct {
	File        string           `json:"file"`
	Row         int              `json:"row,omitempty"`
	ID          string           `json:"id"`
	Person      access.PersonKey `json:"person"`
	System      string           `json:"system,omitempty"`
	Scope       string           `json:"scope,omitempty"`
	Kind        string           `json:"kind,omitempty"`
	Entitlement string           `json:"entitlement"`
	Reason      string           `json:"reason"`
	Ticket      string           `json:"ticket,omitempty"`
	ApprovedBy  string           `json:"approved_by"`
	ApprovedOn  access.Day       `json:"approved_on,omitzero"`
	ExpiresOn   access.Day       `json:"expires_on,omitzero"`
}

func allowedOf(x access.Exception) allowed {
	return allowed{x.File, x.Row, x.ID, x.Person, x.System, x.Scope, x.Kind, x.Entitlement, x.Reason, x.Ticket, x.ApprovedBy, x.ApprovedOn, x.ExpiresOn}
}

func (k allowed) exception() access.Exception {
	return access.Exception{Line: access.Line{File: k.File, Row: k.Row}, ID: k.ID, Person: k.Person, System: k.System, Scope: k.Scope, Kind: k.Kind,
		Entitlement: k.Entitlement, Reason: k.Reason, Ticket: k.Ticket, ApprovedBy: k.ApprovedBy, ApprovedOn: k.ApprovedOn, ExpiresOn: k.ExpiresOn}
}

// reviews takes in the campaigns and what is left to do of them.
func (s *state) reviews(campaigns map[access.CampaignID]access.Campaign, removals map[string]access.Removal, exceptions map[string]access.Exception) {
	s.Campaigns, s.Removals, s.Kept = nil, maps.Clone(removals), nil
	for _, id := range slices.Sorted(maps.Keys(campaigns)) {
		s.Campaigns = append(s.Campaigns, campaigns[id])
	}
	if len(exceptions) > 0 {
		s.Kept = make(map[string]allowed, len(exceptions))
	}
	for row, x := range exceptions {
		s.Kept[row] = allowedOf(x)
	}
}

type leftAt struct {
	Person access.PersonKey `json:"person"`
	At     time.Time        `json:"at"`
}

type moved struct {
	Person access.PersonKey `json:"person"`
	From   []access.Move    `json:"from"`
}

type glass struct {
	Account access.AccountKey `json:"account"`
	At      time.Time         `json:"at,omitzero"`
}

const stateSchema = 1

func stateName(run access.RunID) string { return "states/" + string(run) + ".json" }

// stateOf keeps what memory holds after a run; the run's own journal is
// accounted for by the run.
func stateOf(run access.RunID, m access.Memory) state {
	s := state{
		Schema: stateSchema, RunID: run, Accounts: m.Accounts, Counts: m.Counts, History: m.History, FirstSeen: m.FirstSeen,
		Undone: m.Undone, Awaited: m.Awaited, Upkeep: m.Upkeep, Past: m.Past, Journals: []access.RunID{run},
	}
	for person, at := range m.FirstSeenLeft {
		s.FirstSeenLeft = append(s.FirstSeenLeft, leftAt{person, at})
	}
	for person, from := range m.Moves {
		s.Moves = append(s.Moves, moved{person, from})
	}
	for account, at := range m.GlassUsed {
		s.GlassUsed = append(s.GlassUsed, glass{account, at})
	}
	for journal, accounted := range m.Journals {
		if accounted && journal != run {
			s.Journals = append(s.Journals, journal)
		}
	}
	s.reviews(m.Campaigns, m.Removals, m.Kept)
	if !m.Notices.Zero() {
		s.Notices = &m.Notices
	}
	s.Accepted = slices.SortedFunc(maps.Values(m.Accepted), func(a, b access.AcceptedRoster) int { return cmp.Compare(a.Source, b.Source) })
	s.Vanished = slices.SortedFunc(maps.Values(m.Vanished), func(a, b access.Vanished) int { return a.Identity.Key().Compare(b.Identity.Key()) })
	s.Doubts = slices.SortedFunc(maps.Values(m.Doubts), func(a, b access.Doubt) int { return a.Person.Compare(b.Person) })
	slices.SortFunc(s.FirstSeenLeft, func(a, b leftAt) int { return a.Person.Compare(b.Person) })
	slices.SortFunc(s.Moves, func(a, b moved) int { return a.Person.Compare(b.Person) })
	slices.SortFunc(s.GlassUsed, func(a, b glass) int { return a.Account.Compare(b.Account) })
	s.Watched = slices.SortedFunc(maps.Values(m.Watched), func(a, b access.Watched) int { return a.Account.Compare(b.Account) })
	s.Blocked = slices.SortedFunc(maps.Values(m.Blocked), func(a, b access.BlockRecord) int { return a.Account.Compare(b.Account) })
	s.Endings = slices.SortedFunc(maps.Values(m.Endings), func(a, b access.Ending) int { return a.Account.Compare(b.Account) })
	s.Orders = slices.SortedFunc(maps.Values(m.Orders), func(a, b access.OpenOrder) int { return a.Person.Compare(b.Person) })
	s.Residues = slices.SortedFunc(maps.Values(m.Residues), func(a, b access.Residue) int { return cmp.Compare(a.FindingID, b.FindingID) })
	slices.Sort(s.Journals)
	return s
}

func (s *state) journals() map[access.RunID]bool {
	known := make(map[access.RunID]bool, len(s.Journals))
	for _, run := range s.Journals {
		known[run] = true
	}
	return known
}

// state reads the state that the head's run left; that of an empty archive is
// empty.
func (a *Archive) state(h head) (*state, error) {
	if h.Sequence == 0 {
		return &state{}, nil
	}
	name := stateName(h.RunID)
	b, err := a.proven(h, name)
	if err != nil {
		return nil, err
	}
	s, err := decodeState(b)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	if s.Schema != stateSchema || s.RunID != h.RunID {
		return nil, fmt.Errorf("read %s: it is schema %d of run %q; use the rollcall that wrote it", name, s.Schema, s.RunID)
	}
	return &s, nil
}

// decodeState is strict, as decodeManifest is.
func decodeState(b []byte) (s state, err error) {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	err = d.Decode(&s)
	return s, err
}

// proven reads a file that a manifest lists, and refuses other bytes than those
// that were listed.
func (a *Archive) proven(h head, name string) ([]byte, error) {
	entry, ok := h.file(name)
	if !ok {
		return nil, fmt.Errorf("%s does not list %s; run: rollcall audit verify", manifestName(h.Sequence), name)
	}
	b, err := a.store.Read(name)
	if err != nil {
		return nil, fmt.Errorf("read back: %w", a.gone(name, err))
	}
	if got := access.Digest(b); got != entry.SHA256 {
		return nil, altered(name, entry.SHA256, got)
	}
	return b, nil
}
