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
	seen := map[string]*access.Observation{}
	var names []string
	of := func(system string) *access.Observation {
		if seen[system] == nil {
			seen[system] = &access.Observation{System: access.System(system)}
			names = append(names, system)
		}
		return seen[system]
	}
	err = inTurn([]func() error{
		func() error {
			type row struct {
				System   string `parquet:"system,dict"`
				Scope    string `parquet:"scope,dict"`
				Kind     string `parquet:"kind,dict"`
				Complete bool   `parquet:"complete"`
				Gap      string `parquet:"gap,dict"`
			}
			return eachRow(a, h, "reads", func(r row) {
				if r.Kind == access.LogsRead { // nothing of who holds what rests on it
					return
				}
				o := of(r.System)
				o.Reads = append(o.Reads, access.Read{System: o.System, Scope: r.Scope, Kind: r.Kind, Complete: r.Complete, Gap: r.Gap})
			})
		},
		func() error {
			type row struct {
				System        string `parquet:"system,dict"`
				Scope         string `parquet:"scope,dict"`
				Kind          string `parquet:"kind,dict"`
				EntitlementID string `parquet:"entitlement_id"`
				Name          string `parquet:"name"`
				ScopeName     string `parquet:"scope_name,dict"`
				Privileged    bool   `parquet:"privileged"`
			}
			return eachRow(a, h, "entitlements", func(r row) {
				o := of(r.System)
				o.Entitlements = append(o.Entitlements, access.Entitlement{System: o.System, Scope: r.Scope, ScopeName: r.ScopeName,
					Kind: access.EntitlementKind(r.Kind), ID: r.EntitlementID, Name: r.Name, Privileged: r.Privileged})
			})
		},
		func() error {
			if keep == nil {
				return nil
			}
			type row struct {
				System    string `parquet:"system,dict"`
				Scope     string `parquet:"scope,dict"`
				AccountID string `parquet:"account_id"`
				Login     string `parquet:"login"`
			}
			return eachRow(a, h, "accounts", func(r row) {
				one := access.Account{System: access.System(r.System), Scope: r.Scope, ID: access.AccountID(r.AccountID), Login: r.Login}
				if keep(one) {
					o := of(r.System)
					o.Accounts = append(o.Accounts, one)
				}
			})
		},
	})
	if err != nil {
		return "", nil, fmt.Errorf("recall what run %s saw: %w", h.RunID, err)
	}
	var all []access.Observation
	for _, name := range names { // the tables are sorted by system
		all = append(all, *seen[name])
	}
	return h.RunID, all, nil
}
