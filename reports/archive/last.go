package archive

import (
	"fmt"

	"rollcall/internal/access"
)

// LastSeen gives what the last committed run that looked saw of each system, by name: its
// reads, its entitlements, and of its accounts those that keep asks for (nil:
// none). Grants are not read. Of an empty archive it gives no run. Every byte is
// checked against the manifest's digests first; a table that an older rollcall
// wrote, without the facts that are needed here, is an error.
func (a *Archive) LastSeen(keep func(access.Account) bool) (access.RunID, []access.Observation, error) {
	h, err := a.lastNight()
	if err != nil || h.Sequence == 0 {
		return "", nil, err
	}
	s := sight{PastRun: PastRun{a, h}, seen: map[string]*access.Observation{}}
	steps := []func() error{s.reads, s.entitlements}
	if keep != nil {
		steps = append(steps, func() error { return s.accounts(keep) })
	}
	if err := inTurn(steps); err != nil {
		return "", nil, fmt.Errorf("recall what run %s saw: %w", h.RunID, err)
	}
	return h.RunID, s.all(), nil
}

// sight is what a run saw, without who holds what.
type sight struct {
	PastRun
	seen  map[string]*access.Observation
	names []string // of the systems, in the order of the tables, which are sorted by system
}

func (s *sight) of(system string) *access.Observation {
	if s.seen[system] == nil {
		s.seen[system] = &access.Observation{System: access.System(system)}
		s.names = append(s.names, system)
	}
	return s.seen[system]
}

func (s *sight) all() (all []access.Observation) {
	for _, name := range s.names {
		all = append(all, *s.seen[name])
	}
	return all
}

func (s *sight) reads() error {
	reads, err := s.certificates()
	for _, r := range reads {
		o := s.of(string(r.System))
		o.Reads = append(o.Reads, r)
	}
	return err
}

func (s *sight) entitlements() error {
	type row struct {
		System        string `parquet:"system,dict"`
		Scope         string `parquet:"scope,dict"`
		Kind          string `parquet:"kind,dict"`
		EntitlementID string `parquet:"entitlement_id"`
		Name          string `parquet:"name"`
		ScopeName     string `parquet:"scope_name,dict"`
		Privileged    bool   `parquet:"privileged"`
	}
	return eachRow(s.archive, s.head, "entitlements", func(r row) {
		o := s.of(r.System)
		o.Entitlements = append(o.Entitlements, access.Entitlement{System: o.System, Scope: r.Scope, ScopeName: r.ScopeName,
			Kind: access.EntitlementKind(r.Kind), ID: r.EntitlementID, Name: r.Name, Privileged: r.Privileged})
	})
}

func (s *sight) accounts(keep func(access.Account) bool) error {
	type row struct {
		System    string `parquet:"system,dict"`
		Scope     string `parquet:"scope,dict"`
		AccountID string `parquet:"account_id"`
		Login     string `parquet:"login"`
	}
	return eachRow(s.archive, s.head, "accounts", func(r row) {
		one := access.Account{System: access.System(r.System), Scope: r.Scope, ID: access.AccountID(r.AccountID), Login: r.Login}
		if keep(one) {
			o := s.of(r.System)
			o.Accounts = append(o.Accounts, one)
		}
	})
}
